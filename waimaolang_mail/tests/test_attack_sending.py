# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from datetime import timezone
from email.message import EmailMessage
from email.utils import format_datetime
from unittest.mock import patch

from markupsafe import Markup

from odoo import Command, fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from ..engine import lease, outbox, state
from ..engine.outbox import Outbox
from ..engine.sentbatch import SentBatch
from ..mime.parse import parse_mail
from ..models.outgoing import SENDING
from ..transport.errors import MailServerError
from .attack import EMMA, LIN, PIXEL, SECRETS, AttackCase
from .common import ARRIVED, build_mail

HIDDEN = "hidden.bcc@elsewhere.example"


class FakeSmtp:
    """Takes what it is given, or fails as it is told."""

    def __init__(self, *args, **kwargs):
        self.is_connected = True
        self.was_data_begun = self.was_answered = False

    error = connect_error = None
    sent = []

    def connect(self):
        if self.connect_error:
            raise self.connect_error

    def close(self):
        pass

    def send(self, sender, recipients, raw, begin):
        self.was_data_begun = self.was_answered = False
        if self.error and self.error.phase in ("mail", "rcpt"):
            raise self.error
        begin()
        self.was_data_begun = self.was_answered = True
        if self.error:
            raise self.error
        self.sent.append((sender, recipients, raw))


class FakePass:
    """What an Outbox asks of its pass, in the test's own transaction."""

    def __init__(self, env, mailbox):
        self.env = env(su=True)
        self.settings = state.load(self.env, mailbox.id)
        self.deadline = time.monotonic() + 60

    def transaction(self, function):
        with self.env.cr.savepoint():
            result = function(self.env)
            self.env.flush_all()
            return result

    fenced = transaction

    def patiently(self, function, *args):
        return function(*args)


class SendingCase(AttackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.write({"outgoing_host": "smtp.lanyue.example"})
        cls.buyer = cls.env["res.partner"].create(
            {"name": "Paul", "email": "paul@paris.example"}
        )
        cls.hidden = cls.env["res.partner"].create({"name": "Hid", "email": HIDDEN})

    def post(self, user=None, record=None, **kwargs):
        record = (record or self.lead).with_user(user or self.rep)
        kwargs.setdefault("partner_ids", self.buyer.ids)
        return record.message_post(
            body=kwargs.pop("body", "Our answer"),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **kwargs,
        )

    def compose(self, mode="reply", **vals):
        mail = self.secret.with_user(self.rep)
        action = mail._compose(mode, "crm.lead", self.lead.id)
        wizard = self.env["mail.compose.message"].with_user(self.rep)
        wizard = wizard.browse(action["res_id"])
        wizard.write(vals)
        return wizard

    def row_of(self, message):
        return message.sudo().waimaolang_outbox_ids

    def leave(self, mailbox=None, error=None, connect_error=None):
        """What is due leaves; what the server got."""
        self.env.flush_all()
        sent = []
        names = {"error": error, "connect_error": connect_error, "sent": sent}
        fake = type("Smtp", (FakeSmtp,), names)
        work = FakePass(self.env, mailbox or self.mailbox)
        with patch.object(outbox, "SmtpTransport", fake):
            Outbox(work).run()
        self.env.invalidate_all()
        return sent


@tagged("post_install", "-at_install")
class TestAttackSendingRights(SendingCase):
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


@tagged("post_install", "-at_install")
class TestAttackSendingExact(SendingCase):
    def test_i11_a_post_that_is_notified_later_leaves_once(self):
        at = fields.Datetime.add(fields.Datetime.now(), hours=2)
        message = self.post(
            scheduled_date=at,
            **{SENDING: {"mailbox_id": self.mailbox.id, "composed": True}},
        )
        self.assertEqual(len(self.row_of(message)), 1)
        self.assertFalse(self.leave(), "not yet")
        self.lead._notify_thread(message)
        self.lead.with_user(self.rep)._notify_thread(
            message.with_user(self.rep), **{SENDING: {"composed": True}}
        )
        self.assertEqual(len(self.row_of(message)), 1)
        self.assertFalse(
            self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        )

    def test_i11_what_waits_leaves_as_it_is_shown_or_not_at_all(self):
        message = self.post()
        row = self.row_of(message)
        lead = self.lead.with_user(self.rep)
        with self.assertRaises(UserError):
            lead._message_update_content(message, body="Other words")
        row.with_user(self.rep).action_cancel()
        lead._message_update_content(message, body="Other words")
        with self.assertRaises(UserError):
            row.with_user(self.rep).action_retry()

    def test_i11_with_its_message_a_mail_is_taken_back_and_what_left_stays_known(self):
        waiting, left = self.post(), self.post()
        rows = self.row_of(waiting), self.row_of(left)
        rows[0].due = False
        self.assertEqual(len(self.leave()), 1)
        rows[0].due = fields.Datetime.now()
        self.lead.with_user(self.manager).unlink()
        self.assertEqual([row.exists().state for row in rows], ["cancelled", "sent"])
        self.assertFalse(self.leave())

    def test_i11_nothing_leaves_in_the_name_of_who_has_left(self):
        first = self.row_of(self.post())
        self.mailbox.write({"email": "x@lanyue.example"})
        second = self.row_of(self.post())
        self.mailbox.write({"user_id": self.colleague.id})
        third = self.row_of(self.post(self.colleague, self.contact))
        self.mailbox._move("disconnected")
        rows = first | second | third
        self.assertEqual(rows.mapped("state"), ["cancelled"] * 3)
        self.assertEqual([bool(row.raw) for row in rows], [False, False, True])
        self.assertFalse(any(rows.mapped("due")))

    def test_i8_a_delegate_sees_and_stops_what_she_sent(self):
        self.show_to(self.mate)
        hers, owners = (
            self.row_of(
                self.post(self.mate, **{SENDING: {"mailbox_id": self.mailbox.id}})
            ),
            self.row_of(self.post()),
        )
        self.assertTrue(hers.mailbox_id == owners.mailbox_id == self.mailbox)
        seen = self.env["waimaolang.outbox"].with_user(self.mate).search([])
        self.assertEqual(seen, hers)
        hers.with_user(self.mate).action_cancel()
        with self.assertRaises(AccessError):
            owners.with_user(self.mate).action_cancel()
        badges = (
            self.env["waimaolang.outbox"]
            .with_user(self.mate)
            ._get_badges((hers | owners).mail_message_id)
        )
        self.assertEqual(
            {badge["id"]: badge["mine"] for badge in badges.values()},
            {hers.id: True, owners.id: False},
        )

    def test_i5_one_mail_that_breaks_the_outbox_holds_up_no_other(self):
        bad, good = self.row_of(self.post()), self.row_of(self.post(subject="Good"))
        real = SentBatch.index

        def index(batch, row, parsed, raw):
            if row.id == bad.id:
                raise ZeroDivisionError
            return real(batch, row, parsed, raw)

        with patch.object(SentBatch, "index", index):
            with self.assertLogs("odoo.addons.waimaolang_mail", "ERROR"):
                sent = self.leave()
            self.assertEqual(len(sent), 1)
            self.assertEqual(good.state, "sent")
            self.assertEqual(bad.state, "queued")
            self.assertGreater(bad.due, fields.Datetime.now())
            self.assertEqual(bad.attempts, 1)
        bad.due = fields.Datetime.now()
        self.assertEqual(len(self.leave()), 1, "once it is mended it leaves")

    def test_i11_a_copy_that_is_met_stops_the_second_try(self):
        """The user sends again what was not known to have left, and it had."""
        message = self.post()
        row = self.row_of(message)
        self.leave()
        raw = row._get_raw()
        row._move("unknown", due=False)
        row.with_user(self.rep).action_retry()
        self.take(raw, path="已发送")
        self.assertEqual((row.state, row.copy_state), ("sent", "found"))
        self.assertFalse(self.leave())

    def test_i2_a_second_try_that_fails_forgets_no_mail_that_somebody_has(self):
        row = self.row_of(self.post())
        lost = MailServerError("timeout", "", "answer")
        lost.transient = True
        self.leave()
        raw, mail = row._get_raw(), row.mail_id
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        self.take(raw, mailbox=other)
        row._move("unknown", due=False, copy_state="wanted")
        row.with_user(self.rep).action_retry()
        self.leave(error=MailServerError("mail_refused", "no", "answer"))
        self.assertEqual(row.state, "failed")
        self.assertTrue(mail.exists())

    def test_i2_two_mails_of_one_minute_are_two(self):
        """One from here, one from the phone: to the same, of the same subject."""
        row = self.row_of(self.post(subject="Offer"))
        self.leave()
        phone = build_mail(
            "Lin <lin@lanyue.example>",
            "Paul <paul@paris.example>",
            "Offer",
            "Sorry, I forgot: we close on Friday.",
            Message_ID="<p1@phone.example>",
        )
        date = format_datetime(row.sent_at.replace(tzinfo=timezone.utc))
        phone = phone.replace(b"Mon, 04 May 2026 10:00:00 +0200", date.encode())
        copy = self.take(phone, path="已发送")
        self.assertTrue(copy.mail_id)
        self.assertNotEqual(copy.mail_id, row.mail_id)
        self.assertIn("close on Friday", copy.mail_id.mail_message_id.body)

    def test_i8_people_with_foreign_names_are_no_bcc(self):
        self.buyer.email = "paul@bücher.example"
        message = self.post()
        row = self.row_of(message)
        self.leave()
        self.assertTrue(row.mail_id)
        self.assertFalse(row.mail_id.link_ids.bcc_mailbox_id)

    def test_i13_a_host_whose_clock_is_behind_works_and_does_not_spin(self):
        row = self.row_of(self.post())
        behind = fields.Datetime.subtract(fields.Datetime.now(), minutes=5)
        self.mailbox.next_sync = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=1
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE waimaolang_mailbox_lease SET expires = NULL")
        self.assertTrue(lease.any_due(self.env.cr))
        with patch.object(fields.Datetime, "now", staticmethod(lambda *a: behind)):
            self.assertTrue(state.load(self.env(su=True), self.mailbox.id).sync_due)
            self.assertEqual(len(self.leave()), 1)
        self.assertEqual(row.state, "sent")


@tagged("post_install", "-at_install")
class TestAttackSendingTrust(SendingCase):
    def test_i14_what_somebody_sent_fetches_no_picture_of_ours(self):
        """Quoted back to who sent it."""
        logo = self.env["ir.attachment"].create(
            {"name": "secret.png", "raw": PIXEL + b"narwhal", "public": True}
        )
        base = self.lead.get_base_url()
        sources = (
            f"/web/image/{logo.id}",
            f"{base}/web/image/{logo.id}",
            f"web/image/{logo.id}",
            f"cid:/web/image/{logo.id}",
            f"/web/image/{logo.id}-abc/x.png",
        )
        html = "".join(
            f"<p>Hi</p><img src='{src}'/><img data-waimaolang-src='{src}'/>"
            f"<div style='background:url({src})'>x</div>"
            for src in sources
        )
        mail = EmailMessage()
        mail["From"], mail["To"] = EMMA, LIN
        mail["Subject"], mail["Message-ID"] = "Picture", "<pic1@nordwind.example>"
        mail["Date"] = "Mon, 04 May 2026 11:00:00 +0200"
        mail.set_content("Hi")
        mail.add_alternative(html, subtype="html")
        mail = self.take(mail.as_bytes()).mail_id
        self.assertTrue(mail)
        for mode in ("reply", "forward"):
            action = mail.with_user(self.rep)._compose(mode, "crm.lead", self.lead.id)
            wizard = self.env["mail.compose.message"].with_user(self.rep)
            wizard = wizard.browse(action["res_id"])
            wizard.partner_ids = [Command.set(self.buyer.ids)]
            _mails, message = wizard._action_send_mail()
            parsed = parse_mail(self.row_of(message)._get_raw())
            self.assertFalse(parsed.attachments, mode)

    def test_i14_no_value_of_a_client_makes_a_header_or_a_recipient(self):
        evil = "x\r\nBcc: evil@evil.example\r\n\r\nbody"
        values = {
            "subject": evil,
            SENDING: {
                "mailbox_id": self.mailbox.id,
                "composed": True,
                "cc_emails": "ok@ok.example, a@b.example\r\nX: y@z.example",
                "bcc": ["1", -1, 2**70, None, True],
                "cc": "1",
                "answers": "x",
                "files": {"1": 2},
                "send_at": "",
            },
        }
        self.buyer.name = evil
        row = self.row_of(self.post(**values))
        head = row._get_raw().partition(b"\r\n\r\n")[0]
        names = {
            line.partition(b":")[0]
            for line in head.split(b"\r\n")
            if not line.startswith((b" ", b"\t"))
        }
        self.assertLessEqual(
            names,
            {
                *(b"Date", b"From", b"To", b"Cc", b"Subject", b"Message-ID"),
                *(b"X-Waimaolang-Ref", b"MIME-Version", b"Content-Type"),
            },
        )
        for address in row.recipients:
            self.assertRegex(address, r"^[^\s<>,;]+@[^\s<>,;]+$")
        self.assertNotIn("evil@evil.example", row.recipients)

    def test_i14_what_a_client_sends_of_sending_may_be_anything(self):
        """It is refused, or understood as nothing; never a fault."""
        for value in (
            *(1, "x", [1], {"mailbox_id": True}, {"send_at": "tomorrow"}),
            *({"send_at": "9999-99-99"}, {"bcc": [2**40]}, {"files": [2**40]}),
            *({"cc": [2**31]}, {"mailbox_id": 2**80}, {"answers": 2**80}),
            {"composed": True, "cc_emails": "a" * 100000},
        ):
            with self.subTest(value=repr(value)[:60]):
                if isinstance(value, dict):
                    value = {"composed": True, **value}
                    value.setdefault("mailbox_id", self.mailbox.id)
                try:
                    with self.env.cr.savepoint():
                        self.post(**{SENDING: value})
                except (UserError, MissingError):
                    self.env.invalidate_all()

    def test_i14_a_forged_report_marks_nobody_who_did_not_get_the_mail(self):
        row = self.row_of(self.post(subject="Quotation 7"))
        self.leave()
        for named, expected in (
            (self.contact.email_normalized, 0),
            ("mate@lanyue.example", 0),
            ("paul@paris.example", 1),
        ):
            self.take(build_report(named, row.rfc_message_id, "Quotation 7"))
            self.assertEqual(len(row.mail_id.bounce_ids), expected, named)

    def test_i6_a_flood_of_reports_costs_little(self):
        """Of however many mails each of them might be."""
        dated = format_datetime(ARRIVED.replace(tzinfo=timezone.utc))
        sent = [
            build_mail(
                LIN,
                f"buyer{n}@many.example",
                f"Offer {n}",
                Message_ID=f"<sent{n}@lanyue.example>",
            ).replace(b"Mon, 04 May 2026 10:00:00 +0200", dated.encode())
            for n in range(60)
        ]
        self.take(*sent, path="已发送")
        flood = [
            build_report(f"buyer{n}@many.example", f"no{n}@evil.example", "Nothing")
            for n in range(40)
        ]
        queries = self.env.cr.sql_log_count
        self.take(*flood)
        self.assertLess(self.env.cr.sql_log_count - queries, 12 * len(flood))

    def test_i14_a_quote_in_the_composer_loads_nothing(self):
        mail = EmailMessage()
        mail["From"], mail["To"] = EMMA, LIN
        mail["Subject"], mail["Message-ID"] = "Pixel", "<pix1@nordwind.example>"
        mail["Date"] = "Mon, 04 May 2026 11:00:00 +0200"
        mail.set_content("Hi")
        mail.add_alternative(
            "<p>Hi<img src='https://track.example/p.gif'/></p>", subtype="html"
        )
        mail = self.take(mail.as_bytes()).mail_id
        action = mail.with_user(self.rep)._compose("reply", "crm.lead", self.lead.id)
        wizard = self.env["mail.compose.message"].with_user(self.rep)
        quote = wizard.browse(action["res_id"]).waimaolang_quote
        self.assertIn("track.example", quote)
        self.assertNotIn(' src="https', quote)

    def test_i8_no_context_makes_a_message_a_mail(self):
        names = {
            "waimaolang_restricted": True,
            "waimaolang_mail_id": self.secret.id,
            "waimaolang_outgoing": True,
        }
        for name, value in names.items():
            for post in (True, False):
                with self.subTest(name=name, post=post):
                    env = self.fresh(self.mate)
                    lead = env["crm.lead"].browse(self.lead.id)
                    lead = lead.with_context(**{f"default_{name}": value})
                    try:
                        with self.env.cr.savepoint():
                            if post:
                                message = lead.message_post(body="x")
                            else:
                                message = lead.env["mail.message"].create(
                                    {"body": "x", "model": "crm.lead"}
                                    | {"res_id": lead.id}
                                )
                    except AccessError:
                        self.env.invalidate_all()
                        continue
                    self.assertFalse(message.sudo()[name])
                    message.unlink()
        self.assertTrue(self.secret.exists())

    def test_i5_any_body_leaves(self):
        for body in (
            "plain < text & more",
            "<p>a\x0b\x0c\x1fb</p>",
            "<a href='/\x01[x'>x</a><a href='//[x'>y</a><a href='/[::'>z</a>",
            "<p>" + "<b>" * 2000 + "deep",
            "<img src='data:image/png;base64,xx'/><img/><img src=''/>",
            "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        ):
            with self.subTest(body=body[:30]):
                row = self.row_of(self.post(body=Markup(body)))
                self.assertTrue(row.raw)

    def test_i11_what_was_to_leave_later_has_its_day_of_tries_then(self):
        busy = MailServerError("throttled", "451 greylisted", "rcpt")
        row = self.row_of(self.post())
        self.env.cr.execute(
            "UPDATE waimaolang_outbox SET create_date = create_date - interval '3 days'"
            " WHERE id = %s",
            (row.id,),
        )
        self.env.invalidate_all()
        self.leave(error=busy)
        self.assertEqual(row.state, "queued")

    def test_what_the_system_sends_stays_with_odoos_servers(self):
        """Also where a script has bound a mailbox, which is OdooBot's then."""
        robot = self.env.ref("base.user_root")
        self.mailbox.user_id = robot
        message = self.lead.with_user(robot).message_post(
            body="x",
            partner_ids=self.buyer.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(self.row_of(message))

    def test_i11_an_archived_mailbox_sends_nothing_when_it_comes_back(self):
        row = self.row_of(self.post())
        self.mailbox.active = False
        self.assertEqual(row.state, "cancelled")

    def test_i8_an_answer_in_a_private_conversation_stays_there(self):
        self.mailbox.visibility = "everyone"
        conversation = self.secret.conversation_id
        conversation.with_user(self.rep).private = True
        wizard = self.compose(body="<p>Yes.</p>")
        _mails, message = wizard._action_send_mail()
        self.leave()
        mail = self.row_of(message).mail_id
        self.assertEqual(mail.conversation_id, conversation)
        self.assert_only(
            [self.rep],
            {
                "mail": lambda env: (
                    env["waimaolang.mail"].browse(mail.id).read(["subject", "text"])
                ),
                "found": lambda env: env["waimaolang.mail"].search(
                    [("id", "=", mail.id)]
                ),
            },
            [self.mate, self.leader],
        )
        self.assert_nobody(
            {
                "badge": lambda env: (
                    Store().add(env["mail.message"].browse(message.id)).get_result()
                ),
            }
        )


def build_report(recipient, message_id, subject):
    """As anybody may write it."""
    lines = [
        "From: MAILER-DAEMON@evil.example",
        f"To: {LIN}",
        "Subject: Undelivered Mail Returned to Sender",
        "Date: Mon, 04 May 2026 10:00:00 +0200",
        f"Message-ID: <r-{recipient}-{message_id}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"',
        "",
        *("--=b", "Content-Type: text/plain", "", "It could not be delivered."),
        *("--=b", "Content-Type: message/delivery-status", ""),
        *("Reporting-MTA: dns; mx.evil.example", ""),
        f"Final-Recipient: rfc822; {recipient}",
        *("Action: failed", "Status: 5.1.1"),
        "Diagnostic-Code: smtp; 550 no such user",
        *("", "--=b", "Content-Type: text/rfc822-headers", ""),
        *("From: lin@lanyue.example", f"To: {recipient}", f"Subject: {subject}"),
        *(f"Message-ID: <{message_id}>", "", "--=b--", ""),
    ]
    return "\n".join(lines).encode()


def browse(env, row):
    return env["waimaolang.outbox"].browse(row.id)


def composer_id(env, mail_id):
    return env["mail.compose.message"].create({"waimaolang_answers_id": mail_id}).id
