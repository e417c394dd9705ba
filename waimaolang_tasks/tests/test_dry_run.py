# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import EMMA, LIN, RuleCase

LINE = "waimaolang.task.dry.run.line"


@tagged("post_install", "-at_install")
class TestDryRun(RuleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.visibility = "everyone"

    def ago(self, **kwargs):
        return fields.Datetime.now() - timedelta(**kwargs)

    def past(self, days, sender=EMMA, to=LIN, path="INBOX", **headers):
        raw = self.mail(sender, to, date=self.ago(days=days), **headers)
        return self.take(raw, path=path, live=False).mail_id

    def run_dry(self, rule, user=None):
        action = rule.with_user(user or self.manager).action_dry_run()
        run = self.env[action["res_model"]].browse(action["res_id"])
        return run.with_user(user or self.manager)

    def told(self, run):
        return [
            (line.mail_id.id, line.outcome, line.reason, line.result)
            for line in reversed(run.line_ids)
        ]

    def test_what_would_have_been_due_and_was_answered(self):
        rule = self.rule(deadline_hours=24, deadline_counting="elapsed")
        quick, late, still = self.past(9), self.past(7), self.past(3)
        for mail, days in ((quick, 8.5), (late, 4)):
            self.past(days, LIN, EMMA, "已发送", In_Reply_To=f"<{mail.rfc_message_id}>")
        run = self.run_dry(rule)
        self.assertEqual(
            self.told(run),
            [
                (quick.id, "done", "matched", "in_time"),
                (late.id, "done", "matched", "late"),
                (still.id, "done", "matched", "overdue"),
            ],
        )
        line = run.line_ids[-1]
        self.assertEqual(line.due, quick.date + timedelta(hours=24))
        self.assertEqual(line.user_id, self.rep)
        self.assertEqual(line.record_name, self.lead.display_name)
        self.assertEqual((run.mail_count, run.fired_count, run.late_count), (3, 3, 1))

    def test_a_second_mail_would_raise_the_task(self):
        rule = self.rule()
        mail = self.past(3)
        self.past(2, In_Reply_To=f"<{mail.rfc_message_id}>")
        told = self.told(self.run_dry(rule))
        self.assertEqual([row[1] for row in told], ["done", "raised"])

    def test_conditions_are_asked(self):
        rule = self.rule(
            mail_domain="[('subject', 'ilike', 'lamp')]",
            record_domain="[('name', 'ilike', 'LED')]",
        )
        self.past(3)
        mail = self.past(2, subject="Lamps")
        self.assertEqual([row[0] for row in self.told(self.run_dry(rule))], [mail.id])

    def test_silence_that_lasted_and_silence_that_did_not(self):
        rule = self.rule("no_reply_from_them", after_hours=72)
        silent = self.past(20, LIN, EMMA, "已发送")
        answered = self.past(9, LIN, EMMA, "已发送", subject="Lamps")
        self.past(8, In_Reply_To=f"<{answered.rfc_message_id}>")
        fresh = self.past(1, LIN, EMMA, "已发送", subject="Chairs")
        self.assertEqual(
            [row[:3] for row in self.told(self.run_dry(rule))],
            [
                (silent.id, "done", "due"),
                (answered.id, "skipped", "answered"),
                (fresh.id, "waiting", "matched"),
            ],
        )

    def test_nothing_but_the_result_is_written(self):
        rule = self.rule()
        broken = self.rule(mail_domain="[('subject', '=', 'x')]")
        self.env.cr.execute(
            "UPDATE waimaolang_task_rule SET mail_domain = '[(1)]' WHERE id = %s",
            (broken.id,),
        )
        self.env.invalidate_all()
        self.past(3)
        counted = ("mail.activity", "mail.message", "waimaolang.task.log",
                   "waimaolang.task.wait")  # fmt: skip
        before = [self.env[name].search_count([]) for name in counted]
        self.run_dry(rule)
        run = self.run_dry(broken)
        self.assertEqual([self.env[name].search_count([]) for name in counted], before)
        self.assertTrue(run.error)
        self.assertFalse(broken.paused)

    def test_i8_a_dry_run_shows_the_mail_of_its_reader_alone(self):
        rule = self.rule()
        self.past(3)
        self.mailbox.visibility = "owner"
        run = self.run_dry(rule)
        self.assertFalse(run.line_ids)
        self.assertEqual((run.mail_count, run.match_count, run.since), (0, 0, False))

    def test_i8_that_a_colleague_keeps_it_to_herself_is_not_told(self):
        rule = self.rule()
        mail = self.past(3)
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        other.visibility = "everyone"
        self.env.cr.execute(
            "INSERT INTO waimaolang_mail_mailbox_rel"
            " (waimaolang_mail_id, waimaolang_mailbox_id) VALUES (%s, %s)",
            (mail.id, other.id),
        )
        mail.conversation_id.private_mailbox_ids = other
        self.assertFalse(self.run_dry(rule).line_ids)

    def test_i8_a_dry_run_is_for_who_asked(self):
        rule = self.rule()
        self.past(3)
        run = self.run_dry(rule)
        self.assertTrue(run.line_ids)
        other = self.manager.copy({"login": "boss2", "name": "Other"})
        for record in (run, run.line_ids):
            with self.assertRaises(AccessError):
                record.with_user(other).read()
        with self.assertRaises(AccessError):
            self.env[LINE].with_user(self.manager).create(
                {"run_id": run.id, "mail_id": self.past(2).id}
            )
        with self.assertRaises(AccessError):
            rule.with_user(self.rep).action_dry_run()

    def test_i8_records_that_she_may_not_read_are_not_named(self):
        rule = self.rule(record_model="crm.lead")
        self.past(3)
        reader = self.colleague
        reader.group_ids += self.env.ref("waimaolang_mail.group_manager")
        self.mailbox.member_ids += reader
        run = self.run_dry(rule, reader)
        ((_mail, outcome, reason, _result),) = self.told(run)
        self.assertEqual((outcome, reason), ("skipped", "no_record"))
        self.assertFalse(run.line_ids.res_id)
