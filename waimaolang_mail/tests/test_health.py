# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace
from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..engine import state
from ..engine.fetch import Arrival
from ..engine.folders import save_folders
from ..mime.parse import parse_mail
from ..transport.base import FetchedMail, RemoteFolder
from .common import MailboxCase, build_mail

LIN = "lin@lanyue.example"
EMMA = "emma.vogel@nordwind.example"


def ago(**span):
    return fields.Datetime.now() - timedelta(**span)


class HealthCase(MailboxCase):
    def fare(self, mailbox=None, **values):
        """Sets what the engine keeps, and tells how the mailbox fares now."""
        mailbox = (mailbox or self.mailbox).sudo()
        mailbox.write(values)
        self.env.flush_all()
        self.env.invalidate_all()
        return mailbox.health

    def age(self, record, days):
        """``create_date`` is nobody's to write."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {record._table} SET create_date = %s WHERE id = %s",
            (ago(days=days), record.id),
        )
        self.env.invalidate_all()

    def find(self, *domain, user=None):
        boxes = self.env["waimaolang.mailbox"].with_user(user or self.manager)
        return boxes.search([*domain, ("email", "ilike", "lanyue.example")])


@tagged("post_install", "-at_install")
class TestHealth(HealthCase):
    def test_health_and_search_follow_one_rule(self):
        read = {"last_sync": fields.Datetime.now(), "error_code": False}
        cases = [
            ("waiting", {"state": "connected", "next_sync": fields.Datetime.now()}),
            ("good", {"state": "connected", **read}),
            ("waiting", {"error_code": "throttled"}),
            # once is no error to people
            ("waiting", {"error_code": "timeout"}),
            ("trouble", {"error_code": "tls_name"}),
            ("trouble", {"state": "error", "error_code": "dns"}),
            ("trouble", {"state": "reauth", "error_code": "auth_bad"}),
            ("off", {"state": "paused"}),
            ("off", {"state": "disconnected"}),
            ("waiting", {"state": "draft", "error_code": False}),
            ("trouble", {"state": "draft", "error_code": "auth_bad"}),
            ("trouble", {"state": "connected", **read, "last_sync": ago(minutes=66)}),
            ("good", {"state": "connected", **read, "last_sync": ago(minutes=64)}),
            ("off", {"state": "error", "active": False}),
        ]
        for health, values in cases:
            with self.subTest(values=values):
                self.assertEqual(self.fare(**values), health)
                self.assertTrue(self.mailbox.health_reason)
                boxes = self.find(
                    ("health", "=", health), ("active", "in", (True, False))
                )
                self.assertIn(self.mailbox.id, boxes.ids)
                others = self.find(
                    ("health", "!=", health), ("active", "in", (True, False))
                )
                self.assertNotIn(self.mailbox.id, others.ids)

    def test_lag_is_what_is_beyond_the_interval_in_the_readers_words(self):
        self.fare(last_sync=ago(minutes=125), sync_interval=5)
        self.assertEqual(self.mailbox.lag, 120)
        self.assertEqual(self.mailbox.lag_text, "2 hours")
        self.env["res.lang"]._activate_lang("zh_CN")
        chinese = self.mailbox.with_context(lang="zh_CN")
        self.assertEqual(chinese.lag_text, "2小时")
        self.fare(state="paused")
        self.assertEqual((self.mailbox.lag, self.mailbox.lag_text), (0, False))

    def test_unused_is_counted_from_the_last_mail_or_from_the_binding(self):
        self.fare(last_sync=fields.Datetime.now())
        self.age(self.mailbox, 91)
        self.assertEqual(self.mailbox.health, "unused")
        self.assertEqual(self.mailbox.unused_days, 91)
        self.assertIn(self.mailbox.id, self.find(("unused_days", ">", 90)).ids)
        date = fields.Datetime.now().replace(microsecond=0) - timedelta(days=3)
        mail = self.take(build_mail(EMMA, LIN)).mail_id
        mail.sudo().date = date
        self.env.invalidate_all()
        self.assertEqual(self.mailbox.last_mail_date, date)
        self.assertEqual((self.mailbox.health, self.mailbox.unused_days), ("good", 3))
        self.assertNotIn(self.mailbox.id, self.find(("health", "=", "unused")).ids)

    def test_a_list_of_mailboxes_costs_no_query_for_each(self):
        names = [
            "health",
            "health_reason",
            "lag_text",
            "last_mail_date",
            "owner_active",
        ]

        def cost(boxes):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            boxes.with_user(self.manager).read(names)
            return self.env.cr.sql_log_count - before

        boxes = self.mailbox
        cost(boxes)
        alone = cost(boxes)
        for number in range(8):
            boxes |= self.create_mailbox(self.rep, f"lin{number}@lanyue.example")
        cost(boxes)  # creating emptied the caches of access rights
        self.assertLessEqual(cost(boxes), alone)

    def test_an_archived_owner_is_seen_and_found(self):
        shared = self.create_mailbox(self.manager, "sales@lanyue.example")
        shared.user_id = False
        self.colleague.active = False
        box = self.mailbox.copy({"email": "chen@lanyue.example"})
        box.user_id = self.colleague
        self.env.flush_all()
        self.env.invalidate_all()
        box = box.with_user(self.manager)
        self.assertFalse(box.owner_active)
        box.sudo().state = "connected"
        self.assertEqual(box.health, "trouble")
        self.assertIn("archived", box.health_reason)
        box.sudo().state = "paused"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(box.health, "off")
        self.assertIn("archived", box.health_reason)
        self.assertTrue(shared.with_user(self.manager).owner_active)
        self.assertEqual(self.find(("owner_active", "=", False)), box)
        self.assertEqual(
            self.find(("owner_active", "=", True)), (self.mailbox | shared).sorted()
        )

    def test_what_a_script_bound_is_nobodys_who_left(self):
        self.mailbox.user_id = self.env.ref("base.user_root")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.mailbox.owner_active)
        self.assertFalse(self.find(("owner_active", "=", False)))

    def test_trouble_stands_first(self):
        self.create_mailbox(self.colleague, "a@lanyue.example", name="A")
        self.fare(state="error", error_code="timeout", name="Z")
        boxes = self.env["waimaolang.mailbox"].with_user(self.manager)
        found = boxes.search(
            [("email", "ilike", "lanyue")], order="needs_attention desc, name"
        )
        self.assertEqual(found[0].id, self.mailbox.id)

    def test_i8_an_administrator_sees_how_it_fares_and_not_what_it_says(self):
        mail = self.take(build_mail(EMMA, LIN, "Quokka")).mail_id
        self.fare(last_sync=fields.Datetime.now(), visibility="owner")
        box = self.mailbox.with_user(self.manager)
        names = [
            name
            for name, field in box._fields.items()
            if name != "lease_ids" and box._has_field_access(field, "read")
        ]
        told = str(box.read(names))
        self.assertNotIn("Quokka", told)
        self.assertTrue(box.last_mail_date)
        self.assertFalse(mail.with_user(self.manager).has_access("read"))

    def test_a_colleague_learns_nothing_by_searching(self):
        self.fare(state="error", error_code="timeout")
        for term in (("health", "=", "trouble"), ("unused_days", ">=", 0)):
            self.assertFalse(self.find(term, user=self.colleague))
            self.assertTrue(self.find(term, user=self.rep))

    def test_what_is_judged_is_not_written_by_a_client(self):
        mine = self.mailbox.with_user(self.rep)
        for name in ("needs_attention", "history_limited_days"):
            with self.assertRaises(AccessError):
                mine.write({name: 1})


@tagged("post_install", "-at_install")
class TestReview(HealthCase):
    """The monthly activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind = cls.env.ref("waimaolang_mail.activity_type_review")
        # one company with one administrator, whatever the database holds
        cls.company = cls.env["res.company"].create({"name": "Lanyue"})
        cls.boss = cls.manager
        cls.boss.write(
            {
                "company_ids": [Command.set(cls.company.ids)],
                "company_id": cls.company.id,
                "notification_type": "email",
            }
        )
        cls.rep.company_ids += cls.company
        cls.mailbox.company_id = cls.company
        cls.mailbox.last_sync = fields.Datetime.now()

    def review(self):
        self.env.flush_all()
        self.env["waimaolang.mailbox.review"]._run()
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", self.kind.id), ("user_id", "=", self.boss.id)]
        )

    def test_nothing_to_review_is_no_activity(self):
        self.assertFalse(self.review())

    def test_what_needs_review_is_told_once_updated_and_taken_back(self):
        self.mailbox.write({"state": "error", "error_code": "dns"})
        self.mailbox.last_sync = ago(days=6)
        self.assertFalse(self.review())
        self.mailbox.last_sync = ago(days=8)
        mails = self.env["mail.mail"].search_count([])
        messages = self.env["mail.message"].search_count([])
        activity = self.review()
        self.assertEqual(len(activity), 1)
        self.assertIn("In trouble for a week: 1", activity.note)
        self.assertIn("/odoo/mailboxes-review", activity.note)
        self.rep.active = False
        self.assertEqual(self.review(), activity)
        self.assertIn("Owner archived: 1", activity.note)
        # nobody is e-mailed
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(self.env["mail.message"].search_count([]), messages)
        self.mailbox.state = "disconnected"
        self.assertFalse(self.review())

    def test_unused_and_never_connected_are_told(self):
        self.age(self.mailbox, 91)
        draft = self.mailbox.copy({"email": "new@lanyue.example"})
        self.age(draft, 31)
        note = self.review().note
        self.assertIn("Unused for 90 days: 1", note)
        self.assertIn("Never connected, for a month: 1", note)
        self.assertNotIn("new@lanyue.example", note)

    def test_a_done_review_comes_again_next_month(self):
        self.age(self.mailbox, 91)
        first = self.review()
        first.action_feedback(feedback="done")
        self.assertTrue(self.review())

    def test_it_is_the_administrators_alone_and_in_her_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.boss.lang = "zh_CN"
        self.age(self.mailbox, 91)
        activity = self.review()
        self.assertFalse(activity.with_user(self.rep).has_access("read"))
        self.assertTrue(activity.with_user(self.boss).has_access("read"))
        self.assertIn("<li>", activity.note)

    def test_a_company_without_administrator_is_passed_over(self):
        home = self.env.company
        self.boss.write({"company_id": home.id, "company_ids": [Command.set(home.ids)]})
        self.age(self.mailbox, 91)
        self.assertFalse(self.review().filtered(lambda a: "Lanyue" in a.note))


@tagged("post_install", "-at_install")
class TestFolders(MailboxCase):
    def save(self, *folders):
        save_folders(self.env(su=True), self.mailbox.id, folders)
        return {folder.path: folder for folder in self.mailbox.folder_ids}

    def test_the_providers_names_tell_what_folders_are_for(self):
        provider = self.env["waimaolang.provider"].create(
            {
                "code": "test_names",
                "name": "Names",
                "folder_names": "sent = Gesandtes\njunk=Müll/Werbung",
            }
        )
        self.mailbox.provider_id = provider
        by_path = self.save(
            RemoteFolder("INBOX", "INBOX", "inbox"),
            RemoteFolder("g", "gesandtes"),
            RemoteFolder("m", "Müll/Werbung"),
            RemoteFolder("k", "Kunden"),
        )
        told = {path: (f.role, f.synced) for path, f in by_path.items()}
        self.assertEqual(told["gesandtes"], ("sent", True))
        self.assertEqual(told["Müll/Werbung"], ("junk", False))
        self.assertEqual(told["Kunden"], ("other", True))
        self.assertTrue(by_path["Kunden"].unrecognised)

    def test_a_corrected_preset_reaches_folders_that_nobody_decided(self):
        known = [RemoteFolder("g", "Gesandtes"), RemoteFolder("k", "Kunden")]
        by_path = self.save(*known)
        by_path["Kunden"].with_user(self.rep).role = "other"
        self.mailbox.provider_id = self.env["waimaolang.provider"].create(
            {
                "code": "test_names",
                "name": "Names",
                "folder_names": "sent = Gesandtes\njunk = Kunden",
            }
        )
        by_path = self.save(*known)
        self.assertEqual(by_path["Gesandtes"].role, "sent")
        self.assertEqual(by_path["Kunden"].role, "other")
        self.assertFalse(by_path["Kunden"].unrecognised)

    def test_a_mailbox_without_a_known_sent_folder_says_so(self):
        self.assertFalse(self.mailbox.sent_missing)
        sent = self.mailbox.folder_ids.filtered(lambda f: f.role == "sent")
        sent.role = "other"
        self.assertTrue(self.mailbox.sent_missing)
        sent.synced = False
        sent.with_user(self.rep).role = "sent"
        self.assertFalse(self.mailbox.sent_missing)
        self.assertTrue(sent.synced)

    def test_a_folder_of_drafts_is_no_longer_fetched_unless_one_says_so(self):
        old = self.mailbox.folder_ids.filtered(lambda f: f.path == "Old")
        old.with_user(self.rep).role = "junk"
        self.assertFalse(old.synced)
        old.with_user(self.rep).write({"role": "trash", "synced": True})
        self.assertTrue(old.synced)

    def test_there_is_one_inbox(self):
        old = self.mailbox.folder_ids.filtered(lambda f: f.path == "Old")
        with self.assertRaisesRegex(ValidationError, "INBOX"):
            old.with_user(self.rep).role = "inbox"

    def test_what_the_engine_keeps_of_a_folder_is_not_written(self):
        old = self.mailbox.folder_ids.filtered(lambda f: f.path == "Old")
        for name in ("taken_at", "role_chosen"):
            with self.assertRaises(AccessError):
                old.with_user(self.rep).write({name: False})


@tagged("post_install", "-at_install")
class TestHistoryLimit(MailboxCase):
    """QQ and the like show the last 30 days until the user asks them for all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.provider_id = cls.env["waimaolang.provider"].create(
            {
                "code": "test_qq",
                "name": "QQ",
                "window_hint": "Settings > Accounts > All",
            }
        )
        cls.mailbox.history_days = 90

    def arrive(self, *days):
        """Copies that arrived so many days ago."""
        for copy, number in zip(
            self.list_copies(self.mailbox, "INBOX", len(days), live=False),
            days,
            strict=True,
        ):
            self.env["waimaolang.mailbox.copy"].browse(copy.id).sudo().internaldate = (
                datetime.now() - timedelta(days=number)
            )
        self.env.flush_all()

    def judge(self):
        self.env.flush_all()
        state.judge_window(self.env(su=True), self.mailbox.id)
        return self.mailbox.history_limited_days

    def test_a_cut_at_thirty_days_is_recognised_explained_and_forgotten(self):
        self.arrive(*range(19, 31))
        self.assertEqual(self.judge(), 30)
        self.assertIn("30 days", self.mailbox.history_limit_text)
        self.assertIn("Settings > Accounts > All", self.mailbox.history_limit_text)
        self.arrive(70)
        self.assertEqual(self.judge(), 0)
        self.assertFalse(self.mailbox.history_limit_text)

    def test_who_asks_for_thirty_days_is_not_told_that_there_are_no_more(self):
        self.mailbox.history_days = 30
        self.arrive(*range(19, 31))
        self.assertEqual(self.judge(), 0)

    def test_older_mail_outside_of_the_window_is_proof_enough(self):
        self.arrive(*range(19, 31))
        self.mailbox.folder_ids[0].sudo().outside = "1:40"
        self.assertEqual(self.judge(), 0)

    def test_gone_mail_does_not_count_as_shown(self):
        self.arrive(*range(19, 31), 60)
        self.env["waimaolang.mailbox.copy"].search(
            [("mailbox_id", "=", self.mailbox.id)], order="internaldate", limit=1
        ).sudo().state = "gone"
        self.assertEqual(self.judge(), 30)

    def test_providers_without_such_a_setting_are_left_alone(self):
        self.arrive(*range(19, 31))
        self.mailbox.provider_id.window_hint = False
        self.assertEqual(self.judge(), 0)

    def test_i7_reading_again_forgets_the_cursor_and_no_row(self):
        self.arrive(*range(19, 31))
        copies = self.env["waimaolang.mailbox.copy"].search_count(
            [("mailbox_id", "=", self.mailbox.id)]
        )
        folder = self.mailbox.folder_ids[0]
        folder.sudo().write({"live_uid": 13, "taken_at": "2026-01-01 00:00:00"})
        self.mailbox.with_user(self.rep).action_read_again()
        self.assertEqual(folder.uidnext, 1)
        self.assertEqual((folder.live_uid, bool(folder.taken_at)), (13, True))
        self.assertEqual(
            self.env["waimaolang.mailbox.copy"].search_count(
                [("mailbox_id", "=", self.mailbox.id)]
            ),
            copies,
        )
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.colleague).action_read_again()

    def test_old_mail_whose_arrival_the_server_does_not_tell_goes_by_its_date(self):
        """POP3: a user who asks her provider for all mail makes thousands of old mails
        appear under keys that nobody has seen."""
        folder = self.mailbox.folder_ids.filtered(lambda f: f.path == "INBOX")
        for taken_at, live in (("2026-05-06 07:00:00", True), ("2026-05-07", False)):
            folder.sudo().taken_at = taken_at
            copy = replace(
                self.list_copies(self.mailbox, "INBOX", 1)[0], internaldate=None
            )
            # Monday 4 May 2026, 8:00 UTC
            raw = build_mail(EMMA, LIN, message_id=f"<{copy.id}@nordwind.example>")
            fetched = FetchedMail(copy.key, copy.uid, raw)
            self.store(self.mailbox, [Arrival(copy, fetched, parse_mail(raw))])
            mail = self.env["waimaolang.mailbox.copy"].browse(copy.id).mail_id
            self.assertEqual(mail.is_history, not live, taken_at)
