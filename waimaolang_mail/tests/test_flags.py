# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.tests import tagged

from ..engine import comparing
from .common import MailboxCase, build_mail


@tagged("post_install", "-at_install")
class TestFlags(MailboxCase):
    def setUp(self):
        super().setUp()
        self.copy = self.take(
            build_mail("emma.vogel@nordwind.example", "lin@lanyue.example")
        )

    def tell(self, *flags):
        copy = self.copy
        comparing.save_flags(
            self.env.cr, copy.folder_id.id, copy.uidvalidity, {copy.uid: flags}
        )
        self.env.invalidate_all()

    def flags(self, user):
        mail = self.copy.mail_id.with_user(user)
        return mail.seen, mail.answered

    def test_read_and_answered_are_shown_to_the_owner(self):
        self.assertEqual(self.flags(self.rep), (False, False))
        self.tell("\\Seen", "\\Answered", "$Label1")
        self.assertEqual(self.flags(self.rep), (True, True))
        self.tell("\\Answered")
        self.assertEqual(self.flags(self.rep), (False, True))

    def test_i8_who_read_a_mail_is_not_a_colleagues_to_know(self):
        """She may read the mail, and does not learn that Lin has."""
        self.mailbox.visibility = "everyone"
        self.tell("\\Seen", "\\Answered")
        self.assertEqual(self.flags(self.colleague), (False, False))
        self.mailbox.member_ids = [Command.link(self.colleague.id)]
        self.env.invalidate_all()
        self.assertEqual(self.flags(self.colleague), (True, True))
