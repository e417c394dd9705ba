# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.tests import tagged

from .attack import BODY, FILE, STRANGER, SUBJECT, AttackCase


@tagged("post_install", "-at_install")
class TestAttackRead(AttackCase):
    """Reading a message, and asking what is in it by domains, with RPC's methods."""

    def test_i8_no_way_of_reading_tells_a_message(self):
        id_ = self.message.id
        here = [("id", "=", id_)]

        spec = {"body": {}, "subject": {}, "attachment_ids": {"fields": {"name": {}}}}

        def message(env):
            return env["mail.message"].browse(id_)

        self.assert_only(
            self.rep,
            {
                "read": lambda env: message(env).read(["body"]),
                "read all": lambda env: message(env).read(),
                "search": lambda env: message(env).search(here),
                "search_read": lambda env: message(env).search_read(here, ["subject"]),
                "search_fetch": lambda env: message(env).search_fetch(here, ["body"]),
                "search_count": lambda env: message(env).search_count(here),
                "web_read": lambda env: message(env).web_read(spec),
                "web_search_read": lambda env: message(env).web_search_read(here, spec),
                "name_search": lambda env: message(env).name_search(SUBJECT),
                "copy_data": lambda env: message(env).copy_data(),
                "read_group": lambda env: message(env).read_group(
                    here, ["subject"], ["subject"]
                ),
                "formatted_read_group": lambda env: message(env).formatted_read_group(
                    here, ["subject"], ["__count"]
                ),
                "web_read_group": lambda env: message(env).web_read_group(
                    here, ["subject"], ["__count"]
                ),
                "attribute": lambda env: message(env).body,
                "display_name": lambda env: message(env).display_name,
                "files": lambda env: message(env).mapped("attachment_ids.name"),
                "filtered_domain": lambda env: message(env).filtered_domain(
                    [("body", "ilike", BODY)]
                ),
            },
        )

    def test_i8_exporting_tells_readers_only(self):
        group = self.env.ref("base.group_allow_export")
        self.env["res.users"].browse(
            [user.id for user in (self.rep, *self.colleagues)]
        ).group_ids = [(4, group.id)]
        self.assert_nobody(
            {
                "message": lambda env: (
                    env["mail.message"].browse(self.message.id).export_data(["body"])
                ),
                "lead": lambda env: (
                    env["crm.lead"]
                    .browse(self.lead.id)
                    .export_data(["message_ids/body", "message_ids/subject"])
                ),
                "contact": lambda env: (
                    env["res.partner"]
                    .browse(self.contact.id)
                    .export_data(["message_ids/subject", "website_message_ids/body"])
                ),
                "ledger": lambda env: (
                    env["waimaolang.mailbox.copy"]
                    .search([])
                    .export_data(
                        ["mail_id/text", "mail_id/subject", "mail_id/email_to"]
                    )
                ),
            },
            self.colleagues,
        )
        mail = {
            "mail": lambda env: (
                env["waimaolang.mail"]
                .browse(self.secret.id)
                .export_data(["text", "subject", "mail_message_id/body"])
            )
        }
        self.assert_only(self.rep, mail, self.colleagues)

    def test_i8_no_domain_on_a_record_is_an_oracle(self):
        words = [
            ("body", BODY),
            ("subject", SUBJECT),
            ("attachment_ids.name", FILE),
            ("attachment_ids.index_content", "narwhal"),
            ("incoming_email_to", STRANGER),
            ("waimaolang_mail_id.text", BODY),
        ]
        attacks = {}
        for model in ("crm.lead", "res.partner"):
            for field in ("message_ids", "website_message_ids"):
                if field not in self.env[model]._fields:
                    continue
                for path, word in words:
                    attacks[f"{model}.{field}.{path}"] = (
                        lambda env, model=model, path=f"{field}.{path}", word=word: env[
                            model
                        ].search([(path, "ilike", word)])
                    )
        only_lead = {k: v for k, v in attacks.items() if k.startswith("crm.lead")}
        self.assert_only(self.rep, only_lead)
        self.assert_nobody(attacks)

    def test_i8_a_records_own_list_of_messages_is_the_users(self):
        spec = {"message_ids": {"fields": {"body": {}, "subject": {}}}}
        self.assert_only(
            self.rep,
            {
                "web_read": lambda env: (
                    env["crm.lead"].browse(self.lead.id).web_read(spec)
                ),
                "attribute": lambda env: (
                    env["crm.lead"].browse(self.lead.id).message_ids.mapped("subject")
                ),
            },
        )
        self.assert_nobody(
            {
                "ids": lambda env: (
                    self.message.id
                    in env["crm.lead"]
                    .browse(self.lead.id)
                    .read(["message_ids"])[0]["message_ids"]
                ),
                "bypass": lambda env: env["crm.lead"].search(
                    [("message_ids", "any!", [("body", "ilike", BODY[:-1])])]
                ),
                "through mails": lambda env: env["crm.lead"].search(
                    [("message_ids.waimaolang_mail_id.link_ids.reason", "!=", False)]
                ),
                "new record": lambda env: env["crm.lead"].onchange(
                    {"message_ids": [Command.link(self.message.id)]}, [], spec
                ),
                "report": lambda env: env["crm.activity.report"].search_read(
                    [], ["subject", "body"]
                ),
            }
        )

    def test_i8_no_domain_on_other_models_is_an_oracle(self):
        note = self.lead.message_post(
            body="thanks", partner_ids=self.mate.partner_id.ids
        )
        note.sudo().parent_id = self.message
        ways = {
            "mail.message": ["parent_id.body", "parent_id.subject"],
            "mail.notification": ["mail_message_id.parent_id.body"],
            "ir.attachment": ["name", "index_content"],
            "res.users": ["partner_id.message_ids.body"],
            "crm.team": ["message_ids.body"],
        }
        self.assert_nobody(
            {
                f"{model}.{path}": lambda env, model=model, path=path: env[
                    model
                ].search(["|", (path, "ilike", BODY), (path, "ilike", "narwhal")])
                for model, paths in ways.items()
                for path in paths
            }
        )

    def test_i8_child_and_parent_do_not_tell_each_other(self):
        note = self.lead.message_post(body="a note for the mate")
        note.sudo().parent_id = self.message
        self.env.flush_all()
        self.assert_nobody(
            {
                "parent's name": lambda env: (
                    env["mail.message"].browse(note.id).read(["parent_id", "subject"])
                ),
                "parent by web_read": lambda env: (
                    env["mail.message"]
                    .browse(note.id)
                    .web_read({"parent_id": {"fields": {"display_name": {}}}})
                ),
                "parent's body": lambda env: (
                    env["mail.message"]
                    .browse(note.id)
                    .web_read({"parent_id": {"fields": {"body": {}}}})
                ),
                "group by parent": lambda env: env["mail.message"].formatted_read_group(
                    [("id", "=", note.id)], ["parent_id"], ["__count"]
                ),
                "group by parent's subject": lambda env: env[
                    "mail.message"
                ].formatted_read_group(
                    [("id", "=", note.id)], ["parent_id.subject"], ["__count"]
                ),
                "children": lambda env: env["mail.message"].search(
                    [("child_ids.body", "ilike", BODY)]
                ),
            },
            self.colleagues,
        )

    def test_i8_a_mail_by_its_values_tells_its_reader_only(self):
        """onchange reads what a client says that a record points to."""
        id_ = self.message.id
        parent = {"parent_id": {"fields": {"body": {}, "subject": {}}}, "subject": {}}
        self.assert_nobody(
            {
                "message": lambda env: env["mail.message"].onchange(
                    {"parent_id": id_}, ["parent_id"], parent
                ),
                "mail": lambda env: env["waimaolang.mail"].onchange(
                    {"mail_message_id": id_},
                    ["mail_message_id"],
                    {
                        "mail_message_id": {"fields": {"body": {}}},
                        "attachment_ids": {"fields": {"name": {}}},
                        "display_name": {},
                    },
                ),
                "link": lambda env: env["waimaolang.mail.link"].onchange(
                    {"mail_id": self.secret.id, "message_id": id_},
                    ["mail_id"],
                    {
                        "mail_id": {"fields": {"display_name": {}, "text": {}}},
                        "message_id": {"fields": {"display_name": {}}},
                    },
                ),
                "composer": lambda env: env["mail.compose.message"].onchange(
                    {"parent_id": id_, "composition_mode": "comment"},
                    ["parent_id"],
                    {**parent, "partner_ids": {"fields": {"email": {}}}},
                ),
                "outgoing": lambda env: env["mail.mail"].onchange(
                    {"mail_message_id": id_}, ["mail_message_id"], {"body": {}}
                ),
            }
        )

    def notify_everybody(self):
        """A notification, a star, authorship, and being addressed."""
        for user in self.colleagues:
            self.env["mail.notification"].create(
                {
                    "mail_message_id": self.message.id,
                    "res_partner_id": user.partner_id.id,
                    "notification_type": "inbox",
                }
            )
            self.message.starred_partner_ids |= user.partner_id
        self.message.author_id = self.mate.partner_id
        self.message.partner_ids |= self.colleague.partner_id

    def test_i8_a_message_box_tells_its_reader_only(self):
        self.notify_everybody()

        def fetch(env, *domain, **options):
            return env["mail.message"]._message_fetch([domain], **options)["messages"]

        def message(env):
            return env["mail.message"].browse(self.message.id)

        self.assert_nobody(
            {
                "inbox": lambda env: fetch(env, "needaction", "=", True),
                "history": lambda env: fetch(
                    env, "needaction", "=", False, search_term=BODY
                ),
                "starred": lambda env: fetch(
                    env, "starred_partner_ids", "in", env.user.partner_id.ids
                ),
                "read": lambda env: message(env).read(["body"]),
                "star": lambda env: message(env).toggle_message_starred(),
            },
            self.colleagues,
        )

    def test_i8_a_notification_does_not_name_its_message(self):
        self.notify_everybody()

        def rows(env):
            return env["mail.notification"]

        def mine(env):
            return rows(env).search([("res_partner_id", "=", env.user.partner_id.id)])

        by_body = [("mail_message_id.body", "ilike", BODY)]
        self.assert_nobody(
            {
                "oracle": lambda env: rows(env).search(by_body),
                "groups": lambda env: rows(env).formatted_read_group(
                    [], ["mail_message_id.subject"], ["__count"]
                ),
                "names": lambda env: mine(env).read(["mail_message_id"]),
            },
            self.colleagues,
        )

    def test_i8_a_chatter_page_tells_its_reader_only(self):
        def fetch(env, record, **options):
            thread = env[record._name].browse(record.id)
            return env["mail.message"]._message_fetch(None, thread=thread, **options)

        attacks = {}
        for term in (BODY, SUBJECT, FILE):
            attacks[f"found {term}"] = lambda env, term=term: fetch(
                env, self.lead, search_term=term
            )["messages"]
            attacks[f"counted {term}"] = lambda env, term=term: fetch(
                env, self.lead, search_term=term
            )["count"]
        self.assert_only(self.rep, attacks)
        for around in (
            {},
            {"before": self.message.id + 1},
            {"around": self.message.id},
        ):
            for user in self.colleagues:
                shown = fetch(self.fresh(user), self.lead, **around)["messages"]
                self.assertNotIn(self.message.id, shown.ids)
