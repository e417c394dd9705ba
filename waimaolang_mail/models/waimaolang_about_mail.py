# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain

from . import reading


class WaimaolangAboutMail(models.AbstractModel):
    """Rows about a mail (``mail_id``): for who reads the mail, and where it is about a
    Bcc (``bcc_mailbox_id``) for that mailbox's readers alone (invariant I8)."""

    _name = "waimaolang.about.mail"
    _description = "Row about a Mail"

    @api.model
    def _get_readers_domain(self):
        domain = reading.readable_domain(self.env, "mail_id")
        if "bcc_mailbox_id" in self._fields:
            domain &= reading.shown_link_domain(self.env)
        return domain

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = Domain(domain) & self._get_readers_domain()
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        return reading.check(self, operation, result)
