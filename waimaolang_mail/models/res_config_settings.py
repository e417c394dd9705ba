# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from .choices import VISIBILITY
from .waimaolang_lane import PARAM_LANES, PARAM_PRIVATE
from .waimaolang_mailbox import PARAM_VISIBILITY
from .waimaolang_mailbox_policy import (
    PARAM_BINDERS,
    PARAM_HTTP,
    PARAM_INTERVAL,
    PARAM_VISIBILITIES,
    VISIBILITIES,
)
from .waimaolang_record_mixin import PARAM_SHARED


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    waimaolang_lanes = fields.Integer(
        "Mailboxes read at the same time", config_parameter=PARAM_LANES
    )
    waimaolang_allow_private_hosts = fields.Boolean("Servers in private networks")
    waimaolang_default_visibility = fields.Selection(
        VISIBILITY,
        "New mailboxes are visible to",
        config_parameter=PARAM_VISIBILITY,
        default="team",
    )
    waimaolang_shared_statistics = fields.Boolean("Mail figures for everybody")
    waimaolang_supervision = fields.Boolean(
        related="company_id.waimaolang_supervision", readonly=False
    )
    waimaolang_who_binds = fields.Selection(
        [
            ("everyone", "Every salesperson, her own"),
            ("managers", "Mailbox administrators alone"),
        ],
        "Who binds mailboxes",
        config_parameter=PARAM_BINDERS,
        default="everyone",
    )
    waimaolang_provider_ids = fields.Many2many(
        related="company_id.waimaolang_provider_ids", readonly=False
    )
    waimaolang_own_servers = fields.Boolean(
        related="company_id.waimaolang_own_servers", readonly=False
    )
    waimaolang_least_interval = fields.Integer(
        "Least minutes between fetches", config_parameter=PARAM_INTERVAL, default=1
    )
    waimaolang_allow_http = fields.Boolean("Binding over plain http")
    waimaolang_may_everyone = fields.Boolean(dict(VISIBILITY)["everyone"])
    waimaolang_may_team = fields.Boolean(dict(VISIBILITY)["team"])
    waimaolang_may_owner = fields.Boolean(dict(VISIBILITY)["owner"])
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
        mailboxes = self.env["waimaolang.mailbox"]
        values["waimaolang_allow_http"] = mailboxes._allow_http()
        allowed = mailboxes._get_visibilities()
        for name in VISIBILITIES:
            values[f"waimaolang_may_{name}"] = name in allowed
        values["waimaolang_least_interval"] = mailboxes._get_least_interval()
        values["waimaolang_shared_statistics"] = self.env[
            "waimaolang.record.mixin"
        ]._has_shared_statistics()
        return values

    def set_values(self):
        visibilities = self._get_chosen_visibilities()
        result = super().set_values()
        # spelled out, since these parameters are read strictly
        parameters = self.env["ir.config_parameter"].sudo()
        for name, value in (
            (PARAM_PRIVATE, self.waimaolang_allow_private_hosts),
            (PARAM_SHARED, self.waimaolang_shared_statistics),
            (PARAM_HTTP, self.waimaolang_allow_http),
        ):
            parameters.set_param(name, str(bool(value)))
        parameters.set_param(PARAM_VISIBILITIES, ",".join(visibilities))
        self.env["waimaolang.lane"].sudo()._ensure_lanes()
        return result

    def _get_chosen_visibilities(self):
        chosen = [name for name in VISIBILITIES if self[f"waimaolang_may_{name}"]]
        if self.waimaolang_default_visibility not in chosen:
            raise UserError(
                self.env._(
                    "Allow salespeople the visibility that new mailboxes get, or let "
                    "new mailboxes get one that is allowed."
                )
            )
        return chosen
