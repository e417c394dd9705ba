# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangMailboxLease(models.Model):
    """Who works on a mailbox. Apart from the mailbox, so that a lane never
    collides with a person who saves the form; written by SQL in the engine."""

    _name = "waimaolang.mailbox.lease"
    _description = "Lease of a Mailbox"
    _log_access = False

    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", required=True, ondelete="cascade", index=True
    )
    token = fields.Integer(
        default=0, required=True, help="Fencing number: grows with each holder."
    )
    holder = fields.Char()
    expires = fields.Datetime(index=True)

    _mailbox_unique = models.UniqueIndex("(mailbox_id)")
