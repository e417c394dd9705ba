# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def action_archive(self):
        """Core deletes the activities of who leaves: customers wait all the same."""
        tasks = self.env["mail.activity"].sudo()
        tasks.search(
            [
                ("user_id", "in", self.ids),
                ("waimaolang_rule_id", "!=", False),
                ("reply_due_at", "!=", False),
            ]
        )._hand_over(self)
        return super().action_archive()
