# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from . import reading


class WaimaolangMailFlags(models.AbstractModel):
    """What was done with the mail elsewhere: read from the server, never written to it
    (invariant I3). Whether a colleague has read a mail is her matter: the flags are
    those of the reader's own mailboxes and of those that she is a member of (I8)."""

    _name = "waimaolang.mail.flags"
    _description = "Flags of a Mail"

    seen = fields.Boolean(
        "Read",
        compute="_compute_flags",
        help="Opened in a mail program, as the server tells of your own mailboxes.",
    )
    answered = fields.Boolean(
        compute="_compute_flags",
        help="Answered in a mail program, as the server tells of your own mailboxes.",
    )

    @api.depends_context("uid")
    def _compute_flags(self):
        found = reading.read_flags(self.env, self.ids)
        for mail in self:
            mail.seen, mail.answered = found.get(mail.id, (False, False))
