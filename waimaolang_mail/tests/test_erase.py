# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .attack import PIXEL, build_secret
from .common import MailboxCase, build_mail

LIN = "lin@lanyue.example"
CHEN = "chen@lanyue.example"
EMMA = "Emma.Vogel@Nordwind.example"


@tagged("post_install", "-at_install")
class TestErase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.create_mailbox(cls.colleague, CHEN)

    def post(self):
        """A message that Odoo has by itself, which the mailbox then finds again."""
        self.rep.email = LIN
        posted = self.lead.with_user(self.rep).message_post(
            body="Dear Emma, the 500 work lights leave Ningbo on Friday.",
            subject="Re: LED work lights",
            subtype_xmlid="mail.mt_comment",
            email_from=LIN,
        )
        posted.date = "2026-05-04 07:30:00"
        return posted

    def fill(self):
        """(only here, at a colleague's too, Odoo's own) as mails."""
        own = self.take(build_secret()).mail_id
        raw = build_mail(EMMA, f"{LIN}, {CHEN}", Message_ID="<both@n.example>")
        shared = self.take(raw).mail_id
        self.take(raw, mailbox=self.other)
        posted = self.post()
        sent = build_mail(
            LIN,
            EMMA,
            "Re: LED work lights",
            "Dear Emma, the 500 work lights leave Ningbo on Friday.\n\n--\nLin",
            Message_ID=posted.message_id,
        )
        kept = self.take(sent, path="已发送").mail_id
        self.assertEqual(kept.mail_message_id, posted.sudo())
        return own, shared, kept

    def ledger(self):
        return self.env["waimaolang.mailbox.copy"].search([])

    def test_nothing_is_a_number_too(self):
        dialog = self.env["waimaolang.erase.wizard"].create(
            {"mailbox_id": self.other.id}
        )
        self.assertEqual((dialog.deleted_count, dialog.attachment_size), (0, "0"))

    def test_the_dialog_says_in_numbers_what_goes_and_what_stays(self):
        own, _shared, _kept = self.fill()
        size = sum(
            self.env["ir.attachment"]
            .search(
                [
                    ("res_model", "=", "mail.message"),
                    ("res_id", "=", own.mail_message_id.id),
                ]
            )
            .mapped("file_size")
        )
        self.assertGreater(size, len(PIXEL))
        for user in (self.rep, self.manager):
            self.assertEqual(
                self.mailbox.with_user(user)._count_data(),
                {"deleted": 1, "shared": 1, "kept": 1, "bytes": size, "ledger": 3},
            )
        wizards = self.env["waimaolang.erase.wizard"].with_user(self.manager)
        form = Form(wizards.with_context(default_mailbox_id=self.mailbox.id))
        self.assertEqual((form.deleted_count, form.shared_count, form.kept_count),
                         (1, 1, 1))  # fmt: skip
        with self.assertRaisesRegex(UserError, LIN):
            form.save().action_apply()
        form.confirmation = " LIN@lanyue.example"
        form.save().action_apply()
        self.assertFalse(self.mailbox.exists())

    def test_it_goes_with_its_own_mail_and_nothing_else(self):
        own, shared, kept = self.fill()
        message, files = own.mail_message_id, own.mail_message_id.attachment_ids
        hung = self.env["ir.attachment"].search(
            [("res_model", "=", "mail.message"), ("res_id", "=", message.id)]
        )
        self.assertGreater(len(hung), len(files))
        posted, conversation = kept.mail_message_id, own.conversation_id
        self.assertEqual((self.lead.mail_count, self.contact.mail_count), (3, 3))
        folders, lease = self.mailbox.folder_ids, self.mailbox.lease_ids
        self.mailbox.with_user(self.rep).action_erase()
        for gone in (
            self.mailbox, folders, lease, own, kept, message, files, hung,
            conversation,
        ):  # fmt: skip
            self.assertFalse(gone.exists(), gone)
        self.assertEqual(self.ledger().mailbox_id, self.other)
        self.assertEqual(shared.exists().mailbox_ids, self.other)
        self.assertTrue(shared.mail_message_id)
        self.assertTrue(posted.exists())
        self.assertEqual((posted.model, posted.res_id), ("crm.lead", self.lead.id))
        self.assertIn("Ningbo", posted.body)
        self.assertFalse(posted.waimaolang_mail_id)
        self.assertTrue(self.lead.exists() and self.contact.exists())
        self.env.invalidate_all()
        self.assertEqual((self.lead.mail_count, self.contact.mail_count), (1, 1))
        self.assertEqual(
            self.env["waimaolang.mail.identity"].search([]).mail_id, shared
        )

    def test_records_without_mail_lose_their_figures(self):
        self.take(build_mail(EMMA, LIN))
        self.assertTrue(self.contact.last_mail_in)
        self.mailbox.action_erase()
        self.env.invalidate_all()
        self.assertFalse(self.contact.last_mail_in or self.contact.mail_count)
        self.assertFalse(self.customer.mail_count)

    def test_bound_again_it_is_imported_again_and_what_was_deleted_is_not(self):
        raw = build_mail(EMMA, LIN, Message_ID="<1@n.example>")
        unwanted = build_mail(EMMA, LIN, "Unwanted", Message_ID="<2@n.example>")
        self.take(raw)
        self.take(unwanted).mail_id.unlink()
        _own, _shared, kept = self.fill()
        posted = kept.mail_message_id
        self.mailbox.action_erase()
        again = self.create_mailbox(self.rep, LIN)
        copies = self.take(raw, unwanted, mailbox=again)
        self.assertEqual(copies.mapped("state"), ["stored", "excluded"])
        self.assertIn(copies[0].mail_id, self.lead.message_ids.waimaolang_mail_id)
        sent = build_mail(
            LIN, EMMA, "Re: LED work lights",
            "Dear Emma, the 500 work lights leave Ningbo on Friday.\n\n--\nLin",
            Message_ID=posted.message_id,
        )  # fmt: skip
        found = self.take(sent, mailbox=again, path="已发送").mail_id
        self.assertEqual(found.mail_message_id, posted)

    def test_what_the_mailbox_alone_knew_of_a_shared_mail_goes(self):
        """A Bcc that only its own copy tells."""
        hidden = self.env["res.partner"].create(
            {"name": "Hidden", "email": "hidden@buyer.example"}
        )
        plain = build_mail(LIN, f"{EMMA}, {CHEN}", Message_ID="<b@lanyue.example>")
        told = b"Bcc: hidden@buyer.example\n" + plain
        mail = self.take(told, path="已发送").mail_id
        self.assertEqual(self.take(plain, mailbox=self.other).mail_id, mail)
        self.assertEqual(hidden.mail_count, 1)
        self.mailbox.action_erase()
        self.env.invalidate_all()
        self.assertEqual(hidden.mail_count, 0)
        self.assertIn("res.partner", mail.exists().link_ids.mapped("res_model"))
        self.assertNotIn(hidden.id, mail.link_ids.mapped("res_id"))

    def test_in_every_state_and_archived(self):
        for number, bound in enumerate(
            ("draft", "connected", "reauth", "error", "paused", "disconnected")
        ):
            box = self.create_mailbox(self.rep, f"lin{number}@lanyue.example")
            self.take(build_mail(EMMA, f"lin{number}@lanyue.example"), mailbox=box)
            box.write({"state": bound, "active": bool(number % 2)})
            box.with_user(self.rep).action_erase()
            self.assertFalse(box.exists(), bound)

    def test_the_log_keeps_who_did_it_and_how_much_it_was(self):
        self.fill()
        self.mailbox.with_user(self.manager).action_erase()
        row = self.env["waimaolang.mailbox.log"].search([])
        self.assertEqual(
            (row.event, row.user_id, row.email, row.mail_count),
            ("erased", self.manager, LIN, 1),
        )

    # -- in steps ---------------------------------------------------------------------

    def test_step_by_step_and_nothing_of_it_is_read_meanwhile(self):
        """As a request leaves it to the scheduler."""
        self.mailbox.visibility = "everyone"
        for number in range(5):
            self.take(build_mail(EMMA, LIN, Message_ID=f"<{number}@n.example>"))
        own, _shared, _kept = self.fill()
        self.assertTrue(own.with_user(self.rep).has_access("read"))
        self.mailbox._begin_erasing(self.rep.id)
        self.assertEqual((self.mailbox.state, self.mailbox.erasing),
                         ("disconnected", True))  # fmt: skip
        self.assertFalse(self.mailbox.has_password)
        for user in (self.rep, self.colleague, self.manager):
            self.assertFalse(own.with_user(user).has_access("read"), user.name)
            message = own.mail_message_id.sudo(False).with_user(user)
            self.assertFalse(message.has_access("read"), user.name)
        steps = 0
        while self.mailbox._erase_step(limit=2):
            steps += 1
        self.assertGreater(steps, 4)
        self.assertFalse(self.mailbox.exists())
        self.assertEqual(self.ledger().mailbox_id, self.other)

    def test_what_is_being_deleted_does_nothing_else(self):
        self.mailbox._begin_erasing(self.rep.id)
        box = self.mailbox.with_user(self.rep)
        for verb in (box.action_connect, box.action_sync):
            with self.assertRaisesRegex(UserError, "being deleted"):
                verb()
        with self.assertRaisesRegex(UserError, "being deleted"):
            box.action_reconnect("x")
        with self.assertRaises(UserError):
            self.create_mailbox(self.rep, LIN)
        box.action_erase()
        self.assertFalse(self.mailbox.exists())

    # -- who may ----------------------------------------------------------------------

    def test_i8_a_member_another_rep_and_a_portal_user_may_not(self):
        self.mailbox.member_ids = self.colleague
        stranger = new_test_user(
            self.env, "wu", groups="sales_team.group_sale_salesman"
        )
        for user in (self.colleague, stranger):
            box = self.mailbox.with_user(user)
            wizards = self.env["waimaolang.erase.wizard"].with_user(user)
            for attack in (
                box.action_erase,
                box.action_open_erase,
                box._count_data,
                box.unlink,
                lambda w=wizards: w.create({"mailbox_id": self.mailbox.id})
                .deleted_count,
                lambda w=wizards: w.create(
                    {"mailbox_id": self.mailbox.id, "confirmation": LIN}
                ).action_apply(),
            ):  # fmt: skip
                with self.assertRaises(AccessError):
                    attack()
        self.assertTrue(self.mailbox.exists())

    def test_deleting_the_row_alone_is_refused_while_it_holds_mail(self):
        """Its mail would stay, for nobody."""
        self.take(build_mail(EMMA, LIN))
        with self.assertRaisesRegex(UserError, "Delete with its Data"):
            self.mailbox.with_user(self.manager).unlink()
        fresh = self.env["waimaolang.mailbox"].create(
            {"name": "x", "email": "x@lanyue.example"}
        )
        fresh.with_user(self.manager).unlink()
        self.assertFalse(fresh.exists())
