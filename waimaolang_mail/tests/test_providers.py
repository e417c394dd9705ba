# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import convert_file, mute_logger

from ..models.waimaolang_provider import OWN
from ..transport.base import SECURITY_SSL, SECURITY_STARTTLS
from ..transport.presets import Server

# What issue and README promise, by code.
HOSTED = """
    exmail qq foxmail 163 126 yeah 188 vip163 qiye163 aliyun_qiye aliyun_sg aliyun_hk
    aliyun_de aliyun_us aliyun 263 sina sohu 139 189 21cn 88 feishu lark huawei gmail
    microsoft365 microsoft365_cn outlook yahoo aol icloud yandex mailru zoho zoho_org
    zoho_eu zoho_org_eu zoho_cn fastmail gmx gmx_com
""".split()
OWN_SERVER = "coremail exchange zimbra dovecot".split()
TEXTS = ("name", "code_steps", "imap_steps", "admin_steps", "window_hint")
SOURCED = """
    domains mx_suffixes imap_host pop3_host smtp_host other_hosts needs_id code_steps
    imap_steps admin_steps window_hint saves_sent folder_names keepalive max_connections
    send_per_minute send_per_day max_recipients max_megabytes
""".split()
CHINESE = "[一-鿿]"
# Names that are the same in both languages.
SAME_NAME = {"Mail.ru", "Zimbra", "Fastmail"}


@tagged("post_install", "-at_install")
class TestProviders(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.providers = cls.env["waimaolang.provider"].search([])
        cls.by_code = {provider.code: provider for provider in cls.providers}

    def test_every_promised_provider_is_there(self):
        self.assertFalse(set(HOSTED + OWN_SERVER) - set(self.by_code))

    def test_the_xml_id_is_the_code(self):
        for code in HOSTED + OWN_SERVER:
            record = self.env.ref(f"waimaolang_mail.provider_{code}")
            self.assertEqual(record.code, code)
            self.assertFalse(code.startswith(OWN))

    def test_a_hosted_provider_reads_and_sends(self):
        for code in HOSTED:
            provider = self.by_code[code]
            self.assertTrue(provider.imap_host and provider.smtp_host, code)

    def test_nothing_goes_in_clear_text(self):
        for provider in self.providers:
            for protocol in ("imap", "pop3", "smtp"):
                security = provider[f"{protocol}_security"]
                self.assertIn(
                    security, (SECURITY_SSL, SECURITY_STARTTLS), provider.code
                )

    def test_an_own_server_has_advice_and_no_address(self):
        for code in OWN_SERVER:
            provider = self.by_code[code]
            self.assertFalse(provider.imap_host or provider.domains, code)
            self.assertTrue(provider.imap_steps and provider.admin_steps, code)

    def test_every_value_has_a_source_and_a_confidence(self):
        for provider in self.providers:
            self.assertTrue(provider.confidence, provider.code)
            for line in (provider.source or "").splitlines():
                self.assertRegex(line, r"^[a-z0-9_]+(, [a-z0-9_]+)*: .", provider.code)
                for name in line.partition(":")[0].split(", "):
                    self.assertIn(name, provider._fields, provider.code)
            named = {
                name.strip()
                for line in (provider.source or "").splitlines()
                for name in line.partition(":")[0].split(",")
            }
            for name in SOURCED:
                if provider[name]:
                    self.assertIn(name, named, provider.code)

    def test_what_nobody_confirms_is_not_called_sure(self):
        """High means that servers and exchangers are confirmed."""
        for provider in self.providers.filtered(lambda p: p.confidence == "high"):
            for line in provider.source.splitlines():
                if line.startswith("imap_host"):
                    self.assertNotIn("not confirmed", line, provider.code)

    def test_the_user_learns_what_to_type(self):
        for provider in self.providers:
            self.assertTrue(provider.code_steps, provider.code)
            if provider.imap_host:
                self.assertRegex(provider.help_url, "^https://", provider.code)
            for name in ("code_steps", "imap_steps", "admin_steps"):
                for step in (provider[name] or "").splitlines():
                    # the reader numbers them
                    self.assertRegex(step, r"^[A-Z].*\.$", (provider.code, name))

    def test_a_domain_belongs_to_one_provider(self):
        domains = [d for p in self.providers for d in p._to_preset().domains]
        self.assertEqual(len(domains), len(set(domains)))

    def test_no_mail_exchanger_fits_two_providers_equally(self):
        lines = [m for p in self.providers for m in p._to_preset().mx_suffixes]
        self.assertEqual(len(lines), len(set(lines)))

    def test_every_text_is_in_chinese_with_as_many_steps(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["waimaolang_mail"], ["zh_CN"])
        for provider in self.providers:
            chinese = provider.with_context(lang="zh_CN")
            for name in TEXTS:
                if not provider[name] or provider[name] in SAME_NAME:
                    continue
                where = (provider.code, name)
                # the English of Chinese providers quotes Chinese menus
                self.assertNotEqual(chinese[name], provider[name], where)
                self.assertRegex(chinese[name], CHINESE, where)
                self.assertEqual(
                    len(chinese[name].splitlines()),
                    len(provider[name].splitlines()),
                    where,
                )

    def test_the_plain_rooms_get_what_the_row_says(self):
        preset = self.by_code["exmail"]._to_preset()
        self.assertEqual(preset.imap, Server("imap.exmail.qq.com", 993, SECURITY_SSL))
        self.assertIn("mxbiz*.qq.com", preset.mx_suffixes)
        self.assertIn("hwimap.exmail.qq.com", preset.other_hosts)
        smtp = self.by_code["microsoft365"]._to_preset().smtp
        self.assertEqual(smtp, Server("smtp.office365.com", 587, SECURITY_STARTTLS))
        self.assertIsNone(self.by_code["icloud"]._to_preset().pop3)
        self.assertTrue(self.by_code["163"]._to_preset().needs_id)
        self.assertTrue(self.by_code["163"].needs_code)
        self.assertFalse(self.by_code["outlook"].needs_code)

    def test_an_update_of_the_module_keeps_what_an_administrator_corrected(self):
        exmail = self.by_code["exmail"]
        exmail.imap_host = "imap.corrected.example"
        self._update()
        self.assertEqual(exmail.imap_host, "imap.corrected.example")

    def test_an_update_does_not_bring_back_a_preset_that_was_archived(self):
        self.by_code["21cn"].active = False
        self._update()
        self.assertFalse(self.by_code["21cn"].active)

    def test_a_new_preset_leaves_a_domain_to_its_owner(self):
        self.by_code["21cn"].unlink()
        own = self.env["waimaolang.provider"].create(
            {"name": "Ours", "domains": "vip.21cn.com"}
        )
        self._update()
        preset = self.env.ref("waimaolang_mail.provider_21cn")._to_preset()
        self.assertEqual(preset.domains, ("21cn.com", "21cn.net"))
        self.assertEqual(own._to_preset().domains, ("vip.21cn.com",))

    def _update(self):
        convert_file(
            self.env,
            "waimaolang_mail",
            "data/waimaolang_provider_data.xml",
            {},
            mode="update",
            noupdate=False,
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestOwnProvider(TransactionCase):
    """What an administrator can do, and what the form does not let through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = new_test_user(
            cls.env, "lin", groups="sales_team.group_sale_salesman", name="Lin Xiao"
        )
        cls.manager = new_test_user(
            cls.env, "boss", groups="sales_team.group_sale_manager", name="Boss"
        )
        cls.Provider = cls.env["waimaolang.provider"].with_user(cls.manager)

    def create(self, **values):
        return self.Provider.create({"name": "Lanyue", **values})

    def test_a_rep_reads_and_writes_nothing(self):
        exmail = self.env.ref("waimaolang_mail.provider_exmail").with_user(self.rep)
        self.assertEqual(exmail.imap_host, "imap.exmail.qq.com")
        with self.assertRaises(AccessError):
            exmail.imap_host = "imap.thief.example"
        with self.assertRaises(AccessError):
            exmail.create({"name": "Thief", "domains": "lanyue.example"})
        with self.assertRaises(AccessError):
            exmail.unlink()

    def test_a_manager_presets_the_companys_domain(self):
        with Form(self.Provider) as form:
            form.name = "Lanyue"
            form.domains = "Lanyue.example\n@mail.lanyue.example"
            form.imap_host = "imap.lanyue.example"
            form.smtp_host = "smtp.lanyue.example"
        provider = form.record
        self.assertEqual(provider.code, "own_lanyue_example")
        preset = provider._to_preset()
        self.assertEqual(preset.domains, ("lanyue.example", "mail.lanyue.example"))
        self.assertIn(preset, self.Provider._get_presets())

    def test_a_code_is_proposed_once(self):
        first = self.create()
        first.domains = "lanyue.example"
        self.assertEqual(first.code, "own_lanyue")
        second, third = self.Provider.create([{"name": "Lanyue"}, {"name": "Lanyue"}])
        self.assertEqual((second.code, third.code), ("own_lanyue_2", "own_lanyue_3"))
        self.assertEqual(self.create(name="蓝月").code, "own_provider")

    def test_a_second_provider_for_a_domain_is_refused_and_told_of_the_first(self):
        with self.assertRaisesRegex(ValidationError, "gmail.com.*Gmail"):
            self.create(domains="lanyue.example\nGMAIL.com")
        with self.assertRaisesRegex(ValidationError, "x.example.*Lanyue"):
            self.Provider.create(
                [
                    {"name": "Lanyue", "domains": "x.example"},
                    {"name": "Other", "domains": "x.example"},
                ]
            )

    def test_the_domain_of_an_archived_provider_is_free(self):
        first = self.create(domains="lanyue.example")
        first.active = False
        self.create(domains="lanyue.example", name="New")
        with self.assertRaisesRegex(ValidationError, "New"):
            first.active = True

    def test_what_is_no_domain_is_refused(self):
        for wrong in ("lin@lanyue.example", "lanyue", "https://lanyue.example", "a..b"):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.create(domains=wrong)

    def test_chinese_domains_are_spelled_as_dns_does(self):
        provider = self.create(domains="蓝月.example")
        self.assertEqual(provider._to_preset().domains, ("xn--7ovy77d.example",))

    def test_what_is_no_server_is_refused(self):
        for wrong in (
            "imaps://imap.lanyue.example",
            "imap.lanyue.example:993",
            "imap lanyue",
            "imap.lanyue.example/",
            "-imap.lanyue.example",
        ):
            for name in ("imap_host", "pop3_host", "smtp_host", "other_hosts"):
                with self.subTest(name, host=wrong):
                    with self.assertRaises(ValidationError):
                        self.create(**{name: wrong})

    def test_an_exchanger_that_would_fit_everybody_is_refused(self):
        for wrong in ("*", "com", "*.com", "mx*.com", "mx.[a-z].com", "mx.a.com/x"):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.create(mx_suffixes=wrong)
        self.create(mx_suffixes="mx*.lanyue.example\n.mx.lanyue.example\nmx.microsoft")

    def test_a_folder_line_names_a_role(self):
        for wrong in ("Sent Messages", "send = Sent Messages", "sent ="):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.create(folder_names=wrong)
        self.create(folder_names="sent = 已发送\n\njunk = 垃圾邮件")

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_ports_codes_and_limits_that_are_none(self):
        for wrong in (
            {"imap_port": 0},
            {"pop3_port": 65536},
            {"smtp_port": -1},
            {"code": "My Code"},
            {"code": "exmail"},
            {"keepalive": -1},
            {"help_url": "javascript:alert(1)"},
        ):
            with self.subTest(wrong), self.env.cr.savepoint():
                with self.assertRaises(IntegrityError):
                    self.create(**wrong)

    def test_the_menu_is_the_managers(self):
        menu = self.env.ref("waimaolang_mail.waimaolang_provider_menu")
        visible = self.env["ir.ui.menu"].with_user
        self.assertIn(menu.id, visible(self.manager)._visible_menu_ids())
        self.assertNotIn(menu.id, visible(self.rep)._visible_menu_ids())
