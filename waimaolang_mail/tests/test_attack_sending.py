# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from ..models.sending_options import SENDING
from ..transport.errors import MailServerError
from . import attack_sending
from .attack import SECRETS
from .attack_sending import HIDDEN


@tagged("post_install", "-at_install")
class TestAttackSendingRights(attack_sending.SendingCase):
    def answer(self, **vals):
        """The owner answers her secret mail from the opportunity, and it leaves."""
        wizard = self.compose(
            body="<p>Yes.</p>",
            waimaolang_bcc_ids=[Command.set(self.hidden.ids)],
            **vals,
        )
        _mails, messages = wizard._action_send_mail()
        return messages

    def test_i8_of_an_answer_the_chatter_tells_what_was_written_alone(self):
        message = self.answer()
        row = self.row_of(message)
        raw = row._get_raw()
        self.assertTrue(any(word.encode() in raw for word in SECRETS), "it is quoted")
        self.leave()
        self.assertEqual(row.state, "sent")
        paths = ["body", "subject", "parent_id/body", "waimaolang_mail_id/text"]
        self.assertIn("quokkaword", row.subject)
        attacks = {
            "payload": lambda env: (
                Store().add(env["mail.message"].browse(message.id)).get_result()
            ),
            "name": lambda env: env["mail.message"].browse(message.id).display_name,
            "message": lambda env: env["mail.message"].browse(message.id).read(),
            "exported": lambda env: (
                env["mail.message"].browse(message.id).export_data(paths)
            ),
            "mail": lambda env: env["waimaolang.mail"].browse(row.mail_id.id).read(),
            "outbox": lambda env: env["waimaolang.outbox"].browse(row.id).read(),
            "outbox searched": lambda env: env["waimaolang.outbox"].search(
                [("email_bcc", "ilike", HIDDEN)]
            ),
            "through message": lambda env: env["mail.message"].search(
                [("waimaolang_mail_id.text", "ilike", "zebraword")]
            ),
            "through mailbox": lambda env: env["waimaolang.mailbox"].search(
                [("outbox_ids.email_bcc", "ilike", HIDDEN)]
            ),
            "raw": lambda env: (
                env["ir.attachment"]
                .sudo()
                .search(
                    [("res_model", "=", "waimaolang.outbox"), ("res_id", "=", row.id)]
                    + [("res_field", "=", "raw")]
                )
                .sudo(False)
                .mapped("raw")
            ),
        }
        self.assert_nobody(attacks)

    def test_i8_a_bcc_is_told_to_nobody(self):
        message = self.answer()
        row = self.row_of(message)
        self.assertIn(HIDDEN, row.recipients)
        refused = MailServerError("recipient_refused", "550 no such user", "rcpt")
        refused.recipients = ((HIDDEN, "550 no such user"),)
        self.leave(error=refused)
        self.assertEqual(row.state, "failed")

        def words(env):
            found = env["mail.notification"].search(
                [("mail_message_id", "=", message.id)]
            )
            names = ["failure_reason", "mail_email_address", "res_partner_id"]
            told = repr(found.mapped(lambda one: [str(one[name]) for name in names]))
            told += repr(found.read(names))
            read = env["mail.message"].browse(message.id).has_access("read")
            told += repr(
                read
                and Store().add(env["mail.message"].browse(message.id)).get_result()
            )
            return int(HIDDEN in told or str(self.hidden.id) in told.split())

        self.assert_nobody({"told": words}, self.colleagues)
        self.assertIn(HIDDEN, row.with_user(self.rep).error_message)

    def test_i8_mail_that_stands_nowhere_has_no_recipients_for_others(self):
        wizard = self.compose()
        wizard.write({"model": False, "res_ids": False, "body": "<p>Private.</p>"})
        wizard.write({"partner_ids": [Command.set(self.buyer.ids)]})
        _mails, messages = wizard._action_send_mail()
        notified = self.env["mail.notification"].search(
            [("mail_message_id", "in", messages.ids)]
        )

        def rows(env):
            return env["mail.notification"].browse(notified.ids).read()

        for user in self.colleagues:
            env = self.fresh(user)
            found = env["mail.notification"].search(
                [("mail_message_id", "in", messages.ids)]
            )
            self.assertFalse(found, user.login)
        self.assert_nobody(
            {
                "message": lambda env: env["mail.message"].browse(messages.ids).read(),
                "notifications": rows,
            }
        )

    def test_i8_a_composer_is_its_authors(self):
        wizard = self.compose()
        self.assert_nobody(
            {
                "read": lambda env: (
                    env["mail.compose.message"].browse(wizard.id).read()
                ),
                "found": lambda env: env["mail.compose.message"].search(
                    [("subject", "ilike", "quokkaword")]
                ),
            }
        )

    def test_i8_others_mails_are_neither_quoted_nor_sent(self):
        """With a mailbox of her own, which sends."""
        box = self.create_mailbox(self.mate, "mate@lanyue.example")
        box.outgoing_host = "smtp.lanyue.example"
        base = {"mailbox_id": box.id, "composed": True, "quote": True}

        def send(env, **values):
            record = env["crm.lead"].browse(self.lead.id)
            message = record.message_post(
                body="x",
                partner_ids=self.buyer.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                **{SENDING: {**base, **values}},
            )
            row = message.sudo().waimaolang_outbox_ids
            raw = row._get_raw()
            if b"secret@" in raw or b"quokka" in raw:
                return raw
            return repr((row.subject, raw))

        def composer(env, **values):
            wizard = env["mail.compose.message"].create(
                {"composition_mode": "comment", "waimaolang_with_quote": True, **values}
            )
            return wizard.read()

        mail_id, files = self.secret.id, (self.file | self.inline).ids
        self.assert_nobody(
            {
                "answers": lambda env: send(env, answers=mail_id),
                "forwards": lambda env: send(env, forwards=mail_id, files=files),
                "files": lambda env: send(env, files=files),
                "in the composer": lambda env: composer(
                    env, waimaolang_answers_id=mail_id
                ),
                "forwarded there": lambda env: composer(
                    env, waimaolang_forwards_id=mail_id
                ),
                "files there": lambda env: composer(
                    env, waimaolang_file_ids=[Command.set(files)]
                ),
                "onchange": lambda env: env["mail.compose.message"].onchange(
                    {"waimaolang_answers_id": mail_id, "waimaolang_with_quote": True},
                    ["waimaolang_answers_id"],
                    {"waimaolang_quote": {}, "waimaolang_answers_id": {"fields": {}}},
                ),
                "default": lambda env: (
                    env["mail.compose.message"]
                    .with_context(
                        default_waimaolang_answers_id=mail_id,
                        default_waimaolang_with_quote=True,
                    )
                    .create({"composition_mode": "comment"})
                    .read()
                ),
                "domain": lambda env: env["mail.compose.message"].search_count(
                    [
                        ("id", "=", composer_id(env, mail_id)),
                        ("waimaolang_answers_id.subject", "ilike", "quokkaword"),
                    ]
                ),
            },
            [self.mate],
        )

    def test_i8_a_guessed_subject_is_not_confirmed(self):
        """The subject of a private mail stays out of the chatter: whether it does must
        not tell that it was guessed."""
        box = self.create_mailbox(self.mate, "mate@lanyue.example")
        box.outgoing_host = "smtp.lanyue.example"
        env = self.fresh(self.mate)
        wizard = env["mail.compose.message"].create(
            {
                "composition_mode": "comment",
                "model": "crm.lead",
                "res_ids": repr(self.lead.ids),
                "partner_ids": [Command.set(self.buyer.ids)],
                "subject": "About quokkaword",
                "body": "x",
                "waimaolang_mailbox_id": box.id,
                "waimaolang_answers_id": self.secret.id,
            }
        )
        _mails, message = wizard._action_send_mail()
        self.assertEqual(message.subject, "About quokkaword")

    def test_i8_nobody_sends_from_a_foreign_mailbox(self):
        for user in (*self.colleagues, self.portal):
            before = self.env["waimaolang.outbox"].search_count([])

            def attack(env, user=user):
                lead = env["crm.lead"].browse(self.lead.id)
                message = lead.message_post(
                    body="x",
                    partner_ids=self.buyer.ids,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    **{SENDING: {"mailbox_id": self.mailbox.id}},
                )
                return len(message.sudo().waimaolang_outbox_ids)

            self.assertFalse(self.attempt(user, attack), user.login)
            self.assertEqual(self.env["waimaolang.outbox"].search_count([]), before)

    def test_i8_a_contact_that_one_may_not_read_is_no_recipient(self):
        """Its address would stand in the sender's outbox."""
        other = self.env["res.company"].create({"name": "Other"})
        self.hidden.company_id = other
        for kind in ("cc", "bcc"):

            def attack(env, kind=kind):
                lead = env["crm.lead"].browse(self.lead.id)
                message = lead.message_post(
                    body="x",
                    partner_ids=self.buyer.ids,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    **{
                        SENDING: {
                            "mailbox_id": self.mailbox.id,
                            "composed": True,
                            kind: self.hidden.ids,
                        }
                    },
                )
                row = env["waimaolang.outbox"].search(
                    [("mail_message_id", "=", message.id)]
                )
                return int(HIDDEN in repr(row.read()))

            self.assertFalse(self.attempt(self.rep, attack), kind)

    def test_i8_what_others_queued_is_theirs(self):
        row = self.row_of(self.post())
        methods = (
            "action_cancel",
            "action_retry",
            "action_send_now",
            "action_confirm_sent",
            "wake",
        )
        for name in methods:
            self.assert_nobody(
                {name: lambda env, n=name: getattr(browse(env, row), n)() and 1}
            )
        self.assert_nobody(
            {
                "write": lambda env: browse(env, row).write({"state": "sent"}) and 1,
                "delete": lambda env: browse(env, row).unlink() and 1,
            },
            (*self.attackers, self.rep),
        )
        self.assertEqual(row.state, "queued")

    def test_i12_contacts_are_read_by_people_without_mail_rights(self):
        user = new_test_user(self.env, "clerk", groups="base.group_user")
        env = self.fresh(user)
        self.assertFalse(env["res.partner"].browse(self.contact.id).mail_returned)
        env["res.partner"].browse(self.contact.id).read(["name", "mail_returned"])

    def test_i8_a_return_is_told_to_readers_whatever_is_cached(self):
        mail = self.take_plain(
            "Lin <lin@lanyue.example>", self.contact.email, path="已发送"
        )
        self.env["waimaolang.bounce"].create(
            {
                "mail_id": mail.id,
                "email": self.contact.email_normalized,
                "date": fields.Datetime.now(),
                "kind": "failed",
                "cause": "unknown",
            }
        )
        for user in self.colleagues:
            contact = self.fresh(user)["res.partner"].browse(self.contact.id)
            self.assertFalse(contact.sudo().mail_returned, user.login)
            self.assertFalse(contact.mail_returned, user.login)
        contact = self.fresh(self.rep)["res.partner"].browse(self.contact.id)
        self.assertTrue(contact.mail_returned)
        self.assertTrue(contact.sudo().mail_returned)


def browse(env, row):
    return env["waimaolang.outbox"].browse(row.id)


def composer_id(env, mail_id):
    return env["mail.compose.message"].create({"waimaolang_answers_id": mail_id}).id
