# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import deadlines, judging, triggers
from ..engine.facts import LEAD, MAILBOX, PARTNER
from .waimaolang_mail import PLACEHOLDERS

# All of a summary that is not as it is shown.
_NAMES = "|".join(map(re.escape, PLACEHOLDERS))
PLACEHOLDER = re.compile(rf"\{{\{{\s*(?:{_NAMES})\s*\}}\}}")
# Who is asked where the one who is meant is nobody.
CHAIN = ("mailbox_owner", "salesperson", "team_leader")
# An activity that is made for others is told in Odoo, not by e-mail to each of them.
QUIET = {"mail_activity_quick_update": True}


class WaimaolangTaskRuleActing(models.AbstractModel):
    """What a rule does: a task, and Odoo's own server actions."""

    _name = "waimaolang.task.rule.acting"
    _description = "What a Mail Rule Does"

    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Task",
        domain="[('res_model', 'in', [False, 'crm.lead', 'res.partner'])]",
        ondelete="restrict",
    )
    summary = fields.Char(
        translate=True,
        default="{{ object.subject }}",
        help="May show something of the mail: {{ object.subject }}, "
        "{{ object.email_from }}. Who may not read the mail sees the rule's name.",
    )
    deadline_hours = fields.Float("Due in Hours", default=24.0)
    deadline_counting = fields.Selection(
        "_get_countings",
        "Counted in",
        required=True,
        default=deadlines.DAYS,
        help="All hours of working days: whole days count, free ones do not, and what "
        "would be due in the evening is due when work ends.",
    )
    responsible = fields.Selection(
        [
            ("mailbox_owner", "Owner of the mailbox"),
            ("salesperson", "Salesperson"),
            ("team_leader", "Team leader"),
            ("user", "A certain user"),
        ],
        required=True,
        default="mailbox_owner",
        help="Where there is none, the next of: owner of the mailbox, salesperson, "
        "team leader. A rule with conditions on what mails say gives tasks to those "
        "alone who may read the mail.",
    )
    user_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    closes_on_reply = fields.Boolean(
        "Done by a Reply",
        default=True,
        help="An answer of a person, from Odoo or from any mail program, completes the "
        "task.",
    )
    server_action_ids = fields.Many2many(
        "ir.actions.server",
        string="Actions",
        groups="base.group_system",
        domain="[('model_name', 'in', ['crm.lead', 'res.partner', 'waimaolang.mail'])]",
        help="Run with the record; code knows the mail as mail.",
    )

    @api.model
    def _get_countings(self):
        return [
            (deadlines.WORKING, self.env._("Working hours")),
            (deadlines.DAYS, self.env._("All hours of working days")),
            (deadlines.ELAPSED, self.env._("All hours")),
        ]

    @api.constrains("summary")
    def _check_summary(self):
        """It is filled in with all rights: nothing but the placeholders."""
        for rule in self:
            if not rule._is_plain(rule.summary):
                raise ValidationError(
                    self.env._(
                        "Between {{ and }}, a summary shows one of these of a mail: %s",
                        ", ".join(f"{{{{ {name} }}}}" for name in PLACEHOLDERS),
                    )
                )

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        """Core writes them past all constraints."""
        result = super()._update_field_translations(
            field_name, translations, *args, **kwargs
        )
        if field_name == "summary":
            for lang in translations:
                self.with_context(lang=lang)._check_summary()
        return result

    @api.model
    def _is_plain(self, summary):
        """No program, nor half a placeholder."""
        rest = PLACEHOLDER.sub("", summary or "")
        return "{{" not in rest and "}}" not in rest

    @api.constrains("active", "activity_type_id", "server_action_ids")
    def _check_acts(self):
        for rule in self.sudo():
            if rule.active and not (rule.activity_type_id or rule.server_action_ids):
                raise ValidationError(
                    self.env._(
                        "“%s” would do nothing: choose a task to make, or ask a system "
                        "administrator for an action.",
                        rule.name,
                    )
                )

    @api.constrains("responsible", "user_id")
    def _check_user(self):
        for rule in self:
            if rule.responsible == "user" and not rule.user_id:
                raise ValidationError(self.env._("Choose the user who is responsible."))

    # -- the engine's ------------------------------------------------------------

    def _needs_record(self):
        """A task about an inquiry of somebody whom nobody knows yet stands on none, and
        an action on the mail itself needs none."""
        if self.record_model:
            return True
        on_mail = "waimaolang.mail" in self.server_action_ids.mapped("model_name")
        return not self.activity_type_id and not on_mail

    def _is_closed_by_reply(self):
        return bool(self.activity_type_id) and self.closes_on_reply

    def _act(self, happening, record):
        """In sudo, in a savepoint. The task, if one is made, whose summary tells of the
        mail until ``_hide_from_others``; NobodyError."""
        mail = self.env["waimaolang.mail"].browse(happening.mail_id)
        target = self._get_target(record)
        task = self.env["mail.activity"]
        if self.activity_type_id:
            vals = self._prepare_task_vals(happening, mail, target)
            task = task.with_context(**QUIET).create(vals)
            if self.server_action_ids:
                task._hide_from_others()
        for action in self.server_action_ids:
            self._run_action(action, mail, target)
        return task

    @api.model
    def _get_target(self, record):
        """An empty contact where the mail stands on nothing."""
        model, res_id = record if record and record[0] != MAILBOX else (PARTNER, ())
        return self.env[model].browse(res_id)

    def _run_action(self, action, mail, target):
        on_mail = action.model_name == mail._name
        records = mail if on_mail else target
        if not records or records._name != action.model_name:
            return
        action.with_company(mail.company_id).with_context(
            active_model=records._name,
            active_id=records.id,
            active_ids=records.ids,
            waimaolang_mail_id=mail.id,
        ).run()

    def _prepare_task_vals(self, happening, mail, target):
        mailbox = self.env["waimaolang.mailbox"].browse(happening.mailbox_id)
        user = self._choose_user(mail, mailbox, target)
        if not user and not target:  # such a task would be nobody's
            raise judging.NobodyError
        lang = user.lang or mail.company_id.partner_id.lang
        rule = self.with_context(lang=lang)
        start = fields.Datetime.now() if self._is_waiting() else mail.date
        due = deadlines.due(
            self._get_calendar(mailbox, target, mail.company_id),
            start,
            self.deadline_hours,
            self.deadline_counting,
        )
        model_id = self.env["ir.model"]._get_id(target._name) if target else False
        return {
            "res_model_id": model_id,
            "res_id": target.id,
            "activity_type_id": self.activity_type_id.id,
            "automated": True,
            "summary": rule._render_summary(mail),
            "user_id": user.id,
            "reply_due_at": due,
            "waimaolang_mail_id": mail.id,
            "waimaolang_conversation_id": mail.conversation_id.id,
            "waimaolang_rule_id": self.id,
        }

    def _render_summary(self, mail):
        # asked again: whatever way it came here, in this language; mails are deleted
        if not (mail and self.summary and self._is_plain(self.summary)):
            return self.name
        render = self.env["mail.render.mixin"]
        rendered = render._render_template_inline_template(
            self.summary, mail._name, mail.ids
        )
        return " ".join(rendered[mail.id].split())[:200] or self.name

    def _is_waiting(self):
        return self.trigger in triggers.WAITING

    def _get_wait_end(self, happening):
        """Naive UTC."""
        mail = self.env["waimaolang.mail"].browse(happening.mail_id)
        mailbox = self.env["waimaolang.mailbox"].browse(happening.mailbox_id)
        start = mail.date
        if self.trigger == triggers.OUT_OF_OFFICE_ENDED:
            start = fields.Datetime.to_datetime(mail.returns_on)
        calendar = self._get_calendar(mailbox, None, mail.company_id)
        return deadlines.due(calendar, start, self.after_hours, self.after_counting)

    @api.model
    def _get_calendar(self, mailbox, target, company):
        team = self.env["crm.team"]
        if target is not None and target._name == LEAD:
            team = target.team_id
        team = team or mailbox.team_id or mailbox.user_id.sale_team_id
        return team._get_waimaolang_calendar(company)

    def _choose_user(self, mail, mailbox, target):
        found = {
            "user": self.user_id,
            "mailbox_owner": mailbox.user_id,
            "salesperson": target.user_id,
            "team_leader": self._get_leader(mailbox, target),
        }
        people = [found[name] for name in (self.responsible, *CHAIN)]
        for user in (*people, *mailbox.member_ids):
            works = user and user.active and not user.share
            if works and self._may_know(user, mailbox, mail):
                return user
        return self.env["res.users"]

    @api.model
    def _get_leader(self, mailbox, target):
        team = target.team_id if target._name == LEAD else self.env["crm.team"]
        team = team or mailbox.team_id or target.user_id.sale_team_id
        return team.user_id
