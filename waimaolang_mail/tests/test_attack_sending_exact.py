# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from datetime import timezone
from email.utils import format_datetime
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine import lease, loading, sentcopies
from ..engine.sentbatch import SentBatch
from ..models.sending_options import SENDING
from ..transport.base import Cursor
from ..transport.errors import MailServerError
from ..transport.imapsent import Recent
from . import attack_sending
from .attack_sending import FakePass, FakeSmtp
from .common import build_mail


@tagged("post_install", "-at_install")
class TestAttackSendingExact(attack_sending.SendingCase):
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

    def test_i11_what_was_not_begun_is_known_not_to_have_left(self):
        """The answer to one mail is lost, and the server does not come back."""
        lost, next_one = self.row_of(self.post()), self.row_of(self.post(subject="B"))

        def send(smtp, _sender, _recipients, _raw, begin):
            begin()
            smtp.was_data_ended, smtp.was_answered = True, False
            smtp.is_connected = False
            smtp.connect_error = MailServerError("refused", "", "connect")
            raise MailServerError("reset", "", "answer")

        with patch.object(FakeSmtp, "send", send):
            self.leave()
        self.assertEqual([lost.state, next_one.state], ["unknown", "queued"])
        self.assertEqual(len(self.leave()), 0, "it is not due yet")
        next_one.due = fields.Datetime.now()
        self.assertEqual(len(self.leave()), 1)

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

    def test_i2_after_a_burst_the_copies_of_its_first_mails_are_seen(self):
        """Else a second one would be put into Sent."""
        self.mailbox.provider_id = self.env["waimaolang.provider"].create(
            {"code": "saver", "name": "Saver", "saves_sent": "always"}
        )
        first = self.row_of(self.post(subject="First"))
        for _number in range(3):
            self.post()
        saved = [first._get_raw()] + [b"Subject: x\r\n\r\n"] * 3
        self.leave()
        first.write({"sent_at": "2026-01-01", "copy_looks": 5})  # long ago

        class Transport:
            appended = []

            def find_recent(self, folder, since, limit):
                heads = enumerate(saved[-limit:])
                return Recent(Cursor(1, 1), tuple(heads))

            def append(self, folder, raw, date):
                self.appended.append(raw)

        work = FakePass(self.env, self.mailbox)
        connection = SimpleNamespace(transport=Transport())
        with patch.object(sentcopies, "MOST_HEADERS", 1):
            sentcopies.place(work, connection)
        self.assertEqual(first.copy_state, "found")
        self.assertFalse(Transport.appended)

    def test_i14_ten_thousand_recipients_are_told_to_be_too_many(self):
        many = ", ".join(f"p{n}@many.example" for n in range(10_000))
        begun = time.monotonic()
        with self.assertRaises(UserError):
            self.post(
                **{
                    SENDING: {
                        "mailbox_id": self.mailbox.id,
                        "composed": True,
                        "cc_emails": many,
                    }
                }
            )
        self.assertLess(time.monotonic() - begun, 10)

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
            self.assertTrue(loading.load(self.env(su=True), self.mailbox.id).sync_due)
            self.assertEqual(len(self.leave()), 1)
        self.assertEqual(row.state, "sent")
