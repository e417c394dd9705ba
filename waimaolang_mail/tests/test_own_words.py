# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo.tests import TransactionCase, tagged

from ..models import mailbox_errors, own_words
from ..transport import ownwords


@tagged("post_install", "-at_install")
class TestOwnWords(TransactionCase):
    """Where an error's details are ours, people read them in their language."""

    def say(self, template):
        names = re.findall(r"\{(\w+)\}", template)
        figures = {name: str(7001 + number) for number, name in enumerate(names)}
        return ownwords.say(template, **figures), figures

    def test_all_of_them_have_a_text_that_tells_their_figures(self):
        self.assertEqual(set(own_words._TEXTS), ownwords.TEMPLATES)
        for template in ownwords.TEMPLATES:
            said, figures = self.say(template)
            text = own_words.translate(self.env, said)
            self.assertNotEqual(text, said)
            for figure in figures.values():
                self.assertIn(figure, text)

    def test_they_are_read_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        chinese = self.env(context={"lang": "zh_CN"})
        for template in ownwords.TEMPLATES:
            said, _figures = self.say(template)
            text = own_words.translate(chinese, said)
            self.assertNotEqual(text, own_words.translate(self.env, said))

    def test_a_servers_words_stay_as_they_are(self):
        for said in ("LOGIN failed.", "登录失败", "a@b.example: 550 no such user"):
            self.assertEqual(own_words.translate(self.env, said), said)
            self.assertIn(said, mailbox_errors.describe(self.env, "auth_bad", said))

    def test_of_several_recipients_each_is_told(self):
        said = f"a@b.example: {ownwords.NO_SMTPUTF8}; c@d.example: 550 no such user"
        self.assertEqual(
            own_words.translate(self.env, said),
            "a@b.example: The server takes no addresses with such characters.; "
            "c@d.example: 550 no such user",
        )
