# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import RuleCase


@tagged("post_install", "-at_install")
class TestLimits(RuleCase):
    """Never a storm, and no inquiry forgotten for it."""

    def test_at_most_so_many_tasks_on_a_record_and_day(self):
        """The others stand for what comes then: no inquiry is forgotten."""
        rule = self.rule()
        other = self.rule()
        for number in range(7):
            self.receive(subject=f"Price {number}")
        self.process()
        outcomes = self.outcomes(rule)
        self.assertEqual(outcomes.count(("done", "matched")), 5)
        self.assertEqual(outcomes.count(("raised", "too_many")), 2)
        self.assertEqual(self.outcomes(other), outcomes)
        (raised,) = self.tasks(rule).filtered(lambda one: one.waimaolang_mail_count > 1)
        self.assertEqual(raised.waimaolang_mail_count, 3)
        # it is done when all that it stands for is answered
        logs = self.env["waimaolang.task.log"].search(
            [("activity_id", "=", raised.id)], order="id"
        )
        self.assertEqual(len(logs), 3)
        for log in logs:
            self.assertTrue(raised.active)
            self.answer(log.mail_id)
            self.process()
        self.assertFalse(raised.active)

    def test_where_all_tasks_are_done_there_is_another(self):
        rule = self.rule()
        for number in range(22):
            mail = self.receive(subject=f"Price {number}")
            self.process()
            self.answer(mail)
            self.process()
        outcomes = self.outcomes(rule)
        self.assertEqual(outcomes.count(("done", "matched")), 20)
        self.assertEqual(outcomes.count(("skipped", "too_many")), 2)

    def test_a_rule_without_tasks_acts_so_often_and_no_more(self):
        model = self.env.ref("crm.model_crm_lead").id
        code = {"name": "x", "model_id": model, "state": "code", "code": "pass"}
        rule = self.rule(activity_type_id=False, server_action_ids=[(0, 0, code)])
        for number in range(7):
            self.receive(subject=f"Price {number}")
        self.process()
        outcomes = self.outcomes(rule)
        self.assertEqual(outcomes.count(("done", "matched")), 5)
        self.assertEqual(outcomes.count(("skipped", "too_many")), 2)

    def test_unknown_people_make_no_more_tasks_than_a_mailbox_bears(self):
        rule = self.rule()
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("waimaolang_tasks.unlinked_per_mailbox_and_day", 3)
        for number in range(5):
            self.receive(sender=f"new{number}@buyer.example", subject=f"Hello {number}")
        self.process()
        self.assertEqual(len(self.tasks(rule)), 3)

    def test_hours_that_nobody_means_are_refused(self):
        for name in ("after_hours", "deadline_hours"):
            with self.assertRaises(ValidationError):
                self.rule(**{name: 1e8})
