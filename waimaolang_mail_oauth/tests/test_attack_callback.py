# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from ..flow import google
from ..flow.errors import OAuthError, of_answer
from .came_back import GOOGLE, CallbackCase


@tagged("post_install", "-at_install")
class TestAttackCallback(CallbackCase):
    """What a person, or her browser, may make of the way back."""

    def answer(self, answer):
        """The provider's token endpoint answers so."""

        def finish(app, kept, params):
            raise of_answer(params if params.get("error") else answer)

        return patch.object(google, "finish", finish)

    def test_i6_nobody_breaks_the_companys_app_by_an_address(self):
        """The address is the person's own to write: an error in it says nothing about
        the app, on which everybody's mailboxes hang."""
        self.log_in(self.rep)
        with self.answer({}):
            answer = self.come_back(
                self.begin(), error="invalid_client", error_description="call+me"
            )
        self.assertEqual(answer.status_code, 303)
        self.assertFalse(self.app.error_kind)
        self.assertFalse(self.app.activity_ids)

    def test_i6_nobody_breaks_the_companys_app_by_a_code(self):
        self.log_in(self.rep)
        for said in (
            {"error": "redirect_uri_mismatch"},
            {"error": "invalid_request"},
            {"error": "invalid_grant", "error_codes": [9002313]},
        ):
            with self.subTest(said=said), self.answer(said):
                self.come_back(self.begin(), code="of-no-form")
                self.assertFalse(self.app.error_kind)

    def test_a_wrong_secret_is_told_to_administrators_all_the_same(self):
        self.log_in(self.rep)
        with self.answer({"error": "invalid_client", "error_description": "no"}):
            self.come_back(self.begin(), code="abc")
        self.assertEqual(self.app.error_kind, "app_broken")
        self.assertTrue(self.app.activity_ids)

    def test_a_member_of_a_shared_mailbox_signs_in(self):
        """As she may enter a code for it."""
        shared = self.create_mailbox(
            self.manager, "sales@gmail.com", user_id=False, provider_id=self.gmail.id
        )
        shared.member_ids = [Command.set([self.rep.id, self.colleague.id])]
        self.log_in(self.rep)
        answer = self.come_back(self.begin(shared), code="abc")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(shared.auth_method, "oauth")

    def test_threat_2_another_account_for_a_shared_mailbox(self):
        """Neither a member nor an administrator swaps it."""
        shared = self.create_mailbox(
            self.manager, "sales@gmail.com", user_id=False, provider_id=self.gmail.id
        )
        shared.member_ids = [Command.set([self.rep.id])]
        grant = self.sign_in(shared, self.manager, subject="sub-sales")
        self.log_in(self.rep)
        self.come_back(self.begin(shared), code="abc")
        self.assertEqual(self.grants._of_mailbox(shared.id), grant)
        self.assertTrue(shared.sign_in_problem)

    def test_only_get_comes_back(self):
        self.log_in(self.rep)
        state = self.begin()
        answer = self.url_open(
            GOOGLE, data={"state": state, "code": "abc"}, allow_redirects=False
        )
        self.assertEqual(answer.status_code, 405)
        answer = self.url_open(
            f"{GOOGLE}?state={state}&code=abc", method="HEAD", allow_redirects=False
        )
        self.assertEqual(self.exchanged, [], "a look ahead redeems no code")
        self.assertEqual(self.come_back(state, code="abc").status_code, 303)

    def test_what_did_not_work_is_forgotten_once_it_works(self):
        self.log_in(self.rep)
        with self.answer({}):
            self.come_back(self.begin(), error="access_denied")
        self.assertTrue(self.box.sign_in_problem)
        self.box._keep_code("app password")
        self.box._move("bound")
        self.assertFalse(self.box.sign_in_problem)

    def test_a_refused_account_is_told_to_the_provider(self):
        """What nobody uses does not stay in force there."""
        self.log_in(self.rep)
        other = self.create_mailbox(
            self.rep, "lin9@gmail.com", provider_id=self.gmail.id
        )
        self.sign_in(other, self.rep, subject="sub-9", email="lin9@gmail.com")
        self.grant.unlink()
        told = []
        self.come_back(self.begin(other), code="abc")
        self.assertTrue(other.sign_in_problem)
        with patch.object(google, "revoke", lambda app, token: told.append(token)):
            self.grants._withdraw_all()
        self.assertEqual(told, ["fresh-refresh"])

    def test_an_error_that_is_no_app_error_stays_the_persons(self):
        self.log_in(self.rep)
        for kind in ("transient", "forged", "other_tenant", "admin_consent"):
            with patch.object(google, "finish", side_effect=OAuthError(kind, "x")):
                self.come_back(self.begin(), code="abc")
            self.assertFalse(self.app.error_kind)
            self.assertTrue(self.box.sign_in_problem)

    def test_a_form_that_is_gone_takes_nothing(self):
        self.log_in(self.rep)
        state = self.begin()
        other = self.create_mailbox(
            self.rep, "lin9@gmail.com", provider_id=self.gmail.id
        )
        self.env["waimaolang.oauth.state"].search([]).res_id = other.id
        other.unlink()
        self.check_refused(self.come_back(state, code="abc"))

    def test_a_mailbox_in_another_of_her_companies(self):
        company = self.env["res.company"].create({"name": "Lanyue Overseas"})
        self.rep.company_ids = [Command.link(company.id)]
        box = self.create_mailbox(
            self.rep, "lin8@gmail.com", provider_id=self.gmail.id, company_id=company.id
        )
        self.log_in(self.rep)
        answer = self.come_back(self.begin(box), code="abc")
        self.assertEqual((answer.status_code, box.auth_method), (303, "oauth"))
