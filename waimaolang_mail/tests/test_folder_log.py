# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine import folderlog
from .common import MailboxCase


@tagged("post_install", "-at_install")
class TestFolderLog(MailboxCase):
    def note(self, event, **details):
        folder = self.mailbox.folder_ids[0]
        folderlog.note(self.env.cr, folder.id, self.mailbox.id, event, **details)

    def logs(self, user):
        return self.env["waimaolang.mailbox.folder.log"].with_user(user).search([])

    def test_owner_and_administrator_read_it_and_a_colleague_does_not(self):
        self.note("gone", count=3, detail="two complete listings did not show them")
        for user in (self.rep, self.manager):
            entry = self.logs(user)
            self.assertEqual((entry.event, entry.count), ("gone", 3))
        self.assertFalse(self.logs(self.colleague))

    def test_nobody_changes_it(self):
        self.note("first")
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
