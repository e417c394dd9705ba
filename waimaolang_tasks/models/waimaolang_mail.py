# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

# What a rule's summary may show of a mail, without a template engine's power.
PLACEHOLDERS = (
    "object.subject",
    "object.email_from",
    "object.email_to",
    "object.date",
    "object.language",
    "object.conversation_id.subject",
)


class WaimaolangMail(models.Model):
    _inherit = "waimaolang.mail"

    def mail_allowed_qweb_expressions(self):
        return PLACEHOLDERS

    def _after_store(self):
        result = super()._after_store()
        self.env["waimaolang.task.rule"]._wake()
        return result

    def _remove(self, unlink):
        """Tasks outlive their mail, and what they told of it does not (I8)."""
        tasks = self.env["mail.activity"].sudo().with_context(active_test=False)
        tasks.search(
            [("waimaolang_mail_id", "in", self.ids), ("waimaolang_tells", "=", True)]
        )._tell_nothing()
        return super()._remove(unlink)
