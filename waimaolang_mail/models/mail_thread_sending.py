# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_tuples

from . import outgoing

# What a post may say of its sending. Comes from clients too: everything is checked.
SENDING = "waimaolang_sending"


class MailThread(models.AbstractModel):
    """What a bound user posts to people outside leaves through her mailbox, as one
    mail; colleagues are notified as Odoo does (design, section 3)."""

    _inherit = "mail.thread"

    def _get_notify_valid_parameters(self):
        return super()._get_notify_valid_parameters() | {SENDING}

    def _get_allowed_message_params(self):
        return super()._get_allowed_message_params() | {SENDING}

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        result = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        sending = outgoing.read(kwargs.get(SENDING))
        # core looks no further when nobody is to be notified
        if sending.composed and not message.sudo().waimaolang_outbox_ids:
            mailbox = self._waimaolang_choose_mailbox(message, sending, [])
            if mailbox:
                outgoing.send(self, message, mailbox, sending, [])
        return result

    def _notify_thread_by_email(
        self, message, recipients_data, *, msg_vals=False, **kwargs
    ):
        sending = outgoing.read(kwargs.pop(SENDING, None))
        external = outgoing.external(recipients_data, message, sending)
        if external:
            mailbox = self._waimaolang_choose_mailbox(message, sending, external)
            if mailbox:
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
        options = outgoing.read(sending)
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
        super()._check_can_update_message_content(messages)
        outgoing.check_not_left(messages)
