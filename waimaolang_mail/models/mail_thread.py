# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_tuples

from . import outgoing, reading, sending_options
from .sending_options import SENDING


class MailThread(models.AbstractModel):
    """Who is told about mail, and through what a post leaves: what a bound user writes
    to people outside goes through her mailbox, as one mail; colleagues are notified as
    Odoo does (design, section 3)."""

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
        readable = self._drop_unreadable(messages)
        return super()._sort_suggested_messages(self._drop_forwards(readable))

    def _drop_forwards(self, messages):
        """To whom the customer's mail was shown, a supplier say, is not whom the
        customer is answered with."""
        left = messages.sudo().filtered("waimaolang_outgoing")
        forwards = left.waimaolang_outbox_ids.filtered(
            lambda row: (row.options or {}).get("forwards")
        )
        return messages - messages.browse(forwards.mail_message_id.ids)

    @api.model
    def _drop_unreadable(self, messages):
        """The user's own rights count, also where core asks in sudo, or where the
        record's messages were cached in sudo."""
        imported = messages.sudo().filtered("waimaolang_restricted")
        if not imported:
            return messages
        readable = reading.filter_own(imported)
        return messages.filtered(lambda m: m.id not in (imported - readable)._ids)

    # -- sending through a mailbox -----------------------------------------------------

    def _get_notify_valid_parameters(self):
        return super()._get_notify_valid_parameters() | {SENDING}

    def _get_allowed_message_params(self):
        return super()._get_allowed_message_params() | {SENDING}

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        if isinstance(kwargs.get(SENDING), dict) and kwargs.get("scheduled_date"):
            # it waits in the outbox: else it would leave now, and once more then
            at = self._is_notification_scheduled(kwargs.pop("scheduled_date"))
            send_at = fields.Datetime.to_string(at) if at else ""
            kwargs[SENDING] = {**kwargs[SENDING], "send_at": send_at}
        result = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        sending = sending_options.read(kwargs.get(SENDING))
        # core looks no further when nobody is to be notified
        if sending.composed and not message.sudo().waimaolang_outbox_ids:
            mailbox = self._waimaolang_choose_mailbox(message, sending, [])
            if mailbox:
                outgoing.send(self, message, mailbox, sending, [])
        return result

    def _notify_thread_by_email(
        self, message, recipients_data, *, msg_vals=False, **kwargs
    ):
        sending = sending_options.read(kwargs.pop(SENDING, None))
        external = outgoing.external(recipients_data, message, sending)
        if external:
            mailbox = self._waimaolang_choose_mailbox(message, sending, external)
            if mailbox:
                if not message.sudo().waimaolang_outgoing:  # else notified once more
                    outgoing.send(self, message, mailbox, sending, external)
                taken = {id(data) for data in external}
                recipients_data = [x for x in recipients_data if id(x) not in taken]
        return super()._notify_thread_by_email(
            message, recipients_data, msg_vals=msg_vals, **kwargs
        )

    def _waimaolang_choose_mailbox(self, message, sending, external):
        """Through which the message leaves, in sudo; none: through Odoo's servers.
        ``sending.mailbox_id`` is the user's choice; else the one through which the
        conversation came, else her default one."""
        mailboxes = self.env["waimaolang.mailbox"]
        user = message.sudo().create_uid
        if sending.mailbox_id:
            if sending.mailbox_id not in mailboxes._get_sendable(user.id):
                raise AccessError(
                    self.env._("You cannot send from this mailbox: choose another.")
                )
            return mailboxes.sudo().browse(sending.mailbox_id)
        if message.message_type not in ("comment", "email_outgoing"):
            return mailboxes
        if user.id == SUPERUSER_ID:  # cron jobs and the system
            return mailboxes
        ids = mailboxes._get_sendable(user.id)
        if not ids:
            return mailboxes
        answered = outgoing.find_answered(self, message, sending, external, user)
        came_through = answered.sudo().mailbox_ids.ids
        chosen = next((id_ for id_ in ids if id_ in came_through), 0)
        chosen = chosen or mailboxes._get_default_sender(user.id)
        mailbox = mailboxes.sudo().browse(chosen)
        authors = user.partner_id | mailbox.user_id.partner_id
        # written in somebody else's name: Odoo's servers know how to
        if message.author_id and message.author_id not in authors:
            return mailboxes
        return mailbox

    def _waimaolang_post_alone(
        self,
        *,
        body,
        subject,
        partner_ids,
        attachment_ids,
        sending,
        outgoing_email_to=None,
    ):
        """A mail that stands on no record: read by whom its mailbox is shown to, once
        it has left (invariant I8)."""
        user = self.env.user
        options = sending_options.read(sending)
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        attachments.check_access("read")
        message = (
            self.env["mail.message"]
            .sudo()
            .create(
                {
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                    "author_id": user.partner_id.id,
                    "email_from": user.email_formatted,
                    "reply_to": False,
                    "subject": subject,
                    "body": body,
                    "partner_ids": [(6, 0, partner_ids)],
                    "outgoing_email_to": outgoing_email_to,
                    "attachment_ids": [(6, 0, attachment_ids)],
                    "is_internal": True,
                    "waimaolang_restricted": True,
                    "email_add_signature": False,
                }
            )
        )
        own = attachments.sudo().filtered(
            lambda one: (
                one.res_model == "mail.compose.message" and one.create_uid == user
            )
        )
        own.write({"res_model": "mail.message", "res_id": message.id})
        recipients = [
            {
                "id": False,
                "name": name,
                "email_normalized": email_normalize(address),
                "notif": "email",
                "share": True,
            }
            for name, address in email_split_tuples(outgoing_email_to or "")
        ]
        mailbox = self._waimaolang_choose_mailbox(message, options, recipients)
        if not mailbox:
            raise UserError(self.env._("Choose the mailbox from which to send."))
        outgoing.send(self, message, mailbox, options, recipients)
        return message

    def _check_can_update_message_content(self, messages):
        """The customer has it as it was."""
        outgoing.let_change(messages)
        return super()._check_can_update_message_content(messages)
