# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta

from odoo.tests import Form, tagged

from .common import MailboxCase


@tagged("post_install", "-at_install")
class TestPop3(MailboxCase):
    def test_the_port_follows_the_protocol_while_it_is_the_usual_one(self):
        form = Form(self.env["waimaolang.mailbox"].with_user(self.rep))
        for port, protocol, expected in (
            (993, "pop3", 995),
            (995, "imap", 993),
            (143, "pop3", 110),
            (1995, "imap", 1995),
        ):
            form.incoming_port = port
            form.protocol = protocol
            self.assertEqual(form.incoming_port, expected)

    def test_the_form_says_what_pop3_cannot_do(self):
        arch = self.env["waimaolang.mailbox"].get_view(view_type="form")["arch"]
        self.assertIn("POP3 reads the inbox only", arch)

    def test_rows_outside_the_window_count_and_come_back_when_it_grows(self):
        mailbox, folder = self.mailbox, self.mailbox.folder_ids[0].sudo()
        now = datetime.now().replace(microsecond=0)
        ages = {"a": 300, "b": 100, "c": 10, "d": 300}
        copies = self.env["waimaolang.mailbox.copy"].sudo()
        copies = copies.create(
            [
                {
                    "mailbox_id": mailbox.id,
                    "folder_id": folder.id,
                    "uidvalidity": 2**32,
                    "remote_key": key,
                    "uid": 0,
                    "internaldate": now - timedelta(days=days),
                    "state": "pending",
                    "live": key == "d",
                    "attempts": 1,
                }
                for key, days in ages.items()
            ]
        )
        copies.flush_recordset()
        before = folder.pending_count, folder.excluded_count, folder.outside_count

        def states():
            copies.invalidate_recordset()
            folder.invalidate_recordset()
            return [(copy.state, copy.reason) for copy in copies]

        window, pending = ("excluded", "window"), ("pending", False)
        mailbox.history_days = 30
        self.assertEqual(states(), [window, window, pending, pending])
        self.assertEqual(folder.excluded_count, before[1] + 2)
        self.assertEqual(folder.outside_count, before[2] + 2)
        self.assertEqual(folder.pending_count, before[0] - 2)
        mailbox.history_days = 200
        self.assertEqual(states(), [window, pending, pending, pending])
        mailbox.history_days = -1
        self.assertEqual(states(), [pending] * 4)
        self.assertEqual(copies[0].attempts, 0)
