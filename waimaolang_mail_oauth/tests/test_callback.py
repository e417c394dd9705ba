# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import parse_qs, urlsplit

from odoo.tests import tagged

from .came_back import GOOGLE, MICROSOFT, CallbackCase


@tagged("post_install", "-at_install")
class TestCallback(CallbackCase):
    """Threats 1 to 6 and 21: who comes back from a provider, and with what."""

    def test_the_way_there_and_back(self):
        self.log_in(self.rep)
        state = self.begin()
        asked = parse_qs(self.begun.query)
        self.assertEqual(asked["redirect_uri"], [self.app.redirect_uri])
        self.assertEqual(asked["code_challenge_method"], ["S256"])
        self.assertEqual(asked["response_type"], ["code"])
        self.assertGreaterEqual(len(state), 43, "256 bits")
        answer = self.come_back(state, code="abc")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(
            urlsplit(answer.headers["Location"]).path, f"/odoo/mailboxes/{self.box.id}"
        )
        self.assertFalse(urlsplit(answer.headers["Location"]).query)
        self.assertEqual(len(self.exchanged), 1)
        kept = self.grants._of_mailbox(self.box.id)._get_tokens()
        self.assertEqual(kept.refresh_token, "fresh-refresh")

    def test_threat_1_a_state_is_used_once(self):
        self.log_in(self.rep)
        state = self.begin()
        self.come_back(state, code="abc")
        self.exchanged.clear()
        self.grant = self.grants._of_mailbox(self.box.id)
        self.check_refused(self.come_back(state, code="abc"))

    def test_threat_1_an_expired_state(self):
        self.log_in(self.rep)
        state = self.begin()
        self.env["waimaolang.oauth.state"].search([]).expires = "2020-01-01 00:00:00"
        self.check_refused(self.come_back(state, code="abc"))

    def test_threat_1_a_later_beginning_voids_the_earlier(self):
        self.log_in(self.rep)
        state = self.begin()
        self.begin()
        self.check_refused(self.come_back(state, code="abc"))

    def test_threat_1_no_state_and_a_guessed_one(self):
        self.log_in(self.rep)
        for state in ("", "x" * 43, "%00", "'"):
            self.check_refused(self.come_back(state, code="abc"))

    def test_threat_2_a_state_in_another_users_session(self):
        self.log_in(self.rep)
        state = self.begin()
        self.log_in(self.colleague)
        self.check_refused(self.come_back(state, code="abc"))

    def test_threat_2_a_state_in_another_session_of_the_same_user(self):
        self.log_in(self.rep)
        state = self.begin()
        self.log_in(self.rep)
        self.check_refused(self.come_back(state, code="abc"))

    def test_threat_2_a_state_without_a_session_does_not_lead_to_the_login(self):
        self.log_in(self.rep)
        state = self.begin()
        self.logout()
        answer = self.come_back(state, code="abc")
        self.check_refused(answer)
        self.assertNotIn("abc", answer.text)

    def test_threat_3_a_state_at_the_other_providers_address(self):
        self.log_in(self.rep)
        state = self.begin()
        self.check_refused(self.come_back(state, MICROSOFT, code="abc"))

    def test_threat_4_a_forged_host_does_not_change_the_redirect_url(self):
        self.log_in(self.rep)
        self.opener.headers.update(
            {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
        )
        self.begin()
        asked = parse_qs(self.begun.query)
        self.assertEqual(
            asked["redirect_uri"],
            ["https://odoo.lanyue.example/waimaolang_mail_oauth/google/callback"],
        )

    def test_threat_5_nobody_is_led_away(self):
        self.log_in(self.rep)
        for evil in ("//evil.example", "/%5cevil.example", "https://evil.example"):
            state = self.begin()
            answer = self.come_back(state, code="abc", next=evil, redirect=evil)
            target = urlsplit(answer.headers["Location"])
            self.assertIn(target.hostname, (None, "127.0.0.1", "localhost"))
            self.assertEqual(target.path, f"/odoo/mailboxes/{self.box.id}")

    def test_threat_6_a_providers_words_are_text(self):
        self.log_in(self.rep)
        state = self.begin()
        answer = self.come_back(
            state,
            error="access_denied",
            error_description="<script>alert(1)</script>%0d%0aSet-Cookie:%20a=b",
        )
        self.assertEqual(answer.status_code, 303)
        self.assertNotIn("Set-Cookie: a=b", str(answer.headers))
        self.assertEqual(self.grant.state, "live", "a refusal changes nothing")
        self.assertTrue(self.box.sign_in_problem)

    def test_threat_21_the_page_is_not_kept_framed_or_told_on(self):
        self.log_in(self.rep)
        answers = [self.come_back(self.begin(), code="abc"), self.come_back("x")]
        self.assertEqual([a.status_code for a in answers], [303, 403])
        for answer in answers:
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
            self.assertEqual(answer.headers["X-Frame-Options"], "DENY")
            self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")

    def test_i8_a_mailbox_that_changed_hands_meanwhile(self):
        self.log_in(self.rep)
        state = self.begin()
        self.box.sudo().user_id = self.colleague
        self.box.sudo().visibility = "owner"
        answer = self.come_back(state, code="abc")
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(self.grants.search([("subject", "=", "sub-lin")]) - self.grant)

    def test_hostile_queries(self):
        self.log_in(self.rep)
        for query in (
            "state=" + "x" * 5000,
            "&".join(f"a{n}=1" for n in range(60)),
            "state=%ff%fe",
        ):
            answer = self.url_open(f"{GOOGLE}?{query}", allow_redirects=False)
            self.assertIn(answer.status_code, (403, 404))
        for path in ("nobody", "google%00", "GOOGLE", "../google"):
            answer = self.url_open(
                f"/waimaolang_mail_oauth/{path}/callback?state=x", allow_redirects=False
            )
            self.assertEqual(answer.status_code, 404, path)

    def test_an_administrator_who_gave_consent_for_all_is_thanked(self):
        answer = self.come_back("", MICROSOFT, admin_consent="True", tenant="t")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("/odoo/mailboxes", answer.text)
