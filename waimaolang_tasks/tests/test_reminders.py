# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.waimaolang_mail.tests.attack import SUBJECT, tells

from ..engine import reminding
from .test_task_privacy import PrivacyCase


def utc(text):
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M")


class ReminderCase(PrivacyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.rep.tz = cls.leader.tz = "Asia/Shanghai"
        cls.this_rule.escalate_hours = 4

    def due(self, minutes, task=None):
        """The task is due in so many minutes."""
        now = fields.Datetime.now()
        (task or self.task).reply_due_at = now + timedelta(minutes=minutes)
        self.env.flush_all()

    def notices(self, user):
        """Titles of what the user was told on the bus, each once."""
        self.env.cr.precommit.run()
        channel = json.dumps(
            [self.env.cr.dbname, "res.partner", user.partner_id.id],
            separators=(",", ":"),
        )
        sent = self.env["bus.bus"].search([("channel", "=", channel)], order="id")
        told = [json.loads(row.message) for row in sent]
        return [one["payload"] for one in told if one["type"] == "simple_notification"]

    def titles(self, user):
        return [one["title"] for one in self.notices(user)]

    def escalated(self, active=True):
        return (
            self.env["mail.activity"]
            .with_context(active_test=active)
            .search([("waimaolang_escalated_from_id", "in", self.task.ids)])
        )

    def triggers(self):
        cron = self.env.ref("waimaolang_tasks.ir_cron_rules")
        found = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        return found.mapped("call_at")


@tagged("post_install", "-at_install")
class TestReminders(ReminderCase):
    def test_she_is_reminded_before_and_told_when_it_is_over_once_each(self):
        self.this_rule.remind_minutes = 60
        self.due(90)
        self.process()
        self.assertEqual(self.titles(self.rep), [])
        self.due(50)
        self.process()
        self.process()
        self.assertEqual(self.titles(self.rep), ["Task due soon"])
        self.pass_time(hours=1)
        self.process()
        self.process()
        self.assertEqual(self.titles(self.rep), ["Task due soon", "Overdue task"])
        (_before, after) = self.notices(self.rep)
        self.assertIn(SUBJECT, after["message"])  # she reads the mail
        self.assertTrue(after["sticky"])

    def pass_time(self, **delta):
        """The clock of the database cannot be moved: the task is."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_activity SET reply_due_at = reply_due_at - %(by)s,"
            " waimaolang_next_at = waimaolang_next_at - %(by)s WHERE id = ANY(%(ids)s)",
            {"by": timedelta(**delta), "ids": self.task.ids},
        )
        self.env.invalidate_all()

    def test_i8_she_who_reads_no_mail_is_told_the_rules_name(self):
        self.task = self.make_task(responsible="user", user_id=self.mate.id)
        self.due(-1)
        self.process()
        (notice,) = self.notices(self.mate)
        self.assertIn("Plain words", notice["message"])
        self.assertFalse(tells(notice))

    def test_i8_a_reader_no_more_is_told_the_rules_name(self):
        self.show_to(self.mate)
        self.task = self.make_task(responsible="user", user_id=self.mate.id)
        self.assertIn(SUBJECT, self.task.summary)
        self.mailbox.member_ids = [fields.Command.clear()]
        self.due(-1)
        self.process()
        self.assertFalse(tells(self.notices(self.mate)))
        self.assertEqual(self.task.summary, "Plain words")

    def test_the_rules_run_at_the_minute(self):
        self.this_rule.remind_minutes = 60
        self.env["ir.cron.trigger"].search([]).unlink()
        self.due(180)
        self.assertEqual(self.task.waimaolang_next_at, self.triggers()[0])
        self.assertEqual(
            self.task.waimaolang_next_at,
            self.task.reply_due_at - timedelta(minutes=60),
        )

    def test_a_batch_of_rules_wakes_the_next_one(self):
        self.env["ir.cron.trigger"].search([]).unlink()
        self.due(30)
        self.env["ir.cron.trigger"].search([]).unlink()
        for _again in range(2):
            reminding.arrange(self.env)
        self.assertEqual(self.triggers(), [self.task.reply_due_at])

    def test_nothing_is_said_of_what_is_done_or_switched_off(self):
        self.due(-1)
        self.task.action_feedback()
        self.process()
        self.assertEqual(self.titles(self.rep), [])
        self.task.active = True
        self.this_rule.active = False
        self.process()
        self.assertEqual(self.titles(self.rep), [])
        self.this_rule.active = True
        self.process()
        self.assertEqual(self.titles(self.rep), ["Overdue task"])

    def test_a_moved_task_is_told_of_anew(self):
        self.due(-1)
        self.process()
        self.task.with_user(self.rep).action_reschedule_tomorrow()
        self.assertFalse(self.task.waimaolang_told)
        self.due(-1)
        self.process()
        self.assertEqual(self.titles(self.rep), ["Overdue task"] * 2)

    def test_a_kill_neither_loses_nor_doubles_a_notice(self):
        """Said and noted in one transaction: what is rolled back is said again."""
        self.due(-1)

        class Killed(Exception):
            pass

        with self.assertRaises(Killed), self.env.cr.savepoint():
            reminding.take(self.env(su=True), 10)
            self.env.flush_all()
            raise Killed
        self.env.cr.precommit.clear()
        self.env.invalidate_all()
        self.process()
        self.assertEqual(self.titles(self.rep), ["Overdue task"])
        self.assertEqual(len(self.escalated()), 0)

    def test_i5_a_task_that_cannot_be_told_holds_up_no_other(self):
        other = self.make_task()
        self.due(-2)
        self.due(-1, other)
        model = type(self.env["mail.activity"])
        tell = model._tell

        def fail(task, step):
            if task == self.task:
                raise ValueError("broken")
            return tell(task, step)

        with (
            patch.object(model, "_tell", fail),
            mute_logger("odoo.addons.waimaolang_tasks.models.mail_activity_reminding"),
        ):
            self.process()
        self.assertEqual(self.titles(self.rep), ["Overdue task"])
        self.assertGreater(self.task.waimaolang_next_at, fields.Datetime.now())
        self.assertFalse(self.task.waimaolang_told)


@tagged("post_install", "-at_install")
class TestEscalation(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead.team_id = cls.team

    def test_i8_the_leader_gets_a_task_once_that_tells_her_no_mail(self):
        self.due(-239)
        self.process()
        self.assertFalse(self.escalated())
        self.due(-241)
        self.process()
        self.process()
        (task,) = self.escalated()
        self.assertEqual(task.user_id, self.leader)
        self.assertEqual(task.activity_type_id, self.task.activity_type_id)
        self.assertEqual(task.summary, f"{self.rep.name} is late: Plain words")
        self.assertEqual(task.reply_due_at, self.task.reply_due_at)
        self.assertEqual(self.outcomes(self.this_rule)[-1], ("escalated", "overdue"))
        env = self.fresh(self.leader)
        found = env["mail.activity"].search([("user_id", "=", env.uid)])
        self.assertEqual(found.ids, task.ids)
        self.assertFalse(tells(found.read()))
        self.assertFalse(tells(found.waimaolang_escalated_from_id.display_name))

    def test_a_leader_who_reads_the_mail_sees_what_it_is_about(self):
        self.show_to(self.leader)
        self.due(-241)
        self.process()
        self.assertEqual(
            self.escalated().summary, f"{self.rep.name} is late: Answer About {SUBJECT}"
        )

    def test_a_task_whose_mail_was_deleted_is_escalated_too(self):
        self.task.waimaolang_mail_id.unlink()
        self.due(-241)
        self.process()
        self.assertIn("Plain words", self.task._get_escalated().summary)

    def test_a_reply_ends_the_leaders_task_too(self):
        self.due(-241)
        self.process()
        self.answer(self.task.waimaolang_mail_id)
        self.process()
        self.assertFalse(self.task.active)
        self.assertFalse(self.escalated())
        self.assertTrue(self.escalated(active=False).date_done)

    def test_done_or_cancelled_by_hand_ends_it_too(self):
        self.due(-241)
        self.process()
        self.task.with_user(self.rep).action_feedback("Called")
        self.assertFalse(self.escalated())
        self.task = self.make_task()
        self.due(-241)
        self.process()
        self.assertTrue(self.escalated())
        leaders = self.escalated()
        self.task.with_user(self.rep).action_cancel()
        self.assertFalse(leaders.exists())

    def test_answered_in_time_is_never_escalated(self):
        self.answer(self.task.waimaolang_mail_id)
        self.process()
        self.due(-241)
        self.process()
        self.assertFalse(self.escalated(active=False))

    def test_moved_and_late_again_her_open_task_is_enough(self):
        self.due(-241)
        self.process()
        self.task.with_user(self.rep).action_reschedule_tomorrow()
        self.due(-300)
        self.process()
        self.assertEqual(len(self.escalated()), 1)

    def test_nobody_else_is_told_where_she_leads_herself(self):
        self.team.user_id = self.rep
        self.due(-241)
        self.process()
        self.assertFalse(self.escalated())
        self.assertEqual(self.outcomes(self.this_rule)[-1], ("skipped", "no_leader"))

    def test_counted_as_the_deadline_is(self):
        calendar = self.env.company.resource_calendar_id
        self.this_rule.deadline_counting = "working"
        self.task.reply_due_at = utc("12-04 08:00")  # Friday 16:00, work until 17:00
        self.assertIn("Shanghai", calendar.tz)
        plan = self.task._get_notices()
        self.assertEqual(plan.escalated, utc("12-07 03:00"))


@tagged("post_install", "-at_install")
class TestMoving(ReminderCase):
    def at(self, text, zone=None):
        if zone:
            self.rep.tz = zone
        self.task.reply_due_at = utc(text)
        self.env.flush_all()

    def test_the_date_is_the_day_of_the_due_time_where_she_is(self):
        self.at("12-08 18:00")
        self.assertEqual(self.task.date_deadline, date(2026, 12, 9))
        self.at("12-08 18:00", "Europe/Berlin")
        self.assertEqual(self.task.date_deadline, date(2026, 12, 8))

    def test_she_moves_to_another_zone(self):
        self.at("12-08 18:00")
        self.rep.tz = "America/New_York"
        self.assertEqual(self.task.date_deadline, date(2026, 12, 8))
        self.rep.partner_id.tz = "Asia/Shanghai"
        self.assertEqual(self.task.date_deadline, date(2026, 12, 9))
        self.assertEqual(self.task.reply_due_at, utc("12-08 18:00"))

    def test_another_has_to_do_it_elsewhere(self):
        self.mate.tz = "America/New_York"
        self.at("12-08 18:00")
        self.task.with_user(self.rep).user_id = self.mate
        self.assertEqual(self.task.date_deadline, date(2026, 12, 8))
        self.assertEqual(self.task.reply_due_at, utc("12-08 18:00"))
        self.task.write({"user_id": self.rep.id, "reply_due_at": utc("12-09 17:00")})
        self.assertEqual(self.task.date_deadline, date(2026, 12, 10))

    def test_moved_by_hand_it_is_due_at_the_same_time(self):
        self.at("12-08 06:30")  # Tuesday 14:30
        self.task.with_user(self.rep).date_deadline = date(2026, 12, 10)
        self.assertEqual(self.task.reply_due_at, utc("12-10 06:30"))
        self.task.with_user(self.rep).date_deadline = date(2026, 12, 12)  # Saturday
        self.assertEqual(self.task.reply_due_at, utc("12-12 06:30"))
        self.at("12-08 12:00")  # 20:00
        self.task.with_user(self.rep).date_deadline = date(2026, 12, 9)
        self.assertEqual(self.task.reply_due_at, utc("12-09 09:00"))

    def test_the_buttons_move_it(self):
        task = self.task.with_user(self.rep)
        with freeze_time("2026-12-07 22:00"):  # Tuesday 6:00
            self.at("12-06 06:30")
            task.action_reschedule_today()
            self.assertEqual(task.reply_due_at, utc("12-08 06:30"))
            self.assertEqual(task.state, "today")
        with freeze_time("2026-12-08 07:00"):  # Tuesday 15:00
            self.at("12-07 02:00")
            task.action_reschedule_today()
            self.assertEqual(task.reply_due_at, utc("12-08 09:00"))
            task.action_reschedule_tomorrow()
            self.assertEqual(task.reply_due_at, utc("12-09 09:00"))
            task.action_reschedule_nextweek()
            self.assertEqual(task.reply_due_at, utc("12-14 09:00"))
            self.assertEqual(task.state, "planned")

    def test_without_a_time_it_is_an_ordinary_activity(self):
        self.task.reply_due_at = False
        self.assertFalse(self.task.waimaolang_lateness)
        self.assertFalse(self.task.waimaolang_next_at)
        self.task.date_deadline = date(2026, 12, 9)
        self.assertFalse(self.task.reply_due_at)

    def test_lateness_by_the_minute(self):
        activities = self.env["mail.activity"]
        for minutes, expected in ((-1, "late"), (90, "soon"), (121, "in_time")):
            self.due(minutes)
            self.env.invalidate_all()
            self.assertEqual(self.task.waimaolang_lateness, expected)
            for name in ("late", "soon", "in_time"):
                found = activities.search([("waimaolang_lateness", "=", name)])
                self.assertEqual(self.task in found, name == expected, name)
        either = activities.search([("waimaolang_lateness", "in", ("late", "in_time"))])
        self.assertIn(self.task, either)
        none = activities.search([("waimaolang_lateness", "=", False)])
        self.assertNotIn(self.task, none)
        self.task.action_archive()
        self.assertFalse(self.task.waimaolang_lateness)
        late = activities.with_context(active_test=False)
        self.assertNotIn(self.task, late.search([("waimaolang_lateness", "!=", False)]))

    def test_a_second_mail_raises_the_task_and_is_kept(self):
        first = self.task.waimaolang_mail_id
        second = self.receive(
            subject="And now?",
            In_Reply_To=f"<{first.rfc_message_id}>",
            date=fields.Datetime.now(),
        )
        self.this_rule.mail_domain = "[]"
        self.process()
        self.assertEqual(self.task.waimaolang_mail_count, 2)
        self.assertEqual(self.task.waimaolang_mail_id, first)
        self.assertEqual(self.task.waimaolang_last_mail_id, second)

    def test_an_answer_to_the_first_mail_is_none_to_the_second(self):
        """As the phone's mail arrives after the customer's next one."""
        now = fields.Datetime.now()
        first = self.receive(date=now - timedelta(hours=3))
        self.this_rule.mail_domain = "[]"
        self.process()
        task = self.tasks().filtered(lambda t: t.waimaolang_mail_id == first)
        self.receive(In_Reply_To=f"<{first.rfc_message_id}>", date=now)
        self.process()
        self.assertEqual(task.waimaolang_mail_count, 2)
        self.answer(first, date=now - timedelta(hours=1))
        self.process()
        self.assertTrue(task.active)
        self.answer(first, date=now + timedelta(minutes=1))
        self.process()
        self.assertFalse(task.active)

    def test_users_do_not_connect_tasks_with_mails(self):
        with self.assertRaises(AccessError):
            self.task.with_user(self.rep).waimaolang_mail_count = 9
