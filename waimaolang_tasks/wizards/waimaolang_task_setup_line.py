# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..engine import triggers

COPIED = ("deadline_hours", "deadline_counting", "responsible")


class WaimaolangTaskSetupLine(models.TransientModel):
    _name = "waimaolang.task.setup.line"
    _description = "Ready Rule in the Set-Up"
    _order = "id"
    _rec_name = "rule_id"

    setup_id = fields.Many2one(
        "waimaolang.task.setup", required=True, ondelete="cascade"
    )
    rule_id = fields.Many2one("waimaolang.task.rule", required=True, ondelete="cascade")
    # not "active": lines that are off would not be shown
    chosen = fields.Boolean("On")
    explanation = fields.Char(related="rule_id.explanation")
    waits = fields.Boolean(compute="_compute_kind")
    makes_task = fields.Boolean(compute="_compute_kind")
    after_days = fields.Float()
    deadline_hours = fields.Float("Due in Hours")
    deadline_counting = fields.Selection("_get_countings", "Counted in", required=True)
    responsible = fields.Selection("_get_responsibles", required=True)
    user_id = fields.Many2one("res.users", domain="[('share', '=', False)]")

    @api.model
    def _get_responsibles(self):
        field = self.env["waimaolang.task.rule"]._fields["responsible"]
        return field._description_selection(self.env)

    @api.model
    def _get_countings(self):
        return self.env["waimaolang.task.rule"]._get_countings()

    @api.depends("rule_id")
    def _compute_kind(self):
        for line in self:
            line.waits = line.rule_id.trigger in triggers.WAITING
            line.makes_task = bool(line.rule_id.activity_type_id)

    @api.model
    def _prepare_vals(self, rule):
        return {
            **{name: rule[name] for name in COPIED},
            "rule_id": rule.id,
            "chosen": rule.active,
            "after_days": rule.after_days,
            "user_id": rule.user_id.id,
        }

    def _apply(self):
        values = {name: self[name] for name in COPIED}
        values.update(active=self.chosen, user_id=self.user_id.id)
        if self.waits:
            values["after_hours"] = self.after_days * 24
        rule = self.rule_id
        changed = {
            name: value
            for name, value in values.items()
            if rule._fields[name].convert_to_write(rule[name], rule) != value
        }
        rule.write(changed)
