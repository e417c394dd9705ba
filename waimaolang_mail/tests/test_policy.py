# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import xmlrpc.client
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config, mute_logger

from .common import MailboxCase

CHEN = "chen@lanyue.example"


class PolicyCase(MailboxCase):
    def set_parameter(self, name, value):
        self.env["ir.config_parameter"].sudo().set_param(
            f"waimaolang_mail.{name}", value
        )

    def bind(self, user=None, email=CHEN, **values):
        user = user or self.colleague
        return (
            self.env["waimaolang.mailbox"]
            .with_user(user)
            .create({"name": "x", "email": email, **values})
        )


@tagged("post_install", "-at_install")
class TestPolicy(PolicyCase):
    """What a salesperson may not do by RPC either, and what stays as it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        providers = cls.env["waimaolang.provider"]
        cls.allowed = providers.create(
            {
                "code": "test_allowed",
                "name": "Allowed Mail",
                "imap_host": "imap.allowed.example",
                "smtp_host": "smtp.allowed.example",
            }
        )
        cls.other = providers.create(
            {
                "code": "test_other",
                "name": "Other Mail",
                "imap_host": "imap.other.example",
            }
        )

    def test_without_limits_a_salesperson_chooses_freely(self):
        policy = self.env["waimaolang.mailbox"].with_user(self.rep)._get_policy()
        self.assertTrue(policy.may_bind and policy.own_servers)
        self.assertFalse(policy.providers)
        self.assertEqual(policy.visibilities, ("everyone", "team", "owner"))
        self.assertEqual(policy.least_interval, 1)
        self.bind(
            visibility="everyone", sync_interval=1, incoming_host="imap.a.example"
        )

    def test_where_administrators_bind_a_salesperson_does_not(self):
        self.set_parameter("who_binds", "managers")
        with self.assertRaisesRegex(UserError, "mailbox administrators.*Boss"):
            self.bind()
        box = self.bind(self.manager, user_id=self.colleague.id)
        hers = box.with_user(self.colleague)
        hers.write({"password": "her-code", "name": "Chen"})
        self.assertTrue(hers.has_password)
        # another address is another binding
        with self.assertRaises(UserError):
            hers.email = "other@lanyue.example"
        self.assertFalse(hers._get_policy().may_bind)
        self.assertTrue(box._get_policy().may_bind)

    def test_providers_that_are_not_allowed_are_refused_by_name(self):
        self.mailbox.provider_id = self.other
        self.env.company.waimaolang_provider_ids = self.allowed
        with self.assertRaisesRegex(UserError, "Other Mail.*Allowed Mail"):
            self.bind(provider_id=self.other.id)
        box = self.bind(provider_id=self.allowed.id)
        with self.assertRaises(UserError):
            box.provider_id = self.other
        # what is bound goes on
        mine = self.mailbox.with_user(self.rep)
        mine.write({"name": "Lin", "provider_id": self.other.id})
        self.bind(self.manager, "boss@lanyue.example", provider_id=self.other.id)

    def test_without_own_servers_the_host_is_the_providers(self):
        self.env.company.waimaolang_own_servers = False
        for values in (
            {"incoming_host": "imap.evil.example"},
            {"incoming_host": "imap.other.example", "provider_id": self.allowed.id},
            {"outgoing_host": "imap.allowed.example", "provider_id": self.allowed.id},
        ):
            with self.assertRaises(UserError, msg=values):
                self.bind(**values)
        box = self.bind(
            provider_id=self.allowed.id,
            incoming_host="IMAP.allowed.example",
            outgoing_host="smtp.allowed.example",
        )
        for values in (
            {"incoming_host": "imap.evil.example"},
            {"outgoing_host": "imap.evil.example"},
            {"provider_id": False},
        ):
            with self.assertRaises(UserError, msg=values):
                box.write(values)
        self.mailbox.with_user(self.rep).name = "unchanged servers are not looked at"

    def test_a_provider_may_not_be_dodged_by_another_company(self):
        second = self.env["res.company"].create({"name": "Second"})
        second.waimaolang_provider_ids = self.allowed
        self.colleague.company_ids += second
        box = self.bind(provider_id=self.other.id)
        with self.assertRaises(UserError):
            box.company_id = second

    def test_visibilities_that_are_not_allowed_are_refused(self):
        self.set_parameter("visibilities", "team,owner")
        self.mailbox.visibility = "everyone"
        self.assertEqual(self.bind().visibility, "team")
        with self.assertRaisesRegex(UserError, "The sales team"):
            self.bind(email="c2@lanyue.example", visibility="everyone")
        boxes = self.env["waimaolang.mailbox"].with_context(
            default_visibility="everyone"
        )
        with self.assertRaises(UserError):
            boxes.with_user(self.colleague).create(
                {"name": "x", "email": "c3@lanyue.example"}
            )
        mine = self.mailbox.with_user(self.rep)
        mine.write({"name": "Lin", "visibility": "everyone"})
        mine.visibility = "owner"
        with self.assertRaises(UserError):
            mine.visibility = "everyone"

    def test_the_default_visibility_is_one_that_is_allowed(self):
        self.set_parameter("default_visibility", "everyone")
        self.set_parameter("visibilities", "owner")
        self.assertEqual(self.bind().visibility, "owner")

    def test_nobody_fetches_more_often_than_is_allowed(self):
        self.set_parameter("least_interval", "15")
        box = self.bind()
        self.assertEqual(box.sync_interval, 15)
        with self.assertRaisesRegex(UserError, "15"):
            self.bind(email="c2@lanyue.example", sync_interval=14)
        mine = self.mailbox.with_user(self.rep)
        self.assertEqual(mine.sync_interval, 5)
        mine.name = "goes on every five minutes"
        for minutes in (4, 14):
            with self.assertRaises(UserError, msg=minutes):
                mine.sync_interval = minutes
        self.mailbox.with_user(self.manager).sync_interval = 2

    def test_an_unreadable_parameter_takes_nothing_away(self):
        self.set_parameter("least_interval", "often")
        self.set_parameter("visibilities", "nobody")
        policy = self.env["waimaolang.mailbox"].with_user(self.rep)._get_policy()
        self.assertEqual(policy.least_interval, 1)
        self.assertEqual(len(policy.visibilities), 3)

    def test_i10_without_encryption_only_in_the_own_network_or_by_a_manager(self):
        self.set_parameter("allow_private_hosts", "False")
        for host in ("mail.lanyue.example", "127.0.0.1"):
            with self.assertRaisesRegex(UserError, "readable", msg=host):
                self.bind(incoming_host=host, incoming_security="none")
        self.set_parameter("allow_private_hosts", "True")
        with self.assertRaises(UserError):
            self.bind(incoming_host="8.8.8.8", incoming_security="none")
        box = self.bind(incoming_host="127.0.0.1", incoming_security="none")
        for values in (
            {"incoming_host": "8.8.8.8"},
            {"outgoing_host": "8.8.8.8", "outgoing_security": "none"},
        ):
            with self.assertRaises(UserError, msg=values):
                box.write(values)
        self.bind(
            self.manager,
            "boss@lanyue.example",
            incoming_host="8.8.8.8",
            incoming_security="none",
        )

    def test_an_address_of_a_foreign_company_is_not_told_to_be_bound(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        self.env["waimaolang.mailbox"].create(
            {
                "name": "Secret Owner",
                "email": "known@foreign.example",
                "company_id": foreign.id,
                "user_id": False,
            }
        )
        told = set()
        for email in ("known@foreign.example", "unknown@foreign.example"):
            with self.assertRaises(AccessError) as refusal:
                self.bind(email=email, company_id=foreign.id)
            told.add(str(refusal.exception))
        self.assertEqual(len(told), 1)
        for email in ("known@foreign.example", "unknown@foreign.example"):
            mine = self.mailbox.with_user(self.rep)
            with self.assertRaises(AccessError) as refusal:
                mine.write({"email": email, "company_id": foreign.id})
            told.add(str(refusal.exception))
        self.assertEqual(len(told), 1)

    def test_a_mailbox_that_moves_to_another_company_is_told_who_has_its_address(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.rep.company_ids += second
        self.bind(
            self.rep, "lin@lanyue.example", company_id=second.id, name="Lin there"
        )
        with self.assertRaisesRegex(ValidationError, "already bound, by Lin Xiao"):
            self.mailbox.with_user(self.rep).company_id = second

    def test_settings_keep_what_is_chosen_and_the_default_among_it(self):
        settings = self.env["res.config.settings"].create({})
        self.assertFalse(settings.waimaolang_allow_http)
        self.assertTrue(settings.waimaolang_may_team)
        settings.write(
            {
                "waimaolang_may_everyone": False,
                "waimaolang_who_binds": "managers",
                "waimaolang_provider_ids": [Command.set(self.allowed.ids)],
                "waimaolang_own_servers": False,
                "waimaolang_least_interval": 10,
            }
        )
        settings.execute()
        policy = self.env["waimaolang.mailbox"].with_user(self.rep)._get_policy()
        self.assertEqual(policy.visibilities, ("team", "owner"))
        self.assertEqual(policy.providers, self.allowed)
        self.assertEqual(
            (policy.may_bind, policy.own_servers, policy.least_interval),
            (False, False, 10),
        )
        get = self.env["ir.config_parameter"].get_param
        self.assertEqual(get("waimaolang_mail.allow_http"), "False")
        with self.assertRaisesRegex(UserError, "visibility that new mailboxes get"):
            self.env["res.config.settings"].create(
                {"waimaolang_may_team": False}
            ).execute()

    def test_a_salesperson_cannot_change_the_limits(self):
        with self.assertRaises(AccessError):
            self.env["res.config.settings"].with_user(self.rep).create({}).execute()
        with self.assertRaises(AccessError):
            self.env.company.with_user(self.rep).waimaolang_own_servers = True


@tagged("post_install", "-at_install")
class TestPlainHttp(PolicyCase, HttpCase):
    """A code that came over plain http is not taken, by whichever door."""

    FAR = "203.0.113.9"
    LAN = "192.168.1.20"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.guest = new_test_user(
            cls.env,
            "mei",
            groups="sales_team.group_sale_salesman",
            name="Mei",
            password="mei-at-odoo",
        )
        cls.box = (
            cls.env["waimaolang.mailbox"]
            .with_user(cls.guest)
            .create({"name": "Mei", "email": "mei@lanyue.example"})
        )

    def proxied(self, address, scheme="http"):
        return {
            "X-Forwarded-Host": "odoo.lanyue.example",
            "X-Forwarded-For": address,
            "X-Forwarded-Proto": scheme,
        }

    def call(self, method, args, headers=(), kwargs=None):
        with mute_logger("odoo.http"):
            answer = self.url_open(
                f"/web/dataset/call_kw/waimaolang.mailbox/{method}",
                data=json.dumps(
                    {
                        "jsonrpc": "2.0",
                        "method": "call",
                        "params": {
                            "model": "waimaolang.mailbox",
                            "method": method,
                            "args": args,
                            "kwargs": kwargs or {},
                        },
                    }
                ),
                headers={"Content-Type": "application/json", **dict(headers)},
            ).json()
        return answer.get("error", {}).get("data", {}).get("message", "")

    def write_code(self, headers=()):
        """What the refusal says, "" when the code was taken."""
        self.box.sudo().password_sealed = False
        self.env.flush_all()
        told = self.call("write", [self.box.ids, {"password": "top-secret"}], headers)
        self.env.invalidate_all()
        self.assertEqual(self.box.has_password, not told)
        self.assertNotIn("top-secret", told)
        return told

    def behind_proxy(self, trusted=True):
        return patch.dict(config.options, {"proxy_mode": trusted})

    def test_a_code_is_not_taken_over_plain_http_from_elsewhere(self):
        self.authenticate("mei", "mei-at-odoo")
        with self.behind_proxy():
            for address in (self.FAR, self.LAN, "2001:db8::7", "unknown"):
                with self.subTest(address=address):
                    told = self.write_code(self.proxied(address))
                    self.assertIn("Binding over plain http", told)
            for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
                with self.subTest(address=address):
                    self.assertFalse(self.write_code(self.proxied(address)))
            self.assertFalse(self.write_code(self.proxied(self.FAR, "https")))
        self.assertFalse(self.write_code())

    def test_a_proxy_that_odoo_was_not_told_of_is_not_local(self):
        self.authenticate("mei", "mei-at-odoo")
        with self.behind_proxy(trusted=False):
            told = self.write_code(self.proxied(self.FAR))
            self.assertIn("proxy_mode", told)
            # nobody talks herself into https either
            told = self.write_code(self.proxied(self.FAR, "https"))
            self.assertIn("proxy_mode", told)
        with self.behind_proxy():
            self.assertIn("proxy_mode", self.write_code({"X-Forwarded-For": self.FAR}))

    def test_creating_and_connecting_are_refused_too(self):
        self.authenticate("mei", "mei-at-odoo")
        self.box.password = "kept"
        self.box.incoming_host = "imap.lanyue.example"
        self.env.flush_all()
        values = {"name": "x", "email": "m2@lanyue.example", "password": "top-secret"}
        with self.behind_proxy():
            headers = self.proxied(self.FAR)
            self.assertIn("plain http", self.call("create", [[values]], headers))
            self.assertIn(
                "plain http",
                self.call("web_save", [[], values], headers, {"specification": {}}),
            )
            connect = self.call("action_connect", [self.box.ids], headers)
            self.assertIn("plain http", connect)
            # before she types a code into a dialog that would refuse it (I9)
            dialog = self.call("action_open_reconnect", [self.box.ids], headers)
            self.assertIn("plain http", dialog)
        found = self.env["waimaolang.mailbox"].search_count(
            [("email", "=", "m2@lanyue.example")]
        )
        self.assertFalse(found)

    def test_other_changes_may_come_as_they_like(self):
        self.authenticate("mei", "mei-at-odoo")
        with self.behind_proxy():
            told = self.call(
                "write", [self.box.ids, {"name": "Mei Lan"}], self.proxied(self.FAR)
            )
        self.assertFalse(told)

    def test_the_administrator_can_allow_it_and_only_by_the_exact_word(self):
        self.authenticate("mei", "mei-at-odoo")
        with self.behind_proxy():
            for value, refused in (("true", True), ("1", True), ("True", False)):
                self.set_parameter("allow_http", value)
                self.env.flush_all()
                with self.subTest(value=value):
                    told = self.write_code(self.proxied(self.FAR))
                    self.assertEqual(bool(told), refused)

    def test_rpc_of_programs_is_no_way_around(self):
        key = (
            self.env["res.users.apikeys"]
            .with_user(self.guest)
            ._generate("rpc", "test", datetime.now() + timedelta(hours=1))
        )
        self.env.flush_all()
        arguments = [
            self.env.cr.dbname,
            self.guest.id,
            key,
            "waimaolang.mailbox",
            "write",
            [self.box.ids, {"password": "top-secret"}],
        ]
        calls = {
            "/jsonrpc": (
                "application/json",
                json.dumps(
                    {
                        "jsonrpc": "2.0",
                        "method": "call",
                        "params": {
                            "service": "object",
                            "method": "execute_kw",
                            "args": arguments,
                        },
                    }
                ),
            ),
            "/xmlrpc/2/object": (
                "text/xml",
                xmlrpc.client.dumps(tuple(arguments), "execute_kw"),
            ),
            "/json/2/waimaolang.mailbox/write": (
                "application/json",
                json.dumps({"ids": self.box.ids, "vals": {"password": "top-secret"}}),
            ),
        }
        for route, (kind, body) in calls.items():
            for scheme in ("http", "https"):
                with self.subTest(route=route, scheme=scheme), self.behind_proxy():
                    self.box.sudo().password_sealed = False
                    self.env.flush_all()
                    with mute_logger("odoo.http"):
                        answer = self.url_open(
                            route,
                            data=body,
                            headers={
                                "Content-Type": kind,
                                "Authorization": f"Bearer {key}",
                                "X-Odoo-Database": self.env.cr.dbname,
                                **self.proxied(self.FAR, scheme),
                            },
                        )
                    self.env.invalidate_all()
                    self.assertEqual(
                        "plain http" in answer.text,
                        scheme == "http",
                        answer.text[:1500],
                    )
                    self.assertEqual(self.box.has_password, scheme == "https")
