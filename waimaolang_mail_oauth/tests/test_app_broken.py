# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.waimaolang_mail.engine import loading
from odoo.addons.waimaolang_mail.transport.errors import MailServerError

from ..engine import tokens as source
from ..flow import google
from ..flow.errors import OAuthError
from .signed_in import OauthCase


@tagged("post_install", "-at_install")
class TestRefusals(OauthCase):
    """What a provider's refusal of a refresh token does to grant, app and mailbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kept = cls.grant._get_tokens()
        cls.grant._seal(
            type(kept)(kept.access_token, kept.refresh_token, kept.issued, kept.issued)
        )

    def ask(self, box=None, answer=None):
        """``(error code, how often the provider was asked)``"""
        box = box or self.box
        asked = []

        def refresh(app, refresh_token):
            asked.append(refresh_token)
            raise answer

        self.env.flush_all()
        settings = loading.load(self.env, box.id)
        code = ""
        with patch.object(google, "refresh", refresh):
            try:  # assertRaises would undo what was committed
                source.issue(
                    self.env.cr.dbname, box.id, settings.credentials, settings.address
                )
            except MailServerError as error:
                code = error.code
        self.env.invalidate_all()
        return code, len(asked)

    def activities(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "waimaolang.oauth.app")]
        )

    def test_a_dead_grant_is_wiped_and_not_tried_again(self):
        dead = OAuthError("consent_needed", "invalid_grant")
        self.assertEqual(self.ask(answer=dead), ("consent_needed", 1))
        self.assertEqual(self.grant.state, "dead")
        self.assertFalse(self.grant.tokens_sealed)
        self.assertEqual(self.ask(answer=dead), ("consent_needed", 0))
        self.assertFalse(self.activities(), "nothing is wrong with the app")

    def test_an_administrators_missing_consent_kills_nothing(self):
        answer = OAuthError("admin_consent", "65001")
        self.assertEqual(self.ask(answer=answer), ("consent_missing", 1))
        self.assertEqual(self.grant.state, "live")

    def test_what_passes_by_itself_changes_nothing(self):
        for answer, code in (
            (OAuthError("transient", "503"), "timeout"),
            (OAuthError("transient", "429", retry_after=60), "throttled"),
        ):
            self.assertEqual(self.ask(answer=answer), (code, 1))
            self.assertEqual(self.grant.state, "live")
            self.assertFalse(self.app.error_kind)

    def test_a_broken_app_is_told_once_and_keeps_its_mailboxes(self):
        """I6: the administrators hear of it once, however many mailboxes hang on it,
        and the provider is not asked for each."""
        second = self.create_mailbox(
            self.colleague, "chen@gmail.com", provider_id=self.gmail.id
        )
        other = self.sign_in(second, self.colleague, subject="sub-chen")
        kept = other._get_tokens()
        other._seal(
            type(kept)(kept.access_token, kept.refresh_token, kept.issued, kept.issued)
        )
        broken = OAuthError("app_broken", "invalid_client", "The secret has expired.")
        self.assertEqual(self.ask(answer=broken), ("app_broken", 1))
        told = self.activities()
        self.assertTrue(told)
        self.assertEqual(len(told), len(told.user_id))
        self.assertEqual(self.ask(second, answer=broken), ("app_broken", 0))
        self.assertEqual(self.activities(), told)
        self.assertEqual((self.grant | other).mapped("state"), ["live", "live"])
        self.assertEqual(self.app.state, "broken")
        self.assertIn("secret", self.app.error_message)

    def test_a_mended_app_lets_its_mailboxes_go_on(self):
        broken = OAuthError("app_broken", "invalid_client")
        self.ask(answer=broken)
        self.box.write({"error_code": "app_broken", "next_sync": "2099-01-01 00:00:00"})
        self.app.write({"password": "a new secret"})
        self.assertFalse(self.app.error_kind)
        self.assertFalse(self.activities())
        self.assertLess(str(self.box.next_sync), "2099")
