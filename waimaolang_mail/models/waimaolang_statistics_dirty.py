# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangStatisticsDirty(models.Model):
    """Records whose statistics have to be computed anew. Rows are only inserted, in
    the transaction that changes their mail, so that two lanes never collide here."""

    _name = "waimaolang.statistics.dirty"
    _description = "Record with Changed Mail"
    _log_access = False

    res_model = fields.Char(required=True)
    res_id = fields.Integer(required=True)
