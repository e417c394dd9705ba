# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields
from odoo.tests import tagged

from ..engine import state
from .test_life import LIN, LifeCase


@tagged("post_install", "-at_install")
class TestSystray(LifeCase):
    """The import of older mail, wherever its rep is in Odoo."""

    def setUp(self):
        super().setUp()
        self.mailbox.last_sync = fields.Datetime.now()

    def look(self, user=None):
        self.env.invalidate_all()  # as the next request
        mailboxes = self.env["waimaolang.mailbox"].with_user(user or self.rep)
        return mailboxes.get_needing_me()

    def importing(self, user=None):
        return self.look(user)["importing"]

    def test_nothing_is_shown_and_nothing_asked_again_while_nothing_goes_on(self):
        quiet = {"mailboxes": [], "importing": [], "again_in": False}
        self.assertEqual(self.look(), quiet)
        # new mail is under way all day
        self.list_copies(self.mailbox, "INBOX", 3, live=True)
        self.assertEqual(self.look(), quiet)

    def test_how_far_the_import_is(self):
        self.list_copies(self.mailbox, "INBOX", 300, live=False)
        (shown,) = self.importing()
        self.assertEqual((shown["id"], shown["email"]), (self.mailbox.id, LIN))
        self.assertEqual((shown["percent"], shown["paused"]), (0, False))
        self.assertEqual(shown["count"], "0 of 300 mails")
        self.assertFalse(shown["left"])
        self.mailbox.history_rate = 2.5
        (shown,) = self.importing()
        self.assertIn("2 hours left", shown["left"])

    def test_it_is_asked_again_as_often_as_there_is_something_to_see(self):
        self.list_copies(self.mailbox, "INBOX", 300, live=False)
        for rate, seconds in ((0, 60), (6000, 10), (10, 90), (0.5, 300)):
            self.mailbox.history_rate = rate
            self.assertEqual(self.look()["again_in"], seconds + 1)

    def test_a_paused_import_says_so_and_is_not_asked_again(self):
        self.list_copies(self.mailbox, "INBOX", 3, live=False)
        rung = self.rung(self.rep)
        self.mailbox.with_user(self.rep).action_pause_history()
        self.assertGreater(self.rung(self.rep), rung)
        found = self.look()
        (shown,) = found["importing"]
        self.assertTrue(shown["paused"])
        self.assertIn("Older mails that wait on the server: 3.", shown["left"])
        self.assertFalse(found["again_in"])

    def test_what_is_not_listed_yet_is_part_of_the_import(self):
        inbox = self.mailbox.folder_ids[0]
        inbox.write({"backfill_uid": 400, "remote_count": 1400})
        (shown,) = self.importing()
        self.assertEqual(shown["count"], "0 of 1,400 mails")
        inbox.write({"backfill_uid": 0, "remote_count": 0})
        self.assertFalse(self.importing())
        # just bound
        self.mailbox.last_sync = False
        (shown,) = self.importing()
        self.assertIn("being read", shown["count"])

    def test_i8_only_to_those_whose_mailbox_it_is(self):
        self.list_copies(self.mailbox, "INBOX", 3, live=False)
        self.mailbox.member_ids = self.colleague
        for other in (self.colleague, self.manager):
            self.assertFalse(self.importing(other))
        self.mailbox.user_id = False
        (shown,) = self.importing(self.colleague)
        self.assertEqual(
            set(shown), {"id", "email", "paused", "percent", "count", "left"}
        )
        self.assertFalse(self.importing())

    def test_what_is_paused_as_a_whole_or_not_fetched_is_no_import(self):
        self.list_copies(self.mailbox, "Old", 3, live=False)
        self.assertTrue(self.importing())
        folder = self.mailbox.folder_ids.filtered(lambda f: f.path == "Old")
        folder.synced = False
        self.assertFalse(self.importing())
        folder.synced = True
        self.mailbox.with_user(self.rep).action_pause()
        self.assertFalse(self.importing())

    def test_beginning_and_end_of_an_import_are_told(self):
        env, id_ = self.env(su=True), self.mailbox.id
        before = self.rung(self.rep)
        state.measure(env, id_, 50, 5.0)
        begun = self.rung(self.rep)
        self.assertGreater(begun, before)
        state.measure(env, id_, 50, 5.0)
        self.assertEqual(self.rung(self.rep), begun)
        state.measure(env, id_, 50, 5.0, over=True)
        self.assertGreater(self.rung(self.rep), begun)

    def test_i12_a_page_costs_one_query_more_while_nothing_goes_on(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.look()
            return self.env.cr.sql_log_count - before

        self.mailbox.state = "paused"
        count()  # what is cached for good
        idle = count()
        self.mailbox.state = "connected"
        self.assertEqual(count(), idle + 1)

    def test_it_is_read_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.list_copies(self.mailbox, "INBOX", 3, live=False)
        mailboxes = self.env["waimaolang.mailbox"].with_user(self.rep)
        found = mailboxes.with_context(lang="zh_CN").get_needing_me()
        self.assertEqual(found["importing"][0]["count"], "已导入 0 封，共 3 封")
