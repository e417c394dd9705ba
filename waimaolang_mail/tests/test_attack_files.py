# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import Command, http
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tools.discuss import Store

from ..engine.fetch import Arrival
from ..transport.base import FetchedMail
from .attack import BODY, CONTENT, FILE, AttackCase, build_secret, tells


@tagged("post_install", "-at_install")
class TestAttackFiles(AttackCase):
    """Attachments by RPC."""

    def test_i8_no_way_of_reading_tells_a_file(self):
        ids = (self.file | self.inline).ids

        def attachment(env):
            return env["ir.attachment"].browse(ids)

        by_content = [("index_content", "ilike", "narwhal")]
        by_place = [
            ("res_model", "=", "mail.message"),
            ("res_id", "=", self.message.id),
        ]
        self.assert_only(
            self.rep,
            {
                "read": lambda env: attachment(env).read(["name", "raw"]),
                "web_read": lambda env: attachment(env).web_read({"name": {}}),
                "attribute": lambda env: (
                    attachment(env)[-1].name and attachment(env).mapped("name")
                ),
                "content": lambda env: env["ir.attachment"].browse(self.file.id).raw,
                "by name": lambda env: attachment(env).search(
                    [("name", "ilike", FILE)]
                ),
                "by content": lambda env: attachment(env).search(by_content),
                "by place": lambda env: attachment(env).search(by_place),
                "counted": lambda env: attachment(env).search_count(by_place),
                "grouped": lambda env: attachment(env).formatted_read_group(
                    by_place, ["name"], ["__count"]
                ),
                "named": lambda env: attachment(env).name_search(FILE),
                "sent to the client": lambda env: (
                    Store()
                    .add(env["mail.message"].search([("id", "=", self.message.id)]))
                    .get_result()
                ),
                "mail's": lambda env: (
                    env["waimaolang.mail"].browse(self.secret.id).attachment_ids
                ),
            },
        )

    def test_i8_no_file_is_carried_off_with_a_message_of_ones_own(self):
        """Linked to something that one may read, a file would be read there."""
        ids = self.file.ids
        own = self.env["crm.lead"].create({"name": "own"})
        on_own = {"model": "crm.lead", "res_id": own.id, "body": "x"}
        on_it = {"model": "mail.message", "res_id": self.message.id}
        taken = {"attachment_ids": [Command.set(ids)]}

        def carry(env, model, /, **vals):
            record = env[model].create({**taken, **vals})
            return record.sudo(False).attachment_ids.mapped("name")

        def post(env):
            lead = env["crm.lead"].browse(own.id)
            message = lead.message_post(body="x", attachment_ids=ids)
            return message.sudo().attachment_ids.mapped("name")

        def finish(env):
            activity = env["crm.lead"].browse(own.id).activity_schedule(summary="x")
            id_ = activity.action_feedback(attachment_ids=ids)
            return env["mail.message"].sudo().browse(id_).attachment_ids.mapped("name")

        def send(env):
            wizard = env["mail.compose.message"].create({**taken, **composed})
            posted = wizard._action_send_mail()[1]
            return posted.sudo().attachment_ids.mapped("name")

        def attach(env):
            message = env["crm.lead"].browse(own.id).message_post(body="x")
            message.sudo(False).write(taken)
            return message.sudo().attachment_ids.mapped("name")

        composed = {"model": "crm.lead", "res_ids": str(own.ids), "body": "x"}
        self.assert_nobody(
            {
                "post": post,
                "attach": attach,
                "finish an activity": finish,
                "send": send,
                "message": lambda env: carry(env, "mail.message", **on_own),
                "on the message": lambda env: carry(env, "mail.message", **on_it),
                "composer": lambda env: carry(env, "mail.compose.message", **composed),
                "template": lambda env: carry(env, "mail.template", name="x"),
                "outgoing": lambda env: carry(env, "mail.mail"),
            }
        )

    def test_i8_no_file_is_moved_copied_or_published(self):
        def files(env):
            return env["ir.attachment"].browse(self.file.ids)

        own = self.env["crm.lead"].create({"name": "own"})
        place = {"res_model": "crm.lead", "res_id": own.id}
        nowhere = {"res_model": False, "res_id": False}
        self.assert_nobody(
            {
                "moved": lambda env: files(env).write(place),
                "published": lambda env: files(env).write({"public": True}),
                "renamed": lambda env: files(env).write({"name": "x"}),
                "deleted": lambda env: files(env).unlink(),
                "copied": lambda env: files(env).copy(nowhere),
                "owned": lambda env: files(env)._has_attachments_ownership([None]),
            }
        )

    def test_i8_the_owner_does_not_change_a_file_either(self):
        file = self.file.with_user(self.rep)
        for operation in ("write", "unlink"):
            self.assertFalse(file.has_access(operation), operation)

    def test_i8_a_records_box_of_files_does_not_hold_a_mails(self):
        for user in (self.rep, *self.colleagues):
            lead = self.fresh(user)["crm.lead"].browse(self.lead.id)
            self.assertFalse(lead._get_mail_thread_data_attachments())
            self.assertFalse(lead.message_attachment_count)

    def test_i8_the_bytes_of_a_failed_mail_are_nobodys(self):
        raw = build_secret()
        copy = self.list_copies(self.mailbox, "Old", 1)[0]
        arrival = Arrival(copy, FetchedMail(copy.key, copy.uid, raw), None, "broken")
        self.store(self.mailbox, [arrival])
        row = self.env["waimaolang.mailbox.copy"].browse(copy.id)
        self.assertEqual(row.state, "failed")
        places = [
            ("res_model", "=", "waimaolang.mailbox.copy"),
            ("res_field", "=", "raw"),
        ]
        ids = self.env["ir.attachment"].search(places).ids
        self.assertTrue(row.raw)

        def files(env):
            return env["ir.attachment"]

        self.assert_nobody(
            {
                "read": lambda env: (
                    env["waimaolang.mailbox.copy"].browse(row.id).read(["raw"])
                ),
                "all": lambda env: env["waimaolang.mailbox.copy"].browse(row.id).read(),
                "searched": lambda env: files(env).search(places),
                "any": lambda env: files(env).search(
                    [("res_field", "!=", False), ("id", "in", ids)]
                ),
                "file": lambda env: files(env).browse(ids).read(["raw", "name"]),
                "content": lambda env: files(env).search(
                    [("index_content", "ilike", BODY), ("id", "in", ids)]
                ),
            }
        )


@tagged("post_install", "-at_install")
class TestAttackFileRoutes(AttackCase, HttpCase):
    """The same by the web client's routes."""

    def urls(self):
        urls = []
        for id_ in (self.file | self.inline).ids:
            urls += [
                f"/web/content/{id_}",
                f"/web/content/{id_}?download=true",
                f"/web/content/{id_}?access_token=guess",
                f"/web/content?model=ir.attachment&id={id_}&field=raw",
                f"/web/image/{id_}",
                f"/web/image/{id_}/64x64",
                f"/web/image/{id_}?access_token=guess",
                f"/web/image?model=ir.attachment&id={id_}&field=raw",
                f"/mail/attachment/pdf_first_page/{id_}",
            ]
        id_ = self.secret.id
        return [
            *urls,
            f"/web/content?model=waimaolang.mail&id={id_}&field=text",
            f"/web/content?model=waimaolang.mailbox.copy&id={self.copy.id}&field=raw",
            f"/web/content?model=mail.message&id={self.message.id}&field=body",
        ]

    @property
    def copy(self):
        return self.env["waimaolang.mailbox.copy"].search([], limit=1)

    def served(self, url):
        """Whether the answer is the file, or the picture and not the placeholder."""
        answer = self.url_open(url, allow_redirects=False)
        picture = answer.content == self.inline.raw
        return answer.status_code == 200 and (picture or tells(answer.content))

    def test_i8_no_route_serves_a_file(self):
        urls = self.urls()
        for user in (self.rep, *self.attackers):
            login = user.login
            self.authenticate(
                *((None, None) if user == self.public else self.who(login))
            )
            got = [url for url in urls if self.served(url)]
            if user == self.rep:
                self.assertIn(f"/web/content/{self.file.id}", got)
                self.assertIn(f"/web/image/{self.inline.id}", got)
            else:
                self.assertFalse(got, login)

    def who(self, login):
        password = {"lin": "linxxxxx", "chen": "chenxxxx", "boss": "bossxxxx"}
        return login, password.get(login, f"{login}-pass")

    def test_i8_no_route_packs_or_deletes_a_file(self):
        ids = ",".join(map(str, (self.file | self.inline).ids))
        for user in self.attackers[:-1]:
            self.authenticate(*self.who(user.login))
            answer = self.url_open(
                "/mail/attachment/zip",
                data={
                    "file_ids": ids,
                    "zip_name": "x.zip",
                    "csrf_token": http.Request.csrf_token(self),
                },
            )
            self.assertNotIn(FILE.encode(), answer.content, user.login)
            self.assertFalse(tells(answer.content))
        for user in (self.rep, *self.attackers[:-1]):
            self.authenticate(*self.who(user.login))
            self.call("/mail/attachment/delete", attachment_id=self.file.id)
            self.assertTrue(self.file.exists())
            self.assertIn(CONTENT.encode(), self.file.raw)

    def call(self, route, **params):
        answer = self.url_open(
            route,
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()

    def test_i8_the_readers_token_opens_no_other_file(self):
        """The token in a body is that picture's, and grows from nothing guessable."""
        token = self.inline.access_token
        self.assertTrue(token is False or len(token) >= 32)
        self.authenticate(None, None)
        if token:
            self.assertFalse(
                self.served(f"/web/content/{self.file.id}?access_token={token}")
            )
