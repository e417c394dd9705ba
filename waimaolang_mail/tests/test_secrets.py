# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from odoo.exceptions import AccessError, UserError
from odoo.modules import get_module_path
from odoo.tests import tagged

from ..engine import loading, state
from ..models import waimaolang_vault
from ..transport.errors import MailServerError
from .common import MailboxCase

CODE = "wqvnlxhpkzabcdef"


@tagged("post_install", "-at_install")
class TestSecrets(MailboxCase):
    """I9: secrets stay secret."""

    def setUp(self):
        super().setUp()
        self.mailbox.with_user(self.rep).password = CODE

    def secret(self):
        return loading.load(self.env(su=True), self.mailbox.id).credentials.secret

    def test_i9_the_code_is_written_and_never_read(self):
        for user in (self.rep, self.manager, self.env.ref("base.user_admin")):
            mailbox = self.mailbox.with_user(user)
            self.assertFalse(mailbox.read(["password"])[0]["password"])
            with self.assertRaises(AccessError):
                mailbox.read(["password_sealed"])
        admin = self.mailbox.with_user(self.env.ref("base.user_admin"))
        exported = admin.export_data(["name", "password"])["datas"]
        self.assertNotIn(CODE, str(exported))
        self.assertEqual(self.secret(), CODE)
        self.assertNotIn(CODE, repr(loading.load(self.env(su=True), self.mailbox.id)))

    def test_i9_the_database_holds_nothing_readable(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT m::text FROM waimaolang_mailbox m WHERE id = %s", (self.mailbox.id,)
        )
        self.assertNotIn(CODE, self.env.cr.fetchone()[0])

    def test_i9_two_sealed_secrets_swapped_between_rows_do_not_open(self):
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        first, second = self.mailbox.password_sealed, other.password_sealed
        self.mailbox.password_sealed, other.password_sealed = second, first
        with self.assertRaises(MailServerError) as caught:
            self.secret()
        self.assertEqual(caught.exception.code, "key_missing")

    def test_i9_a_lost_key_is_told_and_nothing_is_sealed_with_another(self):
        self.patch(os, "environ", {**os.environ, waimaolang_vault.ENV_KEY: "other"})
        with self.assertRaises(MailServerError) as caught:
            self.secret()
        self.assertEqual(caught.exception.code, "key_missing")
        with self.assertRaises(UserError):
            self.mailbox.password = "new"
        state.refused(self.env(su=True), self.mailbox.id, caught.exception)
        self.assertEqual(self.mailbox.error_code, "key_missing")

    def test_i9_the_key_file_is_made_once_and_is_private(self):
        vault = self.env["waimaolang.vault"]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "waimaolang_mail" / "key"
            vault._create_key_file(path)
            first = path.read_text()
            vault._create_key_file(path)
            self.assertEqual(path.read_text(), first)
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertEqual(path.parent.stat().st_mode & 0o777, 0o700)

    def test_i9_an_empty_key_file_is_no_key(self):
        """Left by a full disk: whoever has the database could open its codes."""
        vault = self.env["waimaolang.vault"]
        self.patch(type(vault), "_configured_key", lambda _self: "")
        with TemporaryDirectory() as folder:
            path = Path(folder) / "key"
            path.write_text("")
            self.patch(type(vault), "_key_file", lambda _self: path)
            with self.assertRaises(waimaolang_vault.KeyMissingError):
                vault._read_key(create=True)

    def test_i9_another_person_cannot_send_the_code_elsewhere(self):
        self.mailbox.with_user(self.manager).incoming_host = "imap.thief.example"
        self.assertFalse(self.mailbox.has_password)
        with self.assertRaises(MailServerError):
            self.secret()

    def test_i9_an_empty_code_does_not_switch_the_guard_off(self):
        for number, blank in enumerate((False, "", " ", "\t\n", "\u3000")):
            with self.subTest(blank=blank):
                self.mailbox.password = CODE
                self.mailbox.with_user(self.manager).write(
                    {"password": blank, "incoming_host": f"imap{number}.thief.example"}
                )
                self.assertFalse(self.mailbox.has_password)

    def test_i9_the_owner_may_correct_her_server(self):
        self.mailbox.with_user(self.rep).incoming_host = "imap2.lanyue.example"
        self.assertEqual(self.secret(), CODE)

    def test_i9_neutralize_wipes_secrets(self):
        path = Path(get_module_path("waimaolang_mail")) / "data" / "neutralize.sql"
        self.env.flush_all()
        self.env.cr.execute(path.read_text())
        self.env.invalidate_all()
        self.assertFalse(self.mailbox.password_sealed)
        self.assertEqual(self.mailbox.state, "disconnected")
