# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

CHINA = "microsoft365_cn"


class WaimaolangProvider(models.Model):
    _inherit = "waimaolang.provider"

    def _get_oauth_app(self):
        """The app that signs in at this provider, in sudo; empty where none is set up,
        or only one of another cloud."""
        app = self.env["waimaolang.oauth.app"].sudo()._of(self.oauth_service)
        is_china = self.code == CHINA
        if not app._is_ready() or is_china != (app.cloud == "china"):
            return app.browse()
        return app
