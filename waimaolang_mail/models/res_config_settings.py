# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .waimaolang_lane import PARAM_LANES, PARAM_PRIVATE
from .waimaolang_mailbox import PARAM_VISIBILITY
from .waimaolang_record_mixin import PARAM_SHARED


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    waimaolang_lanes = fields.Integer(
        "Mailboxes read at the same time", config_parameter=PARAM_LANES
    )
    waimaolang_allow_private_hosts = fields.Boolean("Servers in private networks")
    waimaolang_default_visibility = fields.Selection(
        [
            ("everyone", "Everyone"),
            ("team", "The sales team"),
            ("owner", "The owner alone"),
        ],
        "New mailboxes are visible to",
        config_parameter=PARAM_VISIBILITY,
        default="team",
    )
    waimaolang_shared_statistics = fields.Boolean("Mail figures for everybody")
    waimaolang_supervision = fields.Boolean(
        related="company_id.waimaolang_supervision", readonly=False
    )
    waimaolang_mailbox_count = fields.Integer(
        "Bound mailboxes", compute="_compute_mailbox_count"
    )

    @api.depends("company_id")
    def _compute_mailbox_count(self):
        count = (
            self.env["waimaolang.mailbox"]
            .sudo()
            .search_count([("state", "!=", "draft")])
        )
        self.waimaolang_mailbox_count = count

    @api.model
    def get_values(self):
        values = super().get_values()
        values["waimaolang_allow_private_hosts"] = self.env[
            "waimaolang.lane"
        ]._allow_private_hosts()
        values["waimaolang_shared_statistics"] = self.env[
            "waimaolang.record.mixin"
        ]._has_shared_statistics()
        return values

    def set_values(self):
        result = super().set_values()
        # spelled out, since these parameters are read strictly
        parameters = self.env["ir.config_parameter"].sudo()
        for name, value in (
            (PARAM_PRIVATE, self.waimaolang_allow_private_hosts),
            (PARAM_SHARED, self.waimaolang_shared_statistics),
        ):
            parameters.set_param(name, str(bool(value)))
        self.env["waimaolang.lane"].sudo()._ensure_lanes()
        return result
