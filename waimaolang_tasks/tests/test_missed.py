# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine import processing
from .common import EMMA, LIN, RuleCase

FIRING = "odoo.addons.waimaolang_tasks.engine.firing"


@tagged("post_install", "-at_install")
class TestMissed(RuleCase):
    """What came while a rule was broken is not forgotten once it is mended."""

    def people(self, count):
        for number in range(count):
            email = f"buyer{number}@buyer.example"
            self.env["res.partner"].create({"name": email, "email": email})
            yield email

    def break_rule(self, rule):
        """Its task cannot be made for now."""
        return patch.object(
            type(rule), "_render_summary", side_effect=ValueError("broken")
        )

    def test_a_mended_rule_does_what_it_failed_with_and_what_it_missed(self):
        rule = self.rule()
        with self.break_rule(rule), mute_logger(FIRING):
            for sender in self.people(7):
                self.receive(sender=sender, subject=f"Price for {sender}")
                self.process()
        self.assertTrue(rule.paused)
        self.assertFalse(self.tasks(rule))
        rule.action_resume()
        self.process()
        self.assertEqual(len(self.tasks(rule)), 7)
        self.process()
        self.assertEqual(len(self.tasks(rule)), 7)
        self.assertEqual(self.outcomes(rule).count(("done", "matched")), 7)

    def test_what_was_answered_meanwhile_makes_no_task(self):
        rule = self.rule()
        rule._note_failure(ValueError("broken"), at_once=True)
        self.answer(self.receive())
        self.process()
        rule.action_resume()
        self.process()
        self.assertFalse(self.tasks(rule))
        self.assertEqual(self.outcomes(rule), [("skipped", "answered")])

    def test_a_broken_condition_misses_nothing(self):
        rule = self.rule()
        with patch.object(
            type(rule), "_get_mail_domain", side_effect=ValueError("broken")
        ):
            self.receive()
            self.process()
        self.assertTrue(rule.paused)
        self.receive(subject="Another matter")
        self.process()
        rule.action_resume()
        self.process()
        self.assertEqual(len(self.tasks(rule)), 2)

    def test_a_broken_condition_on_the_record_misses_nothing(self):
        rule = self.rule()
        with patch.object(
            type(rule), "_get_record_domain", side_effect=ValueError("broken")
        ):
            self.receive()
            self.process()
        self.assertTrue(rule.paused)
        rule.action_resume()
        self.process()
        self.assertEqual(len(self.tasks(rule)), 1)

    def test_first_contacts_are_caught_up_with(self):
        rule = self.rule("first_contact")
        rule._note_failure(ValueError("broken"), at_once=True)
        (sender,) = self.people(1)
        self.receive(sender=sender)
        self.receive(sender=sender, subject="Another matter")
        self.process()
        rule.action_resume()
        self.process()
        self.assertEqual(len(self.tasks(rule)), 1)

    def test_a_rule_that_was_switched_off_saw_enough(self):
        rule = self.rule()
        rule._note_failure(ValueError("broken"), at_once=True)
        self.receive()
        self.process()
        rule.active = False
        rule.active = True
        rule.action_resume()
        self.process()
        self.assertFalse(self.tasks(rule))

    def test_a_week_is_enough(self):
        rule = self.rule()
        rule._note_failure(ValueError("broken"), at_once=True)
        self.receive()
        self.process()
        self.env.cr.execute(
            "UPDATE waimaolang_mail_event SET date = date - INTERVAL '8 days'"
        )
        rule.action_resume()
        self.process()
        self.assertFalse(self.tasks(rule))
        self.assertFalse(rule.catch_up_from)

    def test_i5_an_event_that_cannot_be_caught_up_with_holds_up_no_other(self):
        rule = self.rule()
        rule._note_failure(ValueError("broken"), at_once=True)
        poison = self.receive(subject="Poison")
        self.receive(subject="Harmless")
        self.process()
        rule.action_resume()

        def break_at(_batch, happenings):
            if poison.id in [one.mail_id for one in happenings]:
                raise ValueError("poison")
            return happenings

        logger = "odoo.addons.waimaolang_tasks.engine.processing"
        with (
            patch.object(processing.Batch, "tell_first", break_at),
            mute_logger(logger),
        ):
            self.process()
        self.assertEqual(self.tasks(rule).waimaolang_mail_id.subject, "Harmless")

    def test_a_wait_that_the_rule_breaks_with_waits_on(self):
        rule = self.rule("no_reply_from_us", after_hours=4)
        now = fields.Datetime.now()
        mail = self.receive(date=now - timedelta(hours=5))
        with self.break_rule(rule), mute_logger(FIRING):
            self.process()
        wait = self.env["waimaolang.task.wait"].search([("rule_id", "=", rule.id)])
        self.assertEqual(wait.mail_id, mail)
        self.assertGreater(wait.due, now)
        wait.due = now - timedelta(minutes=1)
        self.process()
        self.assertEqual(self.tasks(rule).waimaolang_mail_id, mail)
        self.assertFalse(wait.exists())

    def test_an_older_mail_moves_no_wait_back(self):
        """As the phone's copy that is found a day later."""
        rule = self.rule("no_reply_from_them", after_hours=72)
        now = fields.Datetime.now()
        newest = self.take(self.mail(LIN, EMMA, date=now), path="已发送").mail_id
        self.process()
        self.take(
            self.mail(
                LIN,
                EMMA,
                date=now - timedelta(hours=9),
                In_Reply_To=f"<{newest.rfc_message_id}>",
            ),
            path="已发送",
        )
        self.process()
        wait = self.env["waimaolang.task.wait"].search([("rule_id", "=", rule.id)])
        self.assertEqual(wait.mail_id, newest)
