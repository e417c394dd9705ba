# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..engine import failures, ledger, outcome, traces
from ..engine.fetch import Arrival
from ..mime import version
from ..mime.parse import parse_mail
from ..transport.base import FetchedMail
from .common import MailboxCase, build_mail

EMMA = "Emma Vogel <emma.vogel@nordwind.example>"
LIN = "Lin Xiao <lin@lanyue.example>"


class FailureCase(MailboxCase):
    def take_failed(
        self, raw=None, kind="unreadable", path="INBOX", error="ValueError: x"
    ):
        """A mail that could not be stored."""
        raw = raw or build_mail(EMMA, LIN, Message_ID="<bad@Nordwind.example>")
        [row] = self.list_copies(self.mailbox, path, 1)
        fetched = FetchedMail(row.key, row.uid, raw)
        self.store(self.mailbox, [Arrival(row, fetched, None, error, kind)])
        return self.env["waimaolang.mailbox.copy"].browse(row.id)

    def again(self, copy):
        """It fails once more, with the same bytes."""
        row = next(
            row
            for row in ledger.pending(self.env.cr, self.mailbox.id, 100)
            if row.id == copy.id
        )
        raw = base64.b64decode(copy.sudo().raw)
        fetched = FetchedMail(row.key, row.uid, raw)
        self.store(self.mailbox, [Arrival(row, fetched, None, "x", copy.error_kind)])

    def make_due(self, copy):
        copy.sudo().next_try = fields.Datetime.now() - timedelta(minutes=1)
        self.env.flush_all()

    def requeue(self):
        self.env.flush_all()
        failures.requeue(self.env.cr)
        self.env.invalidate_all()

    def read_kept(self):
        """What ``failures.parse_kept`` does, in the test's own transaction."""
        env = self.env(su=True)
        taken = failures._take_kept(env, self.mailbox.id)
        self.store(
            self.mailbox,
            [
                Arrival(copy, FetchedMail(copy.key, copy.uid, raw), parse_mail(raw))
                for copy, raw in taken
            ],
        )
        return taken


@tagged("post_install", "-at_install")
class TestFailures(FailureCase):
    def test_i5_a_failed_mail_is_tried_again_ever_later_and_then_no_more(self):
        copy = self.take_failed(kind="store")
        waits = []
        for _round in range(5):
            wait = copy.next_try and copy.next_try - fields.Datetime.now()
            waits.append(wait and round(wait.total_seconds() / 3600))
            if wait:
                self.make_due(copy)
                self.requeue()
                self.assertEqual((copy.state, copy.attempts), ("pending", 0))
                self.again(copy)
        self.assertEqual(waits, [1, 6, 24, 72, False])
        self.assertEqual((copy.state, copy.tries), ("failed", 5))

    def test_i5_what_cannot_be_read_waits_for_a_newer_parser(self):
        copy = self.take_failed()
        self.make_due(copy)
        self.requeue()
        self.again(copy)
        self.assertFalse(copy.next_try)
        self.requeue()
        self.assertEqual(copy.state, "failed")
        self.patch(failures, "PARSER_VERSION", version.PARSER_VERSION + 1)
        self.requeue()
        self.assertEqual(copy.state, "pending")

    def test_i5_an_upgrade_tries_once(self):
        copy = self.take_failed()
        copy.sudo().next_try = False
        self.patch(failures, "PARSER_VERSION", version.PARSER_VERSION + 1)
        self.patch(outcome, "PARSER_VERSION", version.PARSER_VERSION + 1)
        self.requeue()
        self.again(copy)
        copy.sudo().next_try = False
        self.requeue()
        self.assertEqual(copy.state, "failed")

    def test_i1_what_the_server_has_no_more_is_read_from_the_bytes_kept(self):
        copy = self.take_failed()
        copy.with_user(self.rep).action_retry()
        self.assertEqual(copy.state, "pending")
        self.store(self.mailbox, (), absent=[copy.id])
        self.assertEqual((copy.state, copy.kept), ("gone", True))
        self.assertEqual(failures.kept_due(self.env.cr), self.mailbox.ids)
        self.assertEqual(len(self.read_kept()), 1)
        self.assertEqual(copy.state, "stored")
        self.assertEqual(copy.mail_id.lead_ids, self.lead)
        self.assertFalse(failures.kept_due(self.env.cr))

    def test_i1_a_failed_mail_of_a_folder_that_is_not_fetched_needs_no_server(self):
        copy = self.take_failed(path="Old")
        copy.folder_id.sudo().synced = False
        copy.with_user(self.rep).action_retry()
        self.assertEqual(copy.state, "failed")
        self.requeue()
        self.assertEqual(copy.state, "failed")
        self.assertEqual(failures.kept_due(self.env.cr), self.mailbox.ids)
        self.read_kept()
        self.assertEqual(copy.state, "stored")

    def test_i8_what_is_excluded_in_the_end_leaves_no_bytes(self):
        copy = self.take_failed(build_mail("x@bank.example", LIN))
        self.assertTrue(copy.kept)
        self.mailbox.blocked = "bank.example"
        copy.sudo().next_try = fields.Datetime.now() - timedelta(minutes=1)
        copy.folder_id.sudo().synced = False
        self.env.flush_all()
        self.read_kept()
        self.assertEqual((copy.state, copy.reason), ("excluded", "blocked"))
        self.assertFalse(copy.kept or copy.sudo().raw)

    def test_a_failure_that_brings_no_bytes_keeps_those_of_before(self):
        copy = self.take_failed()
        copy.with_user(self.rep).action_retry()
        self.env.flush_all()
        row = ledger.pending(self.env.cr, self.mailbox.id, 100)[0]
        fetched = FetchedMail(row.key, row.uid, b"", error="NO corrupt")
        self.store(self.mailbox, [Arrival(row, fetched, None, "corrupt", "withheld")])
        self.assertEqual((copy.error_kind, copy.kept), ("withheld", True))
        self.assertTrue(copy.sudo().raw)

    def test_try_all_again(self):
        copies = self.take_failed() + self.take_failed()
        self.env["waimaolang.mailbox.copy"].with_user(self.rep).action_retry_all()
        self.assertEqual(copies.mapped("state"), ["pending"] * 2)

    def test_each_failure_says_in_words_what_to_do(self):
        for kind in ledger.KINDS:
            copy = self.take_failed(kind=kind)
            self.assertTrue(copy.error_text and copy.remedy, kind)

    # -- I8 ------------------------------------------------------------------------

    def test_i8_an_administrator_sees_that_a_mail_failed_and_not_what_it_says(self):
        copy = self.take_failed(error="ValueError: secret offer")
        mine = copy.with_user(self.rep)
        self.assertEqual(mine.error_detail, "ValueError: secret offer")
        other = copy.with_user(self.manager)
        self.assertFalse(other.error_detail)
        self.assertTrue(other.error_text)
        for name in ("error", "raw", "sender_digest", "entry_digest"):
            with self.assertRaises(AccessError):
                other.read([name])
            with self.assertRaises(AccessError):
                other.search([(name, "!=", False)])
        with self.assertRaises(UserError):
            other.action_download()
        with self.assertRaises(AccessError):
            copy.with_user(self.colleague).action_download()

    def test_i8_traces_are_digests_of_the_mailbox_alone(self):
        self.mailbox.blocked = "bank.example"
        copy = self.take(build_mail("Ann <a@bank.example>", LIN, "Re: Your account"))
        self.assertEqual(copy.state, "excluded")
        self.env.cr.execute(
            "SELECT * FROM waimaolang_mailbox_copy WHERE id = %s", (copy.id,)
        )
        row = repr(self.env.cr.fetchone())
        for word in ("bank", "account", "Ann"):
            self.assertNotIn(word, row)
        key = self.env["waimaolang.vault"]._get_digest_key()
        asked = traces.normalise(sender="A@BANK.example", subject="your  account")
        found = traces.digests(key, self.mailbox.id, asked)
        stored = copy.sudo()
        self.assertEqual(stored.sender_digest, found.sender)
        self.assertEqual(stored.subject_digest, found.subject)
        self.assertEqual(
            stored.entry_digest,
            traces.entry_digest(key, self.mailbox.id, "bank.example"),
        )
        other = traces.digests(key, self.mailbox.id + 1, asked)
        self.assertNotEqual(other.sender, found.sender)


@tagged("post_install", "-at_install")
class TestFailedDownload(HttpCase, FailureCase):
    def test_i8_the_owner_alone_downloads_the_bytes(self):
        copy = self.take_failed(build_mail(EMMA, LIN, "secret offer"))
        self.mailbox.member_ids = [(4, self.colleague.id)]
        for login, status in (
            ("lin", 200),
            ("chen", 404),
            ("boss", 404),
            (None, None),
        ):
            self.authenticate(login, login)
            answer = self.url_open(
                f"/waimaolang_mail/failed/{copy.id}.eml", allow_redirects=False
            )
            with self.subTest(login=login):
                if status:
                    self.assertEqual(answer.status_code, status)
                self.assertEqual(b"secret offer" in answer.content, login == "lin")
                if login == "lin":
                    self.assertIn("attachment", answer.headers["Content-Disposition"])
