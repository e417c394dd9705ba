# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class MailActivityMixin(models.AbstractModel):
    _inherit = "mail.activity.mixin"

    # Of an activity that the user sees (invariant I8): in sudo, as core has it, any
    # activity's summary is told to all who read the record.
    activity_summary = fields.Char(related_sudo=False)
