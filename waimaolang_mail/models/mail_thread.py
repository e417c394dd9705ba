# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from . import reading


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Inbox, e-mail and push read the message in sudo: whoever is told about an
        imported mail must be a reader of it (invariant I8)."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # with values given it is being posted now, and so not an imported one
        if msg_vals or not message.sudo().waimaolang_restricted:
            return recipients
        mail_id = message.sudo().waimaolang_mail_id.id
        return [
            data
            for data in recipients
            if data["uid"]
            and reading.filter_readable(self.env(user=data["uid"], su=False), [mail_id])
        ]
