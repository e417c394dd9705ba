# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _merge_dependences_history(self, opportunities):
        """Core moves the activities that the user sees: a colleague's task about a
        mail of her own would be deleted with its opportunity."""
        result = super()._merge_dependences_history(opportunities)
        tasks = self.env["mail.activity"].sudo().with_context(active_test=False)
        left = [
            ("res_model", "=", self._name),
            ("res_id", "in", opportunities.ids),
            ("waimaolang_mail_id", "!=", False),
        ]
        tasks.search(left).write({"res_id": self.id})
        return result
