# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangTaskSetupTeam(models.TransientModel):
    _name = "waimaolang.task.setup.team"
    _description = "Working Hours of a Team in the Set-Up"
    _order = "id"
    _rec_name = "team_id"

    setup_id = fields.Many2one(
        "waimaolang.task.setup", required=True, ondelete="cascade"
    )
    team_id = fields.Many2one("crm.team", required=True, ondelete="cascade")
    calendar_id = fields.Many2one("resource.calendar", "Working Hours")
