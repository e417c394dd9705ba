# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from pathlib import Path

import polib

from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    addon = "waimaolang_mail"

    def test_every_term_of_the_source_is_in_chinese(self):
        """tests/i18n_export.py brings the files up to the source."""
        path = Path(get_module_path(self.addon)) / "i18n" / "zh_CN.po"
        translated = {e.msgid for e in polib.pofile(str(path)) if e.msgstr}
        reader = TranslationModuleReader(self.env.cr, modules=[self.addon], lang=None)
        missing = {row[4] for row in reader} - translated
        self.assertFalse(missing)
