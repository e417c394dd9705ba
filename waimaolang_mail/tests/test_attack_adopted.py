# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .attack import BODY, EMMA, LIN, STRANGER, SUBJECT, AttackCase, tells
from .common import build_mail

ADOPTED = "<adopted@nordwind.example>"


@tagged("post_install", "-at_install")
class TestAttackAdopted(AttackCase):
    """A message that Odoo had already, found again in Lin's private mailbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deal = {"name": "Mate's deal", "type": "opportunity", "user_id": cls.mate.id}
        cls.deal = cls.env["crm.lead"].create(deal)
        cls.theirs = cls.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": cls.deal.id,
                "message_type": "email",
                "subtype_id": cls.env.ref("mail.mt_comment").id,
                "email_from": EMMA,
                "subject": "Order 7",
                "body": "<p>We take ten of them</p>",
                "date": "2026-05-04 08:00:00",
                "message_id": ADOPTED,
            }
        )
        raw = build_mail(
            EMMA,
            f"{LIN}, {STRANGER}",
            "Order 7",
            "We take ten of them",
            Message_ID=ADOPTED,
        )
        cls.mail = cls("test_nothing").take(raw).mail_id

    def test_i8_an_adopted_message_keeps_its_readers_and_gains_the_mailboxs(self):
        self.assertEqual(self.mail.mail_message_id, self.theirs)
        self.assertFalse(self.theirs.waimaolang_restricted)
        self.assertFalse(self.deal.with_user(self.rep).has_access("read"))
        readers = (self.rep, self.mate, self.leader, self.manager, self.admin)
        for user in (self.rep, *self.attackers):
            message = self.theirs.with_env(self.fresh(user))
            found = message.search([("id", "=", message.id)])
            with self.subTest(user=user.login):
                self.assertEqual(message.has_access("read"), user in readers)
                self.assertEqual(bool(found), user in readers)
        self.mailbox.visibility = "everyone"
        chen = self.theirs.with_env(self.fresh(self.colleague))
        self.assertTrue(chen.has_access("read"), "the mail stands on the contact too")

    def test_i8_its_readers_do_not_learn_what_the_mailbox_knows(self):
        """To and Cc are the copy's, and who has it is the mailbox's to tell."""
        for user in (self.mate, self.leader, self.manager, self.admin):
            env = self.fresh(user)
            payload = Store().add(self.theirs.with_env(env)).get_result()
            with self.subTest(user=user.login):
                self.assertIn("ten of them", str(payload))
                self.assertFalse(tells(payload))
                self.assertNotIn("Lin Xiao", str(payload["mail.message"]))
        self.assert_nobody(
            {
                "mail": lambda env: (
                    env["waimaolang.mail"]
                    .browse(self.mail.id)
                    .read(["email_to", "text"])
                ),
                "oracle": lambda env: env["mail.message"].search(
                    [("waimaolang_mail_id.email_to", "ilike", STRANGER)]
                ),
                "group": lambda env: env["mail.message"].formatted_read_group(
                    [], ["waimaolang_mail_id.email_to"], ["__count"]
                ),
                "name": lambda env: (
                    env["mail.message"]
                    .browse(self.theirs.id)
                    .web_read({"waimaolang_mail_id": {"fields": {"email_to": {}}}})
                ),
            }
        )

    def test_i8_a_gained_reader_does_not_change_it(self):
        for user in (self.rep, self.colleague):
            message = self.theirs.with_env(self.fresh(user))
            for operation in ("write", "unlink"):
                self.assertFalse(message.has_access(operation), user.login)
        for user in (self.mate, self.manager, self.admin):
            note = self.theirs.with_env(self.fresh(user))
            self.assertIsNone(
                self.attempt(
                    user,
                    lambda env, note=note: note.with_env(env).write(
                        {"waimaolang_mail_id": self.secret.id}
                    ),
                )
            )

    def test_i8_a_known_message_id_makes_nobody_a_reader(self):
        """Neither by posting it beforehand nor by sending it oneself."""
        id_ = "<guessed@nordwind.example>"
        self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": self.deal.id,
                "email_from": EMMA,
                "subject": f"About {SUBJECT}",
                "body": "something else",
                "message_id": id_,
            }
        )
        box = self.create_mailbox(self.mate, "mate@lanyue.example")
        mail = self.take_plain(EMMA, LIN, Message_ID=id_)
        forged = self.take(
            build_mail(EMMA, "mate@lanyue.example", SUBJECT, "forged", Message_ID=id_),
            mailbox=box,
        ).mail_id
        self.assertNotEqual(mail, forged)
        self.assertTrue(mail.mail_message_id.waimaolang_restricted)
        for user in self.attackers:
            message = mail.mail_message_id.with_env(self.fresh(user))
            self.assertFalse(message.has_access("read"), user.login)

    def test_i8_what_fails_is_logged_without_its_content(self):
        """PostgreSQL's errors and Odoo's log of refused queries quote whole rows."""
        create = type(self.env["waimaolang.mail"]).create

        def refused(records, vals_list):
            records.env.cr.execute(
                "INSERT INTO waimaolang_mail (subject, text) VALUES (%s, %s)",
                (vals_list[0]["subject"], vals_list[0]["text"]),
            )
            return create(records, vals_list)

        def careless(records, vals_list):
            raise ValueError(f"wrong value {vals_list[0]['text']!r}")

        for broken in (refused, careless):
            self.patch(type(self.env["waimaolang.mail"]), "create", broken)
            with self.assertLogs("odoo", "INFO") as logs:
                copy = self.take(build_mail(EMMA, LIN, f"{SUBJECT} 2", BODY))
            self.assertEqual(copy.state, "failed")
            self.assertFalse(tells(logs.output), logs.output)
            self.assertFalse(tells(copy.error))
