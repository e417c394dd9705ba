# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine import state
from ..models import mailbox_errors
from ..transport.errors import MailServerError
from .common import MailboxCase, build_mail

LIN = "lin@lanyue.example"


@tagged("post_install", "-at_install")
class TestDiagnosis(MailboxCase):
    def setUp(self):
        super().setUp()
        self.provider = self.env["waimaolang.provider"].create(
            {
                "code": "testmail",
                "name": "Testmail",
                "imap_host": "imap.testmail.example",
                "imap_steps": "Open settings.\n\n Switch IMAP on. ",
                "code_steps": "Create a code.",
                "admin_steps": "Allow clients.",
                "help_url": "https://help.testmail.example/imap",
            }
        )

    def refuse(self, code, detail="no", **values):
        error = MailServerError(code, detail, phase="login")
        for name, value in values.items():
            setattr(error, name, value)
        state.refused(self.env(su=True), self.mailbox.id, error, by_user=True)

    def explain(self, code, **options):
        return mailbox_errors.explain(self.env, code, provider=self.provider, **options)

    def test_the_providers_steps_are_the_remedies(self):
        for code, remedies in {
            "auth_bad": ("Create a code.",),
            "auth_needs_code": ("Create a code.",),
            "imap_disabled": ("Open settings.", "Switch IMAP on."),
            "blocked_by_admin": ("Allow clients.",),
        }.items():
            told = self.explain(code)
            self.assertEqual(told.remedies, remedies, code)
            self.assertEqual(told.link, "https://help.testmail.example/imap")
            self.assertFalse(told.wait)

    def test_an_ambiguous_answer_is_a_checklist(self):
        told = self.explain("ambiguous")
        self.assertTrue(told.wait)
        self.assertEqual(
            told.remedies[:3], ("Open settings.", "Switch IMAP on.", "Create a code.")
        )
        self.assertIn("imap.testmail.example", told.remedies[3])
        self.assertTrue(told.remedies[-1].startswith("Wait a quarter of an hour"))

    def test_what_has_nothing_to_do_with_the_provider_stays_general(self):
        told = self.explain("dns")
        self.assertEqual(told.link, "")
        self.assertIn("incoming server", told.remedies[0])
        self.assertIn(
            "outgoing server", self.explain("dns", side="outgoing").remedies[0]
        )

    def test_a_code_that_reading_accepted_is_not_to_be_copied_again(self):
        """Sending is tried right after reading, with the same code."""
        for code in ("auth_bad", "auth_needs_code", "ambiguous"):
            told = self.explain(code, side="outgoing")
            self.assertNotIn("Create a code.", told.remedies, code)
            self.assertIn("SMTP", told.remedies[0], code)
            general = mailbox_errors.explain(self.env, code, side="outgoing")
            self.assertNotIn("password of the web", " ".join(general.remedies), code)
        cause = self.explain("auth_bad", side="outgoing").cause
        self.assertIn("can be read with this code", cause)

    def test_other_protocols_have_their_own_ports_and_names(self):
        for options, port, name in (
            ({"protocol": "imap"}, "993", "IMAP"),
            ({"protocol": "pop3"}, "995", "POP3"),
            ({"side": "outgoing"}, "465", "SMTP"),
        ):
            told = self.explain("refused", **options)
            self.assertIn(port, told.remedies[0])
            self.assertIn(name, told.remedies[0])

    def test_a_link_is_a_page_and_nothing_else(self):
        self.provider.help_url = "javascript:alert(1)"
        self.assertEqual(self.explain("auth_bad").link, "")

    def test_the_message_is_numbered_and_ends_with_the_servers_words(self):
        self.mailbox.provider_id = self.provider
        self.refuse("imap_disabled", "IMAP is off")
        self.assertEqual(
            self.mailbox.error_message.splitlines()[1:],
            [
                "1. Open settings.",
                "2. Switch IMAP on.",
                "https://help.testmail.example/imap",
                "Details: IMAP is off",
            ],
        )

    def test_i8_the_dialogue_for_support_tells_nothing_of_folders_and_mails(self):
        self.refuse(
            "folder_gone",
            transcript=(
                "greeting: * OK ready",
                "login: ok (12 ms)",
                "examine: folder_gone Mailbox doesn't exist: Nordwind (3 ms)",
                "fetch: NO cannot read Secret offer",
                "Secret offer",
            ),
        )
        self.assertEqual(
            self.mailbox.transcript.splitlines(),
            [
                "greeting: * OK ready",
                "login: ok (12 ms)",
                "examine: folder_gone (3 ms)",
                "fetch: NO",
                "...",
            ],
        )
        state.connected(self.env(su=True), self.mailbox.id, [])
        self.assertFalse(self.mailbox.transcript)

    def test_a_client_writes_neither_dialogue_nor_wait(self):
        for values in ({"transcript": "x"}, {"wait_until": False}):
            with self.assertRaises(AccessError):
                self.mailbox.with_user(self.rep).write(values)

    def test_i8_a_colleague_reads_no_dialogue(self):
        self.refuse("auth_bad", transcript=("greeting: * OK",))
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.colleague).read(["transcript"])

    def test_who_was_told_to_wait_is_told_until_when(self):
        self.rep.tz = "Asia/Shanghai"
        self.refuse("login_frequency")
        until = fields.Datetime.to_datetime("2099-01-01 06:30:00")
        self.mailbox.wait_until = until
        with self.assertRaisesRegex(UserError, "2:30"):
            self.mailbox.with_user(self.rep).action_connect()

    def test_a_quarter_of_an_hour_or_what_the_server_wants_within_reason(self):
        for asked, minutes in ((None, 15), (5, 15), (1800, 30), (10**7, 60)):
            self.refuse("ambiguous", retry_after=asked)
            wait = self.mailbox.wait_until - fields.Datetime.now()
            self.assertAlmostEqual(
                wait, timedelta(minutes=minutes), delta=timedelta(minutes=1)
            )

    def test_another_setting_is_another_try_and_the_same_one_is_not(self):
        box = self.mailbox.with_user(self.rep)
        for values, waits in (
            ({"name": "Lin"}, True),
            ({"incoming_host": box.incoming_host}, True),
            ({"incoming_host": "imap2.lanyue.example"}, False),
            ({"login": "other"}, False),
            ({"password": "another code"}, False),
        ):
            self.refuse("ambiguous")
            box.write(values)
            self.assertEqual(bool(box.wait_until), waits, values)

    def test_i4_the_test_mail_is_kept_out(self):
        headers = {"X_Waimaolang_Test": "abc", "Auto_Submitted": "auto-generated"}
        copy = self.take(build_mail(LIN, LIN, **headers))
        self.assertEqual((copy.state, copy.reason), ("excluded", "test"))

    def test_a_strangers_forged_header_changes_nothing(self):
        copy = self.take(
            build_mail("emma.vogel@nordwind.example", LIN, X_Waimaolang_Test="abc")
        )
        self.assertEqual(copy.state, "stored")
