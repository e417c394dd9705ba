# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..engine import ledger
from . import failure_texts
from .fields import BigInteger

REASONS = [
    ("blocked", "On the never-log list"),
    ("internal", "Internal mail"),
    ("bulk", "Bulk mail of an unknown sender"),
    ("ignored", "Unknown sender"),
    ("test", "Test mail of the binding"),
    ("deleted", "Deleted in Odoo"),
    ("window", "Before the history window"),
    ("draft", "Draft"),
]

# Left out by what may be another rule today.
BY_RULE = ("blocked", "internal", "bulk", "ignored")


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
    reason = fields.Selection(REASONS, readonly=True)
    # what a parser, a server or another addon says may quote the mail (I8)
    error = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    error_kind = fields.Selection(
        failure_texts.SELECTION, "What Went Wrong", readonly=True
    )
    error_text = fields.Char("What Happened", compute="_compute_error_text")
    remedy = fields.Char("What to Do", compute="_compute_error_text")
    error_detail = fields.Char(
        "In Detail",
        compute="_compute_error_detail",
        help="In the words of the parser, the server or the addon that refused it. The "
        "mailbox's owner alone reads them.",
    )
    attempts = fields.Integer(readonly=True)
    tries = fields.Integer(
        "Tried", readonly=True, aggregator=None, help="How often it has failed."
    )
    next_try = fields.Datetime(
        readonly=True, help="When it is tried again by itself. Empty: by hand only."
    )
    parser_version = fields.Integer(readonly=True, aggregator=None)
    settled_at = fields.Datetime(
        "Decided", readonly=True, help="When it was stored, excluded or failed."
    )
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
    header_key = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="By which the mail is known again when the server numbers it anew.",
    )
    gm_msgid = BigInteger("Gmail's Number", readonly=True, aggregator=None)
    rematch = fields.Boolean(
        readonly=True, help="Probably known already: its header is looked at first."
    )
    # a person's doings: to her they show on the mail (``waimaolang.mail.elsewhere``)
    seen = fields.Boolean("Read", readonly=True, groups=fields.NO_ACCESS)
    answered = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    mail_id = fields.Many2one("waimaolang.mail", readonly=True, ondelete="set null")
    bcc = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    # no attachment: those of fields that nobody may read, core shows to administrators
    raw = fields.Binary(attachment=False, readonly=True, groups=fields.NO_ACCESS)
    kept = fields.Boolean(
        "Bytes Kept",
        readonly=True,
        help="As it came from the server: it can be read again though the server has "
        "it no more.",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    may_judge_again = fields.Boolean(compute="_compute_may_judge_again")
    message_id_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    sender_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    subject_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    entry_digest = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Of the never-log list's entry for which it was excluded.",
    )

    _key_unique = models.UniqueIndex("(folder_id, uidvalidity, remote_key)")
    _pending_live_idx = models.Index(
        "(mailbox_id, internaldate, id) WHERE state = 'pending' AND live"
    )
    _pending_history_idx = models.Index(
        "(mailbox_id, internaldate DESC NULLS LAST, id)"
        " WHERE state = 'pending' AND live IS NOT TRUE"
    )
    _gm_msgid_idx = models.Index("(mailbox_id, gm_msgid) WHERE gm_msgid IS NOT NULL")
    _rematch_idx = models.Index("(mailbox_id) WHERE rematch")
    _state_idx = models.Index("(folder_id, state)")
    _mail_idx = models.Index("(mail_id) WHERE mail_id IS NOT NULL")
    # also finds what a mailbox has of a size and time of arrival, under other numbers
    _mailbox_idx = models.Index("(mailbox_id, size, internaldate)")
    _failed_idx = models.Index("(parser_version) WHERE state = 'failed'")
    _next_try_idx = models.Index("(next_try) WHERE next_try IS NOT NULL")
    _message_id_digest_idx = models.Index(
        "(message_id_digest) WHERE message_id_digest IS NOT NULL"
    )
    _sender_digest_idx = models.Index("(sender_digest) WHERE sender_digest IS NOT NULL")
    _subject_digest_idx = models.Index(
        "(subject_digest) WHERE subject_digest IS NOT NULL"
    )

    # -- computes ------------------------------------------------------------------

    @api.depends("folder_id.path", "internaldate")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        """Where and when: nothing that the mail says (I8)."""
        for copy in self:
            arrived = (
                format_datetime(self.env, copy.internaldate)
                if copy.internaldate
                else ""
            )
            copy.display_name = " · ".join(filter(None, (copy.folder_id.path, arrived)))

    @api.depends("mailbox_id.user_id", "mailbox_id.member_ids")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for copy in self:
            copy.is_mine = copy.mailbox_id._is_own()

    @api.depends("error_kind", "state", "next_try", "kept")
    @api.depends_context("lang")
    def _compute_error_text(self):
        for copy in self:
            text = failure_texts.explain(copy)
            copy.error_text, copy.remedy = text.cause, text.remedy

    @api.depends("error", "mailbox_id.user_id", "mailbox_id.member_ids")
    @api.depends_context("uid")
    def _compute_error_detail(self):
        # whose it is, is told by what is stored, not by what a client says
        for copy in self:
            stored = copy._origin
            copy.error_detail = stored.is_mine and stored.sudo().error

    @api.depends("state", "reason", "folder_id.synced", "folder_id.uidvalidity")
    @api.depends_context("uid")
    def _compute_may_judge_again(self):
        for copy in self:
            folder = copy.folder_id
            copy.may_judge_again = (
                copy.state == "excluded"
                and copy.reason in BY_RULE
                and copy.is_mine
                and folder.synced
                and folder.selectable
                and folder.uidvalidity == copy.uidvalidity
            )

    # -- actions -------------------------------------------------------------------

    def action_judge_again(self):
        """Fetches what a rule left out: the rule, the never-log list or the contacts
        have changed."""
        self.check_access("read")
        again = self.filtered("may_judge_again").sudo()
        again.write({"state": "pending", "reason": False, "attempts": 0})
        again.mailbox_id._wake()
        return self.env["waimaolang.mailbox"]._notice(
            self.env._("Fetched again: %(count)s.", count=len(again)), "info"
        )

    def unlink(self):
        """The next listing finds them missing in the ledger, and lists them anew."""
        ledger.doubt(self.env.cr, self.ids)
        return super().unlink()

    def action_retry(self):
        """Fetches them again; those that the server has no more are read from the
        bytes that were kept."""
        self.check_access("read")
        for mailbox in self.mailbox_id:
            if not mailbox._is_own():
                mailbox.check_access("write")
        again = self.sudo().filtered(lambda copy: copy._is_retryable())
        fetched = again.filtered(lambda copy: copy._is_on_server())
        fetched.write({"state": "pending", "attempts": 0, "next_try": False})
        (again - fetched).write({"next_try": fields.Datetime.now()})
        again.mailbox_id._wake()
        return self.env["waimaolang.mailbox"]._notice(
            self.env._("Tried again now: %(count)s.", count=len(again))
            if again
            else self.env._("None of these mails can be tried again."),
            "info",
        )

    @api.model
    def action_retry_all(self):
        """Those of her own mailboxes and of those that the user may change."""
        failed = self.search(self._get_failed_domain())
        boxes = failed.mailbox_id
        changeable = boxes._filtered_access("write")
        mine = boxes.filtered(lambda box: box in changeable or box._is_own())
        failed = failed.filtered(lambda copy: copy.mailbox_id in mine)
        return failed.action_retry()

    @api.model
    def _get_failed_domain(self):
        """Also those that the server has lost meanwhile, and Odoo has not."""
        return [
            "|",
            ("state", "=", "failed"),
            "&",
            "&",
            ("state", "=", "gone"),
            ("kept", "=", True),
            ("mail_id", "=", False),
        ]

    def _is_retryable(self):
        kept = self.state == "gone" and self.kept and not self.mail_id
        return self.state == "failed" or kept

    def _is_on_server(self):
        folder = self.folder_id
        return (
            self.state == "failed"
            and folder.synced
            and folder.selectable
            and folder.uidvalidity == self.uidvalidity
        )

    def action_download(self):
        """The bytes of a mail that failed, for its owner."""
        self.ensure_one()
        self._check_mine()
        return {
            "type": "ir.actions.act_url",
            "url": f"/waimaolang_mail/failed/{self.id}.eml",
            "target": "download",
        }

    @api.private
    def _check_mine(self):
        """An administrator knows that a mail failed, not what it says."""
        self.check_access("read")
        if not self.is_mine:
            raise UserError(
                self.env._("Only the owner of the mailbox can open its mail.")
            )
