# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.waimaolang_mail.engine import loading
from odoo.addons.waimaolang_mail.transport.errors import MailServerError

from ..engine import tokens as source
from ..flow import google
from .signed_in import ACCESS, OauthCase, account, tokens


@tagged("post_install", "-at_install")
class TestAttackRpc(OauthCase):
    """What a client may send of its own accord."""

    def issue(self, box):
        self.env.flush_all()
        settings = loading.load(self.env, box.id)
        ticket = source.issue(
            self.env.cr.dbname, box.id, settings.credentials, settings.address
        )
        return ticket.credentials.secret

    def refusal_of_issue(self, box):
        try:
            return self.issue(box) and ""
        except MailServerError as error:
            return error.code

    # -- threat 14: somebody else's consent opens what she may open, for another ------

    def bind_for_colleague(self):
        box = self.create_mailbox(
            self.colleague, "chen@gmail.com", provider_id=self.gmail.id
        )
        self.sign_in(box, self.manager, subject="sub-boss", email="boss@gmail.com")
        self.assertEqual(self.issue(box), ACCESS)
        return box

    def test_i9_a_consent_opens_the_login_it_was_given_for_and_no_other(self):
        for vals in ({"login": "boss@gmail.com"}, {"email": "boss@gmail.com"}):
            with self.subTest(vals=vals):
                box = self.bind_for_colleague()
                box.with_user(self.colleague).write(vals)
                self.assertEqual(self.refusal_of_issue(box), "consent_needed")
                box.sudo().unlink()

    def test_i9_an_administrator_points_no_ones_consent_elsewhere(self):
        self.box.with_user(self.manager).write({"email": "other@gmail.com"})
        self.assertEqual(self.refusal_of_issue(self.box), "consent_needed")

    # -- values ----------------------------------------------------------------

    def test_i9_two_mailboxes_at_once_do_not_exchange_their_ways(self):
        mine = self.mailbox | self.box
        for method in ("oauth", "password"):
            with self.assertRaises(AccessError):
                mine.with_user(self.rep).write({"auth_method": method})

    def test_i9_a_form_takes_no_grant_from_a_client(self):
        forms = self.env["waimaolang.bind.wizard"].with_user(self.colleague)
        for refused in (
            lambda: forms.create({"oauth_grant_id": self.grant.id}),
            lambda: forms.create({}).write({"oauth_grant_id": self.grant.id}),
            lambda: forms.create({}).read(["oauth_grant_id"]),
            lambda: forms.search([("oauth_grant_id.email", "like", "lin")]),
        ):
            with self.assertRaises(AccessError):
                refused()
        for default in (
            {"default_oauth_grant_id": self.grant.id},
            {"default_proof": {"passed": ["incoming"]}},
        ):
            with self.assertRaises(AccessError):
                forms.with_context(**default).create({"email": "chen@gmail.com"})

    def test_i8_a_forms_onchange_tells_nobodys_account(self):
        forms = self.env["waimaolang.bind.wizard"].with_user(self.colleague)
        spec = {"account_email": {}, "account_differs": {}, "login": {}}
        mine = forms.create({"email": "chen@gmail.com"})
        for form in (forms, mine):
            for changed in ([], ["email"], ["login_as"]):
                told = {}
                try:
                    told = form.onchange(
                        {
                            "oauth_grant_id": self.grant.id,
                            "email": "x@y.example",
                            "login_as": "account",
                        },
                        changed,
                        spec,
                    )
                except (AccessError, ValueError):
                    pass
                self.assertNotIn(self.grant.email, str(told))

    def test_i8_a_mailboxes_onchange_tells_nobodys_account(self):
        self.grant.email = "private@gmail.com"
        mine = self.env["waimaolang.mailbox"].with_user(self.colleague)
        for box in (mine.browse(self.box.id), mine):
            told = {}
            try:
                told = box.onchange(
                    {
                        "id": self.box.id,
                        "auth_method": "oauth",
                        "provider_id": self.gmail.id,
                        "state": "connected",
                    },
                    [],
                    {"oauth_account": {}, "sign_in_problem": {}},
                )
            except AccessError:
                pass
            self.assertNotIn("private@gmail.com", str(told))

    # -- the form, pulled from under a test ------------------------------------

    def form(self, **vals):
        form = self.env["waimaolang.bind.wizard"].with_user(self.colleague)
        form = form.create({"email": "chen@gmail.com", **vals})
        form.write({"provider_id": self.gmail.id, "method": "api", "step": "code"})
        form._fill_servers()
        return form

    def test_a_form_that_signed_in_elsewhere_is_not_bound(self):
        form = self.form()
        form._take_consent(self.app, account("sub-chen", "chen@gmail.com"), tokens())
        key = form._get_settings_key()
        form.sudo().proof = {"key": key, "passed": ["incoming", "arrival"]}
        self.assertTrue(form.is_tested)
        form.provider_id = self.env["waimaolang.provider"].search(
            [("code", "=", "outlook")]
        )
        form.step = "options"
        with self.assertRaises(UserError):
            form.action_next()

    def test_a_provider_that_changed_meanwhile_takes_no_consent(self):
        form = self.form()
        other = self.env["waimaolang.provider"].search([("code", "=", "outlook")])
        form.provider_id = other
        chen = account("sub-chen", "chen@gmail.com")
        self.assertTrue(form._take_consent(self.app, chen, tokens()))
        self.assertFalse(form.sudo().oauth_grant_id)
        box = self.create_mailbox(self.rep, "lin3@gmail.com", provider_id=other.id)
        with patch.object(type(box), "_try_sign_in", lambda *args: (None, [])):
            problem = box.with_user(self.rep)._take_consent(
                self.app, account("sub-3", "lin3@gmail.com"), tokens()
            )
        self.assertTrue(problem)
        self.assertEqual(box.auth_method, "password")

    def test_a_withdrawn_consent_binds_nothing(self):
        form = self.form()
        form._take_consent(self.app, account("sub-chen", "chen@gmail.com"), tokens())
        form.sudo().proof = {
            "key": form._get_settings_key(),
            "passed": ["incoming", "arrival"],
        }
        form.sudo().oauth_grant_id._withdraw()
        form.step = "options"
        with self.assertRaises(UserError):
            form.action_next()
        with patch.object(google, "revoke", lambda *args: True):
            self.grants._withdraw_all()

    def test_a_form_that_begins_anew_withdraws_its_consent(self):
        form = self.form()
        form._take_consent(self.app, account("sub-chen", "chen@gmail.com"), tokens())
        grant = form.sudo().oauth_grant_id
        with self.assertRaises(AccessError):
            form.with_user(self.rep).action_start_anew()
        self.assertEqual(grant.state, "live")
        form.action_start_anew()
        self.assertEqual(grant.state, "revoking")
        self.assertFalse(form.sudo().oauth_grant_id)
