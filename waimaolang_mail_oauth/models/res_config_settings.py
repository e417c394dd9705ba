# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .waimaolang_oauth_app import STATES


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    waimaolang_google_state = fields.Selection(
        STATES,
        "Sign-in with Google",
        compute="_compute_waimaolang_sign_in",
        groups="base.group_system",
    )
    waimaolang_microsoft_state = fields.Selection(
        STATES,
        "Sign-in with Microsoft",
        compute="_compute_waimaolang_sign_in",
        groups="base.group_system",
    )

    def _compute_waimaolang_sign_in(self):
        apps = self.env["waimaolang.oauth.app"]
        for settings in self:
            settings.waimaolang_google_state = apps._of("google").state
            settings.waimaolang_microsoft_state = apps._of("microsoft").state
