# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import ADDRESS, AppCase


@tagged("post_install", "-at_install")
class TestAppViews(AppCase):
    """What an administrator who has never registered an app is shown, and where."""

    def get_arch(self, model, user, xml_id=None):
        view = xml_id and self.env.ref(xml_id).id
        arch = self.env[model].with_user(user).get_view(view, "form")["arch"]
        return etree.fromstring(arch)

    def test_the_form_shows_address_fields_and_a_checklist_for_each_provider(self):
        arch = self.get_arch("waimaolang.oauth.app", self.admin)
        for steps, page in (
            ("google_steps", "https://console.cloud.google.com/auth/clients"),
            ("microsoft_steps", "https://entra.microsoft.com"),
        ):
            [part] = arch.xpath(f"//div[@name='checklist']/div[@name='{steps}']")
            self.assertEqual(len(part.xpath("./ol/li")), 7)
            self.assertTrue(part.xpath(f".//a[@href='{page}']"))
        for link in arch.xpath("//a"):
            self.assertEqual(link.get("rel"), "noreferrer")
        with Form(self.google) as form:
            self.assertEqual(form.base_url, ADDRESS)
            form.client_id = "odoo-mail"
            form.password = "GOCSPX-abcdef"
        self.assertEqual(self.google.state, "untested")

    def test_each_provider_opens_by_an_action_of_its_own(self):
        for provider in ("google", "microsoft"):
            xml_id = f"waimaolang_mail_oauth.waimaolang_oauth_app_{provider}_action"
            action = self.env.ref(xml_id).with_user(self.admin)
            self.assertEqual(action.res_id, self.get_app(provider).id)
            self.assertEqual(action.group_ids, self.env.ref("base.group_system"))

    def test_settings_show_both_states_to_system_administrators(self):
        self.google.write({"client_id": "odoo-mail", "password": "GOCSPX-abcdef"})
        settings = self.env["res.config.settings"].with_user(self.admin).create({})
        self.assertEqual(settings.waimaolang_google_state, "untested")
        self.assertEqual(settings.waimaolang_microsoft_state, "missing")
        xml_id = "base.res_config_settings_view_form"
        arch = self.get_arch("res.config.settings", self.admin, xml_id)
        [app] = arch.xpath("//app[@name='waimaolang_mail']")
        blocks = [block.get("name") for block in app.xpath("./block")]
        # she does not manage mailboxes
        self.assertEqual(blocks, ["waimaolang_sign_in"])
        both = new_test_user(
            self.env,
            "both",
            groups="base.group_system,waimaolang_mail.group_manager",
        )
        arch = self.get_arch("res.config.settings", both, xml_id)
        [app] = arch.xpath("//app[@name='waimaolang_mail']")
        blocks = [block.get("name") for block in app.xpath("./block")]
        self.assertEqual(blocks[:2], ["waimaolang_mailboxes", "waimaolang_sign_in"])
        self.assertIn("waimaolang_privacy", blocks)
        with self.assertRaises(AccessError):
            settings.with_user(self.rep).read(["waimaolang_google_state"])

    def test_the_wizard_leads_administrators_alone_to_what_is_not_set_up(self):
        both = new_test_user(
            self.env, "both", groups="base.group_system,waimaolang_mail.group_user"
        )
        xpath = "//div[@name='set_up_sign_in']/button"
        model = "waimaolang.bind.wizard"
        self.assertEqual(len(self.get_arch(model, both).xpath(xpath)), 2)
        self.assertFalse(self.get_arch(model, self.rep).xpath(xpath))
        wizard = self.env[model].with_user(self.rep).create({})
        wizard.provider_id = self.env["waimaolang.provider"].search(
            [("oauth_service", "=", "google")], limit=1
        )
        self.assertEqual(wizard.oauth_to_set_up, "google")
        [row] = [row for row in wizard._get_methods() if row["method"] == "api"]
        self.assertIn("administrator", row["refused"])
        self.google.write({"client_id": "odoo-mail", "password": "GOCSPX-abcdef"})
        wizard.invalidate_recordset()
        self.assertFalse(wizard.oauth_to_set_up)
        self.assertEqual(wizard.oauth_provider, "google")
