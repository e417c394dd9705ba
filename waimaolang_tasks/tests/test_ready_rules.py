# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import EMMA, LIN, RuleCase

TO_DO = (
    "rule_answer_inquiry",
    "rule_quotation_3_days",
    "rule_quotation_7_days",
    "rule_quotation_15_days",
    "rule_sample_sent",
    "rule_payment_due",
    "rule_dormant_customer",
    "rule_bounced_address",
    "rule_first_contact_stage",
    "rule_first_answer_stage",
)


@tagged("post_install", "-at_install")
class TestReadyRules(RuleCase):
    def ready(self, *names):
        found = self.rules.browse()
        for name in names:
            found |= self.env.ref(f"waimaolang_tasks.{name}")
        found.active = True
        return found

    def send(self, days=0.0, **kwargs):
        raw = self.mail(
            kwargs.pop("sender", LIN),
            kwargs.pop("to", EMMA),
            date=fields.Datetime.now() - timedelta(days=days),
            **kwargs,
        )
        return self.take(raw, path="已发送").mail_id

    def time_passes(self, days):
        """For those that wait."""
        for wait in self.env["waimaolang.task.wait"].search([]):
            wait.due -= timedelta(days=days, minutes=1)
        self.process()

    def test_they_are_off_until_chosen(self):
        for name in TO_DO:
            rule = self.env.ref(f"waimaolang_tasks.{name}")
            self.assertTrue(rule.is_ready and rule.explanation, name)
        data = self.env["ir.model.data"].search(
            [("module", "=", "waimaolang_tasks"), ("name", "in", TO_DO)]
        )
        self.assertEqual(len(data), len(TO_DO))
        self.assertTrue(all(data.mapped("noupdate")))

    def test_an_inquiry_is_to_be_answered(self):
        rule = self.ready("rule_answer_inquiry")
        mail = self.receive()
        self.process()
        (task,) = self.tasks(rule)
        self.assertEqual(task.summary, "Answer: Price")
        self.answer(mail)
        self.process()
        self.assertFalse(self.tasks(rule))

    def test_a_quotation_is_followed_up_after_3_7_and_15_days(self):
        rules = self.ready(*(f"rule_quotation_{n}_days" for n in (3, 7, 15)))
        three, seven, fifteen = rules
        quotation = self.send(subject="Quotation QT-5")
        self.process()
        due = {
            wait.rule_id: wait.due
            for wait in self.env["waimaolang.task.wait"].search([])
        }
        self.assertEqual(
            [due[rule] - quotation.date for rule in rules],
            [timedelta(days=days) for days in (3, 7, 15)],
        )
        self.time_passes(3)
        self.assertEqual(self.tasks().waimaolang_rule_id, three)
        # she writes again: that task is done, the others keep their time
        self.send(
            subject="Re: Quotation QT-5", In_Reply_To=f"<{quotation.rfc_message_id}>"
        )
        self.process()
        self.assertFalse(self.tasks())
        waits = self.env["waimaolang.task.wait"].search([])
        self.assertEqual(waits.rule_id, seven | fifteen)
        self.time_passes(4)
        self.assertEqual(self.tasks().waimaolang_rule_id, seven)
        self.receive(In_Reply_To=f"<{quotation.rfc_message_id}>")
        self.process()
        self.assertFalse(self.tasks())
        self.assertFalse(self.env["waimaolang.task.wait"].search([]))

    def test_a_quotation_is_known_by_subject_or_attachment(self):
        rule = self.ready("rule_quotation_3_days")
        domain = rule._get_mail_domain()
        for subject, meant in (
            ("Our offer for lamps", True),
            ("报价单 LED", True),
            ("PI 2026-118", True),
            ("Your PI", True),
            ("Shipping PIPES", False),
            ("Meeting", False),
        ):
            mail = self.send(subject=subject)
            self.assertEqual(bool(mail.filtered_domain(domain)), meant, subject)

    def test_samples_are_asked_about_whatever_they_answer(self):
        rule = self.ready("rule_sample_sent")
        self.send(subject="Samples", text="Sent by DHL, tracking number 5")
        self.send(subject="Samples", text="Which colour would you like?")
        self.process()
        (task,) = self.tasks(rule)
        self.receive(In_Reply_To=f"<{task.waimaolang_mail_id.rfc_message_id}>")
        self.process()
        self.assertTrue(self.tasks(rule))

    def test_an_invoice_is_to_be_paid_a_proforma_is_an_offer(self):
        rule = self.ready("rule_payment_due")
        self.send(subject="Invoice 17")
        self.send(subject="Proforma invoice 18")
        self.process()
        self.assertEqual(self.tasks(rule).summary, "Was it paid? Invoice 17")

    def test_a_dormant_customer_is_silent_in_all_conversations(self):
        rule = self.ready("rule_dormant_customer")
        self.send(days=1, subject="Lamps")
        last = self.send(subject="Chairs")
        self.process()
        self.assertEqual(len(self.env["waimaolang.task.wait"].search([])), 2)
        self.time_passes(61)
        (task,) = self.tasks(rule)
        self.assertEqual(task.waimaolang_mail_id, last)
        self.assertEqual(task.res_model, "res.partner")
        self.assertIn(("skipped", "answered"), self.outcomes(rule))

    def test_mail_with_a_silent_customer_does_the_task_wherever_it_is(self):
        rule = self.ready("rule_dormant_customer")
        self.send()
        self.process()
        self.time_passes(61)
        self.assertTrue(self.tasks(rule))
        self.receive(subject="An inquiry in a conversation of its own")
        self.process()
        self.assertFalse(self.tasks(rule))

    def test_a_colleague_of_the_customer_who_writes_wakes_her(self):
        rule = self.ready("rule_dormant_customer")
        self.env["res.partner"].create(
            {
                "name": "Jan",
                "email": "jan@nordwind.example",
                "parent_id": self.customer.id,
            }
        )
        self.send(days=1)
        self.process()
        self.receive(sender="Jan <jan@nordwind.example>", subject="Hello")
        self.process()
        self.time_passes(61)
        self.assertFalse(self.tasks(rule))

    def test_first_contact_moves_an_opportunity_out_of_the_first_stage(self):
        rule = self.ready("rule_first_contact_stage")
        first, second = self.env["crm.stage"].search([])[:2]
        buyer = self.env["res.partner"].create(
            {"name": "New", "email": "new@buyer.example"}
        )
        lead = self.env["crm.lead"].create(
            {"name": "Fair", "type": "opportunity", "partner_id": buyer.id}
        )
        lead.stage_id = first
        self.receive(sender="New <new@buyer.example>", subject="Hello")
        self.process()
        self.assertEqual(lead.stage_id, second)
        self.assertEqual(self.outcomes(rule), [("done", "matched")])
        self.assertFalse(self.tasks(rule))

    def test_our_first_mail_moves_it_too_and_no_further(self):
        self.ready("rule_first_answer_stage")
        first, second = self.env["crm.stage"].search([])[:2]
        self.lead.stage_id = first
        self.send()
        self.process()
        self.assertEqual(self.lead.stage_id, second)
        self.send(subject="Chairs")
        self.process()
        self.assertEqual(self.lead.stage_id, second)

    def test_the_set_up_switches_them_on(self):
        team = self.env["crm.team"].create({"name": "Export", "user_id": self.rep.id})
        calendar = self.env["resource.calendar"].create({"name": "Ningbo"})
        setup = Form(self.env["waimaolang.task.setup"].with_user(self.manager))
        self.assertEqual(len(setup.line_ids), len(TO_DO))
        with setup.line_ids.edit(0) as line:
            line.chosen = True
            line.deadline_hours = 8
            line.responsible = "user"
            line.user_id = self.colleague
        with setup.line_ids.edit(1) as line:
            line.chosen = True
            line.after_days = 4
        wizard = setup.save()
        wizard.team_ids.filtered(lambda row: row.team_id == team).calendar_id = calendar
        wizard.action_confirm()
        rules = self.rules.search([])
        self.assertEqual(
            rules,
            self.env.ref("waimaolang_tasks.rule_answer_inquiry")
            | self.env.ref("waimaolang_tasks.rule_quotation_3_days"),
        )
        self.assertEqual(rules[0].user_id, self.colleague)
        self.assertEqual(rules[0].deadline_hours, 8)
        self.assertEqual(rules[1].after_hours, 96)
        self.assertEqual(team.waimaolang_calendar_id, calendar)

    def test_the_set_up_is_for_managers(self):
        with self.assertRaises(AccessError):
            self.env["waimaolang.task.setup"].with_user(self.rep).create({})
