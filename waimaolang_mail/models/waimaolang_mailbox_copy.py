# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from ..engine import ledger
from .fields import BigInteger


class WaimaolangMailboxCopy(models.Model):
    """The ledger: one row for each message that a folder was seen to hold.

    Rows are written by SQL in the engine, in the transaction that moves the
    folder's cursor or stores the mail (invariant I1).
    """

    _name = "waimaolang.mailbox.copy"
    _description = "Message in a Mailbox"
    _order = "internaldate desc, id desc"
    _rec_name = "remote_key"
    _log_access = False

    folder_id = fields.Many2one(
        "waimaolang.mailbox.folder", required=True, readonly=True, ondelete="cascade"
    )
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", required=True, readonly=True, ondelete="cascade"
    )
    uidvalidity = BigInteger(readonly=True)
    remote_key = fields.Char(
        required=True, readonly=True, help="UID, UIDL or the API's id."
    )
    uid = BigInteger("UID", readonly=True, aggregator=None)
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("stored", "Stored"),
            ("excluded", "Excluded"),
            ("failed", "Failed"),
            ("gone", "Gone from the server"),
        ],
        required=True,
        default="pending",
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("blocked", "On the never-log list"),
            ("internal", "Internal mail"),
            ("bulk", "Bulk mail of an unknown sender"),
            ("ignored", "Unknown sender"),
            ("test", "Test mail of the binding"),
            ("deleted", "Deleted in Odoo"),
            ("window", "Before the history window"),
        ],
        readonly=True,
    )
    error = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True)
    size = fields.Integer("Bytes", readonly=True)
    internaldate = fields.Datetime("Arrived", readonly=True)
    live = fields.Boolean(readonly=True)
    missing = fields.Integer(
        readonly=True, help="Consecutive listings that did not show the message."
    )
    returned = fields.Integer(
        "Listed Again",
        readonly=True,
        help="How often it was listed again after it had been gone.",
    )
    seen = fields.Boolean("Read", readonly=True)
    answered = fields.Boolean(readonly=True)
    mail_id = fields.Many2one("waimaolang.mail", readonly=True, ondelete="set null")
    bcc = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    # no attachment: those of fields that nobody may read, core shows to administrators
    raw = fields.Binary(attachment=False, readonly=True, groups=fields.NO_ACCESS)

    _key_unique = models.UniqueIndex("(folder_id, uidvalidity, remote_key)")
    _pending_live_idx = models.Index(
        "(mailbox_id, internaldate, id) WHERE state = 'pending' AND live"
    )
    _pending_history_idx = models.Index(
        "(mailbox_id, internaldate DESC NULLS LAST, id)"
        " WHERE state = 'pending' AND live IS NOT TRUE"
    )
    _state_idx = models.Index("(folder_id, state)")
    _mail_idx = models.Index("(mail_id) WHERE mail_id IS NOT NULL")
    _mailbox_idx = models.Index("(mailbox_id)")

    def unlink(self):
        """The next listing finds them missing in the ledger, and lists them anew."""
        ledger.doubt(self.env.cr, self.ids)
        return super().unlink()

    def action_retry(self):
        self.check_access("read")
        self.mailbox_id.check_access("write")
        failed = self.sudo().filtered(lambda copy: copy.state == "failed")
        failed.write({"state": "pending", "attempts": 0, "error": False})
        failed.mailbox_id._wake()
