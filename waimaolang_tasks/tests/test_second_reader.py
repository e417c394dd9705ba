# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.waimaolang_mail.tests.attack import BODY

from .common import RuleCase
from .test_task_privacy import PrivacyCase

BOSS = "boss@lanyue.example"


@tagged("post_install", "-at_install")
class TestSecondReader(PrivacyCase):
    """What a rule asks is nobody's to tell it (invariant I8)."""

    def test_i8_nobody_says_that_a_rule_asks_nothing(self):
        condition = f"[('text', 'ilike', '{BODY}')]"
        rule = self.ask(mail_domain=condition, asks_content=False)
        self.assertTrue(rule.asks_content)

    def test_i8_nobody_says_later_that_a_rule_asks_nothing(self):
        rule = self.ask(mail_domain=f"[('text', 'ilike', '{BODY}')]")
        rule.asks_content = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(rule.asks_content)

    def test_i8_nobody_says_by_default(self):
        rules = self.rules.with_user(self.manager).with_context(
            default_asks_content=False
        )
        rule = rules.create(
            {
                "name": "Oracle",
                "trigger": "received",
                "activity_type_id": self.todo.id,
                "mail_domain": f"[('text', 'ilike', '{BODY}')]",
            }
        )
        self.env.invalidate_all()
        self.assertTrue(rule.asks_content)

    def test_i8_a_task_is_not_raised_by_mail_that_its_owner_does_not_read(self):
        boss = self.create_mailbox(self.manager, BOSS)
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("waimaolang_tasks.per_record_and_day", 1)
        rule = self.rule(mail_domain="[('subject', 'ilike', 'price')]")
        first = self.receive()
        self.process()
        (task,) = self.tasks(rule)
        self.assertEqual(task.user_id, self.rep)
        self.take(self.mail(to=BOSS, subject="Price, between us"), mailbox=boss)
        self.process()
        self.assertEqual(task.waimaolang_mail_count, 1)
        self.assertEqual(len(self.tasks(rule)), 2)
        self.take(
            self.mail(
                to=BOSS, subject="Price", In_Reply_To=f"<{first.rfc_message_id}>"
            ),
            mailbox=boss,
        )
        self.process()
        self.assertEqual(task.waimaolang_mail_count, 1)

    def test_i8_other_mail_is_not_asked_for(self):
        """Who reads the mail that the rule is about, and not Lin's on the same lead,
        nor who had a Bcc, would learn of them."""
        for vals in (
            {"record_domain": "[('message_ids.body', 'ilike', 'x')]"},
            {"record_domain": "[('activity_ids', 'any', [('summary', '=', 'x')])]"},
            {"record_domain": "[('activity_summary', 'ilike', 'x')]"},
            {"record_domain": "[('partner_id.message_ids.body', 'ilike', 'x')]"},
            {"mail_domain": "[('lead_ids.message_ids.body', 'ilike', 'x')]"},
            {"mail_domain": "[('lead_ids', 'any', [('message_ids', '!=', False)])]"},
            {"mail_domain": "[('conversation_id.mail_ids.mailbox_ids', '=', 1)]"},
            {"mail_domain": "[('conversation_id.mail_ids.text', 'ilike', 'x')]"},
            {"mail_domain": "['!', ('link_ids', '=', False)]"},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.ask(**vals)
        self.ask(
            mail_domain="[('attachment_ids.name', 'ilike', 'x'), ('text', '!=', 'x'),"
            " ('lead_ids.stage_id.name', '!=', 'x'), ('mailbox_ids.email', '!=', 'x')]",
            record_domain="[('stage_id.name', '!=', 'x'), ('user_id.name', '!=', 'x')]",
        )


@tagged("post_install", "-at_install")
class TestSecondReaderRules(RuleCase):
    def test_what_is_too_much_of_strangers_raises_nobodys_task(self):
        rule = self.rule()
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("waimaolang_tasks.unlinked_per_mailbox_and_day", 3)
        for number in range(5):
            self.receive(sender=f"new{number}@buyer.example", subject=f"Hello {number}")
        self.process()
        self.assertEqual(self.outcomes(rule)[3:], [("skipped", "too_many")] * 2)
        self.assertEqual(set(self.tasks(rule).mapped("waimaolang_mail_count")), {1})

    def test_a_rule_that_breaks_and_is_deleted_meanwhile_holds_up_nothing(self):
        broken = self.rule(name="Broken", sequence=1)
        code = f"env['waimaolang.task.rule'].browse({broken.id}).unlink()"
        model = self.env.ref("crm.model_crm_lead").id
        values = {"name": "x", "model_id": model, "state": "code", "code": code}
        deletes = self.rule(server_action_ids=[(0, 0, values)], sequence=2)
        act = type(broken)._act

        def break_one(rule, happening, record):
            if rule == broken:
                raise ValueError("broken")
            return act(rule, happening, record)

        self.patch(type(broken), "_act", break_one)
        with mute_logger(
            "odoo.addons.waimaolang_tasks.engine.firing",
            "odoo.addons.waimaolang_tasks.engine.processing",
        ):
            self.receive()
            self.process()
        self.assertFalse(broken.exists())
        self.assertEqual(len(self.tasks(deletes)), 1)
