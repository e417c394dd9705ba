# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain

from . import reading


class MailMail(models.Model):
    """An outgoing mail has all fields of its message, joined in SQL: an administrator
    would read an imported one through it (invariant I8)."""

    _inherit = "mail.mail"

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = Domain(domain) & reading.carried_domain(
                self.env, "mail_message_id"
            )
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        return reading.check(self, operation, result)

    def write(self, vals):
        result = super().write(vals)
        if "mail_message_id" in vals:
            self.check_access("write")
        return result
