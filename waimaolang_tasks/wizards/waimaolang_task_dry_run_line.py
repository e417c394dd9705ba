# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WaimaolangTaskDryRunLine(models.TransientModel):
    _name = "waimaolang.task.dry.run.line"
    _inherit = "waimaolang.task.record"
    _description = "Mail in a Dry Run"
    _order = "date desc, id desc"
    _rec_name = "mail_id"

    run_id = fields.Many2one(
        "waimaolang.task.dry.run", required=True, readonly=True, ondelete="cascade"
    )
    mail_id = fields.Many2one(
        "waimaolang.mail", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime("Mail of", readonly=True)
    outcome = fields.Selection("_get_outcomes", "Would Be", readonly=True)
    reason = fields.Selection("_get_reasons", "Why", readonly=True)
    at = fields.Datetime("Fires at", readonly=True)
    due = fields.Datetime("Task Due", readonly=True)
    user_id = fields.Many2one("res.users", "Responsible", readonly=True)
    over = fields.Datetime(
        "Answered", readonly=True, help="The mail that would have done the task."
    )
    result = fields.Selection(
        [
            ("in_time", "In time"),
            ("late", "Late"),
            ("open", "Open"),
            ("overdue", "Open, late"),
        ],
        "Task",
        compute="_compute_result",
    )

    @api.model
    def _get_outcomes(self):
        texts = {
            "done": self.env._("Fires"),
            "raised": self.env._("Raises the open task"),
            "waiting": self.env._("Waits"),
            "skipped": self.env._("Left alone"),
        }
        return list(texts.items())

    @api.model
    def _get_reasons(self):
        reasons = self.env["waimaolang.task.log"]._fields["reason"]
        known = reasons._description_selection(self.env)
        return [*known, ("moved", self.env._("Counted anew from a later mail"))]

    @api.depends("due", "over")
    def _compute_result(self):
        now = fields.Datetime.now()
        for line in self:
            if not line.due:
                line.result = False
            elif line.over:
                line.result = "late" if line.over > line.due else "in_time"
            else:
                line.result = "overdue" if now > line.due else "open"

    def action_open_mail(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "waimaolang.mail",
            "res_id": self.mail_id.id,
            "views": [(False, "form")],
        }
