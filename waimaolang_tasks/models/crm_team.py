# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    waimaolang_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        # teams of all companies have those of one
        domain="['|', ('company_id', '=', False), ('company_id', 'in', "
        "company_id and [company_id] or allowed_company_ids)]",
        help="By which deadlines of tasks from mail are counted. Empty: those of the "
        "company. An administrator of Odoo makes and changes them.",
    )

    def _get_waimaolang_calendar(self, company):
        """For an empty team the company's. Its holidays are those of the company."""
        calendar = self.waimaolang_calendar_id or company.resource_calendar_id
        return calendar.with_company(company)
