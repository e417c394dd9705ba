# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangMailboxLog(models.Model):
    """Who did what with a mailbox that changes who reads its mail, or that nobody can
    take back. Outlives the mailbox; names nothing of its mail; written by the system,
    read by administrators, changed by nobody."""

    _name = "waimaolang.mailbox.log"
    _description = "Log of Mailboxes"
    _order = "id desc"
    _rec_name = "email"
    _log_access = False

    date = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one("res.users", "Done by", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    email = fields.Char("Address", required=True, readonly=True)
    event = fields.Selection(
        [
            ("handed_over", "Handed over"),
            ("disconnected", "Disconnected"),
            ("erased", "Deleted with its data"),
        ],
        required=True,
        readonly=True,
    )
    from_user_id = fields.Many2one("res.users", "Owner Before", readonly=True)
    to_user_id = fields.Many2one("res.users", "New Owner", readonly=True)
    mail_count = fields.Integer("Mails Deleted", readonly=True)
