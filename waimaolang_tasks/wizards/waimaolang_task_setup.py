# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Command


class WaimaolangTaskSetup(models.TransientModel):
    """Which of the rules that came with the addon work, in one dialog."""

    _name = "waimaolang.task.setup"
    _description = "Set Up Ready Rules"

    line_ids = fields.One2many("waimaolang.task.setup.line", "setup_id", "Rules")
    team_ids = fields.One2many("waimaolang.task.setup.team", "setup_id", "Teams")
    utc_calendars = fields.Char(compute="_compute_utc_calendars")

    @api.depends("team_ids.calendar_id")
    def _compute_utc_calendars(self):
        """Odoo's own are, where it was installed by a user without a time zone."""
        for setup in self:
            calendars = setup.team_ids.calendar_id
            if setup.team_ids.filtered(lambda row: not row.calendar_id):
                calendars |= self.env.company.resource_calendar_id
            found = calendars.filtered(lambda one: one.tz in ("UTC", "Etc/UTC"))
            setup.utc_calendars = ", ".join(found.mapped("name"))

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        rules = self.env["waimaolang.task.rule"].with_context(active_test=False)
        lines = self.env["waimaolang.task.setup.line"]
        values["line_ids"] = [
            Command.create(lines._prepare_vals(rule))
            for rule in rules.search([("is_ready", "=", True)])
        ]
        values["team_ids"] = [
            Command.create(
                {"team_id": team.id, "calendar_id": team.waimaolang_calendar_id.id}
            )
            for team in self.env["crm.team"].search([])
        ]
        return values

    def action_confirm(self):
        for line in self.line_ids:
            line._apply()
        for row in self.team_ids:
            if row.team_id.waimaolang_calendar_id != row.calendar_id:
                row.team_id.waimaolang_calendar_id = row.calendar_id
        return self.env["ir.actions.actions"]._for_xml_id(
            "waimaolang_tasks.waimaolang_task_rule_action"
        )
