# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..engine import rehearsing
from ..engine.facts import LEAD, PARTNER
from .mail_activity_reading import WITH_UNLINKED


class WaimaolangTaskRuleShowing(models.AbstractModel):
    """What is seen of a rule, and what can be asked of it."""

    _name = "waimaolang.task.rule.showing"
    _description = "What Is Seen of a Rule"

    explanation = fields.Char(
        translate=True, help="What the rule is good for, in a sentence."
    )
    is_ready = fields.Boolean(
        readonly=True, copy=False, help="Came with the addon, for the set-up."
    )
    condition_model = fields.Char(compute="_compute_condition_model")
    after_days = fields.Float(
        compute="_compute_after_days", inverse="_inverse_after_days"
    )

    @api.depends("record_model", "record_domain")
    def _compute_condition_model(self):
        """Of what the condition on the record is."""
        for rule in self:
            model = rule.record_model
            if not model:
                fits = rule._fits(LEAD, rule._get_record_domain())
                model = LEAD if fits else PARTNER
            rule.condition_model = model

    @api.depends("after_hours")
    def _compute_after_days(self):
        for rule in self:
            rule.after_days = rule.after_hours / 24

    def _inverse_after_days(self):
        for rule in self:
            rule.after_hours = rule.after_days * 24

    def action_dry_run(self):
        """What the rule would have done with the last mails that the user may read:
        nothing is done."""
        self.ensure_one()
        self.check_access("write")
        result = self.env["waimaolang.task.dry.run"]._run(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dry Run: %s", self.name),
            "res_model": result._name,
            "res_id": result.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _rehearse(self, mails):
        """(steps, what is wrong with a condition) as the user of the environment."""
        return rehearsing.rehearse(self.env, self.sudo(), mails)

    def action_view_log(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "waimaolang_tasks.waimaolang_task_log_action"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_view_tasks(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "waimaolang_tasks.answer_action"
        )
        action["domain"] = [("waimaolang_rule_id", "=", self.id)]
        action["context"] = {"force_search_count": 1, WITH_UNLINKED: 1}
        return action

    def copy_data(self, default=None):
        names = [self.env._("%s (copy)", rule.name) for rule in self]
        default = dict(default or {})
        actions = self._fields["server_action_ids"]
        without = not self._has_field_access(actions, "read")
        if without:  # whoever cannot approve actions copies the rule without them
            default["server_action_ids"] = []
        found = super().copy_data(default)
        if without:
            for vals in found:
                del vals["server_action_ids"]
        return [
            {**vals, "name": name} if "name" not in default else vals
            for vals, name in zip(found, names, strict=True)
        ]
