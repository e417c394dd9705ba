# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta

from odoo.addons.waimaolang_mail.tests.common import MailboxCase

from ..flow.base import Account, Tokens

EMAIL = "lin@gmail.com"
SECRET = "GOCSPX-known-app-secret"
ACCESS = "ya29.known-access-token"
REFRESH = "1//known-refresh-token"


def tokens(access=ACCESS, refresh=REFRESH, seconds=3600):
    now = datetime.utcnow().replace(microsecond=0)
    return Tokens(
        access, now + timedelta(seconds=seconds), refresh, frozenset(["mail"])
    )


def account(subject="sub-lin", email=EMAIL, tenant=""):
    return Account(subject, tenant, email, "Lin Xiao")


class OauthCase(MailboxCase):
    """A rep whose Gmail mailbox is signed in by the company's app."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.app = cls.env.ref("waimaolang_mail_oauth.app_google")
        cls.app.write(
            {
                "client_id": "known.apps.googleusercontent.com",
                "password": SECRET,
                "base_url": "https://odoo.lanyue.example",
            }
        )
        cls.gmail = cls.env["waimaolang.provider"].search([("code", "=", "gmail")])
        cls.box = cls.create_mailbox(cls.rep, EMAIL, provider_id=cls.gmail.id)
        cls.grants = cls.env["waimaolang.oauth.grant"].sudo()
        cls.grant = cls.sign_in(cls.box, cls.rep)

    def setUp(self):
        super().setUp()
        # cursors of their own, as the engine opens, see what the test wrote
        if not type(self)._registry_patched:
            self.registry_enter_test_mode()

    @classmethod
    def sign_in(cls, mailbox, user, **who):
        grant = cls.grants.with_user(user)._begin(cls.app, account(**who), tokens())
        mailbox.write(
            {
                **cls.app._get_server_vals(),
                "auth_method": "oauth",
                "password_sealed": False,
            }
        )
        grant = grant.sudo()
        grant._hand_to(mailbox)
        return grant
