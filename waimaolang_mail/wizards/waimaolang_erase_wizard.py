# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import human_size


class WaimaolangEraseWizard(models.TransientModel):
    """Says in numbers what goes with a mailbox and what stays, and asks to type its
    address. An administrator who deletes a colleague's mailbox learns no more."""

    _name = "waimaolang.erase.wizard"
    _inherit = ["waimaolang.mailbox.dialog"]
    _description = "Delete a Mailbox with its Data"

    mailbox_id = fields.Many2one(required=True, ondelete="cascade")
    email = fields.Char(related="mailbox_id.email", related_sudo=False)
    deleted_count = fields.Integer("Mails Deleted", compute="_compute_counts")
    attachment_size = fields.Char("With Attachments Of", compute="_compute_counts")
    shared_count = fields.Integer(
        "Mails That Colleagues Have Too", compute="_compute_counts"
    )
    kept_count = fields.Integer("Messages of Odoo's Own", compute="_compute_counts")
    ledger_count = fields.Integer("Fetch Records", compute="_compute_counts")
    confirmation = fields.Char("Type the Address")

    @api.depends("mailbox_id")
    def _compute_counts(self):
        for wizard in self:
            counts = dict.fromkeys(("deleted", "bytes", "shared", "kept", "ledger"), 0)
            if wizard.mailbox_id:
                counts = wizard.mailbox_id._count_data()
            wizard.deleted_count = counts["deleted"]
            wizard.attachment_size = human_size(counts["bytes"]) or "0"
            wizard.shared_count = counts["shared"]
            wizard.kept_count = counts["kept"]
            wizard.ledger_count = counts["ledger"]

    def action_apply(self):
        self.ensure_one()
        mailbox = self.mailbox_id
        typed = (self.confirmation or "").strip().lower()
        if typed != (mailbox.email or "").strip().lower():
            raise UserError(
                self.env._(
                    "Type %(email)s to confirm that this mailbox and its mail are "
                    "deleted for good.",
                    email=mailbox.email,
                )
            )
        return mailbox.action_erase()
