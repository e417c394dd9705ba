# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine import folderlog, reasons, state
from ..engine.reasons import because
from ..models import reason_texts
from ..transport.errors import MailServerError
from .common import MailboxCase


@tagged("post_install", "-at_install")
class TestFolderLog(MailboxCase):
    def note(self, event, **details):
        folder = self.mailbox.folder_ids[0]
        folderlog.note(self.env.cr, folder.id, self.mailbox.id, event, **details)

    def logs(self, user):
        return self.env["waimaolang.mailbox.folder.log"].with_user(user).search([])

    def test_owner_and_administrator_read_it_and_a_colleague_does_not(self):
        self.note("gone", count=3, reason=because("not_shown_twice"))
        for user in (self.rep, self.manager):
            entry = self.logs(user)
            self.assertEqual((entry.event, entry.count), ("gone", 3))
        self.assertFalse(self.logs(self.colleague))

    def test_nobody_changes_it(self):
        self.note("first", reason=because("counted", count=3))
        for user in (self.rep, self.manager):
            with self.assertRaises(AccessError):
                self.logs(user).write({"event": "gone"})
            with self.assertRaises(AccessError):
                self.logs(user).unlink()

    def test_the_newest_hundred_are_kept(self):
        for count in range(folderlog.KEPT + 5):
            self.note("late", count=count)
        counts = self.logs(self.rep).mapped("count")
        self.assertEqual(counts, [*range(folderlog.KEPT + 4, 4, -1)])

    def test_every_reason_has_a_text_that_tells_its_figures(self):
        self.assertEqual(set(reason_texts._TEXTS), set(reasons.CODES))
        samples = {"folder": "Kunden", "oldest": "2026-10-27T08:30:00", "words": "no"}
        for code, names in reasons.CODES.items():
            # unlike any other number of the text
            args = {
                name: samples.get(name, 70_001 + number)
                for number, name in enumerate(sorted(names))
            }
            text = reason_texts.tell(self.env, because(code, **args))
            self.assertTrue(text, code)
            told = {**args, "oldest": "26"} if "oldest" in args else args
            for value in told.values():
                self.assertIn(str(value), text, code)

    def test_a_reason_is_read_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        reason = because("uidnext_back", before=100, now=60)
        self.note("incomplete", reason=reason)
        entry = self.logs(self.rep)
        self.assertEqual((entry.reason, entry.args), (reason.code, reason.args))
        english = entry.with_context(lang="en_US").detail
        chinese = entry.with_context(lang="zh_CN").detail
        self.assertNotEqual(english, chinese)
        for text in (english, chinese):
            self.assertIn("100", text)
            self.assertIn("60", text)

    def test_what_an_older_release_wrote_is_shown_as_it_stands(self):
        self.note("late", count=2)
        entry = self.logs(self.rep).sudo()
        self.assertFalse(entry.detail)
        entry.write({"reason": "long_forgotten", "args": {"uid": 7}})
        self.assertEqual(entry.detail, "long forgotten (uid 7)")
        entry.write({"reason": "counted", "args": False})
        self.assertEqual(entry.detail, "counted")

    def test_a_server_that_tells_the_same_each_time_is_written_down_once(self):
        for count in (5, 5, 6):
            self.note("incomplete", reason=because("listed_short", count=count))
        told = self.logs(self.rep).mapped("args")
        self.assertEqual(told, [{"count": 6}, {"count": 5}])

    def test_why_a_folder_is_not_listed_is_read_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        folder = self.mailbox.folder_ids[0]
        error = MailServerError("folder_gone", "NO such mailbox", "examine")
        state.note_folder_error(self.env(su=True), folder.id, error)
        folder = folder.with_user(self.rep)
        english = folder.with_context(lang="en_US").coverage_text
        chinese = folder.with_context(lang="zh_CN").coverage_text
        self.assertNotEqual(english, chinese)
        for text in (english, chinese):
            self.assertIn("NO such mailbox", text)  # the server's own words

    def test_a_folder_that_is_not_fetched_tells_what_stays_on_the_server(self):
        by_path = {folder.path: folder for folder in self.mailbox.folder_ids}
        old = by_path["Old"]
        old.write({"synced": False, "remote_count": 0})
        self.assertEqual(old.coverage_text, "This folder is not fetched.")
        old.write({"unfetched_count": 1234, "counted_at": "2026-05-06 08:00:00"})
        self.assertIn("1,234 mails in it stay on the server", old.coverage_text)
        self.assertIn("not part of the sum", old.coverage_text)
        self.assertEqual((old.remote_count, self.mailbox.remote_count), (0, 0))
        # a label, of Gmail
        by_path["已发送"].role = "all"
        old.invalidate_recordset()
        self.assertIn("those of All Mail", old.coverage_text)
        old.role = "junk"
        self.assertIn("stay on the server", old.coverage_text)
