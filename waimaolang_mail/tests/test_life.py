# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..engine import backoff, lease, life, loading, state
from ..models.waimaolang_mailbox_systray import BUS_TYPE
from ..models.waimaolang_mailbox_told import CODE_NEEDED, OWNER_GONE
from ..transport.errors import MailServerError
from .common import MailboxCase, build_mail

LIN = "lin@lanyue.example"
EMMA = "emma.vogel@nordwind.example"
CODE = "wqvnlxhpkzabcdef"
REFUSED = MailServerError("auth_bad", "LOGIN failed.", phase="login")


class LifeCase(MailboxCase):
    def strike(self, mailbox=None, times=backoff.MAX_AUTH_FAILURES, error=REFUSED):
        for _attempt in range(times):
            state.refused(self.env(su=True), (mailbox or self.mailbox).id, error)

    def answer(self, mailbox=None):
        state.connected(self.env(su=True), (mailbox or self.mailbox).id, [])

    def activities(self, mailbox=None, kind=CODE_NEEDED):
        return (mailbox or self.mailbox)._get_activities(kind)

    def rung(self, user):
        """How often the user's systray was told to look again."""
        self.env.cr.precommit.run()
        channel = f'"res.partner",{user.partner_id.id}'
        told = self.env["bus.bus"].sudo().search([])
        return sum(
            BUS_TYPE in row.message and channel in row.channel.replace(" ", "")
            for row in told
        )


@tagged("post_install", "-at_install")
class TestStates(LifeCase):
    def test_a_pass_that_ends_after_a_pause_changes_no_state(self):
        self.strike(times=1)
        self.mailbox.with_user(self.rep).action_pause()
        state.succeeded(self.env(su=True), self.mailbox.id, 60)
        self.assertEqual(self.mailbox.state, "paused")
        self.strike()
        self.assertEqual((self.mailbox.state, self.mailbox.pause_reason),
                         ("paused", "hand"))  # fmt: skip
        self.assertFalse(self.activities())

    def test_a_person_is_told_what_cannot_be_done(self):
        self.mailbox.state = "reauth"
        with self.assertRaisesRegex(UserError, "Reconnect needed"):
            self.mailbox._move(life.RESUMED)
        self.mailbox.with_user(self.rep).action_resume()
        self.assertEqual(self.mailbox.state, "reauth")

    def test_no_client_moves_a_state(self):
        mailbox = self.mailbox.with_user(self.rep)
        for values in (
            {"state": "paused"},
            {"pause_reason": "hand"},
            {"erasing": True},
            {"state_since": "2026-01-01 00:00:00"},
        ):
            with self.assertRaises(AccessError, msg=values):
                mailbox.write(values)

    def test_each_change_is_dated(self):
        """And logged with its reason: tests/e2e/test_life.py."""
        self.mailbox.state_since = "2026-01-01 00:00:00"
        self.strike(times=1)
        since = self.mailbox.state_since
        self.assertGreater(since, fields.Datetime.now() - timedelta(minutes=5))
        self.mailbox.state_since = "2026-01-01 00:00:00"
        state.refused(self.env(su=True), self.mailbox.id, REFUSED)
        self.assertEqual(str(self.mailbox.state_since), "2026-01-01 00:00:00")

    def test_disconnecting_leaves_a_running_pass_nothing_to_store(self):
        """In one transaction here; in two processes: tests/e2e/test_life.py."""
        held = lease.claim(self.env.cr, self.mailbox.id)
        lease.seize(self.env.cr, self.mailbox.id, 15)
        with self.assertRaises(lease.StaleLeaseError):
            lease.hold(self.env.cr, held)
        self.assertIsNone(lease.claim(self.env.cr, self.mailbox.id))
        lease.reopen(self.env.cr, self.mailbox.id)
        self.assertTrue(lease.claim(self.env.cr, self.mailbox.id))

    def test_what_is_not_connected_is_not_read(self):
        for resting in ("draft", "reauth", "paused", "disconnected"):
            self.mailbox.state = resting
            self.env.flush_all()
            self.assertIsNone(lease.claim(self.env.cr, self.mailbox.id), resting)

    def test_a_try_that_ends_after_a_disconnection_connects_nothing(self):
        tried = loading.load(self.env(su=True), self.mailbox.id)
        self.mailbox.with_user(self.rep).action_disconnect()
        with self.assertRaises(state.GoneMeanwhileError):
            state.connected(self.env(su=True), self.mailbox.id, [], tried)
        self.assertEqual(self.mailbox.state, "disconnected")

    def test_i9_a_code_is_not_kept_for_a_server_that_was_put_in_meanwhile(self):
        for side in ("incoming", "outgoing"):
            tried = loading.load(self.env(su=True), self.mailbox.id, CODE)
            thief = {f"{side}_host": f"{side}.thief.example"}
            self.mailbox.with_user(self.manager).write(thief)
            with self.assertRaises(state.GoneMeanwhileError):
                state.connected(self.env(su=True), self.mailbox.id, [], tried, CODE)
            self.assertFalse(self.mailbox.has_password)

    def test_a_mailbox_that_was_disconnected_before_it_ever_connected_has_a_window(
        self,
    ):
        box = self.env["waimaolang.mailbox"].create(
            {"name": "x", "email": "x@lanyue.example", "history_days": 30}
        )
        box.action_disconnect()
        self.answer(box)
        self.assertTrue(box.history_from)


@tagged("post_install", "-at_install")
class TestTold(LifeCase):
    def test_i6_three_refusals_are_told_once_and_nobody_is_mailed(self):
        mails = self.env["mail.mail"].search_count([])
        messages = self.env["mail.message"].search_count([])
        self.strike()
        told = self.activities()
        self.assertEqual(told.user_id, self.rep)
        self.assertIn("did not accept this code", told.note)
        self.assertNotIn("LOGIN failed", told.note)
        self.strike(times=4)
        self.mailbox._move(life.WIPED)
        self.assertEqual(self.activities(), told)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(self.env["mail.message"].search_count([]), messages)

    def test_i6_it_is_done_when_the_mailbox_works_again_and_told_anew_next_time(self):
        self.strike()
        first = self.activities()
        self.answer()
        self.assertFalse(self.activities())
        self.assertFalse(first.active)
        self.strike()
        self.assertEqual(len(self.activities()), 1)
        self.assertNotEqual(self.activities(), first)

    def test_a_lost_key_is_told_and_done_when_a_pass_succeeds(self):
        self.strike(times=2, error=MailServerError("key_missing", "", phase="login"))
        self.assertEqual(self.mailbox.state, "error")
        self.assertEqual(len(self.activities()), 1)
        self.assertIn("key", self.activities().note)
        state.succeeded(self.env(su=True), self.mailbox.id, 60)
        self.assertEqual(self.mailbox.state, "connected")
        self.assertFalse(self.activities())

    def test_it_is_told_in_her_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["waimaolang_mail"], ["zh_CN"])
        self.rep.lang = "zh_CN"
        self.strike()
        self.assertRegex(self.activities().note, "[一-鿿]{6}")

    def test_a_shared_mailbox_tells_its_members_else_the_administrators(self):
        self.mailbox.write({"user_id": False, "member_ids": [(4, self.colleague.id)]})
        self.strike()
        self.assertEqual(self.activities().user_id, self.colleague)
        alone = self.create_mailbox(self.manager, "a@lanyue.example", user_id=False)
        self.strike(alone)
        told = self.activities(alone).user_id
        self.assertIn(self.manager, told)
        self.assertNotIn(self.rep, told)

    def test_i8_who_may_not_read_the_mailbox_sees_no_activity(self):
        self.strike()
        told = self.activities()
        seen = self.env["mail.activity"].with_user(self.colleague)
        self.assertFalse(seen.search([("res_model", "=", "waimaolang.mailbox")]))
        with self.assertRaises(AccessError):
            told.with_user(self.colleague).read(["note"])
        self.assertTrue(told.with_user(self.rep).read(["note"]))

    def test_i9_nothing_of_code_or_mail_stands_in_it(self):
        self.mailbox.with_user(self.rep).password = CODE
        self.take(build_mail(EMMA, LIN, "zebraword"))
        self.strike()
        told = str(self.activities().read(["note", "summary"]))
        self.assertNotIn(CODE, told)
        self.assertNotIn("zebraword", told)

    def test_she_may_mark_it_as_done_herself(self):
        self.strike()
        self.activities().with_user(self.rep).action_feedback(feedback="later")
        self.assertFalse(self.activities())

    # -- the systray ------------------------------------------------------------------

    def needing(self, user):
        found = self.env["waimaolang.mailbox"].with_user(user).get_needing_me()
        return [mailbox["email"] for mailbox in found["mailboxes"]]

    def test_the_systray_shows_mine_that_need_me_and_nobody_elses(self):
        self.assertEqual(self.needing(self.rep), [])
        self.strike()
        self.assertEqual(self.needing(self.rep), [LIN])
        self.mailbox.member_ids = self.colleague
        for other in (self.colleague, self.manager):
            self.assertEqual(self.needing(other), [])
        self.mailbox.user_id = False
        self.assertEqual(self.needing(self.colleague), [LIN])

    def test_an_error_is_shown_once_it_has_lasted_an_hour(self):
        self.strike(times=2, error=MailServerError("timeout", "", phase="connect"))
        found = self.env["waimaolang.mailbox"].with_user(self.rep).get_needing_me()
        self.assertFalse(found["mailboxes"])
        self.assertTrue(0 < found["again_in"] <= 3601)
        self.mailbox.state_since -= timedelta(hours=1)
        self.assertEqual(self.needing(self.rep), [LIN])
        self.mailbox.with_user(self.rep).action_disconnect()
        self.assertEqual(self.needing(self.rep), [])

    def test_the_systray_is_rung_at_changes_and_for_those_concerned(self):
        before = self.rung(self.rep)
        self.strike(times=1)
        first = self.rung(self.rep)
        self.assertGreater(first, before)
        state.refused(self.env(su=True), self.mailbox.id, REFUSED)
        self.assertEqual(self.rung(self.rep), first, "nothing changed")
        self.assertFalse(self.rung(self.colleague))


@tagged("post_install", "-at_install")
class TestReconnect(LifeCase):
    def dialog(self, user, **values):
        wizards = self.env["waimaolang.reconnect.wizard"].with_user(user)
        return wizards.create({"mailbox_id": self.mailbox.id, **values})

    def test_the_dialog_is_the_owners_the_members_of_a_shared_one_and_managers(self):
        self.strike()
        self.mailbox.member_ids = self.colleague
        stranger = new_test_user(
            self.env, "wu", groups="sales_team.group_sale_salesman"
        )
        for user in (self.colleague, stranger):
            with self.assertRaises(AccessError):
                self.dialog(user)
            with self.assertRaises(AccessError):
                self.mailbox.with_user(user).action_reconnect("x")
        for user in (self.rep, self.manager):
            self.assertEqual(self.dialog(user).email, LIN)
        self.mailbox.user_id = False
        self.assertTrue(self.dialog(self.colleague))

    def test_i8_the_dialog_tells_nothing_of_anothers_mailbox(self):
        wizards = self.env["waimaolang.reconnect.wizard"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            self.assertFalse(wizards.new({"mailbox_id": self.mailbox.id}).email)
        mine = self.dialog(self.rep)
        with self.assertRaises(AccessError):
            mine.with_user(self.colleague).read(["email"])
        with self.assertRaises(UserError):
            mine.with_user(self.rep).mailbox_id = self.mailbox

    def test_i9_the_code_is_sealed_in_its_row_and_never_read(self):
        wizard = self.dialog(self.rep, password=CODE)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT w::text FROM waimaolang_reconnect_wizard w WHERE id = %s",
            (wizard.id,),
        )
        [text] = self.env.cr.fetchone()
        self.assertNotIn(CODE, text)
        self.assertFalse(wizard.read(["password"])[0]["password"])
        with self.assertRaises(AccessError):
            wizard.read(["password_sealed"])
        other = self.dialog(self.rep, password="another")
        other.sudo().password_sealed = wizard.sudo().password_sealed
        with self.assertRaises(UserError):
            other._open_code()
        self.assertEqual(wizard._open_code(), CODE)

    def test_i9_a_form_of_the_dialog_keeps_the_code_to_itself(self):
        wizards = self.env["waimaolang.reconnect.wizard"].with_user(self.rep)
        form = Form(wizards.with_context(default_mailbox_id=self.mailbox.id))
        form.password = CODE
        wizard = form.save()
        self.assertFalse(wizard.password)
        self.assertEqual(wizard._open_code(), CODE)


@tagged("post_install", "-at_install")
class TestOwner(LifeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = new_test_user(
            cls.env, "boss2", groups="sales_team.group_sale_manager", name="Boss Two"
        )
        cls.take_one = cls("test_nothing").take
        cls.mail = cls.take_one(build_mail("x@unknown.example", LIN)).mail_id

    def test_nothing(self):
        """For take_one."""

    def leave(self):
        self.rep.active = False
        self.env.flush_all()
        self.env.invalidate_all()

    def give(self, user, by=None, **values):
        self.mailbox.with_user(by or self.manager).write({"user_id": user.id, **values})

    def test_an_archived_owners_mailbox_rests_and_the_administrators_are_told(self):
        self.leave()
        self.assertEqual((self.mailbox.state, self.mailbox.pause_reason),
                         ("paused", "owner"))  # fmt: skip
        told = self.activities(kind=OWNER_GONE)
        self.assertTrue(self.manager in told.user_id and self.second in told.user_id)
        self.assertNotIn(self.colleague, told.user_id)
        with self.assertRaisesRegex(UserError, "archived"):
            self.mailbox.with_user(self.manager).action_resume()
        with self.assertRaisesRegex(UserError, "archived"):
            self.mailbox.with_user(self.manager).action_reconnect("x")

    def test_who_comes_back_resumes_it_herself(self):
        self.leave()
        self.rep.active = True
        self.assertEqual(self.mailbox.state, "paused")
        self.assertFalse(self.activities(kind=OWNER_GONE))
        self.mailbox.with_user(self.rep).action_resume()
        self.assertEqual(self.mailbox.state, "connected")

    def test_i8_an_administrator_cannot_take_the_mailbox_of_a_colleague(self):
        for heir in (self.manager, self.colleague):
            with self.assertRaises(AccessError):
                self.give(heir)
        self.assertFalse(self.mailbox.with_user(self.manager).may_hand_over)

    def test_i8_nor_that_of_who_left_for_herself_or_by_the_way(self):
        self.leave()
        with self.assertRaises(AccessError):
            self.give(self.manager)
        with self.assertRaises(AccessError):
            self.give(self.colleague, member_ids=[(4, self.manager.id)])
        with self.assertRaises(AccessError):
            self.give(self.colleague, visibility="everyone")
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.manager).user_id = False
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.give(portal)
        with self.assertRaises(AccessError):
            self.give(self.colleague, by=self.colleague)
        self.assertFalse(self.mail.with_user(self.manager).has_access("read"))

    def test_an_administrator_hands_it_over_by_the_form(self):
        """While another owner is being chosen the field stays one to write."""
        self.leave()
        with Form(self.mailbox.with_user(self.manager)) as form:
            form.user_id = self.colleague
        self.assertEqual(self.mailbox.user_id, self.colleague)

    def test_it_is_handed_over_to_a_colleague_openly_and_without_the_code(self):
        self.leave()
        self.give(self.colleague)
        self.assertEqual(self.mailbox.state, "reauth")
        self.assertFalse(self.mailbox.has_password)
        self.assertEqual(self.activities().user_id, self.colleague)
        self.assertFalse(self.activities(kind=OWNER_GONE))
        self.assertTrue(self.mail.with_user(self.colleague).has_access("read"))
        for user in (self.manager, self.second, self.rep):
            self.assertFalse(self.mail.with_user(user).has_access("read"), user.name)
        row = self.env["waimaolang.mailbox.log"].with_user(self.second).search([])
        self.assertEqual(
            (row.event, row.user_id, row.from_user_id, row.to_user_id, row.email),
            ("handed_over", self.manager, self.rep, self.colleague, LIN),
        )
        with self.assertRaises(AccessError):  # she has an owner again
            self.give(self.second)

    def test_a_supervisor_may_take_it_herself_where_supervision_is_on(self):
        self.leave()
        group = self.env.ref("waimaolang_mail.group_supervisor")
        self.manager.group_ids = [(4, group.id)]
        with self.assertRaises(AccessError):
            self.give(self.manager)
        self.env.company.waimaolang_supervision = True
        self.give(self.manager)
        self.assertEqual(self.mailbox.user_id, self.manager)

    def test_the_log_is_read_by_administrators_and_written_by_nobody(self):
        self.mailbox.with_user(self.rep).action_disconnect()
        log = self.env["waimaolang.mailbox.log"]
        row = log.search([])
        self.assertEqual((row.event, row.user_id), ("disconnected", self.rep))
        for user in (self.rep, self.colleague):
            with self.assertRaises(AccessError):
                log.with_user(user).search([])
        for attack in (
            lambda: row.with_user(self.manager).unlink(),
            lambda: row.with_user(self.manager).write({"email": "x"}),
            lambda: log.with_user(self.manager).create({"email": "x"}),
        ):
            with self.assertRaises(AccessError):
                attack()

    def test_a_new_server_by_somebody_else_asks_the_owner_for_a_code(self):
        self.mailbox.with_user(self.manager).incoming_host = "imap2.lanyue.example"
        self.assertEqual(self.mailbox.state, "reauth")
        self.assertEqual(self.activities().user_id, self.rep)
