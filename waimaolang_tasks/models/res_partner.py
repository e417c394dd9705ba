# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """A user who moves to another zone has her tasks due on that zone's days."""
        result = super().write(vals)
        if "tz" in vals:
            tasks = self.env["mail.activity"].sudo()
            users = self.sudo().with_context(active_test=False).user_ids
            if users:
                due = [("user_id", "in", users.ids), ("reply_due_at", "!=", False)]
                tasks.search(due)._follow_due()
        return result
