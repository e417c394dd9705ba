# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..engine import recount
from .common import ARRIVED, build_mail
from .test_failures import EMMA, LIN, FailureCase


@tagged("post_install", "-at_install")
class TestCoverage(FailureCase):
    def setUp(self):
        super().setUp()
        folders = self.mailbox.folder_ids.sudo()
        folders.write({"synced": True, "uidvalidity": 7, "recounted_at": ARRIVED})
        self.inbox = folders.filtered(lambda f: f.path == "INBOX")

    def look(self):
        """What its owner reads of the mailbox."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.mailbox.with_user(self.rep)

    def test_every_verdict_has_words(self):
        told = self.env["waimaolang.coverage"].fields_get(["verdict"], ["selection"])
        verdicts = [verdict for verdict, _words in recount.VERDICTS]
        self.assertEqual([v for v, _words in told["verdict"]["selection"]], verdicts)

    def test_one_too_many_here_and_one_too_few_there_do_not_add_up(self):
        first, second = self.mailbox.folder_ids[:2].sudo()
        first.remote_count, second.remote_count = 1, 0
        self.take(build_mail(EMMA, LIN), path=second.path)
        box = self.look()
        self.assertEqual((box.difference, box.coverage_state), (2, "differs"))

    def test_i1_failed_mail_is_told_though_all_adds_up(self):
        self.take_failed()
        self.inbox.remote_count = 1
        folder = self.look().folder_ids.filtered(lambda f: f.path == "INBOX")
        self.assertEqual(folder.coverage_state, "whole")
        self.assertIn("1 could not be read or stored", folder.coverage_text)

    def test_what_waits_does_not_count_as_fetched(self):
        self.take(build_mail(EMMA, LIN))
        self.list_copies(self.mailbox, "INBOX", 2)
        self.inbox.remote_count = 3
        box = self.look()
        self.assertEqual((box.coverage_state, box.coverage_text), ("working", "1 of 3"))

    def test_nothing_is_proved_before_it_was_compared(self):
        self.inbox.recounted_at = False
        self.assertEqual(self.look().coverage_state, "working")

    def test_excluded_mail_is_listed_and_what_has_no_rows_is_counted(self):
        self.inbox.outside = "1:40"
        action = self.look().action_view_excluded()
        self.assertIn("40 more", action["display_name"])
