# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    def _get_eval_context(self, action=None):
        """What a rule runs knows its mail as ``mail``."""
        values = super()._get_eval_context(action)
        mail_id = self.env.context.get("waimaolang_mail_id")
        if mail_id and action and action.state == "code":
            values["mail"] = self.env["waimaolang.mail"].browse(mail_id)
        return values
