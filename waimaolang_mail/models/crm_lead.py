# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from .waimaolang_statistics import leads_covered


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "waimaolang.record.mixin"]
    _mail_field = "lead_ids"

    @api.model
    def _get_mail_covered(self, ids):
        return leads_covered(ids)

    def unlink(self):
        self.check_access("unlink")
        self.env["waimaolang.mail.link"]._leave(self)
        return super().unlink()

    def _merge_dependences_history(self, opportunities):
        """Core would write "From ..." before the subject of each mail."""
        self.env["waimaolang.mail.link"]._move(opportunities, self)
        return super()._merge_dependences_history(opportunities)
