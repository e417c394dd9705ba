# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.waimaolang_mail.tests.attack import (
    SUBJECT,
    AttackCase,
    build_secret,
    tells,
)

from .common import RuleCase

TEMPLATE = "Answer {{ object.subject }}"
OWN = ("waimaolang_mail_id", "waimaolang_conversation_id")


class PrivacyCase(RuleCase, AttackCase):
    """A task that tells of a mail in Lin's mailbox, which is hers alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.abroad = cls.env["res.company"].create({"name": "Abroad"})
        cls.stranger = new_test_user(
            cls.env,
            "abroad",
            groups="sales_team.group_sale_manager",
            company_id=cls.abroad.id,
            company_ids=[(6, 0, cls.abroad.ids)],
        )
        users = cls.rep + cls.mate + cls.leader + cls.manager + cls.stranger
        users.group_ids += cls.env.ref("base.group_allow_export")
        cls.this_rule = cls.rules.create(
            {
                "name": "Plain words",
                "trigger": "received",
                "activity_type_id": cls.todo.id,
                "summary": TEMPLATE,
                "deadline_hours": 24 * 400,  # of a mail of May
                "deadline_counting": "elapsed",
                "mail_domain": "[('date', '<', '2026-06-01')]",
            }
        )
        cls.task = cls("test_nothing").make_task()

    @property
    def attackers(self):
        return (*super().attackers, self.stranger)

    def ask(self, **vals):
        """A rule by a sales manager, who reads none of Lin's mail, for herself."""
        values = {
            "name": "Oracle",
            "trigger": "received",
            "activity_type_id": self.todo.id,
            "responsible": "user",
            "user_id": self.manager.id,
            **vals,
        }
        return self.rules.with_user(self.manager).create(values)

    def make_task(self, **vals):
        if vals:
            self.this_rule.write(vals)
        number = next(self.numbers)
        raw = build_secret(message_id=f"<secret{number}@nordwind.example>")
        mail = self.take(raw).mail_id
        self.process()
        return self.tasks().filtered(lambda task: task.waimaolang_mail_id == mail)


@tagged("post_install", "-at_install")
class TestTaskPrivacy(PrivacyCase):
    # -- a task of her own: nobody else learns of it -----------------------------------

    def ways_of_reading(self):
        ids, lead = self.task.ids, self.lead

        def activities(env):
            return env["mail.activity"]

        def here(env):
            return env["crm.lead"].browse(lead.id)

        return {
            "search_read": lambda env: activities(env).search_read([], ["summary"]),
            "read": lambda env: activities(env).browse(ids).read(["summary"]),
            "value": lambda env: activities(env).browse(ids).summary,
            "name": lambda env: activities(env).browse(ids).display_name,
            "name_search": lambda env: activities(env).name_search(SUBJECT),
            "search": lambda env: activities(env).search(
                [("summary", "ilike", SUBJECT)]
            ),
            "count": lambda env: activities(env).search_count(
                [("summary", "ilike", SUBJECT)]
            ),
            "by mail": lambda env: activities(env).search(
                [("waimaolang_mail_id.subject", "ilike", SUBJECT)]
            ),
            "group": lambda env: activities(env).formatted_read_group(
                [], ["summary"], ["__count"]
            ),
            "export": lambda env: (
                activities(env).search([]).export_data(["summary", "display_name"])
            ),
            "format": lambda env: activities(env).browse(ids).activity_format(),
            "board": lambda env: activities(env).get_activity_data("crm.lead", []),
            "filtered board": lambda env: activities(env).get_activity_data(
                "crm.lead", [("id", "=", lead.id)], fetch_done=True
            ),
            "domain": lambda env: env["crm.lead"].search(
                [("activity_ids.summary", "ilike", SUBJECT)]
            ),
            "any": lambda env: env["crm.lead"].search(
                [("activity_ids", "any", [("summary", "ilike", SUBJECT)])]
            ),
            "next summary": lambda env: env["crm.lead"].search(
                [("activity_summary", "ilike", SUBJECT)]
            ),
            "record's summary": lambda env: here(env).activity_summary,
            "record read": lambda env: here(env).read(["activity_summary"]),
            "record web_read": lambda env: here(env).web_read(
                {"activity_ids": {"fields": {"summary": {}}}, "activity_summary": {}}
            ),
            "record's": lambda env: here(env).activity_ids.mapped("summary"),
            "record export": lambda env: here(env).export_data(
                ["activity_ids/summary", "activity_summary"]
            ),
            "chatter": lambda env: (
                Store()
                .add(here(env), as_thread=True, request_list=["activities"])
                .get_result()
            ),
            "automated": lambda env: here(env).activity_search(
                ["mail.mail_activity_data_todo"]
            ),
        }

    def test_i8_a_task_of_a_mail_is_for_its_readers(self):
        self.assertEqual(self.task.summary, f"Answer About {SUBJECT}")
        self.assertEqual(self.task.user_id, self.rep)
        with mute_logger("odoo.http"):
            self.assert_only((self.rep,), self.ways_of_reading())

    def test_i8_readers_of_the_mail_read_the_task(self):
        self.show_to(self.mate)
        others = [user for user in self.attackers if user != self.mate]
        self.assert_only((self.rep, self.mate), self.ways_of_reading(), others)

    def test_i8_nobody_takes_or_makes_a_task_to_learn_of_a_mail(self):
        ids, mail = self.task.ids, self.task.waimaolang_mail_id

        def take(env):
            task = env["mail.activity"].browse(ids)
            task.user_id = env.uid
            return task.read(["summary"])

        def make(env, context=None, **vals):
            task = (
                env["mail.activity"]
                .with_context(**context or {})
                .create(
                    {
                        "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                        "res_id": self.lead.id,
                        "user_id": env.uid,
                        **vals,
                    }
                )
            )
            return f"{SUBJECT} {task}"  # it was possible

        def connect(env, name):
            task = env["mail.activity"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "res_id": self.lead.id,
                    "user_id": env.uid,
                }
            )
            task.write({name: mail.id})
            return f"{SUBJECT} {task}"

        attacks = {
            "take": take,
            "copy": lambda env: env["mail.activity"].browse(ids).copy_data(),
            "done": lambda env: [
                env["mail.activity"].browse(ids).action_feedback(),
                env["mail.message"].search([("body", "ilike", SUBJECT)]),
            ],
            "next": lambda env: (
                env["mail.activity"].browse(ids).action_feedback_schedule_next()
            ),
            "meeting": lambda env: (
                env["mail.activity"].browse(ids).action_create_calendar_event()
            ),
            "made": lambda env: make(env, waimaolang_mail_id=mail.id),
            "made by default": lambda env: make(
                env, {"default_waimaolang_mail_id": mail.id}
            ),
            "connected": lambda env: connect(env, "waimaolang_mail_id"),
            "escalated": lambda env: make(env, waimaolang_escalated_from_id=ids[0]),
        }
        self.assert_nobody(attacks)

    def test_i8_core_refuses_in_its_own_words(self):
        env = self.fresh(self.mate)
        with self.assertRaises(AccessError):
            env["mail.activity"].browse(self.task.ids).check_access("write")
        with self.assertRaises(AccessError):
            env["mail.activity"].browse(self.task.ids).write({"note": "x"})
        with self.assertRaises(AccessError):
            env["mail.activity"].browse(self.task.ids).unlink()

    # -- done --------------------------------------------------------------------------

    def get_words(self):
        return " ".join(
            f"{message.subject} {message.body}"
            for message in self.env["mail.message"].search(
                [("waimaolang_restricted", "=", False)]
            )
        )

    def test_i8_a_task_that_is_done_tells_the_chatter_nothing(self):
        self.task.with_user(self.rep).action_feedback("Sent")
        self.assertIn("Plain words", self.get_words())
        self.assertFalse(tells(self.get_words()))
        self.env.invalidate_all()
        self.assertEqual(self.task.summary, f"Answer About {SUBJECT}")
        found = {
            "done": lambda env: (
                env["mail.activity"]
                .with_context(active_test=False)
                .search_read([], ["summary"])
            ),
            "board": lambda env: env["mail.activity"].get_activity_data(
                "crm.lead", [], fetch_done=True
            ),
        }
        self.assert_only((self.rep,), found)

    def test_i8_a_reply_that_closes_a_task_tells_the_chatter_nothing(self):
        self.answer(self.task.waimaolang_mail_id)
        self.process()
        self.assertFalse(self.task.active)
        self.assertFalse(tells(self.get_words()))

    def test_a_mail_that_all_see_is_named_when_its_task_is_done(self):
        self.message = self.task.waimaolang_mail_id.mail_message_id
        self.message.waimaolang_restricted = False
        self.task.with_user(self.rep).action_feedback()
        done = self.env["mail.message"].search([], order="id desc", limit=1)
        self.assertIn(SUBJECT, done.body)

    # -- whoever has to do it ----------------------------------------------------------

    def test_i8_a_responsible_user_who_is_no_reader_sees_the_rules_name(self):
        self.task = self.make_task(responsible="user", user_id=self.mate.id)
        self.assertEqual(self.task.user_id, self.mate)
        env = self.fresh(self.mate)
        task = env["mail.activity"].search([("user_id", "=", env.uid)])
        self.assertEqual(task.summary, "Plain words")
        values = task.read(["waimaolang_mail_id", "waimaolang_conversation_id"])[0]
        self.assertFalse(tells(values))
        groups = env["mail.activity"].formatted_read_group(
            [], ["waimaolang_mail_id", "waimaolang_conversation_id"], ["__count"]
        )
        self.assertFalse(tells(groups))
        self.assert_nobody(
            {
                name: attack
                for name, attack in self.ways_of_reading().items()
                if name != "automated"  # her own task
            }
        )
        self.assertFalse(
            self.attempt(self.colleague, self.ways_of_reading()["automated"])
        )

    def test_i8_whoever_gets_a_task_is_told_what_she_may_read(self):
        self.task.with_user(self.rep).write({"user_id": self.mate.id})
        self.assertEqual(self.task.summary, "Plain words")
        notices = self.env["mail.message"].search(
            [("message_type", "=", "user_notification"), ("body", "ilike", "Plain")]
        )
        self.assertTrue(notices)
        self.assertFalse(tells(self.get_words()))
        mails = self.env["mail.mail"].search([])
        self.assertFalse(tells(mails.mapped("body_html") + mails.mapped("subject")))
        self.task.with_user(self.mate).write({"user_id": self.rep.id})
        self.assertEqual(self.task.summary, f"Answer About {SUBJECT}")

    def test_i8_of_another_company_she_sees_the_rules_name(self):
        task = self.make_task(responsible="user", user_id=self.stranger.id)
        self.assertEqual(task.summary, "Plain words")

    def test_i8_a_reader_no_more_sees_the_rules_name(self):
        self.show_to(self.mate)
        task = self.make_task(responsible="user", user_id=self.mate.id)
        self.assertIn(SUBJECT, task.summary)
        self.mailbox.member_ids = [fields.Command.clear()]
        seen = self.fresh(self.mate)["mail.activity"].search([("id", "=", task.id)])
        self.assertFalse(seen)
        self.env["mail.activity"]._fit_open_summaries()
        self.assertEqual(
            task.with_env(self.fresh(self.mate)).read(["summary"])[0]["summary"],
            "Plain words",
        )

    def test_i8_her_meetings_and_next_tasks_say_nothing(self):
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        self.todo.write(
            {"chaining_type": "trigger", "triggered_next_type_id": meeting.id}
        )
        action = self.task.with_user(self.rep).action_create_calendar_event()
        self.assertFalse(tells(action["context"]))
        _messages, following = self.task.with_user(self.rep)._action_done()
        self.assertEqual(following.activity_type_id, meeting)
        self.assertFalse(tells(following.read()))
        self.assertFalse(following.waimaolang_mail_id)

    # -- what rules tell ---------------------------------------------------------------

    def test_i8_who_writes_rules_learns_figures_alone(self):
        """A manager's rule on what a mail says: how often it fired, on which mail
        never."""
        waiting = self.rule(
            "no_reply_from_us",
            name="Waits",
            after_hours=24 * 365 * 2,
            mail_domain=self.this_rule.mail_domain,
        )
        self.make_task()
        self.assertEqual(waiting.waiting_count, 1)
        env = self.fresh(self.manager)
        rule = env["waimaolang.task.rule"].browse(self.this_rule.id)
        self.assertEqual(rule.read(["done_count"])[0]["done_count"], 2)
        attacks = {
            "log": lambda env: env["waimaolang.task.log"].search([]),
            "log of the rule": lambda env: (
                env["waimaolang.task.rule"].browse(self.this_rule.id).log_ids
            ),
            "which mail": lambda env: env["waimaolang.task.log"].search(
                [("mail_id", "=", self.secret.id)]
            ),
            "figures": lambda env: env["waimaolang.task.log"].search_count([]),
            "rule by log": lambda env: env["waimaolang.task.rule"].search(
                [("log_ids.mail_id", "in", self.task.waimaolang_mail_id.ids)]
            ),
            "tasks": lambda env: env["mail.activity"].search(
                [("waimaolang_rule_id", "=", self.this_rule.id)]
            ),
            "waits": lambda env: env["waimaolang.task.wait"].search([]),
            "wait": lambda env: env["waimaolang.task.wait"].search_count(
                [("conversation_id.subject", "ilike", SUBJECT)]
            ),
        }
        self.assert_nobody(attacks)
        log = {"log": attacks["log"], "tasks": attacks["tasks"]}
        self.assert_only((self.rep,), log, ())

    def test_i8_private_conversations_feed_no_rules(self):
        before = self.tasks()
        self.secret.conversation_id.with_user(self.rep).private = True
        raw = build_secret(message_id="<more@nordwind.example>")
        raw = raw.replace(
            b"Message-ID:",
            b"In-Reply-To: <secret@nordwind.example>\nMessage-ID:",
        )
        mail = self.take(raw).mail_id
        self.assertEqual(mail.conversation_id, self.secret.conversation_id)
        self.process()
        self.assertEqual(self.tasks(), before)
        self.assertEqual(self.outcomes(self.this_rule)[-1], ("skipped", "private"))
        hushed = self.env["waimaolang.task.log"].search([("mail_id", "=", mail.id)])
        self.show_to(self.mate)
        for user in (self.rep, self.mate):
            self.assertFalse(
                hushed.with_env(self.fresh(user)).search([("mail_id", "=", mail.id)])
            )

    # -- what it costs -----------------------------------------------------------------

    def test_i12_other_activities_cost_no_query_more(self):
        plain = self.lead.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.mate.id, summary="Call"
        )

        def work(env):
            env.companies.mapped("parent_path")  # as the rules of most records ask
            activities = env["mail.activity"].search([("res_id", "=", self.lead.id)])
            activities.read(["summary"])
            env["crm.lead"].browse(self.lead.id).read(["activity_summary"])
            return env["mail.activity"].browse(plain.ids).write({"summary": "Ring"})

        def count():
            env = self.fresh(self.mate)
            work(env)  # caches of the registry
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            work(env)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.task.unlink()
        with_us = count()
        model = type(self.env["mail.activity"])
        with patch.object(model, "_get_shown_domain", lambda self: Domain.TRUE):
            self.assertEqual(count(), with_us)
