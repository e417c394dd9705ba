# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ADDRESS, TENANT, AppCase

REDIRECT = f"{ADDRESS}/waimaolang_mail_oauth/google/callback"
FORGED = "https://odoo.lanyue.example.thief.example"


@tagged("post_install", "-at_install")
class TestAppAddresses(AppCase):
    """Where the provider sends people back to, and what is accepted as an address."""

    def log_in_at(self, url):
        """As an administrator whose request names that host (core writes it down)."""
        self.admin.password = "correct horse battery staple"
        self.env["res.users"].authenticate(
            {
                "login": self.admin.login,
                "password": "correct horse battery staple",
                "type": "password",
            },
            {"interactive": True, "base_location": url, "HTTP_HOST": "forged"},
        )
        self.env.invalidate_all()

    def test_a_fresh_database_shows_the_right_url_without_typing(self):
        self.assertEqual(self.google.base_url, ADDRESS)
        self.assertEqual(self.google.redirect_uri, REDIRECT)
        self.assertEqual(
            self.microsoft.redirect_uri,
            f"{ADDRESS}/waimaolang_mail_oauth/microsoft/callback",
        )
        self.set_web_base_url("https://crm.lanyue.example/")
        self.assertEqual(self.google.base_url, "https://crm.lanyue.example")

    def test_a_forged_host_at_login_moves_nothing_once_the_client_is_saved(self):
        self.google.client_id = "odoo-mail"
        self.log_in_at(FORGED)
        parameter = self.env["ir.config_parameter"].get_param("web.base.url")
        self.assertEqual(parameter, FORGED)
        self.assertEqual(self.google.redirect_uri, REDIRECT)
        self.assertEqual(self.google.web_base_url, FORGED)
        # by somebody who looks at it
        self.google.action_use_web_base_url()
        self.assertEqual(self.google.base_url, FORGED)

    def test_an_emptied_address_is_odoos_own_again_and_kept(self):
        self.google.write({"client_id": "a", "base_url": "https://old.example"})
        self.google.base_url = False
        self.assertEqual(self.google.base_url, ADDRESS)
        self.set_web_base_url(FORGED)
        self.assertEqual(self.google.redirect_uri, REDIRECT)

    def test_the_address_is_kept_as_browsers_know_it(self):
        for typed in (f"{ADDRESS}/", f" {ADDRESS} ", "https://Odoo.Lanyue.Example"):
            self.google.base_url = typed
            self.assertEqual(self.google.redirect_uri, REDIRECT, typed)
        for local in ("http://localhost:8069", "http://127.0.0.1:8069"):
            self.google.base_url = local
            self.assertEqual(self.google.base_url, local)
            self.assertTrue(self.google.is_safe_base_url)

    def test_addresses_that_no_provider_takes_are_refused(self):
        for bad in (
            "http://odoo.lanyue.example",
            "http://localhost.thief.example",
            "http://localhost@thief.example",
            "https://rep:secret@odoo.lanyue.example",
            f"{ADDRESS}/odoo/action-7",
            f"{ADDRESS}?next=//thief.example",
            f"{ADDRESS}#there",
            f"{ADDRESS}:port",
            f"{ADDRESS}:99999",
            "https://[",
            "https://",
            "https://odoo lanyue.example",
            "//odoo.lanyue.example",
            "javascript:alert(1)",
            "ftp://odoo.lanyue.example",
            "odoo.lanyue.example",
        ):
            with self.subTest(bad=bad), self.assertRaises(ValidationError):
                self.google.base_url = bad

    def test_without_https_a_client_is_not_saved_and_the_form_says_so(self):
        self.set_web_base_url("http://192.168.1.20:8069")
        self.assertFalse(self.google.is_safe_base_url)
        with self.assertRaises(ValidationError):
            self.google.client_id = "odoo-mail"
        self.google.write({"client_id": "odoo-mail", "base_url": ADDRESS})
        self.assertEqual(self.google.redirect_uri, REDIRECT)

    def test_a_proxy_is_a_host_and_a_port(self):
        for good in (
            "http://proxy.lanyue.example:3128",
            "http://10.0.0.7:8080/",
            False,
        ):
            self.google.proxy = good
        for bad in (
            "proxy.lanyue.example:3128",
            "http://proxy.lanyue.example",
            "https://proxy.lanyue.example:3128",
            "socks5://proxy.lanyue.example:1080",
            "http://rep:secret@proxy.lanyue.example:3128",
            "http://:secret@proxy.lanyue.example:3128",
            "http://proxy.lanyue.example:3128/path",
            "http://proxy.lanyue.example:0x1f",
            "http://proxy.lanyue.example:99999",
            "http://[::1",
        ):
            with self.subTest(bad=bad), self.assertRaises(ValidationError):
                self.google.proxy = bad

    def test_directories_are_ids_domains_or_microsofts_names(self):
        for good in (TENANT, "organizations", "common", "lanyue.onmicrosoft.com", ""):
            self.microsoft.tenant = good
        for bad in ("../consumers", "lanyue", f"{TENANT}/oauth2", "a b.example"):
            with self.subTest(bad=bad), self.assertRaises(ValidationError):
                self.microsoft.tenant = bad
        self.microsoft.allowed_tenants = f"{TENANT}\n {TENANT.upper()} "
        with self.assertRaises(ValidationError):
            self.microsoft.allowed_tenants = "lanyue.onmicrosoft.com"
