# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine import ledger, state
from .common import MailboxCase


@tagged("post_install", "-at_install")
class TestHistory(MailboxCase):
    def pending(self):
        paused = self.mailbox.history_paused
        rows = ledger.pending(self.env.cr, self.mailbox.id, 10, history=not paused)
        count = ledger.count_pending(self.env.cr, self.mailbox.id, history=not paused)
        self.assertEqual(len(rows), count)
        return [row.live for row in rows]

    def test_paused_history_waits_and_new_mail_comes(self):
        self.list_copies(self.mailbox, "INBOX", 2, live=False)
        self.list_copies(self.mailbox, "INBOX", 1, live=True)
        self.assertEqual(self.pending(), [True, False, False])
        self.mailbox.with_user(self.rep).action_pause_history()
        self.assertEqual(self.pending(), [True])
        text = self.mailbox.with_user(self.rep).history_left_text
        self.assertIn("3", text)
        self.assertIn("New mail keeps coming", text)
        self.mailbox.with_user(self.rep).action_resume_history()
        self.assertEqual(self.pending(), [True, False, False])

    def test_the_owner_and_the_administrator_pause_and_nobody_else(self):
        for user in (self.rep, self.manager):
            self.mailbox.with_user(user).action_pause_history()
            self.mailbox.with_user(user).action_resume_history()
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.colleague).action_pause_history()
        # by the button alone, not by a write
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.rep).write({"history_paused": True})

    def test_rate_and_time_left_in_words(self):
        self.list_copies(self.mailbox, "INBOX", 300, live=False)
        self.assertFalse(self.mailbox.history_left_text)
        env = self.env(su=True)
        state.measure(env, self.mailbox.id, 50, 5.0)
        self.assertEqual(self.mailbox.history_rate, 600)
        # a minute after, with other mailboxes in between
        self.mailbox.history_measured -= timedelta(seconds=60)
        state.measure(env, self.mailbox.id, 50, 5.0)
        self.assertAlmostEqual(self.mailbox.history_rate, 490, delta=12)
        self.mailbox.history_rate = 2.5
        self.mailbox.invalidate_recordset()
        self.assertIn("2 hours left", self.mailbox.history_left_text)
        # long after: another import
        self.mailbox.history_measured -= timedelta(hours=3)
        state.measure(env, self.mailbox.id, 10, 1.0)
        self.assertEqual(self.mailbox.history_rate, 600)
