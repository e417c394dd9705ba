# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class MailComposeMessage(models.TransientModel):
    """Mail to several records: each gets one of her own, with her own address alone."""

    _inherit = "mail.compose.message"

    waimaolang_each = fields.Char(
        "Recipients by Record",
        readonly=True,
        help="Who gets one. Set: the mail leaves once for each record.",
    )

    def _prepare_mail_values(self, res_ids):
        values_all = super()._prepare_mail_values(res_ids)
        if not self._is_for_each():
            return values_all
        records = self.env[self.model].browse(res_ids)
        recipients = records._waimaolang_get_recipients()
        for res_id, values in values_all.items():
            partner_ids, emails = recipients[res_id]
            values["partner_ids"] = partner_ids
            values["outgoing_email_to"] = emails
        return values_all

    def _is_for_each(self):
        return bool(
            self.waimaolang_each
            and self.composition_mode == "comment"
            and hasattr(self.env[self.model], "_waimaolang_get_recipients")
        )
