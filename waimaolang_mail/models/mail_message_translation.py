# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain

from . import reading


class MailMessageTranslation(models.Model):
    """Administrators have access to all translations, of imported mail too (I8)."""

    _inherit = "mail.message.translation"

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = Domain(domain) & reading.carried_domain(self.env, "message_id")
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        return reading.check(self, operation, result)
