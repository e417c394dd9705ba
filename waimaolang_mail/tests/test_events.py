# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import tagged

from .attack_sending import SendingCase, build_report
from .common import build_mail

EMMA = "Emma Vogel <emma.vogel@nordwind.example>"
LIN = "Lin Xiao <lin@lanyue.example>"


@tagged("post_install", "-at_install")
class TestEvents(SendingCase):
    def setUp(self):
        super().setUp()
        self.env["waimaolang.mail.event"].search([]).unlink()

    def events(self, mails=None):
        domain = [("mail_id", "in", mails.ids)] if mails is not None else []
        found = self.env["waimaolang.mail.event"].search(domain, order="id")
        return [(event.mail_id.id, event.kind, event.actor) for event in found]

    def test_each_side_is_told_and_what_it_answers(self):
        asked = self.take(build_mail(EMMA, LIN, Message_ID="<a@n.x>")).mail_id
        answer = build_mail(LIN, EMMA, In_Reply_To="<a@n.x>", Message_ID="<b@l.x>")
        answered = self.take(answer, path="已发送").mail_id
        self.assertEqual(
            self.events(),
            [
                (asked.id, "received", "human"),
                (answered.id, "sent", "human"),
                (asked.id, "replied", "human"),
            ],
        )

    def test_i4_history_has_no_events(self):
        copies = self.take(build_mail(EMMA, LIN), live=False)
        self.assertTrue(copies.mail_id)
        self.assertFalse(self.events())

    def test_i2_a_mail_that_is_met_again_is_no_news(self):
        raw = build_mail(EMMA, LIN, Message_ID="<a@n.x>")
        self.take(raw)
        self.take(raw, path="已发送")
        self.assertEqual(len(self.events()), 1)

    def test_automatic_answers_and_bulk_mail_are_nobodys_reply(self):
        sent = self.take(build_mail(LIN, EMMA, Message_ID="<a@l.x>"), path="已发送")
        auto = build_mail(
            EMMA,
            LIN,
            In_Reply_To="<a@l.x>",
            Message_ID="<b@n.x>",
            Auto_Submitted="auto-replied",
        )
        bulk = build_mail(
            EMMA,
            LIN,
            In_Reply_To="<a@l.x>",
            Message_ID="<c@n.x>",
            Precedence="bulk",
            List_Unsubscribe="<https://n.x/>",
        )
        auto_mail = self.take(auto).mail_id
        bulk_mail = self.take(bulk).mail_id
        self.assertEqual(self.events(auto_mail), [(auto_mail.id, "auto_reply", False)])
        self.assertEqual(self.events(bulk_mail), [(bulk_mail.id, "received", False)])
        self.assertEqual(
            self.events(sent.mail_id), [(sent.mail_id.id, "sent", "human")]
        )

    def test_what_leaves_from_odoo_is_told_once_it_left_and_when_it_returns(self):
        row = self.row_of(self.post(subject="Quotation 7"))
        self.assertFalse(self.events())
        self.leave()
        self.assertEqual(self.events(), [(row.mail_id.id, "sent", "human")])
        report = build_report(self.buyer.email, row.rfc_message_id, "Quotation 7")
        reported = self.take(report).mail_id
        self.assertEqual(
            self.events(row.mail_id)[1:], [(row.mail_id.id, "bounced", False)]
        )
        self.assertEqual(self.events(reported), [(reported.id, "auto_reply", False)])

    def test_after_store_wakes_for_live_mail_alone(self):
        mails = type(self.env["waimaolang.mail"])
        woken = []
        with patch.object(mails, "_after_store", lambda new: woken.extend(new.ids)):
            self.take(build_mail(EMMA, LIN, Message_ID="<old@n.x>"), live=False)
            new = self.take(build_mail(EMMA, LIN, Message_ID="<new@n.x>")).mail_id
        self.assertEqual(woken, new.ids)
