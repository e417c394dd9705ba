# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from urllib.parse import parse_qs, urlparse

from odoo.tests import HttpCase, tagged

from .attack import BODY, FILE, STRANGER, SUBJECT, AttackCase, tells

PASSWORDS = {"lin": "linxxxxx", "chen": "chenxxxx", "boss": "bossxxxx"}

LATE = "2100-01-01 00:00:00"


@tagged("post_install", "-at_install")
class TestAttackRoutes(AttackCase, HttpCase):
    """What the web client and the portal can ask a server."""

    def log_in(self, user):
        self.env.flush_all()
        login = user.login
        if user == self.public:
            self.authenticate(None, None)
        else:
            self.authenticate(login, PASSWORDS.get(login, f"{login}-pass"))

    def call(self, route, **params):
        answer = self.url_open(
            route,
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()

    def thread(self, record, **options):
        return {
            "thread_model": record._name,
            "thread_id": record.id,
            "fetch_params": options,
        }

    def assert_routes(self, routes, readers=True, others=None):
        """``routes``: {route: parameters, or a list of them}."""
        users = self.attackers if others is None else others
        for user in (self.rep, *users) if readers else users:
            self.log_in(user)
            for route, variants in routes.items():
                for params in variants if isinstance(variants, list) else [variants]:
                    with self.subTest(route=route, user=user.login, params=params):
                        told = tells(self.call(route, **params))
                        self.assertEqual(told, readers and user == self.rep)

    def test_i8_no_route_of_a_chatter_tells_a_message(self):
        lead = self.lead
        self.assert_routes(
            {
                "/mail/thread/messages": [
                    self.thread(lead),
                    self.thread(lead, search_term=BODY),
                    self.thread(lead, search_term=SUBJECT),
                    self.thread(lead, search_term=FILE),
                    self.thread(lead, before=self.message.id + 1, anchor_date=LATE),
                    self.thread(lead, around=self.message.id),
                ]
            }
        )
        others = [
            self.thread(self.contact, search_term=BODY),
            self.thread(self.customer),
        ]
        self.assert_routes({"/mail/thread/messages": others}, readers=False)

    def test_i8_nothing_asked_about_a_thread_tells_a_message(self):
        thread = {"thread_model": "crm.lead", "thread_id": self.lead.id}
        lists = ("activities", "attachments", "followers", "scheduledMessages")
        asked = {**thread, "request_list": [*lists, "suggestedRecipients"]}
        self.assert_routes(
            {
                "/mail/data": {
                    "fetch_params": [
                        "failures",
                        "init_messaging",
                        "systray_get_activities",
                        ["mail.thread", asked],
                    ]
                },
                "/mail/chatter_fetch": [
                    thread,
                    {**thread, "token": "guess"},
                    {"thread_model": "res.partner", "thread_id": self.contact.id},
                ],
            },
            readers=False,
        )

    def test_i8_no_box_of_the_client_tells_a_message(self):
        for user in self.colleagues:
            self.env["mail.notification"].create(
                {
                    "mail_message_id": self.message.id,
                    "res_partner_id": user.partner_id.id,
                    "notification_type": "inbox",
                }
            )
            self.message.starred_partner_ids |= user.partner_id
        self.assert_routes(
            {
                "/mail/inbox/messages": [{}, {"fetch_params": {"search_term": BODY}}],
                "/mail/history/messages": {},
                "/mail/starred/messages": {},
                "/mail/data": {"fetch_params": ["init_messaging"]},
            },
            readers=False,
        )

    def test_i8_no_route_on_a_message_tells_it_or_acts_on_it(self):
        id_ = self.message.id
        update = {"body": "forged", "attachment_ids": []}
        for user in (self.rep, *self.attackers):
            self.log_in(user)
            for route, params in [
                ("/mail/message/update_content", {"update_data": update}),
                ("/mail/message/reaction", {"content": "👍", "action": "add"}),
                ("/mail/link_preview", {}),
                ("/mail/update_is_internal", {"is_internal": False}),
            ]:
                with self.subTest(route=route, user=user.login):
                    self.assertFalse(tells(self.call(route, message_id=id_, **params)))
            if user != self.rep:
                with self.subTest(route="translate", user=user.login):
                    answer = self.call("/mail/message/translate", message_id=id_)
                    self.assertIn("error", answer)
        self.env.invalidate_all()
        self.assertIn(BODY, self.message.body)
        self.assertTrue(self.message.is_internal)
        self.assertFalse(self.message.reaction_ids)
        self.assertFalse(self.env["mail.message.translation"].search([]))

    def test_i8_a_stored_translation_is_its_readers(self):
        self.env["mail.message.translation"].create(
            {
                "message_id": self.message.id,
                "body": BODY,
                "source_lang": "de",
                "target_lang": "en",
            }
        )
        self.assert_routes(
            {"/mail/message/translate": {"message_id": self.message.id}}, readers=True
        )
        self.assert_nobody(
            {
                "read": lambda env: (
                    env["mail.message.translation"].search([]).read(["body"])
                ),
                "oracle": lambda env: env["mail.message.translation"].search(
                    [("body", "ilike", BODY)]
                ),
            }
        )

    def test_i8_recipients_are_not_told_from_a_message_one_may_not_read(self):
        self.lead.partner_id = False
        self.message.incoming_email_to = f"x <{STRANGER}>"
        thread = {"thread_model": "crm.lead", "thread_id": self.lead.id}
        attacks = {
            "/mail/thread/recipients": [
                thread,
                {**thread, "message_id": self.message.id},
            ],
            "/mail/thread/recipients/get_suggested_recipients": {
                **thread,
                "partner_ids": [],
            },
        }
        self.assert_routes(attacks, readers=True)
        self.assertFalse(
            self.env["res.partner"].search([("email", "=", "lin@lanyue.example")])
        )

    def test_i8_a_link_to_a_message_leads_nobody_elsewhere(self):
        hidden = self.env["crm.lead"].create({"name": "x", "user_id": self.rep.id})
        self.message.res_id = hidden.id
        for user in (self.colleague, self.portal, self.public):
            self.log_in(user)
            for url in (
                f"/mail/view?message_id={self.message.id}",
                f"/mail/message/{self.message.id}",
            ):
                answer = self.url_open(url, allow_redirects=False)
                target = answer.headers.get("Location", "")
                query = parse_qs(urlparse(target).query)
                self.assertFalse(tells(answer.content), url)
                self.assertFalse(tells(target) or tells(query), url)

    def test_i8_rpc_by_the_web_client_is_refused_alike(self):
        def rpc(model, method, *args, **kwargs):
            return self.call(
                f"/web/dataset/call_kw/{model}/{method}",
                model=model,
                method=method,
                args=list(args),
                kwargs=kwargs,
            )

        ids = self.message.ids
        calls = [
            ("mail.message", "read", [ids, ["body"]]),
            ("mail.message", "web_read", [ids, {"body": {}}]),
            ("mail.message", "export_data", [ids, ["body"]]),
            ("mail.message", "_get_with_access", [ids[0]]),
            ("mail.message", "fetch", [ids, ["body"]]),
            ("mail.message", "copy", [ids]),
            ("waimaolang.mail", "read", [self.secret.ids, ["text"]]),
            ("waimaolang.mail", "get_metadata", [self.secret.ids]),
            ("waimaolang.mail", "_raw", [self.secret.ids]),
            ("waimaolang.mail", "_put_on", [self.secret.ids, "crm.lead", 1, "x", "y"]),
            ("waimaolang.mail.link", "_move", [[], 1]),
        ]
        for user in self.attackers:
            self.log_in(user)
            for model, method, args in calls:
                with self.subTest(user=user.login, model=model, method=method):
                    self.assertFalse(tells(rpc(model, method, *args)))
        self.log_in(self.rep)
        self.assertTrue(tells(rpc("mail.message", "read", ids, ["body"])))
