# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.waimaolang_mail.models import mailbox_errors

from ..flow.errors import OAuthError
from ..models import oauth_error_texts
from .signed_in import OauthCase, account, tokens


@tagged("post_install", "-at_install")
class TestWords(OauthCase):
    """Who signed in reads of signing in, and who administers of the app."""

    def make_form(self, **vals):
        form = (
            self.env["waimaolang.bind.wizard"]
            .with_user(self.rep)
            .create({"email": "new@gmail.com", "step": "method", **vals})
        )
        form.provider_id = self.gmail
        return form

    def test_a_refused_sign_in_speaks_of_no_code(self):
        for code in sorted(mailbox_errors.CODE_CODES):
            for side in ("incoming", "outgoing"):
                text = self.box._describe_error(code, "", side)
                self.assertNotIn("code", text.lower(), (code, side))
                self.assertIn("1. ", text, "there is something to do")

    def test_a_rep_is_not_told_to_mend_the_app(self):
        error = OAuthError("app_broken", "invalid_client", "AADSTS7000222: expired")
        text = oauth_error_texts.describe_to_person(
            self.env(user=self.rep), error, self.app
        )
        self.assertNotIn("secret", text)
        self.assertIn("administrator", text)
        told = oauth_error_texts.describe(self.env, error, self.app)
        self.assertIn("secret", told)

    def test_the_comparison_says_who_has_to_do_what(self):
        row = self.make_form().methods["rows"][0]
        self.assertEqual((row["method"], row["refused"]), ("api", ""))
        self.app._note_broken(OAuthError("app_broken", "invalid_client"))
        form = self.make_form()
        row = form.methods["rows"][-1]
        self.assertEqual(row["method"], "api")
        self.assertIn("mend", row["refused"])
        self.assertEqual(form.methods["recommended"], "imap")
        self.app._note_working()
        self.app.sudo().client_id = False
        row = self.make_form().methods["rows"][-1]
        self.assertIn("set it up", row["refused"])
        self.assertNotIn("seconds", " ".join(row["cells"].values()))

    def test_two_mailboxes_are_not_bound_as_one(self):
        """The test mail went to another mailbox than the one that is read."""
        form = self.make_form(method="api")
        form._take_consent(self.app, account("sub-new", "other@gmail.com"), tokens())
        self.assertTrue(form.account_differs)
        form.login_as = "account"
        with self.assertRaisesRegex(UserError, "two mailboxes"):
            form.action_skip_sending()
        form.login_as = "address"
        form.action_skip_sending()
        self.assertFalse(form.send_test)

    def test_a_refusal_can_be_put_away(self):
        self.box.sign_in_problem = "You did not allow it"
        self.box.with_user(self.rep).action_forget_problem()
        self.assertFalse(self.box.sign_in_problem)
