# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.waimaolang_mail.tests.attack import AttackCase

from .common import RuleCase


@tagged("post_install", "-at_install")
class TestTaskLoad(RuleCase, AttackCase):
    def load(self, user):
        """{login: (late, due soon, to answer, done)}"""
        self.env.flush_all()
        rows = self.env["waimaolang.task.load"].with_user(user).search([])
        names = ("late_count", "soon_count", "open_count", "done_count")
        return {row.user_id.login: tuple(row[name] for name in names) for row in rows}

    def give(self, *hours, user=None):
        """Tasks that are due in so many hours."""
        for due in hours:
            self.env["mail.activity"].create(
                {
                    "user_id": (user or self.rep).id,
                    "activity_type_id": self.todo.id,
                    "reply_due_at": fields.Datetime.now() + timedelta(hours=due),
                }
            )

    def test_i8_leaders_see_their_team_and_administrators_all(self):
        self.give(-30, -1, 1, 9)
        self.give(5, user=self.colleague)
        done = self.env["mail.activity"].search([("user_id", "=", self.rep.id)])[-1]
        done.action_done()
        self.assertEqual(self.load(self.rep), {"lin": (2, 1, 3, 1)})
        self.assertEqual(self.load(self.leader), {"lin": (2, 1, 3, 1)})
        self.assertEqual(self.load(self.colleague), {"chen": (0, 0, 1, 0)})
        self.assertEqual(self.load(self.mate), {})
        self.assertEqual(
            self.load(self.manager), {"lin": (2, 1, 3, 1), "chen": (0, 0, 1, 0)}
        )

    def test_a_row_opens_the_persons_tasks(self):
        self.give(-1)
        self.give(-1, user=self.colleague)
        self.env.flush_all()
        load = self.env["waimaolang.task.load"].browse(self.rep.id)
        action = load.action_view_tasks()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.user_id, self.rep)
