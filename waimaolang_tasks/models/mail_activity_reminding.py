# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from functools import partial

from odoo import api, fields, models
from odoo.fields import Datetime
from odoo.tools import format_datetime

from ..engine import bearing, deadlines, reminding
from .waimaolang_task_rule_acting import QUIET

# What changes when something is said about a task.
PLANNED_BY = frozenset(("reply_due_at", "date_deadline", "user_id", "active"))
RETRY_HOURS = 1


class WaimaolangActivityReminding(models.AbstractModel):
    """Reminders and escalation, once each, in the engine's transactions: what is said
    and that it was said are committed together (``engine/reminding.py``)."""

    _name = "waimaolang.activity.reminding"
    _description = "Reminders of a Task"

    waimaolang_told = fields.Selection(
        [
            (reminding.REMIND, "Reminded"),
            (reminding.OVERDUE, "Told that it is overdue"),
            (reminding.ESCALATED, "Told to the team leader"),
        ],
        "Last Notice",
        readonly=True,
        copy=False,
    )
    waimaolang_next_at = fields.Datetime(
        "Next Notice", readonly=True, copy=False, index="btree_not_null"
    )
    waimaolang_escalated_from_id = fields.Many2one(
        "mail.activity",
        "Escalated from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        help="The task that its responsible user has left undone.",
    )

    # -- when --------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        tasks.sudo().filtered("waimaolang_rule_id")._plan_notices()
        return tasks

    def write(self, vals):
        changed = PLANNED_BY.intersection(vals)
        before = {}
        if changed:
            ours = self.sudo().filtered("waimaolang_rule_id")
            before = {task: task.reply_due_at for task in ours}
        result = super().write(vals)
        if before:
            tasks = self.sudo().browse([task.id for task in before])
            moved = tasks.filtered(lambda task: task.reply_due_at != before[task])
            moved.waimaolang_told = False
            tasks._plan_notices(wake=True)
            if vals.get("active") is False:
                tasks._get_escalated().action_archive()
        return result

    def unlink(self):
        ours = self.sudo().filtered("waimaolang_rule_id")
        if ours:
            (ours._get_escalated() - self.sudo()).unlink()
        return super().unlink()

    def _plan_notices(self, wake=False):
        """In sudo. ``wake``: the engine does so itself at the end of its batch."""
        for task in self:
            ahead = reminding.ahead(task._get_notices(), task.waimaolang_told)
            task.waimaolang_next_at = ahead[0][1] if ahead else False
        times = [at for at in self.mapped("waimaolang_next_at") if at]
        if wake and times:
            self.env["waimaolang.task.rule"]._wake(min(times))

    def _get_notices(self):
        rule, due = self.waimaolang_rule_id, self.reply_due_at
        if not (due and self.active and rule.active):
            return reminding.Plan()
        escalate_at = None
        if rule.escalate_hours > 0:
            escalate_at = deadlines.due(
                self._get_calendar(), due, rule.escalate_hours, rule.deadline_counting
            )
        return reminding.plan(
            due, rule.remind_minutes, rule.remind_overdue, escalate_at
        )

    # -- what --------------------------------------------------------------------------

    def _take_steps(self, now):
        """In sudo, in the engine's transaction. One that cannot be told holds up no
        other (invariant I5)."""
        # all at once, and again alone where one of them fails
        fitted = bearing.bear(self.env, "summaries are fitted alone", self._fit_summary)
        for task in self:
            told = f"task {task.id} cannot be told of"
            step = partial(task._take_step, now, fitted)
            if not bearing.bear(self.env, told, step):
                task.waimaolang_next_at = Datetime.add(now, hours=RETRY_HOURS)

    def _take_step(self, now, fitted):
        notices, told = self._get_notices(), self.waimaolang_told
        steps = reminding.reached(notices, told, now)
        if steps and not fitted:
            self._fit_summary()
        for step in steps:
            if step == reminding.ESCALATED:
                self._escalate()
            else:
                self._tell(step)
            told = step
        ahead = reminding.ahead(notices, told)
        self.waimaolang_told = told
        self.waimaolang_next_at = ahead[0][1] if ahead else False

    def _tell(self, step):
        """To the responsible user alone, inside Odoo: what she sees in her list."""
        user = self.user_id
        if not user.active:
            return
        task = self.with_context(lang=user.lang)
        late = step == reminding.OVERDUE
        title = task.env._("Overdue task") if late else task.env._("Task due soon")
        message = task.env._(
            "%(record)s: %(summary)s, due %(due)s",
            record=task.res_name or "",
            summary=task.summary or task.activity_type_id.name or "",
            due=format_datetime(task.env, task.reply_due_at, tz=user.tz or "UTC"),
        )
        user._bus_send(
            "simple_notification",
            {
                "type": "danger" if late else "warning",
                "title": title,
                "message": message,
                "sticky": late,
            },
        )

    # -- escalation --------------------------------------------------------------------

    def _escalate(self):
        leader = self._get_team().user_id
        if self._get_escalated():  # of the time before it was moved
            return
        values = {"outcome": "skipped", "reason": "no_leader"}
        box = self.env["waimaolang.mailbox"]
        told = self.waimaolang_rule_id._may_know(leader, box, self.waimaolang_mail_id)
        if leader.active and leader != self.user_id and told:
            vals = self._prepare_escalated_vals(leader)
            task = self.with_context(**QUIET).create(vals)
            task._fit_summary()
            values = {"outcome": "escalated", "reason": "overdue"}
            values["activity_id"] = task.id
        self.env["waimaolang.task.log"].create(
            {
                "rule_id": self.waimaolang_rule_id.id,
                "mail_id": self.waimaolang_mail_id.id,
                "res_model": self.res_model,
                "res_id": self.res_id,
                **values,
            }
        )

    def _prepare_escalated_vals(self, leader):
        return {
            "res_model_id": self.res_model_id.id,
            "res_id": self.res_id,
            "activity_type_id": self.activity_type_id.id,
            "automated": True,
            "summary": self._name_late(leader.lang, self._get_telling_summary(leader)),
            "user_id": leader.id,
            "reply_due_at": self.reply_due_at,
            "waimaolang_mail_id": self.waimaolang_mail_id.id,
            "waimaolang_last_mail_id": self.waimaolang_last_mail_id.id,
            "waimaolang_mail_count": self.waimaolang_mail_count,
            "waimaolang_escalated_from_id": self.id,
        }

    def _get_escalated(self):
        """Open tasks of leaders. They end with the first one, however that ends."""
        return self.search([("waimaolang_escalated_from_id", "in", self.ids)])

    def _get_plain_summary(self, user, lang=None):
        plain = super()._get_plain_summary(user, lang)
        first = self.waimaolang_escalated_from_id
        if not first:
            return plain
        return first._name_late(lang or user.lang, first._get_plain_summary(user, lang))

    def _get_telling_summary(self, user):
        first = self.waimaolang_escalated_from_id
        if not first:
            return super()._get_telling_summary(user)
        return first._name_late(user.lang, first._get_telling_summary(user))

    def _name_late(self, lang, summary):
        name = self.user_id.name
        if not name:
            return summary
        env = self.with_context(lang=lang).env
        return env._("%(user)s is late: %(summary)s", user=name, summary=summary)
