# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

# What carries mail of private mailboxes, besides our own models.
CARRIERS = ("ir.attachment", "mail.mail", "mail.message")


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        """Core names whatever record somebody lets an activity of her own point to:
        a file of a private mail (invariant I8)."""
        result = super()._compute_res_name()
        for activity in self.filtered("res_name"):
            model = activity.res_model
            if model in CARRIERS or model.startswith("waimaolang."):
                record = self.env[model].sudo(False).browse(activity.res_id).exists()
                if not record or not record.has_access("read"):
                    activity.res_name = False
        return result
