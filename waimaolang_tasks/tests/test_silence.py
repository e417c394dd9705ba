# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import EMMA, LIN, RuleCase


@tagged("post_install", "-at_install")
class TestSilence(RuleCase):
    """Who has written since, and when."""

    def wait_is_over(self):
        waits = self.env["waimaolang.task.wait"].search([])
        waits.due = fields.Datetime.now() - timedelta(minutes=1)
        self.process()

    def go_away(self):
        """Emma's automatic answer, with the day on which she is back."""
        back = fields.Date.today() + timedelta(days=9)
        return self.receive(
            subject="Out of office",
            text=f"I am out of the office and will be back on {back:%d %B %Y}.",
            Auto_Submitted="auto-replied",
        )

    def test_somebody_who_is_back_is_written_to_again(self):
        rule = self.rule("out_of_office_ended", after_hours=0)
        away = self.go_away()
        self.process()
        self.assertEqual(self.outcomes(rule), [("waiting", "matched")])
        # she reads it when she is back, as all the others
        self.take(
            self.mail(LIN, EMMA, In_Reply_To=f"<{away.rfc_message_id}>"),
            path="已发送",
        )
        self.process()
        self.wait_is_over()
        self.assertEqual(len(self.tasks(rule)), 1)

    def test_somebody_who_writes_while_she_is_away_is_not(self):
        rule = self.rule("out_of_office_ended", after_hours=0)
        away = self.go_away()
        self.process()
        self.receive(subject="Re: Price", In_Reply_To=f"<{away.rfc_message_id}>")
        self.process()
        self.wait_is_over()
        self.assertFalse(self.tasks(rule))

    def test_a_customers_fast_clock_keeps_no_task_open(self):
        """Her mail is dated three hours after it arrived, our answer is not."""
        rule = self.rule()
        mail = self.receive(date=fields.Datetime.now() + timedelta(hours=3))
        self.assertLessEqual(mail.date, fields.Datetime.now())
        self.process()
        self.assertEqual(len(self.tasks(rule)), 1)
        self.answer(mail)
        self.process()
        self.assertFalse(self.tasks(rule))

    def test_a_customers_fast_clock_gives_us_no_more_time(self):
        rule = self.rule("no_reply_from_us", after_hours=4)
        self.receive(date=fields.Datetime.now() + timedelta(hours=3))
        self.process()
        wait = self.env["waimaolang.task.wait"].search([("rule_id", "=", rule.id)])
        self.assertLessEqual(wait.due, fields.Datetime.now() + timedelta(hours=4))
