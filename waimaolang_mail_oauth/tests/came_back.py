# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo.tests import HttpCase

from ..flow import google, microsoft
from ..flow.errors import OAuthError
from .signed_in import OauthCase, account, tokens

GOOGLE = "/waimaolang_mail_oauth/google/callback"
MICROSOFT = "/waimaolang_mail_oauth/microsoft/callback"


class CallbackCase(OauthCase, HttpCase):
    """A rep's browser that is sent to a provider and comes back; what the provider is
    asked then is kept in ``exchanged``, and the mailbox opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("waimaolang_mail.allow_http", "True")
        for user in (cls.rep, cls.colleague):
            user.password = f"{user.login}-at-odoo"

    def setUp(self):
        super().setUp()
        self.exchanged = []

        def finish(app, kept, params):
            self.exchanged.append((app.provider, kept, dict(params)))
            if params.get("error"):
                raise OAuthError("denied", params["error"], params["error_description"])
            return account(), tokens("fresh-access", "fresh-refresh")

        for module in (google, microsoft):
            self.startPatcher(patch.object(module, "finish", finish))
        self.startPatcher(
            patch.object(type(self.box), "_try_sign_in", lambda *args: (None, []))
        )

    def log_in(self, user):
        self.authenticate(user.login, f"{user.login}-at-odoo")

    def begin(self, box=None):
        """The state with which the rep was sent to the provider."""
        answer = self.make_jsonrpc_request(
            "/web/dataset/call_button/waimaolang.mailbox/action_sign_in",
            {
                "model": "waimaolang.mailbox",
                "method": "action_sign_in",
                "args": [[(box or self.box).id]],
                "kwargs": {},
            },
        )
        self.assertEqual(answer["target"], "self")
        self.begun = urlsplit(answer["url"])
        return parse_qs(self.begun.query)["state"][0]

    def come_back(self, state, path=GOOGLE, **more):
        query = "&".join(f"{k}={v}" for k, v in {"state": state, **more}.items())
        return self.url_open(f"{path}?{query}", allow_redirects=False)

    def check_refused(self, answer):
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.exchanged, [], "the provider was asked for tokens")
        self.assertEqual(self.grant.state, "live")
