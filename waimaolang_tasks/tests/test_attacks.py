# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.waimaolang_mail.tests.attack import SUBJECT, tells

from ..engine import processing, queue
from ..hooks import uninstall_hook
from .common import EMMA, LIN, RuleCase
from .test_task_privacy import PrivacyCase

PROGRAM = "{{ object.env['res.users'].search([], limit=1).login }}"
FIRING = "odoo.addons.waimaolang_tasks.engine.firing"


def act(case, code, model="crm.model_crm_lead"):
    """A rule's server action, for ``server_action_ids``."""
    model_id = case.env.ref(model).id
    return [(0, 0, {"name": "x", "model_id": model_id, "state": "code", "code": code})]


@tagged("post_install", "-at_install")
class TestTaskAttacks(PrivacyCase):
    def test_i14_a_translated_summary_is_no_program(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.rep.lang = "fr_FR"
        rule = self.this_rule.with_user(self.manager)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            rule.update_field_translations("summary", {"fr_FR": PROGRAM})
        self.env.execute_query(
            SQL(
                "UPDATE waimaolang_task_rule SET summary = jsonb_build_object("
                "'en_US', 'x', 'fr_FR', %s::text) WHERE id = %s RETURNING id",
                PROGRAM,
                rule.id,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(self.make_task().summary, "Plain words")

    def test_i8_what_an_action_says_of_a_mail_is_for_its_readers(self):
        rule = self.rule(
            activity_type_id=False,
            server_action_ids=act(self, "raise UserError('None: ' + mail.subject)"),
        )
        with mute_logger(FIRING):
            self.make_task()
        self.assertEqual(self.outcomes(rule), [("failed", "broke")])
        self.assertEqual(rule.last_error, "UserError")
        log = self.env["waimaolang.task.log"].search([("rule_id", "=", rule.id)])
        self.assertIn(SUBJECT, log.error)
        self.assert_only(
            (self.rep,),
            {"log": lambda env: env["waimaolang.task.log"].browse(log.ids).read()},
        )

    def test_i8_an_uninstalled_addon_leaves_no_words_of_mails(self):
        done = self.make_task()
        done.action_feedback()
        uninstall_hook(self.env)
        self.assertFalse(tells((self.task | done).mapped("summary")))

    def test_i1_a_merged_opportunity_keeps_tasks_that_who_merges_does_not_see(self):
        other = self.env["crm.lead"].create(
            {
                "name": "Other",
                "type": "opportunity",
                "partner_id": self.contact.id,
                "user_id": self.mate.id,
                "probability": 90,
            }
        )
        head = (self.lead | other).with_user(self.mate).merge_opportunity()
        self.assertFalse(self.lead.exists())
        self.assertTrue(self.task.exists())
        self.assertEqual(self.task.res_id, head.id)

    def test_i1_who_leaves_leaves_her_tasks_to_others(self):
        """Core would delete them."""
        self.lead.user_id = self.mate
        self.rep.action_archive()
        self.assertEqual(self.task.user_id, self.mate)
        self.assertEqual(self.task.summary, "Plain words")
        (self.rep | self.mate).active = True
        self.lead.user_id, self.lead.team_id = self.mate, self.team
        (self.rep | self.mate).action_archive()
        self.assertEqual(self.task.user_id, self.leader)

    def test_a_manager_copies_a_rule_without_its_actions(self):
        self.this_rule.server_action_ids = act(self, "pass")
        copy = self.this_rule.with_user(self.manager).copy()
        self.assertEqual(copy.summary, self.this_rule.summary)
        self.assertFalse(copy.sudo().server_action_ids)
        self.assertTrue(self.this_rule.copy().server_action_ids)

    def test_i8_nobody_connects_an_own_task_with_a_mail(self):
        model = self.env["ir.model"]._get_id("crm.lead")
        activities = self.fresh(self.mate)["mail.activity"]
        values = {"res_model_id": model, "res_id": self.lead.id}
        with self.assertRaises(AccessError):
            activities.create({**values, "waimaolang_last_mail_id": self.secret.id})


@tagged("post_install", "-at_install")
class TestRuleAttacks(RuleCase):
    def test_i1_a_reply_by_a_clock_that_is_late_is_not_answered_before(self):
        """As mail that calls its local time UTC."""
        rule = self.rule()
        now = fields.Datetime.now()
        sent = self.mail(LIN, EMMA, date=now - timedelta(hours=1))
        ours = self.take(sent, path="已发送").mail_id
        theirs = self.receive(
            In_Reply_To=f"<{ours.rfc_message_id}>", date=now - timedelta(hours=8)
        )
        self.assertEqual(ours.conversation_id, theirs.conversation_id)
        self.process()
        self.assertTrue(self.tasks(rule))

    def test_i5_an_action_that_deletes_the_record_breaks_no_other_rule(self):
        self.rule(
            activity_type_id=False, server_action_ids=act(self, "record.unlink()")
        )
        other = self.rule()
        self.receive()
        self.process()
        self.assertEqual(self.outcomes(other), [("skipped", "no_record")])
        self.assertFalse(other.failure_count)

    def test_i5_an_action_that_deletes_the_mail_breaks_no_other_rule(self):
        code = act(self, "record.unlink()", "waimaolang_mail.model_waimaolang_mail")
        self.rule(activity_type_id=False, server_action_ids=code)
        other = self.rule()
        self.receive()
        self.process()
        self.assertEqual(self.outcomes(other), [("skipped", "no_record")])
        self.assertFalse(other.failure_count)

    def test_i5_an_action_that_deletes_rules_stops_no_other(self):
        code = "env['waimaolang.task.rule'].search([('name', '=', 'Gone')]).unlink()"
        values = {"activity_type_id": False, "server_action_ids": act(self, code)}
        first = self.rule(**values)
        itself = self.rule(name="Gone", **values)
        other, gone = self.rule(), self.rule(name="Gone")
        self.receive()
        self.process()
        self.assertFalse((itself | gone).exists())
        self.assertEqual(self.outcomes(first), [("done", "matched")])
        self.assertEqual(self.outcomes(other), [("done", "matched")])

    def test_i5_a_rule_that_deletes_itself_stops_no_other(self):
        code = "env['waimaolang.task.rule'].search([('name', '=', 'Gone')]).unlink()"
        itself = self.rule(
            name="Gone", activity_type_id=False, server_action_ids=act(self, code)
        )
        other = self.rule()
        self.receive()
        self.process()
        self.assertFalse(itself.exists())
        self.assertEqual(self.outcomes(other), [("done", "matched")])

    def test_i1_an_action_that_commits_does_so_with_its_batch(self):
        """Else the events of the batch were committed without what they cause."""
        rule = self.rule(
            activity_type_id=False, server_action_ids=act(self, "env.cr.commit()")
        )
        back = self.rule(
            activity_type_id=False, server_action_ids=act(self, "env.cr.rollback()")
        )
        other = self.rule()
        self.receive()
        with mute_logger(FIRING):
            self.process()
        self.assertEqual(self.outcomes(rule), [("done", "matched")])
        self.assertEqual(self.outcomes(back), [("failed", "broke")])
        self.assertEqual(self.outcomes(other), [("done", "matched")])

    def test_i5_slow_actions_are_done_in_batches_that_the_server_bears(self):
        rule = self.rule()
        for number in range(9):
            self.receive(
                subject=f"Hello {number}", sender=f"New <new{number}@buyer.example>"
            )
        sizes = []
        take = queue.take

        def note(cr, limit):
            sizes.append(limit)
            return take(cr, limit)

        with (
            patch.object(processing, "QUICK_SECONDS", -2.0),
            patch.object(processing, "LONG_SECONDS", -1.0),
            patch.object(queue, "take", note),
        ):
            self.process()
        self.assertEqual(len(self.tasks(rule)), 9)
        self.assertEqual(sizes[:4], [500, 125, 31, 7])
        self.assertEqual(self.outcomes(rule), [("done", "matched")] * 9)

    def test_i5_a_zone_that_nobody_knows_breaks_no_rule(self):
        rule = self.rule()
        self.env.execute_query(
            SQL(
                "UPDATE res_partner SET tz = 'Nowhere' WHERE id = %s RETURNING id",
                self.rep.partner_id.id,
            )
        )
        self.env.invalidate_all()
        self.receive()
        self.process()
        self.assertEqual(self.outcomes(rule), [("done", "matched")])

    def test_i14_a_managers_rule_runs_no_actions_for_another_company(self):
        companies = self.env["res.company"].create([{"name": "A"}, {"name": "B"}])
        self.manager.company_ids += companies
        rule = self.rule(
            server_action_ids=act(self, "pass"), company_id=companies[0].id
        )
        manager = self.manager.with_context(allowed_company_ids=companies.ids)
        own = rule.with_user(manager).with_context(allowed_company_ids=companies.ids)
        with self.assertRaisesRegex(AccessError, "server actions"):
            own.company_id = companies[1]
