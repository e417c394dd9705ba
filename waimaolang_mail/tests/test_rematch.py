# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo.tests import tagged

from ..engine import comparing, ledger, rematch
from ..mime.headerkey import header_key
from ..transport.base import RemoteItem
from .common import ARRIVED, MailboxCase, build_mail

SIZE = 100
OLD = {"Message_ID": "<1@nordwind.example>"}


@tagged("post_install", "-at_install")
class TestRematch(MailboxCase):
    """The folder's numbers are other ones; is a mail under them a known one?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.raw = build_mail("emma.vogel@nordwind.example", "lin@lanyue.example", **OLD)

    def show(self, raws, path="INBOX", validity=8, mailbox=None, live=False, **item):
        """The server shows these under new numbers: their rows, after their headers
        were looked at."""
        mailbox = mailbox or self.mailbox
        folder = mailbox.folder_ids.filtered(lambda f: f.path == path)
        self.env.flush_all()
        first = item.pop("first", 1)
        item = {"size": SIZE, "internaldate": ARRIVED, **item}
        shown = {
            str(uid): raw for uid, raw in enumerate(raws, first) if raw is not None
        }
        items = [RemoteItem(key, int(key), **item) for key in shown]
        cr = self.env.cr
        ledger.add_pending(
            cr, mailbox.id, folder.id, validity, [(one, live) for one in items]
        )
        self.marked = rematch.marked(cr, mailbox.id, [])
        told = [rematch.read(row, shown.get(row.key)) for row in self.marked]
        self.found = rematch.settle(cr, told)
        self.env.invalidate_all()
        return self.env["waimaolang.mailbox.copy"].search(
            [
                ("folder_id", "=", folder.id),
                ("uidvalidity", "=", validity),
                ("remote_key", "in", list(shown)),
            ],
            order="uid",
        )

    def void(self, path="INBOX"):
        folder = self.mailbox.folder_ids.filtered(lambda f: f.path == path)
        self.env.flush_all()
        ledger.void_others(self.env.cr, folder.id, 8)
        self.env.invalidate_all()

    def waits(self, copy):
        """It is downloaded: pending, without a mark."""
        return (copy.state, copy.rematch, copy.mail_id.id) == ("pending", False, False)

    # -- what is known ----------------------------------------------------------------

    def test_stored_excluded_and_failed_keep_their_outcome(self):
        bcc = build_mail("lin@lanyue.example", self.contact.email, Bcc="c@x.example")
        spam = build_mail("chen@lanyue.example", "lin@lanyue.example", subject="Us")
        stored, sent = self.take(self.raw, bcc)
        self.mailbox.blocked = "lanyue.example"
        (excluded,) = self.take(spam)
        self.assertEqual(excluded.state, "excluded")
        broken = build_mail("x@y.example", "lin@lanyue.example", subject="Broken")
        (failed,) = self.take(broken)
        failed.write({"state": "failed", "mail_id": False, "reason": False})
        failed.write(
            {"raw": b"YmFk", "kept": True, "error": "Nobody can read this", "tries": 2}
        )
        self.void()
        copies = self.show([self.raw, bcc, spam, broken])
        self.assertEqual(
            copies.mapped("state"), ["stored", "stored", "excluded", "failed"]
        )
        self.assertEqual(self.found, 4)
        self.assertEqual(copies[0].mail_id, stored.mail_id)
        self.assertEqual(copies[1].mail_id, sent.mail_id)
        self.assertEqual(copies[1].bcc, sent.bcc)
        self.assertIn("c@x.example", copies[1].bcc)
        self.assertEqual(copies[2].reason, excluded.reason)
        last = copies[3]
        self.assertEqual((last.raw, last.kept, last.tries), (b"YmFk", True, 2))
        self.assertEqual(last.error, "Nobody can read this")
        # it is tried again once, not also as what is gone
        self.assertFalse(failed.raw or failed.kept)
        for name in ("sender_digest", "subject_digest", "entry_digest"):
            self.assertEqual(copies[2][name], excluded[name])
        self.assertTrue(excluded.sender_digest)

    def test_i1_a_tombstone_stays_one(self):
        (copy,) = self.take(self.raw)
        copy.mail_id.sudo().unlink()
        self.void()
        (copy,) = self.show([self.raw])
        self.assertEqual((copy.state, copy.reason), ("excluded", "deleted"))

    def test_i1_deleting_a_mail_leaves_what_the_server_lost_uncounted(self):
        (copy,) = self.take(self.raw)
        mail = copy.mail_id
        self.void()
        mail.sudo().unlink()
        self.env.invalidate_all()
        self.assertEqual((copy.state, copy.reason), ("gone", "deleted"))

    def test_a_mail_in_another_folder_is_known_from_here(self):
        (copy,) = self.take(self.raw)
        (moved,) = self.show([self.raw], path="Old", validity=7)
        self.assertEqual((moved.state, moved.mail_id), ("stored", copy.mail_id))

    def test_a_mail_that_gets_another_number_in_its_folder(self):
        (copy,) = self.take(self.raw)
        self.env.flush_all()
        comparing.reconcile(self.env.cr, copy.folder_id.id, 7, [])
        (again,) = self.show([self.raw], validity=7, first=50)
        self.assertEqual((again.state, again.mail_id), ("stored", copy.mail_id))

    def test_pop3_with_all_keys_renewed(self):
        received = b"Received: by mx; Mon, 4 May 2026 08:30:00 +0000\r\n" + self.raw
        (copy,) = self.take(received)
        copy.write({"uid": 0, "remote_key": "a"})
        self.env.flush_all()
        comparing.reconcile(self.env.cr, copy.folder_id.id, 7, ["b"])
        for key, raw, state in (
            ("b", received.replace(b"08:30:00", b"08:30:01"), "pending"),
            ("c", received, "stored"),
        ):
            ledger.add_pending(
                self.env.cr,
                self.mailbox.id,
                copy.folder_id.id,
                7,
                [(RemoteItem(key, 0, SIZE), False)],
            )
            (row,) = rematch.marked(self.env.cr, self.mailbox.id, [])
            rematch.settle(self.env.cr, [rematch.read(row, raw)])
            self.env.invalidate_all()
            again = self.env["waimaolang.mailbox.copy"].browse(row.id)
            self.assertEqual((again.state, again.rematch), (state, False), key)

    # -- what is not ------------------------------------------------------------------

    def test_i2_a_forged_mail_is_not_swallowed(self):
        """It has Message-ID, Date, From, Subject and size of another one."""
        self.take(self.raw)
        self.void()
        late = ARRIVED + timedelta(seconds=1)
        (forged,) = self.show([self.raw], internaldate=late)
        self.assertTrue(self.waits(forged))
        self.assertEqual(self.marked, [])

    def test_i2_of_two_that_look_alike_neither_is_taken_for_known(self):
        self.take(self.raw)
        self.void()
        for copy in self.show([self.raw, self.raw]):
            self.assertTrue(self.waits(copy))

    def test_i2_one_that_looks_like_its_neighbour_is_downloaded(self):
        self.take(self.raw)
        (again,) = self.show([self.raw], path="Old")
        self.assertEqual(again.state, "stored")
        (third,) = self.show([self.raw], path="Old", first=2)
        self.assertTrue(self.waits(third))

    def test_i2_candidates_that_differ_tell_nothing(self):
        other = self.raw.replace(b"Hello", b"Howdy")
        first, second = self.take(self.raw, other)
        self.assertEqual(header_key(self.raw), header_key(other))
        self.assertNotEqual(first.mail_id, second.mail_id)
        self.void()
        (copy,) = self.show([other])
        self.assertTrue(self.waits(copy))

    def test_i2_new_mail_is_downloaded(self):
        self.take(self.raw)
        now = self.env.cr.now().replace(microsecond=0)
        self.env.cr.execute(
            "UPDATE waimaolang_mailbox_copy SET internaldate=%s", (now,)
        )
        (copy,) = self.show([self.raw], path="Old", live=True, internaldate=now)
        self.assertTrue(self.waits(copy))
        self.assertEqual(self.marked, [])

    def test_i2_what_arrived_long_ago_and_is_new_here_was_moved(self):
        (copy,) = self.take(self.raw)  # Date: 08:00, arrived: 08:30
        (moved,) = self.show([self.raw], path="Old", live=True)
        self.assertEqual((moved.state, moved.mail_id), ("stored", copy.mail_id))
        # the server repeats the sender's date: anybody may have written it
        lying = self.raw.replace(b"10:00:00 +0200", b"10:30:00 +0200")
        self.take(lying)
        (copy,) = self.show([lying], path="Old", live=True, first=2)
        self.assertTrue(self.waits(copy))

    def test_i8_another_mailbox_s_copy_is_nobody_s_business(self):
        self.take(self.raw)
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        (copy,) = self.show([self.raw], mailbox=other)
        self.assertTrue(self.waits(copy))
        self.assertEqual(self.marked, [])
        self.assertFalse(
            self.env["waimaolang.mail"].search([("mailbox_ids", "in", other.ids)])
        )

    def test_a_header_that_is_not_told_or_says_nothing(self):
        self.take(self.raw)
        self.void()
        for number, header in enumerate((b"", b"Subject: Offer\r\n\r\n"), 1):
            (copy,) = self.show([header], first=number)
            self.assertEqual(len(self.marked), 1)
            self.assertTrue(self.waits(copy))

    def test_what_was_not_decided_is_no_outcome(self):
        copies = self.list_copies(self.mailbox, "INBOX", 1)
        (row,) = self.env["waimaolang.mailbox.copy"].browse([c.id for c in copies])
        row.write({"header_key": header_key(self.raw)})
        for values in ({}, {"state": "excluded", "reason": "window"}):
            row.write(values)
            self.void()
            (copy,) = self.show([self.raw])
            self.assertTrue(self.waits(copy))
            copy.sudo().unlink()

    def test_i5_a_header_that_breaks_the_connection_is_no_hindrance(self):
        self.take(self.raw)
        self.void()
        folder = self.mailbox.folder_ids.filtered(lambda f: f.path == "INBOX")
        ledger.add_pending(
            self.env.cr,
            self.mailbox.id,
            folder.id,
            8,
            [(RemoteItem("1", 1, SIZE, ARRIVED), False)],
        )
        (row,) = rematch.marked(self.env.cr, self.mailbox.id, [])
        rematch.forget(self.env.cr, [row.id])
        (copy,) = ledger.pending(self.env.cr, self.mailbox.id, 10)
        self.assertEqual((copy.id, copy.rematch), (row.id, False))
