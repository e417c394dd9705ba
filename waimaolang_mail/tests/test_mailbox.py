# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine import backoff, loading, state
from ..engine.folders import save_folders
from ..models import mailbox_errors
from ..transport.base import RemoteFolder
from ..transport.errors import CODES, SENDING_CODES, MailServerError
from .common import MailboxCase, build_mail

LIN = "lin@lanyue.example"


@tagged("post_install", "-at_install")
class TestMailbox(MailboxCase):
    def test_an_address_is_bound_once_and_the_refusal_names_who_has_it(self):
        with self.assertRaisesRegex(ValidationError, "Lin Xiao"):
            self.create_mailbox(self.colleague, "LIN@lanyue.example")

    @mute_logger("odoo.sql_db")
    def test_two_who_bind_at_once_are_stopped_by_the_database(self):
        with self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "INSERT INTO waimaolang_mailbox (name, email, email_key, company_id,"
                " protocol, auth_method, incoming_security, outgoing_security, state,"
                " sync_interval, unknown_policy) SELECT name, email, email_key,"
                " company_id, protocol, auth_method, incoming_security,"
                " outgoing_security, state, sync_interval, unknown_policy"
                " FROM waimaolang_mailbox WHERE id = %s",
                (self.mailbox.id,),
            )

    def test_an_address_must_be_one(self):
        with self.assertRaises(ValidationError):
            self.create_mailbox(self.colleague, "no address")

    def test_a_rep_binds_for_herself_only(self):
        with self.assertRaises(AccessError):
            self.create_mailbox(self.rep, "x@lanyue.example", user_id=self.colleague.id)
        mailbox = self.create_mailbox(
            self.manager, "chen@lanyue.example", user_id=self.colleague.id
        )
        self.assertEqual(mailbox.user_id, self.colleague)

    def test_connecting_without_settings_says_what_is_missing(self):
        mailbox = self.create_mailbox(
            self.colleague, "chen@lanyue.example", incoming_host=False, password=False
        )
        with self.assertRaisesRegex(UserError, "incoming server.*authorization code"):
            mailbox.with_user(self.colleague).action_connect()

    def test_history_window_and_days_say_the_same(self):
        self.mailbox.history_window = "30"
        self.assertEqual(self.mailbox.history_days, 30)
        self.mailbox.history_days = 45
        self.assertEqual(self.mailbox.history_window, "custom")

    def test_another_window_lists_the_folders_again(self):
        folder = self.mailbox.folder_ids[0]
        folder.sudo().write({"uidnext": 50, "outside": "1:40", "live_uid": 48})
        self.assertEqual(folder.excluded_count, 40)
        self.mailbox.history_days = -1
        self.assertEqual((folder.uidnext, folder.outside), (1, False))
        self.assertEqual(folder.live_uid, 48)
        self.assertFalse(self.mailbox.history_from)

    def test_every_error_has_a_cause_and_a_remedy_in_both_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["waimaolang_mail"], ["zh_CN"])
        chinese = self.env(context={"lang": "zh_CN"})
        codes = {code for code, _label in mailbox_errors.SELECTION}
        self.assertEqual(codes, set(CODES) - SENDING_CODES)
        for code in CODES:
            english_lines = mailbox_errors.describe(self.env, code, "x").splitlines()
            self.assertTrue(english_lines[1].startswith("1. "), code)
            self.assertEqual(english_lines[-1], "Details: x", code)
            for protocol, side in (
                ("imap", "incoming"),
                ("pop3", "incoming"),
                ("imap", "outgoing"),
            ):
                told = mailbox_errors.explain(
                    chinese, code, protocol=protocol, side=side
                )
                self.assertTrue(told.remedies, code)
                for line in (told.cause, *told.remedies):
                    self.assertRegex(line, "[一-鿿]", (code, protocol))

    def test_the_error_is_kept_and_read_in_the_readers_language(self):
        error = MailServerError("auth_bad", "LOGIN failed.", phase="login")
        state.refused(self.env(su=True), self.mailbox.id, error)
        self.assertEqual(self.mailbox.error_code, "auth_bad")
        self.assertIn("LOGIN failed.", self.mailbox.error_message)
        self.assertEqual(self.mailbox.state, "error")
        self.assertGreater(self.mailbox.next_sync, self.mailbox.write_date)

    def test_i6_three_refused_logins_end_in_reauth(self):
        error = MailServerError("auth_bad", "no", phase="login")
        for _attempt in range(backoff.MAX_AUTH_FAILURES):
            state.refused(self.env(su=True), self.mailbox.id, error)
        self.assertEqual(self.mailbox.state, "reauth")

    def test_i6_a_pause_that_the_server_asked_for_is_no_failure(self):
        error = MailServerError("throttled", "wait", phase="fetch")
        for _attempt in range(5):
            state.refused(self.env(su=True), self.mailbox.id, error)
        self.assertEqual((self.mailbox.state, self.mailbox.failures), ("connected", 0))

    def test_pause_and_resume(self):
        mailbox = self.mailbox.with_user(self.rep)
        mailbox.action_pause()
        self.assertEqual(mailbox.state, "paused")
        mailbox.action_resume()
        self.assertEqual(mailbox.state, "connected")

    def test_i1_a_smaller_window_leaves_waiting_history_on_the_server(self):
        self.list_copies(self.mailbox, "INBOX", 3, live=False)
        stored = self.take(build_mail("emma.vogel@nordwind.example", LIN), live=False)
        self.mailbox.with_user(self.rep).history_days = 1
        left = self.env["waimaolang.mailbox.copy"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )
        self.assertEqual(left, stored)

    def test_i1_a_pass_under_way_does_not_put_a_forgotten_cursor_back(self):
        folder = self.mailbox.folder_ids[0]
        known = next(
            one
            for one in loading.load(self.env, self.mailbox.id).folders
            if one.id == folder.id
        )
        folder.with_user(self.rep).action_resync()
        with self.assertRaises(state.StaleCursorError):
            state.save_cursor(self.env, replace(known, uidnext=50), 49)

    def test_folders_that_come_and_go_on_the_server_are_followed(self):
        inbox, sent = (
            RemoteFolder("INBOX", "INBOX", "inbox"),
            RemoteFolder("已发送", "已发送", "sent"),
        )
        fresh = RemoteFolder("Kunden", "Kunden")
        save_folders(self.env, self.mailbox.id, [inbox, sent, fresh])
        by_path = {folder.path: folder for folder in self.mailbox.folder_ids}
        self.assertTrue(by_path["Kunden"].synced)
        self.assertFalse(by_path["Old"].selectable)
        self.assertTrue(by_path["Old"].error)

    def test_i7_a_folder_counts_as_removed_when_two_lists_do_not_show_it(self):
        raw = build_mail("emma.vogel@nordwind.example", LIN)
        copy = self.take(raw, path="Old")
        mail, folder = copy.mail_id, copy.folder_id
        folder.remote_count = 1
        rest = [RemoteFolder("INBOX", "INBOX", "inbox")]
        logged = self.env["waimaolang.mailbox.folder.log"]
        for state_ in ("stored", "gone", "gone"):
            save_folders(self.env, self.mailbox.id, rest)
            self.env.invalidate_all()
            self.assertEqual(copy.state, state_)
        entries = logged.search([("folder_id", "=", folder.id)])
        self.assertEqual([(e.event, e.count) for e in entries], [("removed", 1)])
        self.assertEqual((folder.remote_count, folder.difference), (0, 0))
        self.assertTrue(mail.exists() and mail.mail_message_id)
        # it is there again, with what a person chose
        folder.synced = False
        save_folders(self.env, self.mailbox.id, [*rest, RemoteFolder("Old", "Old")])
        self.env.invalidate_all()
        self.assertEqual(
            (folder.selectable, folder.error, folder.absences, folder.synced),
            (True, False, 0, False),
        )

    def test_one_list_that_shows_a_folder_again_forgets_that_it_was_missing(self):
        rest = [RemoteFolder("INBOX", "INBOX", "inbox")]
        copy = self.take(build_mail("emma.vogel@nordwind.example", LIN), path="Old")
        for told in (rest, [*rest, RemoteFolder("Old", "Old")], rest):
            save_folders(self.env, self.mailbox.id, told)
        self.env.invalidate_all()
        self.assertEqual(copy.state, "stored")

    def test_a_renamed_folder_keeps_what_was_chosen(self):
        folders = {folder.path: folder for folder in self.mailbox.folder_ids}
        old, sent = folders["Old"], folders["已发送"]
        old.with_user(self.rep).write({"role": "archive", "synced": False})
        told = [
            RemoteFolder("INBOX", "INBOX", "inbox"),
            RemoteFolder("new", "新 New"),
            RemoteFolder("sent", "Sent 2025"),
        ]
        save_folders(self.env, self.mailbox.id, told, {old.id: "new", sent.id: "sent"})
        self.assertEqual(len(self.mailbox.folder_ids), 3)
        self.assertEqual(
            (old.path, old.remote_name, old.role, old.synced, old.uidvalidity),
            ("新 New", "new", "archive", False, 7),
        )
        self.assertEqual((sent.path, sent.role), ("Sent 2025", "sent"))
        entry = self.env["waimaolang.mailbox.folder.log"].search(
            [("folder_id", "=", old.id)]
        )
        self.assertEqual(
            (entry.event, entry.args),
            ("renamed", {"before": "Old", "now": "新 New"}),
        )

    def test_junk_that_is_renamed_to_customers_is_fetched(self):
        old = self.mailbox.folder_ids.filtered(lambda f: f.path == "Old")
        old.write({"role": "junk", "synced": False})
        told = [RemoteFolder("INBOX", "INBOX"), RemoteFolder("Kunden", "Kunden")]
        save_folders(self.env, self.mailbox.id, told, {old.id: "Kunden"})
        self.assertEqual((old.role, old.synced), ("other", True))

    def test_the_inbox_is_one_however_it_is_spelled(self):
        told = [RemoteFolder("Inbox", "Inbox", "inbox")]
        save_folders(self.env, self.mailbox.id, told)
        inbox = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        self.assertEqual((len(inbox), inbox.remote_name), (1, "Inbox"))
        self.assertTrue(inbox.selectable)

    def test_folders_that_differ_in_capitals_are_two(self):
        told = [RemoteFolder(key, key) for key in ("INBOX", "Kunden", "kunden")]
        save_folders(self.env, self.mailbox.id, told)
        self.assertEqual(len(self.mailbox.folder_ids), 5)

    def test_a_login_follows_a_corrected_address(self):
        box = self.env["waimaolang.mailbox"].new({"email": "tpyo@lanyue.example"})
        self.assertEqual(box.login, "tpyo@lanyue.example")
        box.email = "typo@lanyue.example"
        self.assertEqual(box.login, "typo@lanyue.example")

    def test_a_server_is_a_name_and_a_port_a_number(self):
        for values in (
            {"incoming_host": "https://imap.lanyue.example"},
            {"incoming_host": "imap lanyue"},
            {"incoming_port": 99999},
        ):
            with self.assertRaises(ValidationError, msg=values):
                self.mailbox.write(values)

    def test_disconnecting_forgets_the_code_and_keeps_the_mail(self):
        mail = self.take(build_mail("emma.vogel@nordwind.example", LIN)).mail_id
        box = self.mailbox.with_user(self.rep)
        box.action_disconnect()
        self.assertEqual((box.state, box.has_password), ("disconnected", False))
        self.assertTrue(mail.with_user(self.rep).has_access("read"))

    def test_what_the_engine_keeps_is_not_set_by_a_context(self):
        boxes = self.env["waimaolang.mailbox"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            boxes.with_context(default_state="connected").create(
                {"name": "x", "email": "x@nordwind.example"}
            )

    def test_a_colleague_at_a_public_provider_is_internal(self):
        self.colleague.email = "chen.wei@163.com"
        copy = self.take(build_mail("chen.wei@163.com", LIN))
        self.assertEqual((copy.state, copy.reason), ("excluded", "internal"))
