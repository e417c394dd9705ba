# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from datetime import timezone
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from odoo import models

from ..engine import original

REBUILT_HEADER = "X-Waimaolang-Rebuilt"


class WaimaolangMailOriginal(models.AbstractModel):
    """The bytes of a mail, as they came."""

    _name = "waimaolang.mail.original"
    _description = "Original of a Mail"

    def _raw(self):
        """The original bytes: kept of a mail that had failed, else fetched again from
        a mailbox, else rebuilt from what is stored (with REBUILT_HEADER)."""
        self.ensure_one()
        self.check_access("read")
        copies = self.env["waimaolang.mailbox.copy"].sudo()
        kept = copies.search([("mail_id", "=", self.id)]).filtered("raw")[:1]
        if kept:
            return base64.b64decode(kept.raw)
        return original.fetch(self.env.registry, self.id) or self._rebuild()

    def _rebuild(self):
        message = self.sudo().mail_message_id
        rebuilt = EmailMessage(policy=policy.SMTP)
        rebuilt[REBUILT_HEADER] = "yes"
        for name, value in (
            ("From", self.email_from),
            ("To", self.email_to),
            ("Cc", self.email_cc),
            ("Subject", self.subject),
        ):
            if value:
                rebuilt[name] = " ".join(value.split())
        rebuilt["Date"] = format_datetime(self.date.replace(tzinfo=timezone.utc))
        if self.rfc_message_id:
            rebuilt["Message-ID"] = f"<{self.rfc_message_id}>"
        rebuilt.set_content(self.text or "")
        if message.body:
            rebuilt.add_alternative(str(message.body), subtype="html")
        for attachment in message.attachment_ids:
            main, _slash, sub = (attachment.mimetype or "").partition("/")
            rebuilt.add_attachment(
                attachment.raw or b"",
                maintype=main or "application",
                subtype=sub or "octet-stream",
                filename=attachment.name,
            )
        return rebuilt.as_bytes()

    def action_download_original(self):
        """As an attachment of the message, which its readers alone may open."""
        self.ensure_one()
        name = f"{(self.subject or 'mail')[:60].replace('/', '_')}.eml"
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": name,
                    "raw": self._raw(),
                    "mimetype": "message/rfc822",
                    "res_model": "mail.message",
                    "res_id": self.mail_message_id.id,
                }
            )
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }
