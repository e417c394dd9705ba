# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.mail import email_split_tuples

from ..engine import deadlines, rescheduling

# Written by rules alone.
OWN_FIELDS = frozenset(
    (
        "waimaolang_rule_id",
        "waimaolang_mail_id",
        "waimaolang_last_mail_id",
        "waimaolang_conversation_id",
        "waimaolang_mail_count",
        "waimaolang_tells",
        "waimaolang_told",
        "waimaolang_next_at",
        "waimaolang_escalated_from_id",
    )
)
# What is due in less is shown as such.
SOON = timedelta(hours=2)


class MailActivity(models.Model):
    """A task from a mail, due to the minute. Core knows days: ``date_deadline`` is the
    day of ``reply_due_at`` where the responsible user is, whichever of both is
    changed."""

    _name = "mail.activity"
    _inherit = [
        "waimaolang.activity.answering",
        "waimaolang.activity.reminding",
        "waimaolang.activity.reading",
        "mail.activity",
    ]

    reply_due_at = fields.Datetime(
        "Due at",
        index="btree_not_null",
        copy=False,
        help="To the minute; the date is its day.",
    )
    waimaolang_lateness = fields.Selection(
        [("late", "Late"), ("soon", "Due soon"), ("in_time", "In time")],
        "Lateness",
        compute="_compute_waimaolang_lateness",
        search="_search_waimaolang_lateness",
        help="By the minute; soon are the next two hours.",
    )
    waimaolang_rule_id = fields.Many2one(
        "waimaolang.task.rule",
        "Mail Rule",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    waimaolang_mail_id = fields.Many2one(
        "waimaolang.mail",
        "Mail",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    waimaolang_last_mail_id = fields.Many2one(
        "waimaolang.mail",
        "Latest Mail",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="set null",
        help="By which they asked again, where they did.",
    )
    waimaolang_conversation_id = fields.Many2one(
        "waimaolang.conversation",
        "Conversation",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    waimaolang_mail_count = fields.Integer(
        "Mails", readonly=True, default=1, copy=False
    )
    waimaolang_counterpart = fields.Char(
        "Customer",
        compute="_compute_waimaolang_counterpart",
        help="With whom the mail is, for its readers.",
    )

    @api.depends("waimaolang_mail_id", "waimaolang_last_mail_id")
    @api.depends_context("uid")
    def _compute_waimaolang_counterpart(self):
        ours = {task: task.sudo()._get_newest_mail().sudo(False) for task in self}
        mails = self.env["waimaolang.mail"].union(*ours.values())
        readable = mails._filtered_access("read")
        for task, mail in ours.items():
            people = []
            if mail in readable:
                theirs = mail.email_from if mail.direction == "in" else mail.email_to
                people = email_split_tuples(theirs or "")
            name, address = people[0] if people else ("", "")
            task.waimaolang_counterpart = name or address

    @api.depends("reply_due_at", "active")
    def _compute_waimaolang_lateness(self):
        now = fields.Datetime.now()
        for task in self:
            due = task.reply_due_at
            if not due or not task.active:
                task.waimaolang_lateness = False
            elif due <= now:
                task.waimaolang_lateness = "late"
            else:
                task.waimaolang_lateness = "soon" if due <= now + SOON else "in_time"

    def _search_waimaolang_lateness(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        due = {
            "late": Domain("reply_due_at", "<=", now),
            "soon": Domain("reply_due_at", ">", now)
            & Domain("reply_due_at", "<=", now + SOON),
            "in_time": Domain("reply_due_at", ">", now + SOON),
        }
        found = Domain.OR(due[name] for name in value if name in due)
        found &= Domain("active", "=", True)
        if False in value:
            found |= Domain("reply_due_at", "=", False) | Domain("active", "=", False)
        return found

    # -- due ---------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("reply_due_at"):
                due = fields.Datetime.to_datetime(vals["reply_due_at"])
                user = self.env["res.users"].browse(vals.get("user_id"))
                vals["date_deadline"] = rescheduling.day_of(due, self._get_zone(user))
        tasks = super().create(vals_list)
        if not self.env.su and tasks._get_ours():
            raise self._make_own_error()
        return tasks

    def write(self, vals):
        if not self.env.su and OWN_FIELDS.intersection(vals):
            raise self._make_own_error()
        if "reply_due_at" in vals:
            return self._write_due(vals)
        result = super().write(vals)
        if "date_deadline" in vals:
            self._follow_day()
        elif "user_id" in vals:
            self._follow_due()
        return result

    def _write_due(self, vals):
        """The date is another for users in other zones."""
        due = fields.Datetime.to_datetime(vals["reply_due_at"])
        if not due:
            return super().write(vals)
        days = {}
        for task in self.sudo():
            user = task.user_id
            if "user_id" in vals:
                user = user.browse(vals["user_id"])
            day = rescheduling.day_of(due, self._get_zone(user))
            days.setdefault(day, []).append(task.id)
        for day, ids in days.items():
            values = {**vals, "date_deadline": day}
            super(MailActivity, self.browse(ids)).write(values)
        return True

    def _follow_day(self):
        """Somebody moved them to another day: the time of day is kept."""
        now = fields.Datetime.now()
        for task in self.sudo().filtered("reply_due_at"):
            zone, day = self._get_zone(task.user_id), task.date_deadline
            if rescheduling.day_of(task.reply_due_at, zone) == day:
                continue
            work = deadlines.day_of_work(task._get_calendar(), day)
            due = rescheduling.move(task.reply_due_at, day, zone, work, now)
            super(MailActivity, task).write({"reply_due_at": due})
        return True

    def _follow_due(self):
        """Somebody elsewhere has to do them, or moved there herself."""
        for task in self.sudo().filtered("reply_due_at"):
            zone = self._get_zone(task.user_id)
            day = rescheduling.day_of(task.reply_due_at, zone)
            if day != task.date_deadline:
                super(MailActivity, task).write({"date_deadline": day})
        return True

    def action_reschedule_today(self):
        return self._reschedule(super().action_reschedule_today, lambda today: today)

    def action_reschedule_tomorrow(self):
        return self._reschedule(
            super().action_reschedule_tomorrow, lambda today: today + timedelta(days=1)
        )

    def action_reschedule_nextweek(self):
        return self._reschedule(
            super().action_reschedule_nextweek,
            lambda today: today + timedelta(days=7 - today.weekday()),
        )

    def _reschedule(self, core, choose):
        """Core's buttons count from the server's day: until eight in the morning that
        is yesterday in Shanghai."""
        ours = self.filtered("reply_due_at")
        if not ours:
            return core()
        now = fields.Datetime.now()
        for task in ours.filtered("active"):
            today = rescheduling.day_of(now, self._get_zone(task.user_id))
            task.date_deadline = choose(today)
        others = self - ours
        return getattr(others, core.__name__)() if others else None

    @api.readonly
    def action_open_document(self):
        """What stands on no record is answered at its mail."""
        self.ensure_one()
        mail = self.sudo()._get_newest_mail()
        if self.res_model or not mail.sudo(False).has_access("read"):
            return super().action_open_document()
        return {
            "type": "ir.actions.act_window",
            "res_model": mail._name,
            "res_id": mail.id,
            "views": [(False, "form")],
        }

    @api.model
    def _get_zone(self, user):
        name = user.sudo().tz or self.env.context.get("tz") or self.env.user.tz
        return deadlines.zone_of(name)

    def _get_team(self):
        """In sudo. Of the opportunity, else of the mailbox, else of the people."""
        target = (
            self.env[self.res_model].browse(self.res_id) if self.res_model else None
        )
        boxes = self.waimaolang_mail_id.mailbox_ids
        teams = [
            target.team_id if self.res_model == "crm.lead" else None,
            # never one that has it by a Bcc: its owner may be anybody
            boxes.filtered(self._is_theirs)[:1].team_id,
            self.user_id.sale_team_id,
            target.user_id.sale_team_id if target and "user_id" in target else None,
        ]
        return next(filter(None, teams), self.env["crm.team"])

    def _is_theirs(self, mailbox):
        """The responsible user's own mailbox, or one that she shares."""
        return self.user_id in (mailbox.user_id or mailbox.member_ids)

    def _get_calendar(self):
        company = self.waimaolang_mail_id.company_id or self.user_id.company_id
        return self._get_team()._get_waimaolang_calendar(company or self.env.company)

    def _hand_over(self, leaving):
        """In sudo. To the salesperson, else the team leader, else to whoever asks."""
        for task in self:
            target = self.env[task.res_model or "res.partner"].browse(task.res_id or ())
            people = (
                target.user_id if "user_id" in target else self.env["res.users"],
                task._get_team().user_id,
                self.env.user,
            )
            found = (one for one in people if one.active and one not in leaving)
            task.user_id = next(found, task.user_id)

    # -- rules' ------------------------------------------------------------------------

    def _get_ours(self):
        """Those that rules made."""
        return self.filtered(
            lambda task: (
                task.waimaolang_rule_id
                or task.waimaolang_mail_id
                or task.waimaolang_last_mail_id
                or task.waimaolang_conversation_id
                or task.waimaolang_escalated_from_id
            )
        )

    def _make_own_error(self):
        return AccessError(self.env._("Only mail rules connect a task with a mail."))

    def _raise_for_mail(self, mail_id):
        """In sudo. The customer writes again before anybody answered."""
        mail = self.env["waimaolang.mail"].browse(mail_id)
        for task in self:
            task.waimaolang_mail_count += 1
            if not task._get_last_date() or mail.date >= task._get_last_date():
                task.waimaolang_last_mail_id = mail

    def _raise_for_another(self, mail_id):
        """In sudo. They write in another conversation, too, and there are tasks enough:
        this one stands for both, until both are answered (``closing``)."""
        self.waimaolang_conversation_id = False
        self._raise_for_mail(mail_id)

    def _get_last_date(self):
        """What is older answers not all of them."""
        return self._get_newest_mail().date

    def _get_newest_mail(self):
        return self.waimaolang_last_mail_id or self.waimaolang_mail_id

    def _action_done(self, feedback=False, attachment_ids=None):
        """A page that is still open shows a task that an answer has completed: that is
        told once."""
        over = self.filtered(lambda task: task.waimaolang_rule_id and not task.active)
        return super(MailActivity, self - over)._action_done(feedback, attachment_ids)

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + ["reply_due_at"]

    def _close_by_mail(self, mail_id, mailbox_id):
        """In sudo. Answered by this mail, through this mailbox."""
        mailbox = self.env["waimaolang.mailbox"].browse(mailbox_id)
        by = mailbox.user_id or self.user_id or self.env.ref("base.user_root")
        self.with_user(by).with_context(lang=by.lang).sudo()._action_done()

    @api.autovacuum
    def _fit_open_summaries(self):
        """Mailboxes are given and taken away: who no longer reads a mail sees her task
        again, by the rule's name."""
        telling = [("waimaolang_tells", "=", True), ("user_id", "!=", False)]
        self.sudo().search(telling)._fit_summary()
