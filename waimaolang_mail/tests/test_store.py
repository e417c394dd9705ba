# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine import comparing, ledger
from ..engine.fetch import Arrival
from ..mime.parse import parse_mail
from ..transport.base import FetchedMail, RemoteItem
from .common import ARRIVED, MailboxCase, build_mail

EMMA = "Emma Vogel <emma.vogel@nordwind.example>"
LIN = "Lin Xiao <lin@lanyue.example>"
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


def build_html(sender, to, html):
    raw = build_mail(sender, to, Message_ID="<html@n.x>")
    return raw.replace(b"text/plain", b"text/html").replace(b"Hello", html.encode())


@tagged("post_install", "-at_install")
class TestStore(MailboxCase):
    def test_a_customers_mail_stands_on_her_opportunity(self):
        copy = self.take(build_mail(EMMA, LIN, Message_ID="<1@nordwind.example>"))
        mail = copy.mail_id
        message = mail.mail_message_id
        self.assertEqual(copy.state, "stored")
        self.assertEqual((message.model, message.res_id), ("crm.lead", self.lead.id))
        self.assertEqual(message.author_id, self.contact)
        self.assertEqual(message.message_type, "email")
        self.assertTrue(message.is_internal)
        self.assertEqual(message.message_id, "<1@nordwind.example>")
        self.assertEqual(str(message.date), "2026-05-04 08:00:00")
        self.assertIn("Hello", message.body)
        self.assertEqual(mail.direction, "in")
        self.assertEqual(mail.partner_ids, self.contact)
        self.assertEqual(mail.lead_ids, self.lead)
        self.assertEqual(message.waimaolang_mail_id, mail)
        self.assertEqual(self.lead.mail_count, 1)
        self.assertEqual(self.contact.mail_count, 1)
        self.assertEqual(self.customer.mail_count, 1)

    def test_what_the_rep_sent_elsewhere_stands_there_too(self):
        copy = self.take(build_mail(LIN, EMMA), path="已发送")
        self.assertEqual(copy.mail_id.direction, "out")
        self.assertEqual(copy.mail_id.mail_message_id.author_id, self.rep.partner_id)
        self.assertEqual(copy.mail_id.lead_ids, self.lead)

    def test_without_an_open_opportunity_the_contact_is_the_home(self):
        self.lead.action_set_lost()
        copy = self.take(build_mail(EMMA, LIN))
        message = copy.mail_id.mail_message_id
        self.assertEqual(
            (message.model, message.res_id), ("res.partner", self.contact.id)
        )

    def test_an_answer_follows_its_conversation(self):
        other = self.lead.copy({"name": "Another deal", "user_id": self.rep.id})
        self.take(build_mail(EMMA, LIN, Message_ID="<first@nordwind.example>"))
        first = self.env["waimaolang.mail"].search([], limit=1)
        self.assertEqual(first.lead_ids, other)  # the latest of the owner
        first.link_ids.filtered(
            lambda x: x.res_model == "crm.lead"
        ).res_id = self.lead.id
        copy = self.take(
            build_mail(LIN, EMMA, In_Reply_To="<first@nordwind.example>"), path="已发送"
        )
        self.assertEqual(copy.mail_id.lead_ids, self.lead)

    def test_unknown_people_stay_unlinked(self):
        copy = self.take(build_mail("x@stranger.example", LIN))
        self.assertEqual(copy.mail_id.state, "unlinked")
        self.assertFalse(copy.mail_id.mail_message_id.res_id)

    def test_excluded_mail_leaves_a_reason_and_nothing_else(self):
        self.mailbox.blocked = "bank.example"
        before = self.env["mail.message"].search_count([])
        copies = self.take(
            build_mail("a@bank.example", LIN),
            build_mail("chen@lanyue.example", LIN),
            build_mail(
                "n@shop.example", LIN, List_Unsubscribe="<https://shop.example>"
            ),
        )
        self.assertEqual(copies.mapped("state"), ["excluded"] * 3)
        self.assertEqual(copies.mapped("reason"), ["blocked", "internal", "bulk"])
        self.assertEqual(self.env["mail.message"].search_count([]), before)

    # -- I2 ---------------------------------------------------------------------

    def test_i2_copies_in_folders_and_mailboxes_are_one_mail(self):
        raw = build_mail(EMMA, LIN, Message_ID="<2@nordwind.example>")
        received = b"Received: from mx by lanyue; Mon, 04 May 2026 10:00:01 +0200\n"
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        copies = (
            self.take(raw, raw)
            + self.take(received + raw, path="Old")
            + self.take(raw, mailbox=other)
        )
        self.assertEqual(len(copies.mail_id), 1)
        self.assertEqual(copies.mapped("state"), ["stored"] * 4)
        self.assertEqual(copies.mail_id.mailbox_ids, self.mailbox + other)
        self.assertEqual(
            self.env["mail.message"].search_count(
                [("message_id", "=", "<2@nordwind.example>")]
            ),
            1,
        )

    def test_i2_a_known_message_id_with_other_content_is_another_mail(self):
        real = build_mail(EMMA, LIN, text="real", Message_ID="<3@nordwind.example>")
        forged = build_mail(EMMA, LIN, text="forged", Message_ID="<3@nordwind.example>")
        copies = self.take(forged) + self.take(real)
        self.assertEqual(len(copies.mail_id), 2)

    def test_i2_without_message_id_a_mail_is_recognised_again(self):
        raw = build_mail(EMMA, LIN)
        self.assertEqual(len((self.take(raw) + self.take(raw)).mail_id), 1)

    # -- I1 ---------------------------------------------------------------------

    def test_i1_deleted_on_purpose_does_not_come_back(self):
        raw = build_mail(EMMA, LIN, Message_ID="<4@nordwind.example>")
        copy = self.take(raw)
        copy.mail_id.mail_message_id.unlink()
        self.assertEqual((copy.state, copy.reason), ("excluded", "deleted"))
        again = self.take(raw)
        self.assertEqual((again.state, again.reason), ("excluded", "deleted"))
        self.assertFalse(again.mail_id)

    def test_i1_a_mail_outlives_its_home(self):
        copy = self.take(build_mail(EMMA, LIN, subject="Keep me"))
        message = copy.mail_id.mail_message_id
        self.lead.unlink()
        self.assertEqual(
            (message.model, message.res_id), ("res.partner", self.contact.id)
        )
        self.contact.unlink()
        self.assertFalse(message.res_id)
        self.assertEqual(message.subject, "Keep me")
        self.assertEqual(copy.mail_id.state, "unlinked")

    def test_i1_what_the_server_no_longer_delivers_is_gone_the_third_time(self):
        [row] = self.list_copies(self.mailbox, "INBOX", 1)
        copy = self.env["waimaolang.mailbox.copy"].browse(row.id)
        for expected in ("pending", "pending", "gone"):
            self.store(self.mailbox, (), [row.id])
            self.assertEqual(copy.state, expected)

    # -- I4, I5, I14 ------------------------------------------------------------

    def test_i5_a_folder_that_is_gone_leaves_room_for_the_others(self):
        self.list_copies(self.mailbox, "Old", 3)
        self.list_copies(self.mailbox, "INBOX", 1)
        gone = self.mailbox.folder_ids.filtered(lambda folder: folder.path == "Old")
        queue = ledger.pending(self.env.cr, self.mailbox.id, 2, [gone.id])
        self.assertEqual(len(queue), 1)
        self.assertNotIn(gone.id, [copy.folder_id for copy in queue])

    def test_i5_a_mail_over_which_the_line_broke_comes_after_the_others(self):
        copies = self.list_copies(self.mailbox, "INBOX", 3)
        ledger.count_attempts(self.env.cr, [copies[0].id], "the line broke")
        queue = ledger.pending(self.env.cr, self.mailbox.id, 10)
        self.assertEqual([c.id for c in queue], [copies[i].id for i in (1, 2, 0)])

    def test_i1_what_is_listed_again_and_never_comes_is_failed(self):
        copy = self.list_copies(self.mailbox, "INBOX", 1)[0]
        row = self.env["waimaolang.mailbox.copy"].browse(copy.id)
        item = RemoteItem(copy.key, copy.uid, 100, ARRIVED)
        states = []
        for _round in range(3):
            for _attempt in range(3):
                self.store(self.mailbox, (), absent=[copy.id])
            row.invalidate_recordset()
            states.append(row.state)
            ledger.add_pending(
                self.env.cr, self.mailbox.id, copy.folder_id, 7, [(item, True)]
            )
        self.assertEqual(states, ["gone", "gone", "failed"])
        self.assertTrue(row.error)

    def test_i2_the_same_words_with_a_link_elsewhere_are_another_mail(self):
        real, forged = (
            build_html(EMMA, LIN, f'Pay <a href="https://{host}/x">here</a>')
            for host in ("bank.example", "thief.example")
        )
        copies = self.take(real) + self.take(forged)
        self.assertEqual(len(copies.mail_id), 2)
        safe = "https://eur01.safelinks.protection.outlook.com/?url="
        behind = f'Pay <a href="{safe}https%3A%2F%2Fbank.example%2Fx&data=1">here</a>'
        rewritten = self.take(build_html(EMMA, LIN, behind))
        self.assertEqual(rewritten.mail_id, copies[0].mail_id)

    def test_i2_two_alarms_with_the_same_words_are_two(self):
        raw = b"From: alarm@machine.example\nTo: lin@lanyue.example\n\nHot!\n"
        (one, two) = self.list_copies(self.mailbox, "INBOX", 2)
        later = replace(two, internaldate=ARRIVED + timedelta(days=1))
        self.store(
            self.mailbox,
            [
                Arrival(copy, FetchedMail(copy.key, copy.uid, raw), parse_mail(raw))
                for copy in (one, later)
            ],
        )
        self.assertEqual(self.env["waimaolang.mail"].search_count([]), 2)

    def test_i4_import_is_silent(self):
        followers = self.lead.message_follower_ids
        stamp = (self.lead.write_date, self.contact.write_date)
        mails = self.env["mail.mail"].search_count([])
        notices = self.env["mail.notification"].search_count([])
        self.lead.message_subscribe(self.colleague.partner_id.ids)
        followers = self.lead.message_follower_ids
        self.take(build_mail(EMMA, LIN))
        self.assertEqual(self.lead.message_follower_ids, followers)
        self.assertEqual((self.lead.write_date, self.contact.write_date), stamp)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(self.env["mail.notification"].search_count([]), notices)

    @mute_logger("odoo.addons.waimaolang_mail.engine.store")
    def test_i5_a_mail_that_odoo_refuses_is_kept_as_failed(self):
        good, bad = build_mail(EMMA, LIN), build_mail(EMMA, LIN, text="bad")
        prepare = type(self.env["waimaolang.mail"]).create

        def create(records, vals_list):
            if any("bad" in vals["text"] for vals in vals_list):
                raise UserError("refused by another addon")
            return prepare(records, vals_list)

        self.patch(type(self.env["waimaolang.mail"]), "create", create)
        copies = self.take(good, bad)
        self.assertEqual(copies.mapped("state"), ["stored", "failed"])
        self.assertIn("refused by another addon", copies[1].error)
        self.assertEqual(self.raw_of(copies[1]), bad)

    def raw_of(self, copy):
        return b64decode(copy.sudo().raw)

    def test_i5_an_unreadable_mail_is_failed_and_can_be_retried(self):
        [row] = self.list_copies(self.mailbox, "INBOX", 1)
        arrival = Arrival(
            row, FetchedMail(row.key, row.uid, b"\x00"), None, "no parser"
        )
        self.store(self.mailbox, [arrival])
        copy = self.env["waimaolang.mailbox.copy"].browse(row.id)
        self.assertEqual((copy.state, copy.error), ("failed", "no parser"))
        self.assertEqual(self.raw_of(copy), b"\x00")
        copy.with_user(self.rep).action_retry()
        self.assertEqual(copy.state, "pending")

    def test_i14_what_a_mail_brings_cannot_run(self):
        raw = build_mail(EMMA, LIN)
        html = (
            b"<p onclick='x()'>Hi<script>alert(1)</script><a href='javascript:x'>y</a>"
        )
        raw = raw.replace(b"text/plain", b"text/html").replace(b"Hello", html)
        body = self.take(raw).mail_id.mail_message_id.body
        self.assertIn("Hi", body)
        for word in ("script", "onclick", "javascript"):
            self.assertNotIn(word, body)

    def test_a_picture_in_the_text_is_shown_once(self):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = EMMA, LIN, "Photo"
        message.set_content("see")
        message.add_alternative('<p>see <img src="cid:p1"></p>', subtype="html")
        message.get_payload()[1].add_related(PNG, "image", "png", cid="<p1>")
        post = self.take(message.as_bytes()).mail_id.mail_message_id
        picture = self.env["ir.attachment"].search(
            [("res_model", "=", "mail.message"), ("res_id", "=", post.id)]
        )
        self.assertEqual(picture.raw, PNG)
        self.assertIn(f'src="/web/image/{picture.id}"', post.body)
        self.assertFalse(post.attachment_ids)
        post.unlink()
        self.assertFalse(picture.exists())

    def test_attachments_hang_on_the_message(self):
        message = message_from_bytes(build_mail(EMMA, LIN), policy=policy.default)
        message.add_attachment(
            b"<script>1</script>", maintype="text", subtype="html", filename="x.html"
        )
        mail = self.take(message.as_bytes()).mail_id
        attachment = mail.mail_message_id.attachment_ids
        self.assertEqual(attachment.name, "x.html")
        self.assertEqual(attachment.mimetype, "text/plain")
        self.assertEqual(
            (attachment.res_model, attachment.res_id),
            ("mail.message", mail.mail_message_id.id),
        )


@tagged("post_install", "-at_install")
class TestComesAndGoes(MailboxCase):
    def compare(self, copies, keys):
        folder = copies.folder_id
        missing = comparing.reconcile(
            self.env.cr, folder.id, copies[0].uidvalidity, keys
        )
        self.env.invalidate_all()
        return missing

    def test_i7_what_shows_again_counts_as_before_and_is_not_downloaded(self):
        """Stored, or excluded for its reason; nothing in the CRM has changed."""
        copies = self.take(
            build_mail("emma.vogel@nordwind.example", "lin@lanyue.example"),
            build_mail("chen@lanyue.example", "lin@lanyue.example"),
        )
        self.assertEqual(copies.mapped("state"), ["stored", "excluded"])
        mail = copies.mail_id
        self.assertEqual(self.compare(copies, []).suspected, 2)
        self.assertEqual(copies.mapped("state"), ["stored", "excluded"])
        self.assertEqual(len(self.compare(copies, []).gone), 2)
        self.assertEqual(copies.mapped("state"), ["gone", "gone"])
        self.assertTrue(mail.exists().mail_message_id)
        items = [(RemoteItem(c.remote_key, c.uid, 100, ARRIVED), False) for c in copies]
        folder, validity = copies.folder_id, copies[0].uidvalidity
        added = ledger.add_pending(
            self.env.cr, self.mailbox.id, folder.id, validity, items
        )
        self.env.invalidate_all()
        self.assertEqual((added.count, added.returned), (2, 2))
        self.assertEqual(copies.mapped("state"), ["stored", "excluded"])
        self.assertEqual(copies.mail_id, mail)

    def test_i1_a_number_that_the_server_gives_again_is_another_mail(self):
        copies = self.take(
            build_mail("emma.vogel@nordwind.example", "lin@lanyue.example")
        )
        folder, validity = copies.folder_id, copies.uidvalidity
        again = (self.env.cr, folder.id, validity, copies.uid)
        self.assertFalse(comparing.give_back(*again))
        for _listing in range(2):
            self.compare(copies, [])
        self.assertTrue(comparing.give_back(*again))
        item = RemoteItem(str(copies.uid), copies.uid, 100, ARRIVED)
        added = ledger.add_pending(
            self.env.cr, self.mailbox.id, folder.id, validity, [(item, True)]
        )
        self.assertEqual((added.count, added.returned), (1, 0))
