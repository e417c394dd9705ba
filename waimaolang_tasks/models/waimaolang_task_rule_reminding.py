# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What changes when the open tasks of a rule are told of.
PLANNED_BY = frozenset(
    (
        "remind_minutes",
        "remind_overdue",
        "escalate_hours",
        "deadline_counting",
        "active",
    )
)
MOST_MINUTES = 366 * 24 * 60


class WaimaolangTaskRule(models.Model):
    _inherit = "waimaolang.task.rule"

    remind_minutes = fields.Integer(
        "Remind Minutes Before",
        help="The responsible user is reminded in Odoo so long before the task is due. "
        "0: never.",
    )
    remind_overdue = fields.Boolean(
        "Tell When Overdue",
        default=True,
        help="The responsible user is told in Odoo when the time is over.",
    )
    escalate_hours = fields.Float(
        "Escalate After Hours",
        help="So long after the time is over, counted as the deadline is, the team "
        "leader gets a task of her own, which ends with the first one. 0: never.",
    )

    @api.constrains("remind_minutes")
    def _check_remind_minutes(self):
        for rule in self:
            if not 0 <= rule.remind_minutes <= MOST_MINUTES:
                raise ValidationError(
                    self.env._(
                        "Give minutes from 0 to %s (a year) to remind.", MOST_MINUTES
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if PLANNED_BY.intersection(vals):
            # the engine plans anew: there may be thousands
            tasks = self.env["mail.activity"].sudo()
            ours = tasks.search([("waimaolang_rule_id", "in", self.ids)])
            ours.waimaolang_next_at = self.env.cr.now().replace(tzinfo=None)
            if ours:
                self._wake()
        return result
