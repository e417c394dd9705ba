# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.waimaolang_mail.engine import life, loading
from odoo.addons.waimaolang_mail.models.waimaolang_vault import KeyMissingError
from odoo.addons.waimaolang_mail.transport.errors import MailServerError

from ..engine import tokens as source
from ..flow import google
from ..flow.errors import OAuthError
from .signed_in import ACCESS, REFRESH, SECRET, OauthCase, account, tokens

EVERYBODY = ("rep", "colleague", "manager", "admin", "portal")


@tagged("post_install", "-at_install")
class TestGrants(OauthCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env, "root2", groups="base.group_system,waimaolang_mail.group_manager"
        )
        cls.portal = new_test_user(cls.env, "buyer", groups="base.group_portal")

    def reload(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def test_i9_tokens_and_secrets_are_nowhere_in_clear(self):
        self.reload()
        self.env.cr.execute(
            "SELECT row_to_json(g)::text FROM waimaolang_oauth_grant g UNION ALL"
            " SELECT row_to_json(a)::text FROM waimaolang_oauth_app a UNION ALL"
            " SELECT row_to_json(m)::text FROM waimaolang_mailbox m"
        )
        text = " ".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("sub-lin", text)
        for known in (ACCESS, REFRESH, SECRET):
            self.assertNotIn(known, text)

    def test_i9_nobody_reads_a_grant_or_a_state_by_whatever_call(self):
        rows = {
            "waimaolang.oauth.grant": (self.grant, "email"),
            "waimaolang.oauth.state": (self.env["waimaolang.oauth.state"], "provider"),
        }
        calls = {
            "search": lambda row, name: row.search([]),
            "count": lambda row, name: row.search_count([]),
            "domain": lambda row, name: row.search([(name, "like", "a")]),
            "read": lambda row, name: row.read([name]),
            "web": lambda row, name: row.web_search_read([], {name: {}}),
            "export": lambda row, name: row.export_data([name]),
            "group": lambda row, name: row.formatted_read_group([], [name]),
            "create": lambda row, name: row.create({name: "x"}),
            "write": lambda row, name: row.write({name: "x"}),
            "unlink": lambda row, name: row.unlink(),
        }
        for row, name in rows.values():
            for who in EVERYBODY:
                mine = row.with_user(getattr(self, who))
                for call, ask in calls.items():
                    if not row and call in ("read", "write", "unlink", "export"):
                        continue
                    with self.subTest(model=row._name, user=who, call=call):
                        # of an export Odoo says so in words of its own
                        with self.assertRaises(UserError):
                            ask(mine, name)

    def test_i9_sealed_fields_are_no_field_for_anybody(self):
        for record, name in (
            (self.grant, "tokens_sealed"),
            (self.app, "password_sealed"),
        ):
            for who in EVERYBODY:
                mine = record.with_user(getattr(self, who))
                with self.subTest(field=name, user=who), self.assertRaises(AccessError):
                    mine.read([name])
                with self.subTest(field=name, user=who), self.assertRaises(AccessError):
                    mine.search([(name, "!=", False)])

    def test_i9_a_blob_moved_to_another_row_or_mailbox_does_not_open(self):
        other_box = self.create_mailbox(
            self.colleague, "chen@gmail.com", provider_id=self.gmail.id
        )
        other = self.sign_in(other_box, self.colleague, subject="sub-chen")
        mine, theirs = self.grant.tokens_sealed, other.tokens_sealed
        self.grant.tokens_sealed, other.tokens_sealed = theirs, mine
        for grant in (self.grant, other):
            with self.assertRaises(KeyMissingError):
                grant._get_tokens()
        self.grant.tokens_sealed, other.tokens_sealed = mine, theirs
        other.mailbox_id = False
        self.env.flush_all()
        # the row as it is, pointed at a mailbox that it was not given for
        self.grant.mailbox_id = other_box
        with self.assertRaises(KeyMissingError):
            self.grant._get_tokens()

    def test_tokens_are_given_from_what_is_kept(self):
        kept = self.grant._get_tokens()
        self.assertEqual((kept.access_token, kept.refresh_token), (ACCESS, REFRESH))
        self.env.flush_all()
        settings = loading.load(self.env, self.box.id)
        self.assertEqual(settings.credentials.secret, "", "no token is loaded")
        self.assertEqual(settings.credentials.method, "oauth")
        ticket = source.issue(
            self.env.cr.dbname, self.box.id, settings.credentials, settings.address
        )
        self.assertEqual(ticket.credentials.secret, ACCESS)
        self.assertNotIn(ACCESS, repr(ticket))

    def test_i10_a_token_is_given_for_its_providers_servers_alone(self):
        self.box.write({"incoming_host": "imap.evil.example"})
        self.env.flush_all()
        settings = loading.load(self.env, self.box.id)
        with self.assertRaises(MailServerError) as caught:
            source.issue(
                self.env.cr.dbname, self.box.id, settings.credentials, settings.address
            )
        self.assertEqual(caught.exception.code, "wrong_host")

    def test_i10_nobody_writes_where_a_token_goes(self):
        for user in (self.rep, self.manager, self.admin):
            box = self.box.with_user(user)
            for vals in (
                {"incoming_host": "imap.evil.example"},
                {"outgoing_host": "smtp.evil.example"},
                {"incoming_port": 1993},
                {"incoming_security": "none"},
                {"protocol": "pop3"},
            ):
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(UserError):
                        box.write(vals)
        self.assertEqual(self.box.incoming_host, "imap.gmail.com")

    def test_nobody_makes_a_mailbox_signed_in_by_writing(self):
        box = self.mailbox.with_user(self.rep)
        with self.assertRaises(AccessError):
            box.write({"auth_method": "oauth"})
        with self.assertRaises(AccessError):
            self.box.with_user(self.rep).write({"auth_method": "password"})
        mailboxes = self.env["waimaolang.mailbox"].with_user(self.colleague)
        vals = {"name": "x", "email": "x@gmail.com"}
        with self.assertRaises(AccessError):
            mailboxes.create({**vals, "auth_method": "oauth"})
        with self.assertRaises(AccessError):
            mailboxes.with_context(default_auth_method="oauth").create(vals)

    def test_another_account_does_not_take_a_mailbox_over(self):
        """Threat 2: the account is pinned; what is kept stays as it was."""
        before = self.grant.tokens_sealed
        for who in (account("sub-mallory", "mallory@gmail.com"), account(tenant="t2")):
            problem = self.box.with_user(self.rep)._take_consent(
                self.app, who, tokens("other", "other")
            )
            self.assertIn(self.grant.email, problem)
        self.assertEqual(self.grant.tokens_sealed, before)
        self.assertEqual(self.grant.state, "live")
        mine = self.grants.search([("app_id", "=", self.app.id)])
        self.assertEqual(mine.filtered(lambda grant: grant.state == "live"), self.grant)

    def test_i8_only_who_owns_a_mailbox_signs_in_for_it(self):
        for user in (self.colleague, self.portal):
            with self.assertRaises(AccessError):
                self.box.with_user(user).action_sign_in()
            with self.assertRaises(AccessError):
                self.box.with_user(user)._take_consent(self.app, account(), tokens())

    # -- the end of a consent ---------------------------------------------------------

    def withdraw(self, answer=None):
        """The job runs; what the provider is told: refresh tokens."""
        told = []

        def revoke(app, refresh_token):
            told.append(refresh_token)
            if answer:
                raise answer
            return True

        self.env.flush_all()
        with patch.object(google, "revoke", revoke):
            self.grants._withdraw_all()
        self.env.invalidate_all()
        return told

    def test_whatever_ends_a_mailbox_ends_its_consent(self):
        def disconnect():
            self.box.with_user(self.rep).action_disconnect()

        def wipe():
            self.box._move(life.WIPED)

        def archive():
            self.rep.active = False

        def delete():
            self.box.unlink()

        def point_elsewhere():
            self.box.with_user(self.admin).write({"login": "lin3@gmail.com"})

        for end in (disconnect, wipe, archive, delete, point_elsewhere):
            with self.subTest(end=end.__name__):
                savepoint = self.env.cr.savepoint()
                end()
                self.assertFalse(self.grants._of_mailbox(self.box.id))
                self.assertEqual(self.grant.state, "revoking")
                self.assertEqual(self.withdraw(), [REFRESH])
                self.assertFalse(self.grant.exists())
                savepoint.rollback()
                self.env.invalidate_all()

    def test_who_leaves_takes_her_consent_from_a_shared_mailbox_too(self):
        shared = self.create_mailbox(
            self.manager, "sales@gmail.com", user_id=False, provider_id=self.gmail.id
        )
        shared.member_ids = [Command.set([self.rep.id, self.colleague.id])]
        grant = self.sign_in(shared, self.rep, subject="sub-sales")
        self.rep.active = False
        self.assertEqual(grant.state, "revoking")
        settings = loading.load(self.env, shared.id)
        with self.assertRaises(MailServerError) as caught:
            source.issue(
                self.env.cr.dbname, shared.id, settings.credentials, settings.address
            )
        self.assertEqual(caught.exception.code, "consent_needed")

    def test_one_account_for_two_mailboxes_is_withdrawn_with_the_second(self):
        """Google withdraws all that the account gave to the app."""
        second_box = self.create_mailbox(
            self.colleague, "second@gmail.com", provider_id=self.gmail.id
        )
        second = self.sign_in(second_box, self.rep)
        self.box._move(life.DISCONNECTED)
        self.assertEqual(self.withdraw(), [])
        self.assertFalse(self.grant.exists())
        second_box._move(life.DISCONNECTED)
        self.assertEqual(self.withdraw(), [REFRESH])
        self.assertFalse(second.exists())

    def test_a_new_sign_in_of_the_same_account_withdraws_nothing(self):
        again = self.grants.with_user(self.rep)._begin(
            self.app, account(), tokens("new-access", "new-refresh")
        )
        again.sudo()._hand_to(self.box)
        self.assertFalse(self.grant.exists())
        self.assertEqual(self.withdraw(), [])
        kept = self.grants._of_mailbox(self.box.id)._get_tokens()
        self.assertEqual(kept.refresh_token, "new-refresh")

    def test_a_withdrawal_that_fails_is_wiped_and_told(self):
        self.box._move(life.DISCONNECTED)
        answer = OAuthError("transient", "503")
        self.assertEqual(self.withdraw(answer), [REFRESH])
        self.assertEqual(self.grant.state, "revoking", "asked again")
        self.assertEqual(self.withdraw(OAuthError("app_broken", "x")), [REFRESH])
        self.assertEqual(self.grant.state, "failed")
        self.assertFalse(self.grant.tokens_sealed)
        self.assertIn(self.grant.email, self.app.failed_withdrawals)
        self.app.action_forget_failed()
        self.assertFalse(self.grant.exists())

    def test_a_consent_that_the_provider_does_not_know_any_more_is_withdrawn(self):
        self.box._move(life.DISCONNECTED)
        self.withdraw(OAuthError("consent_needed", "invalid_grant"))
        self.assertFalse(self.grant.exists())

    def test_a_code_that_opened_the_mailbox_ends_the_sign_in(self):
        self.box._keep_code("app password")
        self.assertEqual(self.box.auth_method, "password")
        self.assertTrue(self.box.has_password)
        self.assertEqual(self.grant.state, "revoking")
        settings = loading.load(self.env, self.box.id)
        self.assertEqual(settings.credentials.secret, "app password")
        self.assertEqual(settings.credentials.method, "password")
