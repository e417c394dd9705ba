# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The wait after an ambiguous refusal (I6), and what is kept for it (I9). Across
forms, mailboxes and processes: tests/e2e/test_waits.py."""

import hashlib
from dataclasses import replace

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine import proof, waits
from ..engine.settings import Attempt
from ..transport.base import Credentials, ServerAddress
from ..transport.errors import MailServerError
from .common import MailboxCase

AMBIGUOUS = MailServerError("ambiguous", "Login fail.", phase="login")
SECRET = "wqvnlxhpkzabcdef"
TRY = Attempt("incoming", "imap.exmail.qq.com", "lin@lanyue.example", SECRET)


@tagged("post_install", "-at_install")
class TestWaits(MailboxCase):
    def note(self, attempt=TRY, error=AMBIGUOUS):
        waits.note(self.env(su=True), attempt, error)

    def waits(self, attempt=TRY):
        try:
            waits.check(self.env(su=True), attempt)
        except waits.StillWaitingError as error:
            return "codes" if error.codes else "code"
        return ""

    def test_i6_the_same_code_waits_and_another_account_does_not(self):
        self.note()
        self.assertEqual(self.waits(), "code")
        for values in (
            {"secret": "another"},
            {"login": "chen@lanyue.example"},
            {"host": "imap.qq.com"},
            {"side": "outgoing"},
        ):
            self.assertEqual(self.waits(replace(TRY, **values)), "", values)

    def test_i6_spelling_is_no_other_account(self):
        address = ServerAddress("IMAP.Exmail.QQ.com. ", 143, "starttls")
        credentials = Credentials(" Lin@Lanyue.example", SECRET, "password")
        self.note(Attempt.of("incoming", address, credentials))
        self.assertEqual(self.waits(), "code")

    def test_i6_a_few_other_codes_may_be_tried_and_no_more(self):
        for number in range(waits.MOST_CODES):
            attempt = replace(TRY, secret=f"code {number}")
            self.assertEqual(self.waits(attempt), "")
            self.note(attempt)
        self.assertEqual(self.waits(replace(TRY, secret="one more")), "codes")
        self.assertEqual(self.waits(replace(TRY, login="chen", secret="x")), "")

    def test_a_code_that_was_let_in_waits_no_more(self):
        self.note()
        waits.forget(self.env(su=True), TRY)
        self.assertEqual(self.waits(), "")

    def test_other_errors_are_none_and_what_is_over_is_removed(self):
        self.note(error=MailServerError("auth_bad", "no", phase="login"))
        rows = self.env["waimaolang.login.wait"].sudo()
        before = rows.search([])
        self.assertEqual(self.waits(), "")
        self.note()
        mine = rows.search([]) - before
        self.assertEqual(len(mine), 1)
        mine.until = "2026-01-01 00:00:00"
        self.env.flush_all()
        self.assertEqual(self.waits(), "")
        rows._gc_over()
        self.assertFalse(mine.exists())

    def test_i9_the_rows_tell_nothing_and_nobody_reads_them(self):
        self.note()
        self.env.cr.execute("SELECT w::text FROM waimaolang_login_wait w")
        told = str(self.env.cr.fetchall())
        words = (TRY.host, TRY.login, SECRET, "qq.com", "lin")
        for word in words:
            self.assertNotIn(word, told)
            for name in ("md5", "sha1", "sha256"):
                digest = hashlib.new(name, word.encode()).hexdigest()
                self.assertNotIn(digest, told)
        self.assertNotIn(SECRET, repr(TRY))
        self.manager.group_ids += self.env.ref("base.group_system")
        for user in (self.rep, self.manager):
            rows = self.env["waimaolang.login.wait"].with_user(user)
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(rows.has_access(operation), operation)
            with self.assertRaises(AccessError):
                rows.search([])

    def test_i6_the_stages_of_a_proof_have_one_deadline_each(self):
        """Each transport that a stage makes ends with it."""
        made = []

        class Transport:
            protocol = "imap"
            one_pass = False
            hard_deadline = None

            def connect(self):
                made.append(self.hard_deadline)
                raise MailServerError("auth_bad", "no", phase="login")

            def close(self):
                pass

            def steps(self):
                return ()

            def transcript(self):
                return []

        class Binding(proof.Binding):
            make_receiver = make_sender = lambda self: Transport()

        server = ServerAddress("localhost", 1, "ssl")
        binding = Binding("a@b.example", "imap", server, server, None)
        mail = proof.build_test_mail("a@b.example", "x", "x")
        for stage, most in (
            (lambda: proof.sending(binding, mail), proof.SENDING_SECONDS),
            (lambda: proof.arrival(binding, "token"), proof.ARRIVAL_SECONDS),
            (lambda: proof.round_trip(binding, mail), proof.ROUND_TRIP_SECONDS),
        ):
            self.assertEqual(stage().error.code, "auth_bad")
            self.assertTrue(0 < made.pop().left() <= most <= 110)
