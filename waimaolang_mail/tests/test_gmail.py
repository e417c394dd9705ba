# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import Mock

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine import cursor, gmail, ledger, loading
from ..engine.folders import save_folders
from ..engine.listing import Glance, Lister
from ..transport.base import RemoteFolder, RemoteItem
from .attack import SUBJECT, AttackCase, build_secret
from .common import ARRIVED, MailboxCase, build_mail

LIN = "lin@lanyue.example"
EMMA = "emma.vogel@nordwind.example"


def item(uid, number=0, *labels, **more):
    more = {"size": 100, "internaldate": ARRIVED, **more}
    return RemoteItem(str(uid), uid, gm_msgid=number, labels=frozenset(labels), **more)


class GmailCase(MailboxCase):
    def show(self, *items, mailbox=None, path="INBOX", validity=7, live=False):
        """The server lists these, in the order of their UIDs."""
        mailbox = mailbox or self.mailbox
        folder = mailbox.folder_ids.filtered(lambda f: f.path == path)
        self.env.flush_all()
        ledger.add_pending(
            self.env.cr, mailbox.id, folder.id, validity, [(i, live) for i in items]
        )
        self.env.invalidate_all()
        return self.find(folder, validity, items)

    def find(self, folder, validity, items):
        return self.env["waimaolang.mailbox.copy"].search(
            [
                ("folder_id", "=", folder.id),
                ("uidvalidity", "=", validity),
                ("remote_key", "in", [i.key for i in items]),
            ],
            order="uid",
        )

    def tell(self, copy, *labels, number=0):
        """The server tells the flags of one again."""
        self.env.flush_all()
        sent = gmail.keep(
            self.env.cr,
            copy.mailbox_id.id,
            copy.folder_id.id,
            copy.uidvalidity,
            [item(copy.uid, number, *labels)],
        )
        self.env.invalidate_all()
        return sent


@tagged("post_install", "-at_install")
class TestGmail(GmailCase):
    def test_i2_a_number_that_is_known_needs_no_download(self):
        (copy,) = self.take(build_mail(EMMA, LIN))
        self.tell(copy, number=42)
        again, new = self.show(item(1, 42), item(2, 43), validity=8)
        self.assertEqual((again.state, again.mail_id), ("stored", copy.mail_id))
        self.assertEqual((new.state, new.rematch), ("pending", False))
        # the same mail in Sent, new there
        (sent,) = self.show(item(5, 42), path="已发送", live=True)
        self.assertEqual((sent.state, sent.mail_id), ("stored", copy.mail_id))
        logged = self.env["waimaolang.mailbox.folder.log"].search([])
        self.assertEqual(logged.mapped("event"), ["rematched"] * 2)

    def test_i8_a_number_counts_in_its_mailbox_alone(self):
        (copy,) = self.take(build_mail(EMMA, LIN))
        self.tell(copy, number=42)
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        (row,) = self.show(item(1, 42), mailbox=other)
        self.assertEqual((row.state, row.mail_id.id), ("pending", False))

    def test_a_draft_in_all_mail_is_not_fetched_until_it_is_sent(self):
        draft, mail = self.show(item(1, 41, "\\Draft"), item(2, 42, "\\Inbox"))
        self.assertEqual((draft.state, draft.reason), ("excluded", "draft"))
        self.assertEqual(mail.state, "pending")
        rows = ledger.pending(self.env.cr, self.mailbox.id, 10)
        self.assertEqual([row.id for row in rows], mail.ids)
        # numbered anew it is no known mail, but a draft still
        (again,) = self.show(item(1, 41, "\\Draft"), validity=8)
        self.assertEqual((again.state, again.reason), ("excluded", "draft"))
        self.assertEqual(self.tell(draft, "\\Draft", number=41), 0)
        self.assertEqual(self.tell(draft, "\\Sent", number=41), 1)
        self.assertEqual((draft.state, draft.reason), ("pending", False))
        # somebody else's decision is not undone
        (stored,) = self.take(build_mail(EMMA, LIN), path="Old")
        self.tell(stored, "\\Draft")
        self.assertEqual(stored.state, "stored")

    def test_labels_follow_the_server(self):
        (copy,) = self.take(build_mail(EMMA, LIN))
        mail = copy.mail_id.with_user(self.rep)

        def names():
            mail.invalidate_recordset()
            return mail.label_ids.mapped("name")

        self.tell(copy, "\\Inbox", "\\Important", "客户", "Messe 2026")
        self.assertEqual(names(), ["Messe 2026", "客户"])
        self.tell(copy, "客户", "德国")
        self.assertEqual(names(), ["客户", "德国"])
        self.tell(copy)
        self.assertEqual(names(), [])
        # a server that tells none says nothing about them
        self.tell(copy, "德国")
        untold = RemoteItem(copy.remote_key, copy.uid)
        gmail.keep(self.env.cr, self.mailbox.id, copy.folder_id.id, 7, [untold])
        self.assertEqual(names(), ["德国"])

    def test_labels_are_read_again_where_flags_changed(self):
        first, second = self.take(
            build_mail(EMMA, LIN), build_mail(EMMA, LIN, subject="Order")
        )
        work = Mock()
        work.settings = loading.load(self.env(su=True), self.mailbox.id)
        work.fenced = lambda function: function(self.env(su=True))
        transport = work.connection.transport
        transport.flags.return_value = {second.uid: frozenset({"\\Seen"})}
        transport.describe.side_effect = lambda _folder, keys: tuple(
            item(int(key), 50 + int(key), "客户") for key in keys
        )
        folder = next(f for f in work.settings.folders if f.id == first.folder_id.id)
        look = Lister(work, 0)._look_at_flags
        for tells, names in ((False, []), (True, ["客户"])):
            transport.tells_labels = tells
            look(Glance(folder, cursor.CHANGED_FLAGS, 9))
            self.env.invalidate_all()
            mail = second.mail_id.with_user(self.rep)
            self.assertEqual(mail.label_ids.mapped("name"), names)
        transport.describe.assert_called_once_with("INBOX", [second.remote_key])
        self.assertTrue(second.seen)
        self.assertFalse(first.mail_id.with_user(self.rep).label_ids)

    def test_labels_of_a_mail_that_waits_show_once_it_is_stored(self):
        self.show(item(1, 42, "客户"))
        raw = build_mail(EMMA, LIN)
        folder = self.mailbox.folder_ids.filtered(lambda f: f.path == "INBOX")
        folder.uidnext = 1
        (copy,) = self.take(raw)
        self.assertEqual(
            copy.mail_id.with_user(self.rep).label_ids.mapped("name"), ["客户"]
        )

    def test_where_all_mail_is_hidden_the_usual_folders_take_its_place(self):
        all_mail = RemoteFolder("[Gmail]/All Mail", "[Gmail]/All Mail", "all")
        rest = [
            RemoteFolder("INBOX", "INBOX", "inbox"),
            RemoteFolder("已发送", "已发送", "sent"),
            RemoteFolder("Old", "Old"),
            RemoteFolder("[Gmail]/Spam", "[Gmail]/Spam", "junk"),
        ]
        self.mailbox.folder_ids.synced = False
        save_folders(self.env, self.mailbox.id, [all_mail, *rest])

        def fetched():
            rows = self.mailbox.folder_ids
            return {r.path for r in rows if r.synced and r.selectable}

        self.assertEqual(fetched(), {"[Gmail]/All Mail"})
        save_folders(self.env, self.mailbox.id, rest)
        self.assertEqual(fetched(), set())
        save_folders(self.env, self.mailbox.id, rest)
        self.assertEqual(fetched(), {"INBOX", "已发送", "Old"})
        # what a person left out stays out, as long as anything is fetched
        self.mailbox.folder_ids.filtered(lambda f: f.path == "Old").synced = False
        save_folders(self.env, self.mailbox.id, rest)
        self.assertEqual(fetched(), {"INBOX", "已发送"})


@tagged("post_install", "-at_install")
class TestAttackLabels(GmailCase, AttackCase):
    """Lin and Mate have the same mail, and both read it; how Lin files it is hers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.create_mailbox(
            cls.mate, "mate@lanyue.example", visibility="everyone"
        )
        taker = cls("test_nothing")
        taker.take(build_secret(), mailbox=cls.other)
        for copy in cls.env["waimaolang.mailbox.copy"].search([]):
            mine = copy.mailbox_id == cls.mailbox
            taker.tell(copy, "Wombat" if mine else "Numbat")
        export = cls.env.ref("base.group_allow_export")
        export.user_ids |= cls.rep | cls.mate | cls.leader | cls.colleague
        cls.label, cls.hers = cls.env["waimaolang.label"].search([], order="name desc")

    @property
    def strangers(self):
        return [user for user in self.attackers if user != self.mate]

    def test_i8_a_label_shows_to_those_of_its_mailbox(self):
        mail = self.secret
        self.assertEqual(mail.with_user(self.rep).label_ids, self.label)
        self.assertEqual(mail.with_user(self.mate).label_ids, self.hers)
        self.assertFalse(mail.with_user(self.leader).label_ids)
        self.other.member_ids = self.leader
        self.env.invalidate_all()
        self.assertEqual(mail.with_user(self.leader).label_ids, self.hers)

    def test_i8_in_sudo_it_is_the_user_still(self):
        mail = self.secret.with_user(self.mate).sudo()
        self.assertEqual(mail.label_ids, self.hers)
        self.assertFalse(mail.search([("label_ids", "in", self.label.ids)]))

    def ways(self, label):
        mails, labels = "waimaolang.mail", "waimaolang.label"
        return {
            "search": lambda env: env[labels].search([("id", "in", label.ids)]),
            "name_search": lambda env: len(env[labels].name_search(label.name)),
            "read": lambda env: len(env[labels].browse(label.id).read(["name"])),
            "group": lambda env: sum(
                count
                for name, count in env[labels]._read_group([], ["name"], ["__count"])
                if name == label.name
            ),
            "by id": lambda env: env[mails].search([("label_ids", "=", label.id)]),
            "by name": lambda env: env[mails].search(
                [("label_ids.name", "=", label.name)]
            ),
            "by part": lambda env: env[mails].search(
                [("label_ids", "ilike", label.name[:4])]
            ),
            "by any": lambda env: env[mails].search(
                [("label_ids", "any", [("id", "=", label.id)])]
            ),
            "by mailbox": lambda env: env[mails].search(
                [("label_ids.mailbox_id", "=", label.mailbox_id.id)]
            ),
            "of the message": lambda env: env["mail.message"].search(
                [("waimaolang_mail_id.label_ids.name", "=", label.name)]
            ),
            "of the link": lambda env: env["waimaolang.mail.link"].search(
                [("mail_id.label_ids.name", "=", label.name)]
            ),
            "of a copy": lambda env: env["waimaolang.mailbox.copy"].search(
                [("mail_id.label_ids.name", "=", label.name)]
            ),
            "export": lambda env: sum(
                label.name in repr(row)
                for row in env[mails]
                .search([])
                .export_data(["subject", "label_ids", "label_ids/name"])["datas"]
            ),
            "web": lambda env: sum(
                label.name in repr(row)
                for row in env[mails].web_search_read(
                    [], {"label_ids": {"fields": {"display_name": {}}}}
                )["records"]
            ),
        }

    def test_i8_no_way_tells_a_colleague_of_a_label(self):
        for name, attack in self.ways(self.label).items():
            self.assertTrue(self.attempt(self.rep, attack), name)
            for user in (self.mate, *self.strangers):
                self.assertFalse(self.attempt(user, attack), f"{name} {user.login}")

    def test_i8_not_set_is_no_oracle(self):
        """Who has labels of her own on it finds it as labelled, nobody else does."""
        for user, unlabelled in ((self.rep, 0), (self.mate, 0), (self.leader, 1)):
            mails = self.env["waimaolang.mail"].with_user(user)
            mails = mails.search([("subject", "ilike", SUBJECT)])
            found = mails.search([("label_ids", "=", False), ("id", "in", mails.ids)])
            self.assertEqual(len(found), unlabelled if mails else 0, user.login)

    def test_i8_labels_are_no_group_and_not_written(self):
        mails = self.env["waimaolang.mail"].with_user(self.mate)
        with self.assertRaises(ValueError):
            mails.formatted_read_group([], ["label_ids"], ["__count"])
        label = self.hers.with_user(self.mate)
        for attack in (
            lambda: label.write({"name": "x"}),
            label.unlink,
            lambda: label.create({"name": "x", "mailbox_id": self.mailbox.id}),
            lambda: label.read(["copy_ids"]),
            lambda: label.search([("copy_ids", "!=", False)]),
        ):
            with self.assertRaises(AccessError):
                attack()

    def test_labels_go_with_their_mailbox(self):
        self.other.sudo().action_erase()
        self.assertFalse(self.hers.exists())
        self.assertTrue(self.label.exists())
