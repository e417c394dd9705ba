# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError


class WaimaolangMailLinkWizard(models.TransientModel):
    """Puts mails, with the rest of their conversations if wanted, on a record."""

    _name = "waimaolang.mail.link.wizard"
    _description = "Link Mails to a Record"

    mail_ids = fields.Many2many(
        "waimaolang.mail",
        string="Mails",
        required=True,
        default=lambda self: self._default_mails(),
    )
    lead_id = fields.Many2one("crm.lead", "Opportunity")
    partner_id = fields.Many2one("res.partner", "Contact")
    whole_conversation = fields.Boolean(default=True)

    def _default_mails(self):
        if self.env.context.get("active_model") != "waimaolang.mail":
            return False
        return self.env.context.get("active_ids")

    def action_apply(self):
        self.ensure_one()
        if not self.lead_id and not self.partner_id:
            raise UserError(self.env._("Choose an opportunity or a contact."))
        mails = self.mail_ids
        if self.whole_conversation:
            mails |= mails.conversation_id.mail_ids
        for record in (self.lead_id, self.partner_id):
            if record:
                mails.action_link(record)
        return {"type": "ir.actions.act_window_close"}
