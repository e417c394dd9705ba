# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import RuleCase


@tagged("post_install", "-at_install")
class TestAnswers(RuleCase):
    """What the systray asks, and what it is told."""

    def due(self, user=None):
        return self.env["mail.activity"].with_user(user or self.rep).get_answers_due()

    @contextmanager
    def bus_of(self, user):
        """{kind: message} that the user's pages get."""
        told = {}

        def send(records, kind, message, **_kwargs):
            if user in records:
                told[kind] = message

        with patch.object(self.registry["res.users"], "_bus_send", send):
            yield told

    def late(self):
        rule = self.rule(deadline_hours=1, deadline_counting="elapsed")
        self.receive(date=fields.Datetime.now() - timedelta(hours=2))
        self.process()
        return self.tasks(rule)

    def test_ones_own_late_answers_are_counted(self):
        self.assertEqual(self.due(), {"late": 0, "next": False, "on": False})
        task = self.late()
        self.assertEqual(self.due()["late"], 1)
        self.assertEqual(self.due(self.colleague)["late"], 0)
        self.assertEqual(task.waimaolang_lateness, "late")
        task.reply_due_at = fields.Datetime.now() + timedelta(hours=2)
        found = self.due()
        self.assertEqual((found["late"], found["on"]), (0, True))
        self.assertAlmostEqual(found["next"], 7200, delta=60)

    def test_i12_it_is_one_query(self):
        self.late()
        self.env.flush_all()
        self.due()
        with self.assertQueryCount(1):
            self.due()

    def test_pages_are_told_when_tasks_change(self):
        task = self.late()
        with self.bus_of(self.rep) as told:
            task.action_done()
        here = [["crm.lead", self.lead.id]]
        self.assertEqual(told["waimaolang_tasks/answers"], {"threads": here})
        self.assertEqual(self.due()["late"], 0)
        with self.bus_of(self.rep) as told:
            task.unlink()
        self.assertEqual(told["waimaolang_tasks/answers"], {"threads": here})

    def test_a_plain_activity_tells_nothing(self):
        with self.bus_of(self.rep) as told:
            self.lead.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.rep.id
            )
        self.assertNotIn("waimaolang_tasks/answers", told)
