# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    waimaolang_supervision = fields.Boolean(
        "Supervision of Business Mail",
        help="The group Supervisor reads all mail on contacts and opportunities, "
        "whatever the visibility of its mailbox.",
    )
