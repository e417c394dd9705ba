# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .. import flow
from ..flow.errors import OAuthError
from .common import TENANT, AppCase
from .test_app_access import CERTIFICATE, KEY, PAIR


@tagged("post_install", "-at_install")
class TestAppStates(AppCase):
    """Not set up, not tested, ready, refused: what moves an app from one to another."""

    def answer(self, error=None):
        """What Google says to a test from now on."""
        asked = []

        def test(app, redirect_uri):
            asked.append((app, redirect_uri))
            if error:
                raise error

        self.patch(flow.google, "test", test)
        return asked

    def set_up(self):
        self.google.write({"client_id": "odoo-mail", "password": "GOCSPX-abcdef"})

    def test_missing_untested_ready(self):
        self.assertEqual(self.google.state, "missing")
        self.google.client_id = "odoo-mail"
        self.assertEqual(self.google.state, "missing")
        with self.assertRaises(UserError):
            self.google.action_test()
        self.google.password = "GOCSPX-abcdef"
        self.assertEqual(self.google.state, "untested")
        asked = self.answer()
        self.google.action_test()
        self.assertEqual(self.google.state, "ready")
        self.assertTrue(self.google.tested_at)
        [(app, redirect_uri)] = asked
        self.assertEqual((app.client_id, app.secret), ("odoo-mail", "GOCSPX-abcdef"))
        self.assertEqual(redirect_uri, self.google.redirect_uri)

    def test_whatever_a_test_has_shown_ends_with_a_change(self):
        changes = {
            "client_id": "another",
            "password": "GOCSPX-another",
            "proxy": "http://proxy.example:3128",
            "base_url": "https://crm.lanyue.example",
        }
        self.set_up()
        self.answer()
        for name, value in changes.items():
            with self.subTest(name=name):
                self.google.action_test()
                self.assertEqual(self.google.state, "ready")
                self.google[name] = value
                self.assertEqual(self.google.state, "untested")

    def test_refused_told_with_cause_and_remedy_and_mended(self):
        self.set_up()
        self.answer(OAuthError("app_broken", "invalid_client", "Unauthorized"))
        told = self.google.action_test()
        self.assertEqual(self.google.state, "broken")
        self.assertEqual(told["params"]["type"], "danger")
        self.assertIn("client secret", self.google.error_message)
        self.assertIn("Details: Unauthorized", self.google.error_message)
        activities = self.google.sudo().activity_ids
        self.assertIn(self.admin, activities.user_id)
        self.assertNotIn(self.rep, activities.user_id)
        # told once, however often it is refused
        self.google.action_test()
        self.assertEqual(self.google.sudo().activity_ids, activities)
        self.answer()
        self.google.action_test()
        self.assertEqual(self.google.state, "ready")
        self.assertFalse(self.google.error_message)
        self.assertFalse(self.google.sudo().activity_ids)

    def test_a_wrong_redirect_url_is_named_to_be_copied(self):
        self.set_up()
        for code in ("redirect_uri_mismatch", "AADSTS50011"):
            self.answer(OAuthError("app_broken", code))
            self.google.action_test()
            self.assertIn(self.google.redirect_uri, self.google.error_message)

    def test_a_provider_that_is_not_reached_does_not_break_the_app(self):
        self.set_up()
        self.answer(OAuthError("transient", "timeout"))
        told = self.google.action_test()
        self.assertIn("proxy", told["params"]["message"])
        self.assertEqual(self.google.state, "untested")

    def test_certificate_and_secret_replace_each_other(self):
        app = self.microsoft
        app.write({"client_id": "odoo-mail", "tenant": TENANT, "certificate": PAIR})
        self.assertTrue(app.has_certificate)
        self.assertEqual(app.state, "untested")
        app.password = "value~of.the.secret"
        self.assertFalse(app.has_certificate)
        self.assertTrue(app.has_password)
        for half in (KEY, CERTIFICATE, "neither"):
            with self.subTest(half=half), self.assertRaises(ValidationError):
                app.certificate = half

    def test_consents_that_could_not_be_withdrawn_are_listed_until_they_are(self):
        grant = self.env["waimaolang.oauth.grant"].create(
            {
                "app_id": self.google.id,
                "user_id": self.rep.id,
                "subject": "1",
                "email": "lin@lanyue.example",
                "state": "failed",
                "withdrawn_at": "2026-05-04 08:30:00",
            }
        )
        self.assertIn("lin@lanyue.example", self.google.failed_withdrawals)
        self.assertFalse(self.microsoft.failed_withdrawals)
        self.google.action_forget_failed()
        self.assertFalse(grant.exists())
        self.google.invalidate_recordset()
        self.assertFalse(self.google.failed_withdrawals)

    def test_the_consent_link_is_microsofts_and_holds_no_secret(self):
        app = self.microsoft
        self.assertFalse(app.admin_consent_url)
        app.write({"client_id": "odoo-mail", "tenant": TENANT, "password": "abc~def"})
        self.assertIn(f"/{TENANT}/v2.0/adminconsent?", app.admin_consent_url)
        self.assertNotIn("abc~def", app.admin_consent_url)
        self.set_up()
        self.assertFalse(self.google.admin_consent_url)
