# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from pathlib import Path
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.modules.module import get_module_path
from odoo.tests import tagged

from odoo.addons.waimaolang_mail.engine import loading
from odoo.addons.waimaolang_mail.models.waimaolang_vault import KeyMissingError
from odoo.addons.waimaolang_mail.transport.errors import MailServerError

from ..engine import tokens as source
from ..flow import google
from ..flow.errors import OAuthError
from ..hooks import uninstall_hook
from ..models import waimaolang_oauth_app
from .signed_in import ACCESS, OauthCase, account, tokens

MICROSOFT_TENANT = "5f1a3c2e-7b4d-4e6f-8a9b-0c1d2e3f4a5b"
OTHER_TENANT = "11111111-2222-4333-8444-555555555555"


@tagged("post_install", "-at_install")
class TestAttackGrants(OauthCase):
    """What happens around a consent in force: the app, the server, the people."""

    def issue(self, box=None, answer=None):
        """``(secret or error code, how often the provider was asked)``"""
        box = box or self.box
        asked = []

        def refresh(app, refresh_token):
            asked.append(refresh_token)
            if isinstance(answer, Exception):
                raise answer
            return answer or tokens("anew")

        self.env.flush_all()
        settings = loading.load(self.env, box.id)
        with patch.object(google, "refresh", refresh):
            try:
                ticket = source.issue(
                    self.env.cr.dbname, box.id, settings.credentials, settings.address
                )
            except MailServerError as error:
                return error.code, len(asked)
            finally:
                self.env.invalidate_all()
        return ticket.credentials.secret, len(asked)

    def expire(self, grant):
        kept = grant._get_tokens()
        grant._seal(
            type(kept)(kept.access_token, kept.refresh_token, kept.issued, kept.issued)
        )

    # -- the app changes under its grants --------------------------------------

    def test_i6_consents_of_an_earlier_client_do_not_break_the_new_one(self):
        """Google refuses them with a code that elsewhere means a broken app."""
        self.expire(self.grant)
        self.app.client_id = "another.apps.googleusercontent.com"
        refused = OAuthError("app_broken", "unauthorized_client")
        self.assertEqual(self.issue(answer=refused), ("consent_needed", 0))
        self.assertFalse(self.app.error_kind)
        self.app.client_id = "known.apps.googleusercontent.com"
        self.assertEqual(self.issue(), ("anew", 1), "a slip is mended without people")

    def test_threat_20_an_organization_that_may_no_more_is_not_read_on(self):
        app = self.env.ref("waimaolang_mail_oauth.app_microsoft")
        app.write(
            {
                "client_id": "c",
                "password": "s",
                "tenant": "organizations",
                "base_url": "https://odoo.lanyue.example",
            }
        )
        box = self.create_mailbox(self.colleague, "chen@corp.example")
        grant = self.grants.with_user(self.colleague)._begin(
            app, account("oid", "chen@corp.example", MICROSOFT_TENANT), tokens()
        )
        box.write({**app._get_server_vals(), "auth_method": "oauth"})
        grant.sudo()._hand_to(box)
        self.assertEqual(self.issue(box), (ACCESS, 0))
        app.allowed_tenants = OTHER_TENANT
        self.assertEqual(self.issue(box), ("consent_needed", 0))
        app.write({"allowed_tenants": False, "tenant": OTHER_TENANT})
        self.assertEqual(self.issue(box), ("consent_needed", 0))

    # -- the operator's file ---------------------------------------------------

    def test_a_broken_file_of_endpoints_sends_nothing_anywhere(self):
        def broken():
            raise ValueError("not json")

        form = self.env["waimaolang.bind.wizard"].with_user(self.colleague)
        form = form.create({"email": "chen@gmail.com", "provider_id": self.gmail.id})
        form.method = "api"
        self.expire(self.grant)
        with patch.object(waimaolang_oauth_app, "_read_overrides", broken):
            self.assertEqual(self.issue(), ("app_broken", 0))
            for refused in (
                lambda: form._fill_servers(),
                lambda: self.box.with_user(self.rep).action_sign_in(),
            ):
                with self.assertRaisesRegex(UserError, "administrator"):
                    refused()
            # administrators still come to their form, and learn it there
            microsoft = self.env.ref("waimaolang_mail_oauth.app_microsoft")
            microsoft.client_id = "c"
            self.assertFalse(microsoft.admin_consent_url)
            notice = self.app.action_test()
            self.assertIn("waimaolang_oauth_endpoints", notice["params"]["message"])
            settings = self.env["res.config.settings"].create({})
            self.assertEqual(settings.waimaolang_google_state, "broken")
        self.assertEqual(self.grant.state, "live")

    def test_files_that_are_no_endpoints(self):
        path = Path(self.env["ir.attachment"]._full_path("")) / "endpoints.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        for text in ("{", "[]", '{"google": []}', '{"google": {"token": "http://x"}}'):
            path.write_text(text)
            with (
                self.subTest(text=text),
                patch.dict(
                    "os.environ", {waimaolang_oauth_app.ENDPOINTS_ENV: str(path)}
                ),
                self.assertRaises(OAuthError) as caught,
            ):
                self.app._get_endpoints()
            self.assertNotIn(str(path), str(caught.exception))
        path.unlink()
        with (
            patch.dict("os.environ", {waimaolang_oauth_app.ENDPOINTS_ENV: str(path)}),
            self.assertRaises(OAuthError) as caught,
        ):
            self.app._get_endpoints()
        self.assertNotIn(str(path), str(caught.exception))

    # -- the end ---------------------------------------------------------------

    def test_i9_neutralize_leaves_nothing_usable(self):
        self.expire(self.grant)
        path = Path(get_module_path("waimaolang_mail_oauth")) / "data/neutralize.sql"
        self.env.flush_all()
        self.env.cr.execute(path.read_text())
        self.env.invalidate_all()
        self.assertEqual(self.issue(), ("consent_needed", 0))
        self.assertFalse(self.app._is_ready())
        self.assertFalse(self.env["waimaolang.oauth.state"].search([]))
        with self.assertRaises(UserError):
            self.box.with_user(self.rep).action_sign_in()
        self.grant._withdraw()
        self.env.flush_all()
        with patch.object(google, "revoke", side_effect=AssertionError):
            self.grants._withdraw_all()
        self.env.invalidate_all()
        self.assertFalse(self.grant.exists())

    def sign_many_in(self, count=4):
        for number in range(count):
            email = f"n{number}@gmail.com"
            box = self.create_mailbox(self.rep, email, provider_id=self.gmail.id)
            self.sign_in(box, self.rep, subject=email, email=email)
        self.env.flush_all()

    def test_i6_a_silent_provider_holds_up_neither_the_job_nor_the_removal(self):
        self.sign_many_in()
        asked = []

        def revoke(app, refresh_token):
            asked.append(refresh_token)
            raise OAuthError("transient", "timeout")

        with patch.object(google, "revoke", revoke):
            self.grants.search([])._withdraw()
            self.env.flush_all()
            self.grants._withdraw_all()
            self.assertEqual(len(asked), 1)
            uninstall_hook(self.env)
            self.assertEqual(len(asked), 2)
        self.assertEqual(set(self.grants.search([]).mapped("state")), {"revoking"})

    def test_threat_19_who_leaves_closes_what_she_opened_for_others(self):
        """Not only the next login: the session that is open too."""
        shared = self.create_mailbox(
            self.manager, "sales@gmail.com", user_id=False, provider_id=self.gmail.id
        )
        shared.member_ids = [Command.set([self.rep.id, self.colleague.id])]
        self.sign_in(shared, self.rep, subject="sub-sales")
        before = shared.connection_epoch
        self.rep.active = False
        self.assertGreater(shared.connection_epoch, before)

    # -- the key of the secrets ------------------------------------------------

    def test_i9_without_the_key_everybody_is_told_and_nothing_is_lost(self):
        before = self.grant.tokens_sealed
        missing = patch.object(
            type(self.env["waimaolang.vault"]), "_read_key", side_effect=KeyMissingError
        )
        with missing:
            self.assertEqual(self.issue(), ("key_missing", 0))
            with self.assertRaisesRegex(UserError, "cannot be opened"):
                self.box.with_user(self.rep).action_sign_in()
            self.assertFalse(self.app.has_certificate)
            with self.assertRaises(UserError):
                self.app.action_test()
            with (
                patch.object(type(self.box), "_try_sign_in", lambda *args: (None, [])),
                self.assertRaisesRegex(UserError, "key that protects"),
            ):
                self.box.with_user(self.rep)._take_consent(
                    self.app, account(), tokens("new", "new")
                )
        self.env.invalidate_all()
        self.assertEqual(self.grant.tokens_sealed, before)
        self.assertEqual(self.issue(), (ACCESS, 0))

    # -- clocks ----------------------------------------------------------------

    def test_tokens_of_a_second_serve_one_login_each(self):
        self.expire(self.grant)
        for _number in range(2):
            self.assertEqual(
                self.issue(answer=tokens("brief", seconds=0)), ("brief", 1)
            )

    def test_a_token_from_a_clock_that_was_set_back_is_renewed_once_refused(self):
        kept = self.grant._get_tokens()
        late = kept.expires.replace(year=kept.expires.year + 1)
        self.grant._seal(type(kept)(kept.access_token, kept.refresh_token, late, late))
        self.env.flush_all()
        settings = loading.load(self.env, self.box.id)
        with patch.object(google, "refresh", lambda app, token: tokens("anew")):
            ticket = source.issue(
                self.env.cr.dbname,
                self.box.id,
                settings.credentials,
                settings.address,
                refused=ACCESS,
            )
        self.assertEqual(ticket.credentials.secret, "anew")
