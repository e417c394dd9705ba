# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine import facts
from .common import EMMA, LIN, RuleCase


@tagged("post_install", "-at_install")
class TestRules(RuleCase):
    def test_a_customers_mail_makes_a_task_that_her_answer_completes(self):
        rule = self.rule(
            summary="Answer {{ object.subject }}",
            deadline_hours=4,
            deadline_counting="elapsed",
        )
        mail = self.receive()
        self.process()
        (task,) = self.tasks(rule)
        self.assertEqual(task.summary, "Answer Price")
        self.assertEqual(task.user_id, self.rep)
        self.assertEqual((task.res_model, task.res_id), ("crm.lead", self.lead.id))
        self.assertEqual(task.reply_due_at, mail.date + timedelta(hours=4))
        self.answer(mail)
        self.process()
        self.assertFalse(self.tasks(rule))
        (done,) = self.tasks(rule, active=False)
        self.assertTrue(done.date_done)
        self.assertEqual(self.outcomes(rule), [("done", "matched")])

    def test_a_second_mail_raises_the_first_task(self):
        rule = self.rule()
        mail = self.receive()
        self.process()
        self.receive(subject="Re: Price", In_Reply_To=f"<{mail.rfc_message_id}>")
        self.process()
        (task,) = self.tasks(rule)
        self.assertEqual(task.waimaolang_mail_count, 2)
        self.assertEqual(
            self.outcomes(rule), [("done", "matched"), ("raised", "open_task")]
        )

    def test_automatic_answers_complete_nothing_and_start_nothing(self):
        rule = self.rule()
        mail = self.receive()
        self.process()
        self.answer(mail, Auto_Submitted="auto-replied")
        self.receive(subject="Out", Auto_Submitted="auto-replied")
        self.process()
        self.assertEqual(len(self.tasks(rule)), 1)

    def test_i4_history_triggers_nothing(self):
        rule = self.rule()
        self.take(self.mail(), live=False)
        self.process()
        self.assertFalse(self.tasks(rule))
        self.assertFalse(self.outcomes(rule))

    def test_what_was_answered_before_rules_looked_makes_no_task(self):
        rule = self.rule()
        self.answer(self.receive())
        self.process()
        self.assertFalse(self.tasks(rule))
        self.assertEqual(self.outcomes(rule), [("skipped", "answered")])

    def test_mail_and_record_conditions(self):
        by_subject = self.rule(mail_domain="[('subject', 'ilike', 'invoice')]")
        by_stage = self.rule(
            record_domain=f"[('stage_id', '=', {self.lead.stage_id.id})]"
        )
        by_other_stage = self.rule(record_domain="[('stage_id.name', '=', 'Nowhere')]")
        by_contact = self.rule(record_domain="[('is_company', '=', False)]")
        first = self.rule(mail_domain="[('first_in_conversation', '=', True)]")
        self.receive()
        self.process()
        self.assertFalse(self.tasks(by_subject))
        self.assertEqual(self.tasks(by_stage).res_model, "crm.lead")
        self.assertFalse(self.tasks(by_other_stage))
        self.assertEqual(self.tasks(by_contact).res_model, "res.partner")
        self.assertTrue(self.tasks(first))

    def test_no_reply_from_them_waits_and_stops_on_a_reply(self):
        rule = self.rule("no_reply_from_them", after_hours=72)
        sent = self.take(
            self.mail(LIN, EMMA, date=fields.Datetime.now() - timedelta(hours=71)),
            path="已发送",
        ).mail_id
        self.process()
        self.assertFalse(self.tasks(rule))
        wait = self.env["waimaolang.task.wait"].search([("rule_id", "=", rule.id)])
        self.assertEqual(wait.due, sent.date + timedelta(hours=72))
        wait.due = fields.Datetime.now() - timedelta(minutes=1)
        self.process()
        self.assertEqual(len(self.tasks(rule)), 1)
        self.receive(In_Reply_To=f"<{sent.rfc_message_id}>")
        self.process()
        self.assertFalse(self.tasks(rule))

    def test_a_reply_cancels_the_wait(self):
        rule = self.rule("no_reply_from_us", after_hours=4)
        mail = self.receive()
        self.process()
        self.answer(mail)
        self.process()
        self.assertFalse(self.env["waimaolang.task.wait"].search([]))
        self.assertEqual(
            self.outcomes(rule), [("waiting", "matched"), ("cancelled", "answered")]
        )

    def test_i5_a_rule_that_raises_stops_itself_alone(self):
        broken = self.rule(
            activity_type_id=False,
            server_action_ids=[
                (
                    0,
                    0,
                    {
                        "name": "broken",
                        "model_id": self.env.ref("crm.model_crm_lead").id,
                        "state": "code",
                        "code": "record.write({'priority': '3'}); 1 / 0",
                    },
                )
            ],
        )
        other = self.rule()
        with mute_logger(
            "odoo.addons.waimaolang_tasks.engine.firing", "odoo.tools.safe_eval"
        ):
            for number in range(6):
                self.receive(subject=f"Price {number}", sender=EMMA)
                self.process()
        self.assertTrue(broken.paused)
        self.assertEqual(broken.failure_count, 5)
        self.assertTrue(broken.last_error)
        self.assertNotEqual(self.lead.priority, "3")
        self.assertTrue(self.tasks(other))

    def test_a_server_action_knows_the_mail(self):
        rule = self.rule(
            activity_type_id=False,
            server_action_ids=[
                (
                    0,
                    0,
                    {
                        "name": "tell",
                        "model_id": self.env.ref("crm.model_crm_lead").id,
                        "state": "code",
                        "code": "record.write({'referred': mail.subject})",
                    },
                )
            ],
        )
        self.receive(subject="Lamps")
        self.process()
        self.assertEqual(self.lead.referred, "Lamps")
        self.assertEqual(self.outcomes(rule), [("done", "matched")])

    def test_a_summary_is_no_program(self):
        for summary in (
            "{{ object.env['res.users'].search([]) }}",
            "Answer {{ object.subject",
            "Answer object.subject }}",
            "{{ object.password }}",
        ):
            with self.subTest(summary), self.assertRaises(ValidationError):
                self.rule(summary=summary)
        self.assertTrue(self.rule(summary="{{object.subject}}, {{ object.language }}"))

    def test_a_rule_that_would_do_nothing_is_refused(self):
        with self.assertRaises(ValidationError):
            self.rule(activity_type_id=False)
        self.assertTrue(self.rule(activity_type_id=False, active=False))

    def test_a_task_is_completed_in_the_language_of_who_answers(self):
        self.env["res.lang"]._activate_and_install_lang("zh_CN")
        self.rep.lang = "zh_CN"
        rule = self.rule()
        mail = self.receive()
        self.process()
        task = self.tasks(rule)
        self.answer(mail)
        self.process()
        told = self.env["mail.message"].search(
            [("mail_activity_type_id", "=", self.todo.id)], order="id desc", limit=1
        )
        self.assertFalse(task.active)
        self.assertNotIn("done", told.body)
        self.assertEqual(told.author_id, self.rep.partner_id)
        task.with_user(self.rep).action_feedback()  # by a page that is still open
        self.assertEqual(len(told.search([("mail_activity_type_id", "!=", False)])), 1)

    def test_a_condition_that_cannot_work_is_refused(self):
        for vals in (
            {"mail_domain": "[('nothing', '=', 1)]"},
            {"record_domain": "[('nothing', '=', 1)]"},
            {"mail_domain": "[(("},
        ):
            with self.assertRaises(ValidationError):
                self.rule(**vals)

    def test_first_contact_is_the_first_mail_of_all(self):
        rule = self.rule("first_contact")
        self.take(self.mail(date=fields.Datetime.now() - timedelta(days=9)), live=False)
        self.receive(subject="Another matter")
        self.process()
        self.assertFalse(self.outcomes(rule))
        self.env["res.partner"].create({"name": "New", "email": "new@buyer.example"})
        self.receive(sender="New <new@buyer.example>", subject="Hello")
        self.process()
        self.assertEqual(self.outcomes(rule), [("done", "matched")])

    def test_an_inquiry_of_somebody_unknown_is_a_task_too(self):
        rule = self.rule(summary="{{ object.subject }}")
        on_leads = self.rule(record_model="crm.lead")
        mail = self.receive(sender="New <new@buyer.example>", subject="Catalogue?")
        self.process()
        (task,) = self.tasks(rule)
        self.assertFalse(task.res_model)
        self.assertEqual((task.user_id, task.summary), (self.rep, "Catalogue?"))
        action = task.with_user(self.rep).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), (mail._name, mail.id))
        others = self.env["mail.activity"].with_user(self.colleague)
        self.assertFalse(others.search([("id", "=", task.id)]))
        self.assertEqual(self.outcomes(on_leads), [("skipped", "no_record")])
        self.answer(mail, to="New <new@buyer.example>")
        self.process()
        self.assertFalse(self.tasks(rule))

    def test_i5_a_task_that_cannot_be_closed_holds_up_nobody(self):
        rule = self.rule()
        mail = self.receive()
        self.process()
        self.answer(mail)
        activities = type(self.env["mail.activity"])
        logger = "odoo.addons.waimaolang_tasks.engine.closing"
        with (
            patch.object(activities, "_action_done", side_effect=ValueError("no")),
            mute_logger(logger),
        ):
            self.receive(subject="Another matter")
            self.process()
        self.assertEqual(len(self.tasks(rule)), 2)

    def test_i5_an_event_that_cannot_be_borne_is_left_alone(self):
        rule = self.rule()
        poison = self.receive(subject="Poison")
        for number in range(9):
            self.receive(
                subject=f"Hello {number}", sender=f"New <new{number}@buyer.example>"
            )
        load = facts.load

        def break_at(cr, happenings):
            if poison.id in [one.mail_id for one in happenings]:
                raise ValueError("poison")
            return load(cr, happenings)

        logger = "odoo.addons.waimaolang_tasks.engine.processing"
        with patch.object(facts, "load", break_at), mute_logger(logger):
            self.process()
        mails = self.tasks(rule).waimaolang_mail_id
        self.assertEqual(len(mails), 9)
        self.assertNotIn(poison, mails)

    def test_i5_actions_may_delete_what_they_were_run_for(self):
        model = self.env.ref("waimaolang_mail.model_waimaolang_mail")
        code = {"name": "x", "state": "code", "code": "record.unlink()"}
        self.rule(
            activity_type_id=False,
            server_action_ids=[(0, 0, {**code, "model_id": model.id})],
        )
        mail = self.receive()
        self.process()
        self.assertFalse(mail.exists())
        self.assertFalse(self.env["waimaolang.task.log"].search([]).mail_id)

    def test_what_waits_for_a_paused_rule_waits_on(self):
        rule = self.rule("no_reply_from_us")
        self.receive()
        self.process()
        wait = self.env["waimaolang.task.wait"].search([("rule_id", "=", rule.id)])
        wait.due = fields.Datetime.now() - timedelta(minutes=1)
        rule.paused = True
        self.process()
        self.assertTrue(wait.exists())
        rule.action_resume()
        self.process()
        self.assertTrue(self.tasks(rule))

    def test_what_waits_for_another_trigger_waits_no_more(self):
        rule = self.rule("no_reply_from_us")
        self.receive()
        self.process()
        rule.trigger = "no_reply_from_them"
        self.assertFalse(self.env["waimaolang.task.wait"].search([]))

    def test_conversations_that_are_one_keep_their_task(self):
        rule = self.rule()
        self.receive()
        self.process()
        (task,) = self.tasks(rule)
        other = self.receive(subject="Another").conversation_id
        other._absorb(task.waimaolang_conversation_id)
        self.assertEqual(task.waimaolang_conversation_id, other)

    def test_i8_a_task_tells_nothing_of_a_mail_that_is_deleted(self):
        rule = self.rule(summary="{{ object.subject }}")
        mail = self.receive(subject="Secret price")
        self.process()
        (task,) = self.tasks(rule)
        self.assertEqual(task.summary, "Secret price")
        mail.unlink()
        self.assertEqual(task.summary, rule.name)

    def test_a_condition_of_opportunities_pauses_no_rule_for_contacts(self):
        rule = self.rule(record_domain="[('stage_id.name', '!=', 'x')]")
        self.env["res.partner"].create({"name": "Carl", "email": "carl@x.example"})
        self.receive(sender="Carl <carl@x.example>")
        self.process()
        self.assertFalse(rule.paused)
        self.assertFalse(self.tasks(rule))

    def test_nobody_whose_task_it_could_be_is_no_failure(self):
        rule = self.rule()
        self.receive(sender="New <new@buyer.example>")
        self.mailbox.sudo().write({"user_id": False, "member_ids": False})
        with patch.object(type(rule), "_choose_user", lambda *_args: self.env.user[:0]):
            self.process()
        self.assertEqual(self.outcomes(rule), [("skipped", "no_user")])
        self.assertFalse(rule.failure_count)

    def test_i14_only_administrators_change_when_server_actions_run(self):
        model = self.env.ref("crm.model_crm_lead")
        code = {"name": "x", "state": "code", "code": "pass", "model_id": model.id}
        rule = self.rule(server_action_ids=[(0, 0, code)])
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).mail_domain = "[('subject', '=', 'x')]"
        rule.with_user(self.manager).active = False

    def test_i8_nobody_asks_for_fields_that_she_may_not_read(self):
        rules = self.rules.with_user(self.manager)
        with self.assertRaises(ValidationError):
            rules.create(
                {
                    "name": "Oracle",
                    "trigger": "received",
                    "record_domain": "[('user_id.totp_secret', '=like', 'A%')]",
                }
            )
