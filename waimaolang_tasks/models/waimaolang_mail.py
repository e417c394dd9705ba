# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

# What a rule's summary may show of a mail, without a template engine's power.
PLACEHOLDERS = (
    "object.subject",
    "object.email_from",
    "object.email_to",
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

    def _put_on(self, model, res_id):
        """A task about somebody unknown moves to the record that she has got."""
        result = super()._put_on(model, res_id)
        tasks = self.env["mail.activity"].search(
            [("waimaolang_mail_id", "in", self.ids), ("res_model", "=", False)]
        )
        model_id = self.env["ir.model"]._get_id(model)
        tasks.write({"res_model_id": model_id, "res_id": res_id})
        return result

    def _remove(self, unlink):
        """Tasks outlive their mail, and what they told of it does not (I8)."""
        tasks = self.env["mail.activity"].sudo().with_context(active_test=False)
        tasks.search(
            [("waimaolang_mail_id", "in", self.ids), ("waimaolang_tells", "=", True)]
        )._tell_nothing()
        return super()._remove(unlink)
