# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the binding form offers and says, without any server."""

from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine import proof
from ..transport.found import Found
from .common import MailboxCase

WIZARD = "waimaolang.bind.wizard"
MAILBOX = "waimaolang.mailbox"
CHEN = "chen@lanyue.example"


class WizardCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["waimaolang.provider"].create(
            {
                "code": "testmail",
                "name": "Testmail",
                "imap_host": "imap.testmail.example",
                "smtp_host": "smtp.testmail.example",
            }
        )
        cls.wizards = cls.env[WIZARD].with_user(cls.colleague)

    def search(self, email=CHEN, user=None, **found):
        """A form whose address step was left; ``found``: what was found."""
        form = self.wizards.with_user(user or self.colleague).create({"email": email})
        with patch.object(
            type(self.env["waimaolang.provider"]),
            "_discover",
            lambda _self, _email: Found(**found),
        ):
            form.action_next()
        return form

    def only_managers(self):
        self.env["ir.config_parameter"].set_param(
            "waimaolang_mail.who_binds", "managers"
        )


@tagged("post_install", "-at_install")
class TestServers(WizardCase):
    def test_a_domain_that_does_not_exist_is_told_so(self):
        form = self.search("chen@lanyeu.example", notes=("dns", "no_domain"))
        self.assertIn("lanyeu.example does not exist", form.not_found_text)
        with self.assertRaisesRegex(UserError, "lanyeu.example does not exist"):
            form.method = "imap"
            form.action_next()

    def test_a_domain_that_takes_no_mail_is_told_so(self):
        form = self.search(notes=("null_mx",))
        self.assertIn("lanyue.example takes no mail", form.not_found_text)

    def test_another_domain_is_told_as_before(self):
        form = self.search(notes=("timeout",))
        self.assertIn("No server was found", form.not_found_text)
        self.assertFalse(self.search(code="testmail", how="mx").not_found_text)

    def test_servers_changed_by_hand_are_told_and_can_be_taken_back(self):
        form = self.search(code="testmail", how="mx")
        self.assertFalse(form.servers_changed)
        form.incoming_host = "imap.wrong.example"
        form.action_back()
        form.action_next()
        self.assertEqual(form.incoming_host, "imap.wrong.example")
        self.assertTrue(form.servers_changed)
        self.assertIn("changed by hand", form.changed_text)
        self.assertIn("Testmail", form.changed_text)
        form.action_use_known_servers()
        self.assertEqual(form.incoming_host, "imap.testmail.example")
        self.assertFalse(form.servers_changed)
        for name, value in (("outgoing_port", 587), ("incoming_security", "starttls")):
            form[name] = value
            self.assertTrue(form.servers_changed, name)
            form.action_use_known_servers()
            self.assertFalse(form.servers_changed, name)

    def test_a_provider_chosen_by_hand_was_not_recognised(self):
        form = self.search(code="testmail", how="mx")
        self.assertIn("Testmail, recognised", form.found_text)
        form.provider_id = self.env["waimaolang.provider"].search(
            [("code", "=", "gmail")]
        )
        self.assertIn("by hand", form.found_text)
        self.assertNotIn("Gmail, recognised", form.found_text)


@tagged("post_install", "-at_install")
class TestWhoMayBind(WizardCase):
    def buttons(self, user):
        views = self.env[MAILBOX].with_user(user).get_views([(False, "list")])
        arch = etree.fromstring(views["views"]["list"]["arch"])
        return arch.xpath("//button[contains(@class, 'o_waimaolang_bind')]")

    def test_who_may_not_bind_is_told_at_once_whom_to_ask(self):
        self.only_managers()
        wizards = self.wizards
        for door in (
            wizards.action_begin,
            lambda: wizards.default_get(["email"]),
            lambda: wizards.create({"email": CHEN}),
        ):
            with self.assertRaisesRegex(UserError, r"administrators.*Boss"):
                door()
        self.env[WIZARD].with_user(self.manager).action_begin()

    def test_who_may_not_bind_has_no_button_for_it(self):
        help_text = "<p>Bind your mailbox</p>"
        boxes = self.env[MAILBOX].with_user(self.colleague)
        self.assertTrue(self.buttons(self.colleague))
        self.assertEqual(boxes.get_empty_list_help(help_text), help_text)
        self.only_managers()
        self.assertFalse(self.buttons(self.colleague))
        self.assertTrue(self.buttons(self.manager))
        self.assertIn("Boss", boxes.get_empty_list_help(help_text))
        self.assertNotIn("Bind your", boxes.get_empty_list_help(help_text))


@tagged("post_install", "-at_install")
class TestUnfinished(WizardCase):
    def begin(self, user=None, **context):
        wizards = self.wizards.with_user(user or self.colleague)
        return wizards.with_context(**context).action_begin()

    def test_a_form_that_was_left_is_opened_where_it_was(self):
        self.assertFalse(self.begin().get("res_id"))
        form = self.search(code="testmail", how="mx")
        form.password = "top-secret"
        action = self.begin()
        self.assertEqual(action["res_id"], form.id)
        self.assertTrue(action["context"]["waimaolang_resumed"])
        form.step = "done"
        self.assertFalse(self.begin().get("res_id"))

    def test_i8_i9_nobody_else_is_led_to_it(self):
        form = self.search(code="testmail", how="mx")
        form.password = "top-secret"
        for other in (self.rep, self.manager, self.env.ref("base.user_admin")):
            self.assertFalse(self.begin(other).get("res_id"))
            with self.assertRaises(AccessError):
                form.with_user(other).action_start_anew()
        self.assertTrue(form.has_password)

    def test_of_the_kind_that_is_wanted(self):
        form = self.search("sales@lanyue.example", self.manager, code="testmail")
        self.assertEqual(self.begin(self.manager)["res_id"], form.id)
        shared = {"default_owner_kind": "shared"}
        self.assertFalse(self.begin(self.manager, **shared).get("res_id"))
        form.owner_kind = "shared"
        action = self.begin(self.manager, **shared)
        self.assertEqual(action["res_id"], form.id)
        self.assertEqual(action["context"]["default_owner_kind"], "shared")

    def test_one_that_the_vacuum_takes_is_not_offered(self):
        form = self.search(code="testmail", how="mx")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE waimaolang_bind_wizard SET write_date = %s WHERE id = %s",
            [fields.Datetime.subtract(fields.Datetime.now(), hours=2), form.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.begin().get("res_id"))

    def test_i9_start_anew_leaves_nothing(self):
        form = self.search(code="testmail", how="mx")
        form.write({"password": "top-secret", "visibility": "owner", "blocked": "a.b"})
        form.sudo().proof = {"own": [[CHEN, "INBOX"]]}
        form.action_start_anew()
        self.assertEqual(form.step, "address")
        self.assertFalse(form.has_password or form.sudo().proof)
        self.assertFalse(form.email or form.provider_id or form.blocked)
        self.assertEqual((form.visibility, form.incoming_port), ("team", 993))


@tagged("post_install", "-at_install")
class TestSteps(WizardCase):
    def fail(self, form, side, code="auth_bad"):
        """As a test whose stage was refused."""
        form.password = "top-secret"
        form.step = "test"
        form.sudo().proof = {
            "key": form._get_settings_key(),
            "error": {"code": code, "detail": "no", "side": side},
        }
        return form.proof_result["error"]

    def test_after_a_refused_code_another_one_can_be_entered(self):
        form = self.search(code="testmail", how="mx")
        self.assertTrue(self.fail(form, "incoming")["wants_code"])
        self.assertFalse(self.fail(form, "incoming", "dns")["wants_code"])
        self.assertFalse(self.fail(form, "outgoing")["wants_code"])
        form.action_enter_code()
        self.assertEqual(form.step, "code")
        form.step = "options"
        form.action_enter_code()
        self.assertEqual(form.step, "options")

    def test_a_second_mailbox_is_called_by_its_address(self):
        vals = self.search(code="testmail", how="mx")._prepare_mailbox_vals()
        self.assertEqual(vals["name"], "Chen Wei")
        second = self.search("lin2@lanyue.example", self.rep, code="testmail")
        self.assertEqual(second._prepare_mailbox_vals()["name"], "lin2@lanyue.example")
        second.name = "Fair"
        self.assertEqual(second._prepare_mailbox_vals()["name"], "Fair")

    def test_the_estimate_is_without_the_form_s_own_mails(self):
        form = self.search(code="testmail", how="mx")
        form.password = "top-secret"
        form.folder_ids = [
            (0, 0, {"path": path, "remote_name": path, "synced": path != "Junk"})
            for path in ("INBOX", "Junk")
        ]
        form.sudo().proof = {
            "own": [
                [CHEN, "INBOX"],
                [CHEN, "INBOX"],
                [CHEN, "Junk"],
                ["other@lanyue.example", "INBOX"],
            ]
        }
        told = [(2, 900), (1, 700), (5, 5000), (9, 9000)]
        with patch.object(proof, "estimate", lambda *_args: told):
            form._estimate()
        self.assertEqual(
            form.estimates,
            {"30": [0, 0], "90": [0, 0], "365": [3, 5000], "-1": [7, 9000]},
        )

    def test_who_reads_a_shared_mailbox_has_to_be_said(self):
        form = self.wizards.with_user(self.manager).create(
            {"email": "sales@lanyue.example", "owner_kind": "shared"}
        )
        with self.assertRaisesRegex(UserError, "who reads the shared mailbox"):
            form.action_next()
        form.owner_kind = "colleague"
        with self.assertRaisesRegex(UserError, "Choose the colleague"):
            form.action_next()

    def test_the_form_offers_what_the_mailbox_and_the_settings_offer(self):
        settings = self.env["res.config.settings"]._fields
        for name in ("visibility", "unknown_policy", "incoming_security"):
            offered = self.env[WIZARD]._fields[name].selection
            self.assertEqual(offered, self.env[MAILBOX]._fields[name].selection, name)
        self.assertEqual(
            settings["waimaolang_default_visibility"].selection,
            self.env[MAILBOX]._fields["visibility"].selection,
        )
