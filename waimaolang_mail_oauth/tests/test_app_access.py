# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import TENANT, AppCase

SECRET = "GOCSPX-wqvnlxhpkzabcdef"
KEY = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
-----END PRIVATE KEY-----"""
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq
-----END CERTIFICATE-----"""
PAIR = f"{KEY}\n{CERTIFICATE}"


@tagged("post_install", "-at_install")
class TestAppAccess(AppCase):
    """I9, and who keeps the apps."""

    def setUp(self):
        super().setUp()
        self.google.write({"client_id": "odoo-mail", "password": SECRET})
        self.microsoft.write(
            {"client_id": "odoo-mail", "tenant": TENANT, "certificate": PAIR}
        )

    def test_only_system_administrators_read_and_write_the_apps(self):
        others = (
            self.rep,
            new_test_user(self.env, "boss", groups="sales_team.group_sale_manager"),
            new_test_user(self.env, "mailer", groups="waimaolang_mail.group_manager"),
            new_test_user(self.env, "visitor", groups="base.group_portal"),
            self.env.ref("base.public_user"),
        )
        for user in others:
            app = self.google.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    app.read(["client_id"])
                with self.assertRaises(AccessError):
                    app.search([])
                with self.assertRaises(AccessError):
                    app.proxy = "http://thief.example:3128"
                with self.assertRaises(AccessError):
                    app.action_test()
                with self.assertRaises(AccessError):
                    app.action_forget_failed()
                with self.assertRaises(AccessError):
                    app.action_use_web_base_url()
        self.assertEqual(self.google.read(["client_id"])[0]["client_id"], "odoo-mail")

    def test_nobody_adds_an_app_or_removes_one(self):
        with self.assertRaises(AccessError):
            self.google.unlink()
        with self.assertRaises(AccessError):
            self.google.copy()
        with self.assertRaises(AccessError):
            self.google.create({"provider": "google"})

    def test_nobody_reads_consents_or_states(self):
        for user in (self.admin, self.rep):
            for model in ("waimaolang.oauth.grant", "waimaolang.oauth.state"):
                with (
                    self.subTest(user=user.login, model=model),
                    self.assertRaises(AccessError),
                ):
                    self.env[model].with_user(user).search([])

    def test_i9_secret_and_certificate_are_written_and_never_read(self):
        for app, secret in ((self.google, SECRET), (self.microsoft, KEY)):
            names = ["password", "certificate"]
            kept = secret.splitlines()[-2:][0]
            told = [
                app.read(),
                app.read(names),
                app.export_data([*names, "name"])["datas"],
                app.web_read({name: {} for name in app.fields_get()}),
                app.web_search_read([], {name: {} for name in names}),
                app.copy_data(),
            ]
            self.assertNotIn(kept, str(told))
            with self.assertRaises(AccessError):
                app.read(["password_sealed"])
            with self.assertRaises(AccessError):
                app.export_data(["password_sealed"])
            self.assertTrue(app.has_password)
        self.assertEqual(self.google.sudo()._get_secret(), SECRET)
        self.assertEqual(self.microsoft.sudo()._get_secret(), PAIR)

    def test_i9_a_secret_cannot_be_guessed_by_searching(self):
        with self.assertRaises(AccessError):
            self.google.search([("password_sealed", "like", "a%")])
        with self.assertRaises(AccessError):
            self.google.search([], order="password_sealed")
        for name in ("password", "certificate", "has_certificate", "has_password"):
            # not stored, so that there is nothing to compare with
            with self.subTest(name=name), self.assertRaises(ValueError):
                self.google.search([(name, "like", SECRET[:4])])

    def test_i9_the_database_holds_nothing_readable(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT a::text FROM waimaolang_oauth_app a")
        rows = str(self.env.cr.fetchall())
        self.assertNotIn(SECRET, rows)
        self.assertNotIn(KEY.splitlines()[1], rows)
        self.assertIn("odoo-mail", rows)
