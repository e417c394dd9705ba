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
    waimaolang_provider_ids = fields.Many2many(
        "waimaolang.provider",
        "waimaolang_company_provider_rel",
        "company_id",
        "provider_id",
        "Allowed Mail Providers",
        help="Of which providers salespeople bind mailboxes. Empty: of all.",
    )
    waimaolang_own_servers = fields.Boolean(
        "Servers of Their Own",
        default=True,
        help="Salespeople may enter servers that no provider's preset names.",
    )
