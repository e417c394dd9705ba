# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .common import MailboxCase, build_mail


@tagged("post_install", "-at_install")
class TestMessage(MailboxCase):
    def payload(self, message, user):
        store = Store().add(message.with_user(user))
        return store.get_result()["mail.message"][0]

    def test_a_mail_carries_its_badge(self):
        mail = self.take(
            build_mail("emma.vogel@nordwind.example", "lin@lanyue.example")
        ).mail_id
        badge = self.payload(mail.mail_message_id, self.rep)["waimaolang_badge"]
        self.assertEqual(badge["direction"], "in")
        self.assertEqual(badge["mailbox"], "Lin Xiao")

    def test_i12_other_messages_carry_nothing(self):
        note = self.lead.message_post(body="note")
        self.assertNotIn("waimaolang_badge", self.payload(note, self.rep))

    def test_open_in_chatter(self):
        mail = self.take(
            build_mail("emma.vogel@nordwind.example", "lin@lanyue.example")
        ).mail_id.with_user(self.rep)
        action = mail.action_open_record()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("crm.lead", self.lead.id)
        )

    def test_the_button_lists_the_records_mails(self):
        self.take(build_mail("emma.vogel@nordwind.example", "lin@lanyue.example"))
        for record in (self.lead, self.contact, self.customer):
            record = record.with_user(self.rep)
            domain = record.action_view_mails()["domain"]
            found = self.env["waimaolang.mail"].with_user(self.rep).search(domain)
            self.assertEqual(len(found), record.mail_count)
            self.assertEqual(len(found), 1)
