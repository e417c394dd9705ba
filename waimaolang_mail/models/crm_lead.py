# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "waimaolang.record.mixin"]
    _mail_field = "lead_ids"

    def unlink(self):
        self._rehome_mails()
        return super().unlink()
