# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.waimaolang_mail.tests.attack import SUBJECT, AttackCase

from ..hooks import uninstall_hook
from ..models.mail_activity_reading import WITH_UNLINKED
from .common import LIN, RuleCase

UNKNOWN = "Zoe <zoe@unknown.example>"


@tagged("post_install", "-at_install")
class TestTaskUnlinked(RuleCase, AttackCase):
    """An inquiry of somebody whom nobody knows stands on no record: its task is for the
    mail's readers (invariant I8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule_of_all = cls.rules.create(
            {
                "name": "Answer",
                "trigger": "received",
                "activity_type_id": cls.todo.id,
                "summary": "Answer {{ object.subject }}",
            }
        )
        cls.task = cls("test_nothing").make_task()

    def share(self):
        """With the leader."""
        members = self.rep + self.leader
        self.mailbox.write(
            {"user_id": False, "member_ids": [fields.Command.set(members.ids)]}
        )

    def make_task(self):
        self.receive(sender=UNKNOWN, subject=f"About {SUBJECT}")
        self.process()
        return self.tasks()

    def find(self, user, **context):
        activities = self.fresh(user)["mail.activity"].with_context(**context)
        return activities.search([("reply_due_at", "!=", False)])

    def answers(self, user):
        return self.find(user, **{WITH_UNLINKED: True})

    def test_i8_it_is_for_the_mails_readers(self):
        self.assertFalse(self.task.res_model)
        ids = self.task.ids
        ways = {
            "list": lambda env: (
                env["mail.activity"]
                .with_context(**{WITH_UNLINKED: True})
                .search_read([], ["summary", "waimaolang_counterpart", "display_name"])
            ),
            "words": lambda env: (
                env["mail.activity"]
                .with_context(**{WITH_UNLINKED: True})
                .search_count([("summary", "ilike", SUBJECT)])
            ),
            "groups": lambda env: (
                env["mail.activity"]
                .with_context(**{WITH_UNLINKED: True})
                .formatted_read_group([], ["summary"], ["__count"])
            ),
            "read": lambda env: env["mail.activity"].browse(ids).read(["summary"]),
        }
        self.assert_only((self.rep,), ways)
        self.share()
        readers = (self.rep, self.leader)
        others = [user for user in self.attackers if user != self.leader]
        self.assert_only(readers, ways, others)

    def test_who_shares_the_mailbox_gives_it_to_somebody_else(self):
        with self.assertRaises(AccessError):
            self.task.with_user(self.leader).user_id = self.mate
        self.share()
        (task,) = self.answers(self.leader)
        self.assertEqual(task.waimaolang_counterpart, "Zoe")
        task.user_id = self.mate
        self.assertEqual(self.task.user_id, self.mate)
        self.assertEqual(self.task.summary, "Answer")  # who may not read it
        self.assertFalse(self.answers(self.mate).waimaolang_counterpart)

    def test_it_moves_to_the_opportunity_that_is_made_of_its_mail(self):
        mail = self.task.waimaolang_mail_id
        action = mail.with_user(self.rep).action_create_opportunity()
        lead = self.env["crm.lead"].browse(action["res_id"])
        self.assertEqual((self.task.res_model, self.task.res_id), ("crm.lead", lead.id))
        self.assertEqual(self.task.res_name, lead.display_name)
        self.answer(mail, to=UNKNOWN)
        self.process()
        self.assertFalse(self.task.active)

    def test_pages_come_whole_and_in_order(self):
        self.share()
        for number in range(4):
            self.receive(sender=f"new{number}@unknown.example", subject=f"Hi {number}")
        self.process()
        activities = self.env["mail.activity"].with_user(self.leader)
        activities = activities.with_context(**{WITH_UNLINKED: True})
        domain = [("waimaolang_rule_id", "=", self.rule_of_all.id)]
        whole = activities.search(domain, order="id desc")
        self.assertEqual(len(whole), 5)
        page = activities.search(domain, order="id desc", offset=1, limit=2)
        self.assertEqual(page, whole[1:3])
        self.assertEqual(activities.search_count(domain), 5)

    def test_others_lists_find_what_they_found_before(self):
        self.share()
        self.assertFalse(self.find(self.leader))

    def test_a_task_is_never_that_of_somebody_who_had_a_bcc(self):
        """Whose mailbox had the mail first is chance (invariant I8)."""
        boss = self.create_mailbox(self.manager, "boss@lanyue.example")
        raw = self.mail(sender=UNKNOWN, to=LIN, subject="Another")
        mail = self.take(raw, mailbox=boss).mail_id
        self.process()
        made = self.tasks().filtered(lambda one: one.waimaolang_mail_id == mail)
        self.assertEqual(made.user_id, self.rep)

    def test_i8_a_condition_on_the_mailbox_finds_no_bcc(self):
        boss = self.create_mailbox(self.manager, "boss@lanyue.example")
        rules = {
            condition: self.rule(mail_domain=condition)
            for condition in (
                f"[('mailbox_ids', '=', {boss.id})]",
                f"[('mailbox_ids', 'in', [{boss.id}])]",
                "[('mailbox_ids.email', '=', 'boss@lanyue.example')]",
                f"[('mailbox_ids', 'any', [('id', '=', {boss.id})])]",
                f"['!', ('mailbox_ids', '!=', {boss.id})]",
            )
        }
        lins = self.rule(mail_domain=f"[('mailbox_ids', '!=', {boss.id})]")
        raw = self.mail(to=LIN)
        self.take(raw, mailbox=boss)
        self.take(raw)
        self.process()
        for condition, rule in rules.items():
            self.assertFalse(self.tasks(rule), condition)
        self.assertTrue(self.tasks(lins))
        self.take(self.mail(to="boss@lanyue.example"), mailbox=boss)
        self.process()
        for condition, rule in rules.items():
            self.assertTrue(self.tasks(rule), condition)

    def test_i8_without_the_addon_a_task_tells_nothing(self):
        self.assertIn(SUBJECT, self.task.summary)
        uninstall_hook(self.env)
        self.assertEqual(self.task.summary, "Answer")
