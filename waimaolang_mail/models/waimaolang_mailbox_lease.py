# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangMailboxLease(models.Model):
    """Who works on a mailbox, and who keeps a connection to it. Apart from the mailbox,
    so that a lane never collides with a person who saves the form; written by SQL in
    the engine."""

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
    claimed_at = fields.Datetime(help="By it a clock that stepped back is seen.")

    host = fields.Char(help="The server to which there is a connection.")
    keeper = fields.Char(help="The process that has the connection.")
    kept_until = fields.Datetime(help="Renewed by the keeper while it lives.")
    kept_since = fields.Datetime(help="When it was used last.")
    wanted = fields.Boolean(help="Another mailbox needs the place at the server.")
    login_at = fields.Datetime(help="Of the last login that nobody asked for by hand.")
    broke = fields.Boolean(help="The connection ended by the server or the network.")
    epoch = fields.Integer(help="The mailbox's at that login: see connection_epoch.")
    not_before = fields.Datetime(help="Nothing can be read before then.")

    _mailbox_unique = models.UniqueIndex("(mailbox_id)")
    _host_idx = models.Index("(host) WHERE host IS NOT NULL")
