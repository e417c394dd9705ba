# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import email
import errno
import os
from email.policy import default
from unittest.mock import patch

from odoo.tests import tagged

from ..engine import state, trouble
from ..models.ir_attachment import IrAttachment
from ..transport.errors import MailServerError
from .common import MailboxCase, build_mail

FULL = OSError(errno.ENOSPC, "No space left on device")
NO_ROOM = "waimaolang_mail.mail_activity_no_room"


@tagged("post_install", "-at_install")
class TestTrouble(MailboxCase):
    """Our own server's trouble is not the mail's."""

    def offer(self, number):
        raw = build_mail(
            "emma.vogel@nordwind.example", self.mailbox.email, f"Offer {number}"
        )
        message = email.message_from_bytes(raw, policy=default)
        message.add_attachment(
            os.urandom(3000), maintype="application", subtype="pdf", filename="a.pdf"
        )
        return message.as_bytes()

    def test_i1_a_full_disk_leaves_the_batch_pending(self):
        mails = [self.offer(number) for number in (1, 2)]
        with patch.object(IrAttachment, "_waimaolang_write_whole", side_effect=FULL):
            try:  # assertRaises would roll the listing back
                self.take(*mails)
                kind = None
            except trouble.OwnTroubleError as error:
                kind = error.kind
        self.assertEqual(kind, trouble.STORAGE)
        self.env.invalidate_all()
        copies = self.env["waimaolang.mailbox.copy"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )
        self.assertEqual(copies.mapped("state"), ["pending"] * 2)
        self.assertEqual(copies.mapped("attempts"), [0, 0])
        self.assertFalse(
            self.env["waimaolang.mail"].search(
                [("mailbox_ids", "in", self.mailbox.ids)]
            )
        )

    def test_i1_half_a_file_of_a_full_disk_is_no_obstacle_later(self):
        attachments = self.env["ir.attachment"].with_context(
            waimaolang_whole_files=True
        )
        content = os.urandom(5000)
        name, path = attachments._get_path(
            content, attachments._compute_checksum(content)
        )
        with open(path, "wb") as file:
            file.write(content[:1024])
        made = attachments.create({"name": "offer.pdf", "raw": content})
        self.assertEqual(made.store_fname, name)
        made.invalidate_recordset()
        self.assertEqual(made.raw, content)
        self.assertEqual(
            [one for one in os.listdir(os.path.dirname(path)) if one in path],
            [os.path.basename(path)],
        )

    def test_i6_a_full_disk_is_told_the_administrators_once(self):
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        boxes = self.mailbox | other
        error = MailServerError("storage", "No space left on device", "store")
        for _number in range(2):
            for box in boxes:
                state.refused(self.env(su=True), box.id, error)
        self.assertEqual(boxes.mapped("state"), ["error"] * 2)
        self.assertIn("no mail is lost", self.mailbox.error_message.lower())
        told = boxes._get_activities(NO_ROOM)
        self.assertEqual(len(told.filtered(lambda a: a.user_id == self.manager)), 1)
        self.assertFalse(told.filtered(lambda a: a.user_id == self.rep))
        for box in boxes:
            state.succeeded(self.env(su=True), box.id, 60)
        self.assertEqual(boxes.mapped("state"), ["connected"] * 2)
        self.assertFalse(boxes._get_activities(NO_ROOM))

    def test_it_waits_longer_each_time_and_strikes_nobody_out(self):
        error = MailServerError("storage", "", "store")
        waits = []
        for _number in range(8):
            state.refused(self.env(su=True), self.mailbox.id, error)
            waits.append(self.mailbox.next_sync)
        self.assertEqual(self.mailbox.auth_failures, 0)
        self.assertEqual(waits, sorted(waits))

    def test_a_mail_without_files_is_stored_as_ever(self):
        copies = self.take(
            build_mail("emma.vogel@nordwind.example", "a@lanyue.example")
        )
        self.assertEqual(copies.state, "stored")
