# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.waimaolang_mail.tests.attack import BODY, SUBJECT, build_secret

from .test_task_privacy import PrivacyCase


@tagged("post_install", "-at_install")
class TestTaskOracles(PrivacyCase):
    """Who makes rules asks by them what mails say: the answer is for readers alone
    (invariant I8)."""

    def happen(self):
        number = next(self.numbers)
        self.take(build_secret(message_id=f"<oracle{number}@nordwind.example>"))
        self.process()

    def answers(self, rule):
        """What she learns: her tasks, the rule's figures."""
        env = self.fresh(self.manager)
        tasks = env["mail.activity"].search([("user_id", "=", self.manager.id)])
        rule = env["waimaolang.task.rule"].browse(rule.id)
        return len(tasks), rule.done_count, rule.waiting_count

    def test_i8_a_condition_on_the_text_answers_nobody_but_readers(self):
        for condition in (
            f"[('text', 'ilike', '{BODY}')]",
            f"[('subject', 'ilike', '{SUBJECT}')]",
            f"['!', ('subject', 'not ilike', '{SUBJECT}')]",
            f"[('attachment_ids', 'any', [('name', 'ilike', '{SUBJECT[0]}')])]",
        ):
            with self.subTest(condition=condition):
                rule = self.ask(mail_domain=condition)
                self.assertTrue(rule.asks_content)
                self.happen()
                self.assertEqual(self.answers(rule), (0, 0, 0))
                rule.active = False

    def test_i8_a_leader_who_does_not_read_it_is_told_nothing_of_it(self):
        rule = self.ask(
            mail_domain=f"[('text', 'ilike', '{BODY}')]",
            responsible="mailbox_owner",
            escalate_hours=1,
            deadline_hours=0,
        )
        self.happen()
        (task,) = self.tasks(rule)
        task.waimaolang_next_at = fields.Datetime.now() - timedelta(minutes=1)
        self.process()
        self.assertFalse(task._get_escalated())

    def test_who_reads_the_mail_gets_the_task_and_sees_the_figures(self):
        self.show_to(self.manager)
        rule = self.ask(mail_domain=f"[('text', 'ilike', '{BODY}')]")
        self.happen()
        self.assertEqual(self.answers(rule), (1, 1, 0))

    def test_conditions_that_tell_nothing_work_for_everybody(self):
        rule = self.ask(
            mail_domain="[('direction', '=', 'in'), ('lead_ids.stage_id', '!=', False),"
            " ('partner_ids.name', '!=', 'x')]",
            record_domain="[('stage_id.name', '!=', 'x')]",
        )
        self.assertFalse(rule.asks_content)
        self.happen()
        self.assertEqual(self.answers(rule), (1, 1, 0))

    def test_i8_a_new_owner_is_told_by_no_message_that_others_read(self):
        self.show_to(self.mate)
        self.task.with_user(self.rep).write({"user_id": self.mate.id})
        self.assertIn(SUBJECT, self.task.summary)
        others = [user for user in self.attackers if user != self.mate]
        words = [("body", "ilike", SUBJECT)]
        self.assert_nobody(
            {
                "message": lambda env: env["mail.message"].search(words),
                "mail": lambda env: env["mail.mail"].search(
                    [("body_html", "ilike", SUBJECT)]
                ),
            },
            others,
        )

    def test_what_a_user_wrote_into_a_task_stays_when_it_is_given_away(self):
        self.show_to(self.mate)
        self.task.with_user(self.rep).summary = "Ask about the colour"
        self.task.with_user(self.rep).user_id = self.mate
        self.assertEqual(self.task.summary, "Ask about the colour")

    def test_i8_an_own_task_names_no_file_of_a_private_mail(self):
        attachment = self.env["ir.model"]._get_id("ir.attachment")
        plain = self.lead.with_user(self.mate).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.mate.id
        )
        plain.write({"res_model_id": attachment, "res_id": self.file.id})
        self.assertFalse(plain.res_name)

    def test_a_rule_that_was_off_does_not_fire_all_that_waited(self):
        rule = self.rule("no_reply_from_us", after_hours=4)
        self.receive()
        self.process()
        wait = self.env["waimaolang.task.wait"].search([("rule_id", "=", rule.id)])
        rule.active = False
        wait.due = fields.Datetime.now() - timedelta(days=9)
        rule.active = True
        self.process()
        self.assertFalse(self.tasks(rule))

    def test_reminders_that_nobody_means_are_refused(self):
        with self.assertRaises(ValidationError):
            self.rule(remind_minutes=2**31 - 1)

    def test_a_task_for_the_end_of_time_is_due_then(self):
        self.task.with_user(self.rep).reply_due_at = "9999-12-30 10:00:00"
        self.this_rule.write({"escalate_hours": 4000, "deadline_counting": "elapsed"})
        self.process()
        self.assertTrue(self.task.exists())
