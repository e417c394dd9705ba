# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import config

from ..engine import clock, lanes

_logger = logging.getLogger(__name__)

PARAM_LANES = "waimaolang_mail.lanes"
PARAM_PRIVATE = "waimaolang_mail.allow_private_hosts"
MOST_LANES = 32
# Of a lane's own schedule (data/ir_cron_data.xml).
INTERVAL = timedelta(minutes=1)


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
        more = lanes.run_slice(self.env.registry)
        crons = self.env["ir.cron"]
        lane = crons.browse(self.env.context.get("cron_id") or ())
        if more:
            lane._trigger()
        elif self._is_far(lane):
            # the clock stepped back: its own schedule is an hour away
            lane._trigger(fields.Datetime.now() + INTERVAL)
        crons._commit_progress(1, remaining=0)

    @api.model
    def _is_far(self, lane):
        now = fields.Datetime.now()
        return bool(lane) and lane.nextcall > now + 2 * INTERVAL

    @api.model
    def _wake_after_step(self):
        """Odoo's scheduler waits for the time that it had set before the clock stepped
        back, all its jobs do; whoever opens Odoo sets the lanes going."""
        if clock.has_stepped(self.env.cr):
            self._wake()
