# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import MailboxCase, build_mail

STRANGER = "x@stranger.example"
LIN = "lin@lanyue.example"


@tagged("post_install", "-at_install")
class TestAccess(MailboxCase):
    """Who may see and change what (I8 as far as it goes today)."""

    def test_mailboxes_are_their_owners(self):
        for model in ("waimaolang.mailbox", "waimaolang.mailbox.folder"):
            records = self.env[model].with_user(self.colleague)
            self.assertFalse(records.search([]))
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.colleague).read(["email"])
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.colleague).action_connect()
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.colleague).action_sync()

    def test_members_read_and_do_not_change(self):
        self.mailbox.member_ids = self.colleague
        mailbox = self.mailbox.with_user(self.colleague)
        self.assertEqual(mailbox.email, "lin@lanyue.example")
        with self.assertRaises(AccessError):
            mailbox.write({"blocked": "x.example"})
        with self.assertRaises(AccessError):
            mailbox.action_pause()

    def test_the_cursor_is_the_engines(self):
        folder = self.mailbox.folder_ids[0].with_user(self.rep)
        folder.synced = False
        with self.assertRaises(AccessError):
            folder.write({"uidnext": 1000})

    def test_portal_and_public_have_nothing(self):
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            for model in (
                "waimaolang.mailbox",
                "waimaolang.mailbox.folder",
                "waimaolang.mailbox.copy",
                "waimaolang.label",
                "waimaolang.mailbox.folder.log",
                "waimaolang.coverage",
                "waimaolang.mailbox.lease",
                "waimaolang.mail",
                "waimaolang.mail.link",
                "waimaolang.mail.identity",
            ):
                with self.assertRaises(AccessError, msg=model):
                    self.env[model].with_user(user).search([])

    def test_i8_unlinked_mail_is_the_owners_alone(self):
        copy = self.take(build_mail(STRANGER, LIN, text="private words"))
        mail = copy.mail_id
        Mail = self.env["waimaolang.mail"]
        self.assertEqual(mail.with_user(self.rep).text.strip(), "private words")
        self.assertIn(mail, Mail.with_user(self.rep).search([]))
        for user in (self.colleague, self.manager):
            self.assertNotIn(mail, Mail.with_user(user).search([]))
            self.assertFalse(
                Mail.with_user(user).search([("text", "ilike", "private words")])
            )
            self.assertFalse(
                Mail.with_user(user)._read_group([("id", "=", mail.id)], ["subject"])
            )
            with self.assertRaises(AccessError):
                mail.with_user(user).read(["text"])
            with self.assertRaises(AccessError):
                mail.mail_message_id.with_user(user).read(["body"])

    def test_i8_linked_mail_follows_the_record(self):
        self.contact.active = True
        private = self.env["crm.lead"].create(
            {
                "name": "Chen's deal",
                "type": "opportunity",
                "email_from": "buyer@other.example",
                "user_id": self.colleague.id,
            }
        )
        box = self.create_mailbox(
            self.colleague, "chen@lanyue.example", visibility="everyone"
        )
        copy = self.take(
            build_mail("buyer@other.example", "chen@lanyue.example"), mailbox=box
        )
        self.assertEqual(copy.mail_id.lead_ids, private)
        Mail = self.env["waimaolang.mail"]
        self.assertIn(copy.mail_id, Mail.with_user(self.manager).search([]))
        self.assertNotIn(copy.mail_id, Mail.with_user(self.rep).search([]))

    def test_i8_a_colleagues_deal_is_not_read_through_its_public_contact(self):
        self.lead.user_id = self.colleague
        copy = self.take(
            build_mail("emma.vogel@nordwind.example", "chen@lanyue.example"),
            mailbox=self.create_mailbox(self.colleague, "chen@lanyue.example"),
        )
        self.assertEqual(copy.mail_id.lead_ids, self.lead)
        self.assertTrue(self.contact.with_user(self.rep).has_access("read"))
        mails = self.env["waimaolang.mail"].with_user(self.rep)
        self.assertFalse(mails.search([("partner_ids", "in", self.contact.ids)]))
        with self.assertRaises(AccessError):
            copy.mail_id.with_user(self.rep).read(["text"])

    def test_i8_a_forged_link_to_a_mail_is_refused(self):
        mail = self.take(build_mail(STRANGER, LIN, text="private words")).mail_id
        lead = self.env["crm.lead"].create({"name": "x", "user_id": self.colleague.id})
        note = lead.with_user(self.colleague).message_post(body="note").sudo(False)
        vals = {"waimaolang_mail_id": mail.id}
        with self.assertRaises(AccessError):
            note.write(vals)
        with self.assertRaises(AccessError):
            note.create({"model": "crm.lead", "res_id": lead.id, **vals})

    def test_i8_nobody_edits_or_deletes_an_imported_message(self):
        copy = self.take(build_mail("emma.vogel@nordwind.example", LIN))
        message = copy.mail_id.mail_message_id
        for user in (self.rep, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                message.with_user(user).write({"body": "forged"})
            with self.assertRaises(AccessError):
                message.with_user(user).unlink()

    def test_i8_the_ledger_does_not_tell_an_administrator_subjects(self):
        raw = build_mail(STRANGER, LIN, subject="private subject")
        copy = self.take(raw)
        self.env.invalidate_all()
        read = copy.with_user(self.manager).read(["mail_id"])
        self.assertNotIn("private subject", str(read))
        self.env.invalidate_all()
        read = copy.with_user(self.rep).read(["mail_id"])
        self.assertIn("private subject", str(read))

    def test_i8_an_administrator_does_not_make_herself_a_reader(self):
        box = self.mailbox.with_user(self.manager)
        for vals in (
            {"user_id": self.manager.id},
            {"member_ids": [(4, self.manager.id)]},
        ):
            with self.assertRaises(AccessError):
                box.write(vals)
        self.mailbox.with_user(self.rep).member_ids = self.colleague

    def test_what_the_engine_keeps_is_not_written_by_clients(self):
        box = self.mailbox.with_user(self.rep)
        for vals in (
            {"state": "draft"},
            {"history_from": "2000-01-01"},
            {"next_sync": "2000-01-01"},
            {"email_key": "x@y.example"},
            {"password_sealed": "x"},
        ):
            with self.assertRaises(AccessError, msg=vals):
                box.write(vals)

    def test_a_colleagues_alias_does_not_make_a_customer_internal(self):
        box = self.create_mailbox(self.colleague, "chen@lanyue.example")
        box.with_user(self.colleague).alias_emails = "anyone@nordwind.example"
        copy = self.take(build_mail("emma.vogel@nordwind.example", LIN))
        self.assertEqual(copy.state, "stored")

    def test_nobody_writes_mails_by_rpc(self):
        mail = self.take(build_mail(STRANGER, LIN)).mail_id
        for user in (self.rep, self.manager):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(mail.with_user(user).has_access(operation))

    def test_i8_imported_mail_is_internal(self):
        mail = self.take(build_mail("emma.vogel@nordwind.example", LIN)).mail_id
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        with self.assertRaises(AccessError):
            mail.mail_message_id.with_user(portal).read(["body"])
