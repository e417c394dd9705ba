# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from datetime import timezone
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from odoo import models

from ..engine import original
from . import reading

REBUILT_HEADER = "X-Waimaolang-Rebuilt"


class WaimaolangMailOriginal(models.AbstractModel):
    """The bytes of a mail, as they came."""

    _name = "waimaolang.mail.original"
    _description = "Original of a Mail"

    def _raw(self):
        """The original bytes: kept of a mail that had failed, else fetched again from
        a mailbox, else rebuilt from what is stored (with REBUILT_HEADER). Of mailboxes
        that show the mail to the user: for nobody else's eyes (invariant I8)."""
        self.ensure_one()
        self.check_access("read")
        ids = reading.shown_copies(self.env, self.id)
        copies = self.env["waimaolang.mailbox.copy"].sudo().browse(ids)
        kept = copies.filtered("raw")[:1]
        if kept:
            return base64.b64decode(kept.raw)
        return original.fetch(self.env.registry, ids) or self._rebuild()

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
        """By a route, and never as an attachment: each copy is its readers' alone, who
        may be fewer than the message's."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/waimaolang_mail/original/{self.id}.eml",
            "target": "download",
        }
