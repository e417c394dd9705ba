# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangMailEvent(models.Model):
    """Something happened to a mail. Written by SQL (``engine/events.py``) in the
    transaction that made it true, for live mail only. For who reads the mail; of a Bcc,
    for that mailbox's readers alone (invariant I8)."""

    _name = "waimaolang.mail.event"
    _inherit = "waimaolang.about.mail"
    _description = "Mail Event"
    _order = "id desc"
    _rec_name = "kind"
    _log_access = False

    mail_id = fields.Many2one(
        "waimaolang.mail", required=True, readonly=True, index=True, ondelete="cascade"
    )
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
        help="Through which it came or left.",
    )
    bcc_mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        groups=fields.NO_ACCESS,
        help="It is about a Bcc of this mailbox.",
    )
    kind = fields.Selection(
        [
            ("received", "Received"),
            ("sent", "Sent"),
            ("replied", "Replied to"),
            ("bounced", "Returned"),
            ("auto_reply", "Automatic answer"),
            ("opened", "Opened"),
            ("clicked", "Link clicked"),
        ],
        required=True,
        readonly=True,
    )
    actor = fields.Selection(
        [
            ("human", "A person"),
            ("proxy", "A mail program's proxy"),
            ("scanner", "A security scanner"),
            ("colleague", "A colleague"),
        ],
        readonly=True,
        help="Empty: a machine, as of automatic answers and bulk mail.",
    )
    reason = fields.Char(readonly=True)
    date = fields.Datetime("Noted on", required=True, readonly=True)

    _once = models.UniqueIndex(
        "(mail_id, kind) WHERE kind IN ('received', 'sent', 'replied', 'auto_reply')"
    )
