# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

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

    def _notify_by_email_get_base_mail_values(self, message, *args, **kwargs):
        """Core takes the record's last messages, whatever conversation they are of: no
        recipient is told the Message-IDs of mails that she need not know of."""
        values = super()._notify_by_email_get_base_mail_values(message, *args, **kwargs)
        references = (values.get("references") or "").split()
        if self._name not in reading.LINKED_MODELS or len(references) < 2:
            return values
        imported = (
            self.env["mail.message"]
            .sudo()
            .search_fetch(
                [
                    ("message_id", "in", references),
                    ("waimaolang_restricted", "=", True),
                ],
                ["message_id"],
            )
        )
        hidden = set(imported.mapped("message_id"))
        values["references"] = " ".join(x for x in references if x not in hidden)
        return values

    # -- suggested recipients ----------------------------------------------------------

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Our own mailboxes are on both sides of all their mail and never a recipient.
        What a mail that the user may not read says, nothing is proposed from."""
        own = self.env["waimaolang.mailbox"]._get_all_own_emails()
        if not own:
            return super()._message_get_suggested_recipients_batch(*args, **kwargs)
        if reply := kwargs.get("reply_message"):
            kwargs["reply_message"] = self._drop_unreadable(reply)
        threads = self.with_context(waimaolang_own_emails=own)
        return super(MailThread, threads)._message_get_suggested_recipients_batch(
            *args, **kwargs
        )

    def _sort_suggested_messages(self, messages):
        return super()._sort_suggested_messages(self._drop_unreadable(messages))

    @api.model
    def _drop_unreadable(self, messages):
        """The user's own rights count, also where core asks in sudo, or where the
        record's messages were cached in sudo."""
        imported = messages.sudo().filtered("waimaolang_restricted")
        if not imported:
            return messages
        readable = reading.filter_own(imported)
        return messages.filtered(lambda m: m.id not in (imported - readable)._ids)
