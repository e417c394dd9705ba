# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import email_normalize


class MailAliasDomain(models.Model):
    _inherit = "mail.alias.domain"

    @api.model
    def _find_aliases(self, email_list):
        """Where recipients are suggested (mail.thread), an own mailbox's address is
        like an alias: neither proposed nor made a contact."""
        found = super()._find_aliases(email_list)
        own = self.env.context.get("waimaolang_own_emails")
        if not own:
            return found
        keys = {email: email_normalize(email) or email for email in email_list}
        return found + [email for email, key in keys.items() if key in own]
