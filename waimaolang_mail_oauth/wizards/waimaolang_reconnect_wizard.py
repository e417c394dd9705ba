# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangReconnectWizard(models.TransientModel):
    _inherit = "waimaolang.reconnect.wizard"

    auth_method = fields.Selection(related="mailbox_id.auth_method", related_sudo=False)
    can_sign_in = fields.Boolean(related="mailbox_id.can_sign_in", related_sudo=False)
    oauth_provider = fields.Char(
        related="mailbox_id.oauth_provider", related_sudo=False
    )
    oauth_account = fields.Char(related="mailbox_id.oauth_account", related_sudo=False)
    secret_kind = fields.Selection(
        related="mailbox_id.provider_id.secret_kind", related_sudo=False
    )

    def action_sign_in(self):
        self.ensure_one()
        return self.mailbox_id.action_sign_in()
