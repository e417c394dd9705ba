# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .attack import BODY, LIN, SUBJECT, AttackCase, build_secret, tells
from .common import build_mail

CARL = "carl@sudwind.example"


@tagged("post_install", "-at_install")
class TestAttackRights(AttackCase):
    """Who is given a mail, from when, until when, and by whom."""

    def reads(self, user, mail=None, same_transaction=False):
        """All ways agree: message and mail, by check and by search."""
        mail = mail or self.secret
        env = self.env(user=user, su=False) if same_transaction else self.fresh(user)
        message = mail.mail_message_id.with_env(env)
        row = mail.with_env(env)
        answers = {
            message.has_access("read"),
            bool(message.search([("id", "=", message.id)])),
            row.has_access("read"),
        }
        if env[row._name].has_access("read"):
            answers.add(bool(row.search([("id", "=", row.id)])))
        self.assertEqual(len(answers), 1, f"{user.login}: the ways do not agree")
        return answers.pop()

    def assert_readers(self, *users, mail=None):
        for same_transaction in (True, False):
            for user in (self.rep, *self.attackers):
                with self.subTest(user=user.login, same_transaction=same_transaction):
                    self.assertEqual(
                        self.reads(user, mail, same_transaction), user in users
                    )

    def test_i8_visibility_counts_at_once_and_both_ways(self):
        self.assert_readers(self.rep)
        self.mailbox.visibility = "team"
        self.assert_readers(self.rep, self.mate, self.leader)
        self.mailbox.visibility = "everyone"
        self.assert_readers(self.rep, *self.colleagues)
        self.mailbox.visibility = "owner"
        self.assert_readers(self.rep)

    def test_i8_team_membership_counts_at_once_and_both_ways(self):
        self.mailbox.visibility = "team"
        members = self.env["crm.team.member"]
        mine = members.search([("user_id", "=", self.mate.id)])
        mine.active = False
        self.assert_readers(self.rep, self.leader)
        mine.active = True
        self.assert_readers(self.rep, self.leader, self.mate)
        self.team.user_id = self.manager
        self.assert_readers(self.rep, self.mate, self.manager)
        owners = members.search([("user_id", "=", self.rep.id)])
        owners.unlink()
        self.assert_readers(self.rep)
        self.mailbox.team_id = self.team
        self.assert_readers(self.rep, self.mate, self.manager)
        self.mailbox.team_id = self.env["crm.team"].create({"name": "Asia"})
        self.assert_readers(self.rep)

    def test_i8_delegation_counts_at_once_and_follows_the_records(self):
        self.show_to(self.mate, self.colleague)
        self.assert_readers(self.rep, self.mate, self.colleague)  # reads the contact
        link = self.secret.link_ids.filtered(lambda x: x.res_model == "res.partner")
        link.removed = True
        self.assert_readers(self.rep, self.mate)
        self.lead.user_id = self.colleague
        self.assert_readers(self.rep, self.mate, self.colleague)
        self.lead.user_id = False
        self.secret.link_ids.removed = True
        self.assert_readers(self.rep)
        link.removed = False
        self.mailbox.member_ids = False
        self.assert_readers(self.rep)

    def test_i8_supervision_counts_at_once(self):
        group = self.env.ref("waimaolang_mail.group_supervisor")
        self.leader.group_ids = [Command.link(group.id)]
        self.assert_readers(self.rep)
        self.env.company.waimaolang_supervision = True
        self.assert_readers(self.rep, self.leader)
        self.leader.group_ids = [Command.unlink(group.id)]
        self.assert_readers(self.rep)

    def test_i8_a_record_that_changes_hands_takes_no_mail_along(self):
        """Who may read the record need not be given the mailbox."""
        for user in (self.colleague, self.manager):
            self.lead.user_id = user
            self.lead.message_subscribe(user.partner_id.ids)
            self.assert_readers(self.rep)
        self.lead.team_id = False

    def test_i8_the_owner_reads_what_stands_on_anothers_record_or_nowhere(self):
        self.lead.user_id = self.colleague
        self.secret.link_ids.filtered(lambda x: x.res_model == "res.partner").unlink()
        self.assertFalse(self.lead.with_user(self.rep).has_access("read"))
        self.assert_readers(self.rep)
        payload = Store().add(self.message.with_env(self.fresh(self.rep)))
        self.assertNotIn("LED work lights", str(payload.get_result()))
        self.secret.link_ids.removed = True
        self.secret._settle_home()
        self.assert_readers(self.rep)

    def test_i8_a_mailbox_that_is_gone_shows_nothing(self):
        self.mailbox.visibility = "everyone"
        self.assertTrue(self.reads(self.mate))
        self.mailbox.active = False
        self.assertTrue(self.reads(self.rep), "an archived mailbox stays its owner's")
        self.mailbox.unlink()
        self.assert_readers()

    def test_i8_companies_are_borders(self):
        other = self.env["res.company"].create({"name": "Lanyue Hongkong"})
        stranger = self.create_user("hk", "sales_team.group_sale_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.mailbox.visibility = "everyone"
        self.env.company.waimaolang_supervision = True
        group = self.env.ref("waimaolang_mail.group_supervisor")
        stranger.group_ids = [Command.link(group.id)]
        self.assertTrue(self.contact.with_user(stranger).has_access("read"))
        self.assertFalse(self.reads(stranger))
        self.assert_nobody(
            {
                "by body": lambda env: env["res.partner"].search(
                    [("message_ids.body", "ilike", BODY)]
                ),
                "mails": lambda env: env["waimaolang.mail"].search([]),
                "ledger": lambda env: env["waimaolang.mailbox.copy"].search([]),
                "mailboxes": lambda env: env["waimaolang.mailbox"].search([]),
            },
            [stranger],
        )
        self.show_to(stranger)
        self.assertFalse(self.reads(stranger), "a delegate of another company")

    def test_i8_a_private_conversation_is_its_owners_and_other_holders(self):
        self.mailbox.visibility = "everyone"
        box = self.create_mailbox(self.mate, "mate@lanyue.example", visibility="owner")
        raw = build_secret(to="lin@lanyue.example, mate@lanyue.example")
        self.take(raw, mailbox=box)
        mail = self.take(raw, path="Old").mail_id
        everybody = (self.rep, *self.colleagues)
        self.assert_readers(*everybody, mail=mail)
        conversation = mail.conversation_id
        conversation.with_env(self.fresh(self.rep)).private = True
        self.assert_readers(self.rep, self.mate, mail=mail)
        box.visibility = "team"
        self.assert_readers(self.rep, self.mate, self.leader, mail=mail)
        conversation.with_env(self.fresh(self.rep)).private = False
        self.assert_readers(*everybody, mail=mail)

    def test_i8_a_bcc_is_of_no_other_mailboxs_readers(self):
        """Nor of those from whom the conversation is kept, nor named in a payload."""
        box = self.create_mailbox(self.mate, "mate@lanyue.example", visibility="team")
        hidden = self.create_mailbox(
            self.colleague, "chen@lanyue.example", visibility="owner"
        )
        carl = self.env["res.partner"].create({"name": "Carl", "email": CARL})
        raw = build_secret(to="mate@lanyue.example", sender="lin@lanyue.example")
        sent = raw.replace(
            b"Subject:", f"Bcc: {CARL}, chen@lanyue.example\nSubject:".encode(), 1
        )
        self.mailbox.visibility = "team"
        mail = self.take(sent, path="已发送").mail_id
        self.assertEqual(self.take(raw, mailbox=box).mail_id, mail)
        self.assertEqual(self.take(raw, mailbox=hidden).mail_id, mail)
        carls = [("partner_ids", "in", carl.ids)]

        def told(user):
            row = mail.with_env(self.fresh(user))
            payload = Store().add(row.mail_message_id).get_result()
            row.invalidate_recordset()
            said = (row.bcc, row.partner_ids & carl, row.search(carls))
            links = row.env["waimaolang.mail.link"].search([("res_id", "=", carl.id)])
            return [bool(x) for x in (*said, links, CARL in str(payload))], payload

        bccs = [True, True, True, True, False]
        self.assertEqual(told(self.rep)[0], bccs)
        self.assertEqual(told(self.leader)[0], bccs, "Lin's mailbox is the team's")
        mail.conversation_id.with_env(self.fresh(self.rep)).private = True
        nothing = [False] * 5
        for user in (self.mate, self.leader, self.colleague):
            found, payload = told(user)
            self.assertEqual(found, nothing, user.login)
            if user != self.colleague:
                badge = payload["mail.message"][0]["waimaolang_badge"]
                self.assertNotIn("Chen", badge["mailbox"])
                names = mail.with_env(self.fresh(user)).mailbox_ids.mapped("name")
                self.assertNotIn("Chen Wei", names)
        self.assertEqual(told(self.rep)[0], bccs)

    def test_i8_a_bcc_is_told_neither_by_the_home_nor_by_figures(self):
        self.env["ir.config_parameter"].set_param(
            "waimaolang_mail.shared_statistics", "False"
        )
        box = self.create_mailbox(self.mate, "mate@lanyue.example", visibility="owner")
        carl = self.env["res.partner"].create({"name": "Carl", "email": CARL})
        headers = {"sender": LIN, "to": "mate@lanyue.example, nobody@new.example"}
        raw = build_mail(**headers, Message_ID="<bcc@lanyue.example>")
        sent = raw.replace(b"Subject:", f"Bcc: {CARL}\nSubject:".encode(), 1)
        mail = self.take(sent, path="已发送").mail_id
        self.assertEqual(self.take(raw, mailbox=box).mail_id, mail)
        for by_hand in (False, True):
            if by_hand:
                mail._settle_home()
            for user, told in ((self.rep, True), (self.mate, False)):
                row = mail.with_env(self.fresh(user))
                payload = str(Store().add(row.mail_message_id).get_result())
                figures = carl.with_env(row.env).mail_count
                with self.subTest(user=user.login, by_hand=by_hand):
                    self.assertFalse(row.mail_message_id.res_id)
                    self.assertNotIn("Carl", payload)
                    self.assertEqual(row.partner_ids, carl if told else carl.browse())
                    self.assertEqual(figures, 1 if told else 0)

    def test_i8_linking_by_hand_neither_tells_nor_undoes_a_bcc(self):
        box = self.create_mailbox(self.mate, "mate@lanyue.example", visibility="owner")
        carl = self.env["res.partner"].create({"name": "Carl", "email": CARL})
        raw = build_secret(to="mate@lanyue.example", sender="lin@lanyue.example")
        sent = raw.replace(b"Subject:", f"Bcc: {CARL}\nSubject:".encode(), 1)
        mail = self.take(sent, path="已发送").mail_id
        self.take(raw, mailbox=box)
        mine = mail.with_env(self.fresh(self.mate))
        mine.action_unlink(carl.with_env(mine.env))
        self.assertIn(carl, mail.with_env(self.fresh(self.rep)).partner_ids)
        mine = mail.with_env(self.fresh(self.mate))
        mine.action_link(carl.with_env(mine.env))
        self.assertIn(carl, mail.with_env(self.fresh(self.mate)).partner_ids)

    def test_i8_administering_mailboxes_makes_nobody_a_reader(self):
        """Not by a detour either: a changed server makes the mailbox a new one."""
        ways = (
            {"user_id": self.manager.id},
            {"user_id": False, "member_ids": [Command.link(self.manager.id)]},
            {"member_ids": [Command.link(self.manager.id)]},
            {"visibility": "everyone"},
            {"team_id": self.env["crm.team"].create({"name": "x"}).id},
        )
        for user in (self.manager, self.admin, self.leader, self.mate):
            for detour in ({}, {"incoming_host": "evil.example"}, {"active": False}):
                for vals in ways:

                    def attack(env, detour=detour, vals=vals):
                        box = env["waimaolang.mailbox"].browse(self.mailbox.id)
                        if detour:
                            box.write(detour)
                        box.write(vals)
                        return env["waimaolang.mail"].search([("text", "ilike", BODY)])

                    with self.subTest(user=user.login, detour=detour, vals=vals):
                        self.assertIsNone(self.attempt(user, attack), "is refused")

    def test_i8_a_new_mailbox_is_still_set_up_by_an_administrator(self):
        box = (
            self.env["waimaolang.mailbox"]
            .with_user(self.manager)
            .create(
                {"name": "New", "email": "new@lanyue.example", "user_id": self.rep.id}
            )
        )
        box.write({"user_id": self.mate.id, "visibility": "everyone"})
        self.assertEqual(box.user_id, self.mate)

    def test_i8_figures_are_shared_or_not(self):
        figures = ("mail_count", "last_mail_in", "awaiting_reply")
        self.colleague.group_ids = [
            Command.link(self.env.ref("sales_team.group_sale_salesman_all_leads").id)
        ]
        for shared in (True, False):
            self.env["ir.config_parameter"].set_param(
                "waimaolang_mail.shared_statistics", str(shared)
            )
            for user in (self.rep, *self.colleagues):
                lead = self.lead.with_env(self.fresh(user))
                seen = any(lead[name] for name in figures)
                found = lead.search([("mail_count", ">", 0), ("id", "=", lead.id)])
                expected = shared or user == self.rep
                with self.subTest(shared=shared, user=user.login):
                    self.assertEqual((seen, bool(found)), (expected, expected))
                    self.assertFalse(tells(lead.read(figures)))
            for user in (self.portal, self.public):
                contact = self.contact.with_env(self.fresh(user))
                with self.assertRaises(AccessError):
                    contact.read(["mail_count"])

    def test_i8_merging_and_deleting_records_makes_nobody_a_reader(self):
        double = self.env["res.partner"].create({"name": "Emma 2", "email": "e@x.y"})
        other = self.lead.copy({"name": "other", "user_id": self.mate.id})
        for user in (self.mate, self.manager):
            env = self.fresh(user)
            (self.lead | other).with_env(env).merge_opportunity(user_id=user.id)
            left = (self.lead | other).exists()
            self.assertEqual(self.secret.lead_ids, left)
            self.assert_readers(self.rep)
            other = left.copy({"name": "another", "user_id": user.id})
            self.lead = left
        self.env["base.partner.merge.automatic.wizard"].with_user(self.admin)._merge(
            (self.contact | double).ids, double
        )
        self.assert_readers(self.rep)
        self.lead.with_env(self.fresh(self.manager)).unlink()
        self.assert_readers(self.rep)
        self.assertIn(SUBJECT, self.message.subject)

    def test_i8_who_may_not_delete_a_record_does_not_move_its_mail(self):
        self.assertFalse(self.lead.with_user(self.mate).has_access("unlink"))
        try:
            self.lead.with_user(self.mate).unlink()
        except AccessError:
            pass
        self.assertIn(self.lead, self.secret.with_user(self.rep).lead_ids)
