# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from odoo.addons.waimaolang_mail.tests import test_translations


@tagged("post_install", "-at_install")
class TestTaskTranslations(test_translations.TestTranslations):
    addon = "waimaolang_tasks"
