# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import fields

from odoo.addons.waimaolang_mail.tests import common
from odoo.addons.waimaolang_mail.tests.common import MailboxCase, build_mail

from ..engine import processing, queue

EMMA = "Emma Vogel <emma.vogel@nordwind.example>"
LIN = "Lin Xiao <lin@lanyue.example>"


class RuleCase(MailboxCase):
    """Rules as they run in a lane, in the test's own transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        queue.forget_all(cls.env.cr)
        cls.rules = cls.env["waimaolang.task.rule"]
        cls.rules.search([]).active = False
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")
        cls.numbers = iter(range(1000))

    def rule(self, trigger="received", **vals):
        values = {
            "name": "Answer",
            "trigger": trigger,
            "activity_type_id": self.todo.id,
            **vals,
        }
        return self.rules.create(values)

    def mail(self, sender=EMMA, to=LIN, subject="Price", date=None, **headers):
        """As it arrives now."""
        when = date or fields.Datetime.now()
        headers.setdefault("Message_ID", f"<{next(self.numbers)}@nordwind.example>")
        raw = build_mail(sender, to, subject, **headers)
        dated = f"{when:%a, %d %b %Y %H:%M:%S} +0000"
        return raw.replace(b"Mon, 04 May 2026 10:00:00 +0200", dated.encode())

    def list_copies(self, *args, **kwargs):
        with patch.object(common, "ARRIVED", fields.Datetime.now()):
            return super().list_copies(*args, **kwargs)

    def receive(self, **kwargs):
        return self.take(self.mail(**kwargs)).mail_id

    def answer(self, mail, **kwargs):
        kwargs.setdefault("In_Reply_To", f"<{mail.rfc_message_id}>")
        kwargs.setdefault("to", EMMA)
        raw = self.mail(sender=LIN, subject="Re: Price", **kwargs)
        return self.take(raw, path="已发送").mail_id

    def process(self):
        """What ``_process_events`` does."""

        def inside(_registry, function):
            with self.env.cr.savepoint():
                result = function(self.env(su=True))
                self.env.flush_all()
                return result

        count = processing.process(None, inside)
        self.env.invalidate_all()
        return count

    def tasks(self, rule=None, active=True):
        domain = [
            ("waimaolang_rule_id", "=" if rule else "!=", rule.id if rule else False)
        ]
        found = self.env["mail.activity"].with_context(active_test=active)
        return found.search(domain, order="id")

    def outcomes(self, rule):
        logs = self.env["waimaolang.task.log"].search(
            [("rule_id", "=", rule.id)], order="id"
        )
        return [(log.outcome, log.reason) for log in logs]
