# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import MailboxCase, build_mail

EMMA = "Emma Vogel <emma.vogel@nordwind.example>"
LIN = "Lin Xiao <lin@lanyue.example>"
CHEN = "chen@lanyue.example"
STRANGER = "x@stranger.example"


@tagged("post_install", "-at_install")
class TestIdentity(MailboxCase):
    """One mail is one message, whoever brought it (I2)."""

    def gateway(self, raw):
        """Odoo's own incoming server receives the mail, on the opportunity."""
        self.env["mail.thread"].message_process(
            "crm.lead", raw, thread_id=self.lead.id, save_original=False
        )
        return self.lead.message_ids.filtered(
            lambda m: m.message_type == "email" and not m.waimaolang_mail_id
        )[:1]

    def test_i2_what_odoos_gateway_received_stays_one_message(self):
        raw = build_mail(
            EMMA,
            LIN,
            "Packing list",
            "Please send the packing list for the 500 work lights this week.",
            Message_ID="<g1@nordwind.example>",
        )
        message = self.gateway(raw)
        before = (message.model, message.res_id, message.is_internal, message.body)
        mail = self.take(raw).mail_id
        self.assertEqual(mail.mail_message_id, message)
        self.assertFalse(message.waimaolang_restricted)
        self.assertEqual(
            (message.model, message.res_id, message.is_internal, message.body), before
        )
        self.assertEqual(mail.lead_ids, self.lead)
        self.assertEqual(
            self.env["mail.message"].search_count(
                [("message_id", "=", "<g1@nordwind.example>")]
            ),
            1,
        )

    def test_i2_a_reply_from_the_chatter_found_again_in_sent_stays_one_message(self):
        self.rep.email = "lin@lanyue.example"
        posted = self.lead.with_user(self.rep).message_post(
            body="Dear Emma, the 500 work lights leave Ningbo on Friday.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_from=LIN,
        )
        posted.date = "2026-05-04 07:30:00"
        raw = build_mail(
            LIN,
            EMMA,
            "Re: LED work lights",
            "Dear Emma, the 500 work lights leave Ningbo on Friday.\n\n--\nLin",
            Message_ID=posted.message_id,
        )
        mail = self.take(raw, path="已发送").mail_id
        self.assertEqual(mail.mail_message_id.id, posted.id)
        self.assertEqual(mail.direction, "out")
        self.assertFalse(posted.sudo().waimaolang_restricted)

    def test_i2_i8_a_forged_mail_with_a_colleagues_message_id_gains_no_reader(self):
        box = self.create_mailbox(self.colleague, CHEN, visibility="owner")
        real = build_mail(
            EMMA, CHEN, text="the secret price", Message_ID="<s@nordwind.example>"
        )
        forged = build_mail(
            EMMA, LIN, text="nothing", Message_ID="<s@nordwind.example>"
        )
        forged_mail = self.take(forged).mail_id
        real_mail = self.take(real, mailbox=box).mail_id
        self.assertEqual(len(forged_mail | real_mail), 2)
        self.assertIn("secret", real_mail.mail_message_id.body)
        self.assertFalse(real_mail.with_user(self.rep).has_access("read"))
        self.assertTrue(real_mail.with_user(self.colleague).has_access("read"))
        again = self.take(real).mail_id  # now she really has it
        self.assertEqual(again, real_mail)
        self.assertTrue(real_mail.with_user(self.rep).has_access("read"))

    def test_i2_i8_a_forged_mail_with_a_private_messages_id_takes_nothing_over(self):
        """A note that Odoo keeps: its id is known to whoever got a copy of it."""
        lead = self.env["crm.lead"].create({"name": "x", "user_id": self.colleague.id})
        message = lead.with_user(self.colleague).message_post(
            body="margin is 40 %", email_from=f"Chen <{CHEN}>"
        )
        forged = build_mail(CHEN, EMMA, "x", "anything", Message_ID=message.message_id)
        mail = self.take(forged).mail_id
        self.assertNotEqual(mail.mail_message_id.id, message.id)
        self.assertFalse(message.sudo(False).with_user(self.rep).has_access("read"))

    def test_i2_the_ledger_deleted_and_read_again_is_still_one_mail(self):
        raw = build_mail(EMMA, LIN, Message_ID="<l@nordwind.example>")
        copies = self.take(raw) + self.take(raw, path="Old")
        mail = copies.mail_id
        copies.unlink()
        again = self.take(raw).mail_id
        self.assertEqual(again, mail)
        self.assertEqual(len(mail.conversation_id.mail_ids), 1)

    def test_i2_a_removed_link_stays_removed_when_another_copy_is_met(self):
        raw = build_mail(EMMA, f"{LIN}, {CHEN}", Message_ID="<m@nordwind.example>")
        mail = self.take(raw).mail_id
        mail.with_user(self.rep).action_unlink(self.lead)
        box = self.create_mailbox(self.colleague, CHEN)
        self.take(raw, mailbox=box)
        self.assertNotIn(self.lead, mail.lead_ids)
        self.assertEqual(mail.mail_message_id.res_id, self.contact.id)


@tagged("post_install", "-at_install")
class TestConversation(MailboxCase):
    def test_answers_and_questions_are_one_conversation_in_any_order(self):
        one = build_mail(EMMA, LIN, "Price", Message_ID="<1@n.example>")
        two = build_mail(
            LIN, EMMA, "Re: Price", Message_ID="<2@n.example>",
            In_Reply_To="<1@n.example>", References="<1@n.example>",
        )  # fmt: skip
        three = build_mail(
            EMMA, LIN, "Re: Price", Message_ID="<3@n.example>",
            In_Reply_To="<2@n.example>", References="<1@n.example> <2@n.example>",
        ).replace(b"10:00:00", b"12:00:00")  # fmt: skip
        mails = self.env["waimaolang.mail"]
        for raw in (three, one, two):
            mails |= self.take(raw).mail_id
        self.assertEqual(len(mails.conversation_id), 1)
        self.assertEqual(mails.conversation_id.awaiting, "us")

    def test_history_from_the_newest_on_comes_out_as_from_the_oldest_on(self):
        def dated(sender, to, subject, day, **headers):
            raw = build_mail(sender, to, subject, Message_ID=f"<{day}@n>", **headers)
            return raw.replace(b"Mon, 04 May", f"{day:02} Apr".encode())

        mails = [
            dated(EMMA, LIN, "Work lights", 1),
            dated(LIN, EMMA, "Re: Work lights", 2, In_Reply_To="<1@n>"),
            dated(EMMA, LIN, "AW: Work lights", 3),  # names nothing
            dated(EMMA, LIN, "Work lights", 12),  # another inquiry
            dated(LIN, EMMA, "Re: Work lights", 13),
            dated("bob@nordwind.example", LIN, "Re: lights", 14, References="<1@n>"),
            dated(STRANGER, LIN, "Hello there", 15),
        ]
        oldest_first = self.come_out(mails)
        self.assertEqual(len(set(oldest_first["conversations"].values())), 3)
        self.assertEqual(self.come_out(mails[::-1]), oldest_first)

    def come_out(self, raws):
        """What becomes of history that is stored in this order; undone."""
        savepoint = self.env.cr.savepoint()
        for raw in raws:
            self.take(raw, live=False)
        self.env["waimaolang.statistics"]._refresh_dirty()
        mails = self.env["waimaolang.mail"].search([], order="date")
        found = {
            "conversations": {
                mail.rfc_message_id: tuple(
                    mail.conversation_id.mail_ids.sorted("date").mapped(
                        "rfc_message_id"
                    )
                )
                for mail in mails
            },
            "first": mails.filtered("first_in_conversation").mapped("rfc_message_id"),
            "links": [
                (mail.rfc_message_id, mail.lead_ids.ids, mail.partner_ids.ids)
                for mail in mails
            ],
            "awaiting": [mail.conversation_id.awaiting for mail in mails],
            "figures": [
                record.read(["mail_count", "last_mail_in", "last_mail_out"])
                for record in (self.lead, self.contact, self.customer)
            ],
        }
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return found

    def test_two_halves_become_one_when_a_mail_names_both(self):
        self.take(
            build_mail(EMMA, LIN, "A", Message_ID="<a2@n.example>",
                       References="<a1@n.example>")
        )  # fmt: skip
        self.take(
            build_mail(EMMA, LIN, "B", Message_ID="<b2@n.example>",
                       References="<b1@n.example>")
        )  # fmt: skip
        mails = self.env["waimaolang.mail"].search([])
        self.assertEqual(len(mails.conversation_id), 2)
        self.take(
            build_mail(EMMA, LIN, "C", Message_ID="<b1@n.example>",
                       References="<a1@n.example>")
        )  # fmt: skip
        mails = self.env["waimaolang.mail"].search([])
        self.assertEqual((len(mails), len(mails.conversation_id)), (3, 1))

    def test_i2_a_strangers_mail_that_names_a_mail_stays_apart(self):
        one = self.take(build_mail(EMMA, LIN, Message_ID="<1@n.example>")).mail_id
        two = self.take(build_mail(STRANGER, LIN, In_Reply_To="<1@n.example>")).mail_id
        self.assertNotEqual(one.conversation_id, two.conversation_id)
        self.assertFalse(two.lead_ids)

    def test_an_unknown_colleague_of_the_customer_joins_the_deal(self):
        self.take(build_mail(EMMA, LIN, Message_ID="<1@n.example>"))
        mail = self.take(
            build_mail("bob@nordwind.example", LIN, In_Reply_To="<1@n.example>")
        ).mail_id
        self.assertEqual(mail.lead_ids, self.lead)

    def test_whose_turn_it_is(self):
        conversation = self.take(
            build_mail(EMMA, LIN, Message_ID="<1@n.example>")
        ).mail_id.conversation_id
        self.assertEqual(conversation.awaiting, "us")
        self.assertTrue(self.contact.awaiting_reply and self.customer.awaiting_reply)
        self.take(
            build_mail(LIN, EMMA, In_Reply_To="<1@n.example>",
                       Date_="x").replace(b"10:00:00", b"11:00:00"),
            path="已发送",
        )  # fmt: skip
        self.assertEqual(conversation.awaiting, "them")
        self.assertFalse(self.contact.awaiting_reply or self.lead.awaiting_reply)

    def test_i8_a_private_conversation_is_the_owners(self):
        self.mailbox.visibility = "everyone"
        mail = self.take(build_mail(EMMA, LIN)).mail_id
        everybody = mail.with_user(self.manager)
        self.assertTrue(everybody.has_access("read"))
        mail.conversation_id.with_user(self.rep).private = True
        self.assertFalse(everybody.has_access("read"))
        self.assertFalse(
            mail.mail_message_id.with_user(self.manager).has_access("read")
        )
        self.assertFalse(
            self.env["waimaolang.conversation"].with_user(self.manager).search([])
        )
        self.assertTrue(mail.with_user(self.rep).has_access("read"))
        mail.conversation_id.with_user(self.rep).private = False
        self.assertTrue(everybody.has_access("read"))
