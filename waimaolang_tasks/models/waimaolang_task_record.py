# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WaimaolangTaskRecord(models.AbstractModel):
    """The record on which a rule acts, or would."""

    _name = "waimaolang.task.record"
    _description = "Record of a Mail Rule"

    res_model = fields.Char("Record's Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    record_name = fields.Char("Stands on", compute="_compute_record_name")

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_record_name(self):
        """As far as the user may read them."""
        own = self.env(su=False)
        for model, rows in self.grouped("res_model").items():
            names = {}
            if model:
                records = own[model].browse(rows.mapped("res_id")).exists()
                names = {r.id: r.display_name for r in records._filtered_access("read")}
            for row in rows:
                row.record_name = names.get(row.res_id, False)
