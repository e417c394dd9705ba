# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import lease, loading, proof, proving, state
from ..transport.errors import MailServerError
from .test_life import REFUSED, LifeCase


@tagged("post_install", "-at_install")
class TestSomeErrors(LifeCase):
    """What is an error to people, and what they are offered first."""

    def offered(self):
        return self.mailbox.health, self.mailbox.reconnect_first, self.mailbox.state

    def prove(self, error, side):
        env = self.env(su=True)
        binding = proving.load_binding(env, self.mailbox.id)
        state_of = "failed" if side == "outgoing" else "waiting"
        steps = [{"name": "send", "state": state_of}]
        finding = proof.Finding(steps=steps, error=error)
        proving.proved(env, self.mailbox.id, binding, finding)

    def test_i6_a_connection_that_was_cut_once_is_no_error(self):
        cut = MailServerError("reset", "gone", phase="fetch")
        self.strike(times=1, error=cut)
        self.assertEqual(self.offered(), ("waiting", False, "connected"))
        self.assertIn("trying again at", self.mailbox.health_reason)
        self.assertFalse(self.mailbox.needs_attention)
        self.assertEqual(self.mailbox.error_code, "reset")
        self.strike(times=1, error=cut)
        self.assertEqual(self.offered(), ("trouble", False, "error"))
        state.succeeded(self.env(su=True), self.mailbox.id, 60)
        self.assertFalse(self.mailbox.error_code)
        self.strike(times=1, error=cut)
        self.assertEqual(self.mailbox.state, "connected")

    def test_a_refused_login_offers_a_new_code_first(self):
        self.strike(times=1)
        self.assertEqual(self.offered(), ("trouble", True, "error"))
        self.strike(times=1, error=MailServerError("dns", "", phase="dns"))
        self.assertFalse(self.mailbox.reconnect_first)

    def test_a_test_mail_whose_login_is_refused_is_kept(self):
        epoch = self.mailbox.connection_epoch
        self.mailbox.outgoing_host = "smtp.lanyue.example"
        self.prove(MailServerError("throttled", "later", phase="login"), "incoming")
        self.assertEqual(self.mailbox.state, "connected")
        self.prove(REFUSED, "incoming")
        self.assertEqual(self.offered(), ("trouble", True, "error"))
        self.assertEqual(self.mailbox.error_code, "auth_bad")
        # by hand is no strike, and the next pass sees for itself
        self.assertEqual(self.mailbox.auth_failures, 0)
        self.assertGreater(self.mailbox.connection_epoch, epoch)

    def test_what_cannot_send_receives_all_the_same_and_says_why(self):
        self.mailbox.outgoing_host = "smtp.lanyue.example"
        self.mailbox.last_sync = fields.Datetime.now()
        self.prove(REFUSED, "outgoing")
        self.assertEqual(self.offered(), ("trouble", True, "connected"))
        self.assertIn("none can be sent", self.mailbox.health_reason)
        self.assertIn("1. ", self.mailbox.outgoing_error_message)
        self.assertFalse(self.mailbox.error_code)
        self.env.flush_all()
        self.assertTrue(lease.claim(self.env.cr, self.mailbox.id))
        state.succeeded(self.env(su=True), self.mailbox.id, 60)
        self.assertEqual(self.mailbox.health, "trouble")
        self.prove(None, "outgoing")
        self.assertEqual(self.offered(), ("good", False, "connected"))
        for values in ({"password": "new"}, {"outgoing_port": 587}):
            self.prove(REFUSED, "outgoing")
            self.mailbox.with_user(self.rep).write(values)
            self.assertEqual(self.mailbox.health, "good", values)

    def test_what_was_tried_with_other_settings_tells_nothing_of_these(self):
        env = self.env(su=True)
        tried = proving.load_binding(env, self.mailbox.id)
        self.mailbox.with_user(self.rep).password = "another"
        finding = proof.Finding(error=REFUSED)
        proving.proved(env, self.mailbox.id, tried, finding)
        self.assertEqual(self.mailbox.state, "connected")

    def test_i13_who_pauses_resumes_or_fetches_wants_a_new_login(self):
        rep = self.mailbox.with_user(self.rep)
        seen = [loading.load(self.env(su=True), self.mailbox.id).connection_settings]
        for verb in ("action_pause", "action_resume", "action_sync"):
            getattr(rep, verb)()
            settings = loading.load(self.env(su=True), self.mailbox.id)
            self.assertNotIn(settings.connection_settings, seen, verb)
            seen.append(settings.connection_settings)
        self.mailbox._wake()
        settings = loading.load(self.env(su=True), self.mailbox.id)
        self.assertEqual(settings.connection_settings, seen[-1])

    def test_i6_fetching_now_is_no_way_around_a_wait(self):
        self.strike(times=1, error=MailServerError("ambiguous", "no", phase="login"))
        with self.assertRaisesRegex(UserError, "wait"):
            self.mailbox.with_user(self.rep).action_sync()
