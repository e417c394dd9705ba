# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangMailLink(models.Model):
    """A mail stands on a record, with the reason why."""

    _name = "waimaolang.mail.link"
    _description = "Record of a Mail"
    _order = "date desc, id desc"
    _log_access = False

    mail_id = fields.Many2one("waimaolang.mail", required=True, ondelete="cascade")
    res_model = fields.Char("Model", required=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True)
    date = fields.Datetime(required=True)
    reason = fields.Char()
    origin = fields.Selection(
        [("auto", "By rule"), ("manual", "By hand")], required=True, default="auto"
    )
    removed = fields.Boolean()

    _link_unique = models.UniqueIndex("(mail_id, res_model, res_id)")
    _record_idx = models.Index("(res_model, res_id, date)")
