# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .waimaolang_lane import PARAM_LANES, PARAM_PRIVATE


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    waimaolang_lanes = fields.Integer(
        "Mailboxes read at the same time", config_parameter=PARAM_LANES
    )
    waimaolang_allow_private_hosts = fields.Boolean("Servers in private networks")
    waimaolang_mailbox_count = fields.Integer(
        "Bound mailboxes", compute="_compute_mailbox_count"
    )

    @api.depends("company_id")
    def _compute_mailbox_count(self):
        count = self.env["waimaolang.mailbox"].sudo().search_count([])
        self.waimaolang_mailbox_count = count

    @api.model
    def get_values(self):
        values = super().get_values()
        values["waimaolang_allow_private_hosts"] = self.env[
            "waimaolang.lane"
        ]._allow_private_hosts()
        return values

    def set_values(self):
        result = super().set_values()
        # spelled out, since the parameter is read strictly
        self.env["ir.config_parameter"].sudo().set_param(
            PARAM_PRIVATE, str(bool(self.waimaolang_allow_private_hosts))
        )
        self.env["waimaolang.lane"].sudo()._ensure_lanes()
        return result
