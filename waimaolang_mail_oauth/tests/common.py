# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import TransactionCase, new_test_user

ADDRESS = "https://odoo.lanyue.example"
TENANT = "5f0e3b1c-4d2a-4c8e-9a6b-7d8e9f001122"


class AppCase(TransactionCase):
    """Both apps as they are after the installation, an administrator of the server who
    is none of the mailboxes, and a rep."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "keeper", groups="base.group_system")
        cls.rep = new_test_user(cls.env, "lin", groups="sales_team.group_sale_salesman")
        cls.set_web_base_url(ADDRESS)
        cls.google = cls.get_app("google")
        cls.microsoft = cls.get_app("microsoft")

    @classmethod
    def set_web_base_url(cls, url):
        cls.env["ir.config_parameter"].set_param("web.base.url", url)
        cls.env.invalidate_all()

    @classmethod
    def get_app(cls, provider):
        app = cls.env.ref(f"waimaolang_mail_oauth.app_{provider}")
        return app.with_user(cls.admin)
