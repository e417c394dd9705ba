# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import api, models
from odoo.tools import config

from ..engine import worker

_logger = logging.getLogger(__name__)

PARAM_LANES = "waimaolang_mail.lanes"
PARAM_PRIVATE = "waimaolang_mail.allow_private_hosts"
MOST_LANES = 32


class WaimaolangLane(models.AbstractModel):
    """Lanes are cron records that share the work through leases: as many run at
    once as Odoo has cron workers, on any number of hosts (invariant I13)."""

    _name = "waimaolang.lane"
    _description = "Mail Fetching"

    @api.model
    def _allow_private_hosts(self):
        value = self.env["ir.config_parameter"].sudo().get_param(PARAM_PRIVATE)
        return value == "True"

    @api.model
    def _get_lane_count(self):
        """One cron thread is left to Odoo's other work."""
        value = self.env["ir.config_parameter"].sudo().get_param(PARAM_LANES)
        count = int(value) if value and value.isdigit() else 0
        return min(count or max(1, (config["max_cron_threads"] or 0) - 1), MOST_LANES)

    @api.model
    def _get_lanes(self):
        server_actions = self.env.ref("waimaolang_mail.ir_cron_lane").sudo()
        return (
            self.env["ir.cron"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("model_id.model", "=", self._name),
                    ("code", "=", server_actions.code),
                ],
                order="id",
            )
        )

    @api.model
    def _ensure_lanes(self):
        """Makes as many lane records active as are wanted."""
        first = self.env.ref("waimaolang_mail.ir_cron_lane").sudo()
        lanes = self._get_lanes()
        wanted = self._get_lane_count()
        for number in range(len(lanes) + 1, wanted + 1):
            lanes |= first.copy({"name": f"{first.name} ({number})", "active": True})
        for index, lane in enumerate(lanes):
            if index and lane.active != (index < wanted):
                lane.active = index < wanted

    @api.model
    def _wake(self, at=None):
        """All lanes look for due mailboxes once this transaction is committed, or at
        that time."""
        for lane in self._get_lanes().filtered("active"):
            lane._trigger(at)

    @api.model
    def _run(self):
        """One slice: some seconds of work on whatever is due."""
        more = worker.run_slice(self.env.registry)
        cron = self.env["ir.cron"]
        if more and (cron_id := self.env.context.get("cron_id")):
            cron.browse(cron_id)._trigger()
        cron._commit_progress(1, remaining=0)
