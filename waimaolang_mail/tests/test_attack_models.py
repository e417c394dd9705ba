# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.tests import tagged

from .attack import BODY, STRANGER, SUBJECT, AttackCase
from .common import build_mail

OF_A_MAIL = ("waimaolang.mail", "waimaolang.mail.link", "waimaolang.conversation")
# Written by the engine alone.
KEPT = (
    *OF_A_MAIL[:2],
    "waimaolang.mail.identity",
    "waimaolang.conversation.key",
    "waimaolang.mailbox.copy",
    "waimaolang.mail.event",
    "waimaolang.label",
    "waimaolang.mailbox.folder.log",
    "waimaolang.coverage",
    "waimaolang.mailbox.lease",
    "waimaolang.statistics",
    "waimaolang.statistics.dirty",
)
PATHS = {
    "waimaolang.mailbox.copy": ["mail_id"],
    "waimaolang.mail.identity": ["mail_id"],
    "waimaolang.conversation.key": ["conversation_id"],
    "waimaolang.mail.link": ["mail_id", "message_id"],
    "waimaolang.mail.event": ["mail_id"],
    "waimaolang.mail": ["conversation_id", "mail_message_id"],
}


@tagged("post_install", "-at_install")
class TestAttackModels(AttackCase):
    """Our own models, each by all that RPC offers."""

    def own_models(self):
        return [
            name
            for name, model in self.env.registry.items()
            if name.startswith("waimaolang.") and not model._abstract
        ]

    def ways_of_reading(self, model, ids):
        """{name: attack} of what RPC offers on every model."""
        described = self.env[model]._fields
        context = {"active_model": "waimaolang.mail", "active_ids": self.secret.ids}

        def names(env):
            return list(env[model].fields_get())

        def spec(env):
            named = {"fields": {"display_name": {}}}
            return {n: named if described[n].relational else {} for n in names(env)}

        def plain(env):
            return [name for name in names(env) if not described[name].relational]

        return {
            "search_read": lambda env: env[model].search_read([], names(env)),
            "web_search_read": lambda env: env[model].web_search_read([], spec(env)),
            "read": lambda env: env[model].browse(ids).read(names(env)),
            "values": lambda env: [
                env[model].browse(ids).mapped(n) for n in plain(env)
            ],
            "names": lambda env: env[model].browse(ids).mapped("display_name"),
            "name_search": lambda env: env[model].name_search(SUBJECT),
            "default_get": lambda env: (
                env[model].with_context(**context).default_get(names(env))
            ),
            "export": lambda env: env[model].search([]).export_data(names(env)),
            "copy": lambda env: env[model].browse(ids[:1]).copy_data(),
        }

    def test_i8_no_model_of_ours_tells_by_being_read(self):
        for model in self.own_models():
            ids = self.env[model].with_context(active_test=False).search([]).ids
            for name, attack in self.ways_of_reading(model, ids).items():
                self.assert_nobody({f"{model} {name}": attack})

    def ways_of_asking(self, model, path, word):
        by = path.partition(".")[0]
        return {
            "search": lambda env: env[model].search([(path, "ilike", word)]),
            "path": lambda env: env[model].formatted_read_group(
                [], [path], ["__count"]
            ),
            "group": lambda env: env[model].formatted_read_group([], [by], ["__count"]),
        }

    def test_i8_no_path_of_ours_is_an_oracle(self):
        words = {"subject": SUBJECT, "text": BODY, "email_to": STRANGER, "body": BODY}
        asked = [
            (model, f"message_ids.waimaolang_mail_id.{name}", word)
            for model in ("crm.lead", "res.partner")
            for name, word in words.items()
            if name != "body"
        ]
        for model, ways in PATHS.items():
            for way in ways:
                comodel = self.env[self.env[model]._fields[way].comodel_name]
                found = [name for name in words if name in comodel._fields]
                asked += [(model, f"{way}.{name}", words[name]) for name in found]
        for model, path, word in asked:
            for name, attack in self.ways_of_asking(model, path, word).items():
                self.assert_nobody({f"{model} {path} {name}": attack})

    def test_i8_the_owner_reads_all_of_it(self):
        attacks = {
            "mail": lambda env: env["waimaolang.mail"].search_read(
                [], ["text", "subject"]
            ),
            "link": lambda env: env["waimaolang.mail.link"].search_read(
                [], ["mail_id"]
            ),
            "conversation": lambda env: env["waimaolang.conversation"].search_read(
                [], ["subject"]
            ),
            "ledger": lambda env: env["waimaolang.mailbox.copy"].search_read(
                [], ["mail_id"]
            ),
            "oracle": lambda env: env["waimaolang.mail"].search(
                [("text", "ilike", BODY)]
            ),
        }
        self.assert_only([self.rep], attacks)

    def test_i8_nobody_writes_creates_or_deletes_what_the_engine_keeps(self):
        users = (self.rep, *self.attackers)
        for model in KEPT:
            for user in users:
                env = self.fresh(user)
                for operation in ("write", "create", "unlink"):
                    with self.subTest(
                        model=model, user=user.login, operation=operation
                    ):
                        self.assertFalse(env[model].has_access(operation))
        conversation = self.secret.conversation_id
        for user in users:
            rows = self.fresh(user)["waimaolang.conversation"].browse(conversation.id)
            for vals in ({"subject": "x"}, {"mail_ids": [Command.clear()]}):
                self.assertFalse(
                    self.attempt(
                        user, lambda env, r=rows, v=vals: r.with_env(env).write(v)
                    )
                )
            self.assertFalse(
                self.attempt(user, lambda env, r=rows: r.with_env(env).unlink())
            )

    def test_i8_nobody_keeps_a_conversation_private_but_an_owner(self):
        id_ = self.secret.conversation_id.id
        self.show_to(self.mate)
        self.assert_nobody(
            {
                "private": lambda env: (
                    env["waimaolang.conversation"].browse(id_).write({"private": True})
                ),
                "mailboxes": lambda env: (
                    env["waimaolang.conversation"]
                    .browse(id_)
                    .write({"private_mailbox_ids": [Command.link(self.mailbox.id)]})
                ),
            }
        )
        self.fresh(self.rep)["waimaolang.conversation"].browse(id_).private = True

    def test_i8_a_conversation_does_not_list_mails_that_one_may_not_read(self):
        """Whatever of it was read before in the same transaction."""
        box = self.create_mailbox(self.mate, "mate@lanyue.example")
        raw = build_mail(
            "emma.vogel@nordwind.example",
            "mate@lanyue.example",
            "Another thing",
            Message_ID="<answer@nordwind.example>",
            In_Reply_To="<secret@nordwind.example>",
        )
        answer = self.take(raw, mailbox=box).mail_id
        conversation = self.secret.conversation_id
        self.assertEqual(answer.conversation_id, conversation)
        for names in (["mail_ids"], ["private", "mail_ids", "lead_ids"]):
            for rows in (answer, answer.conversation_id):
                env = self.fresh(self.mate)
                if rows == answer:
                    env["waimaolang.mail"].browse(answer.id).mapped(
                        "first_in_conversation"
                    )
                found = env["waimaolang.conversation"].browse(conversation.id)
                self.assertEqual(found.read(names)[0]["mail_ids"], answer.ids)
                self.assertEqual(found.mail_ids.ids, answer.ids)
                self.assertEqual(found.subject, "Another thing")
                self.assertEqual(found.sudo().display_name, "Another thing")
                self.assertFalse(found.search([("subject", "ilike", SUBJECT)]))
                self.assertTrue(found.search([("display_name", "ilike", "another")]))
        mail = self.fresh(self.mate)["waimaolang.mail"].browse(answer.id)
        wizard = mail.env["waimaolang.mail.link.wizard"].create(
            {"mail_ids": mail.ids, "lead_id": self.lead.id, "whole_conversation": True}
        )
        wizard.action_apply()
        self.assertEqual(self.secret.link_ids.mapped("origin"), ["auto"] * 2)

    def ways_of_linking(self, lead):
        mail, links = self.secret, self.secret.link_ids
        wizard = {"mail_ids": mail.ids, "lead_id": lead.id}
        spec = {"mail_ids": {"fields": {"subject": {}, "display_name": {}}}}

        def act(env, name):
            row = env["waimaolang.mail"].browse(mail.id)
            return getattr(row, name)(env["crm.lead"].browse(lead.id))

        def make(env):
            return env["waimaolang.mail.link.wizard"].create(wizard)

        return {
            "link": lambda env: act(env, "action_link"),
            "unlink": lambda env: act(env, "action_unlink"),
            "wizard": lambda env: make(env).action_apply(),
            "wizard's mails": lambda env: make(env).mail_ids.mapped("subject"),
            "wizard by its values": lambda env: env[
                "waimaolang.mail.link.wizard"
            ].onchange({"mail_ids": [Command.link(mail.id)]}, [], spec),
            "remove": lambda env: env[links._name].browse(links.ids).action_remove(),
            "restore": lambda env: env[links._name].browse(links.ids).action_restore(),
        }

    def test_i8_linking_is_for_readers_of_both_sides(self):
        def rows():
            fields = ("res_model", "res_id", "removed", "origin")
            return [[link[name] for name in fields] for link in self.secret.link_ids]

        own = self.env["crm.lead"].create({"name": "own", "user_id": self.colleague.id})
        before = rows()
        for name, attack in self.ways_of_linking(own).items():
            for user in self.attackers:
                with self.subTest(attack=name, user=user.login):
                    self.assertIsNone(self.attempt(user, attack), "is refused")
        self.assertEqual(rows(), before)
        unreadable = self.env["crm.lead"].create({"name": "x", "user_id": self.mate.id})
        ways = self.ways_of_linking(unreadable)
        for name in ("link", "unlink", "wizard"):
            self.assertIsNone(self.attempt(self.rep, ways[name]))

    def test_i8_nobody_makes_a_message_an_imported_one(self):
        note = self.lead.message_post(body="note")
        vals = ({"waimaolang_mail_id": self.secret.id}, {"waimaolang_restricted": True})
        for user in (self.rep, *self.attackers):
            for value in vals:
                self.assertIsNone(
                    self.attempt(
                        user,
                        lambda env, v=value: (
                            env["mail.message"].browse(note.id).write(v)
                        ),
                    )
                )
                self.assertIsNone(
                    self.attempt(
                        user,
                        lambda env, v=value: env["mail.message"].create(
                            {"model": "crm.lead", "res_id": self.lead.id, **v}
                        ),
                    )
                )
                self.assertIsNone(
                    self.attempt(
                        user,
                        lambda env, v=value: (
                            env["crm.lead"]
                            .browse(self.lead.id)
                            .message_post(body="x", **v)
                        ),
                    )
                )

    def test_i8_an_imported_field_is_written_by_nobody(self):
        vals = {
            "body": "x",
            "subject": "x",
            "date": "2020-01-01",
            "is_internal": False,
            "res_id": 1,
            "model": "res.partner",
            "message_type": "comment",
            "author_id": self.mate.partner_id.id,
            "partner_ids": [Command.link(self.mate.partner_id.id)],
            "attachment_ids": [Command.clear()],
            "waimaolang_restricted": False,
            "waimaolang_mail_id": False,
            "notification_ids": [
                Command.create({"res_partner_id": self.mate.partner_id.id})
            ],
            "starred_partner_ids": [Command.link(self.mate.partner_id.id)],
            "reply_to": "x@y.example",
            "pinned_at": "2020-01-01",
            "parent_id": False,
            "child_ids": [Command.clear()],
        }
        for user in (self.rep, *self.attackers):
            for name, value in vals.items():
                with self.subTest(field=name, user=user.login):
                    self.assertIsNone(
                        self.attempt(
                            user,
                            lambda env, v={name: value}: (
                                env["mail.message"].browse(self.message.id).write(v)
                            ),
                        )
                    )
            self.assertIsNone(
                self.attempt(
                    user,
                    lambda env: env["mail.message"].browse(self.message.id).unlink(),
                )
            )
