# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_tuples

from ..mime.threads import thread_subject
from ..models.outgoing import SENDING


class MailComposeMessage(models.TransientModel):
    """The full composer sends through a mailbox, with true To, Cc and Bcc."""

    _inherit = "mail.compose.message"

    waimaolang_mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        "Send from",
        compute="_compute_waimaolang_mailbox_id",
        store=True,
        readonly=False,
        domain=lambda self: [("id", "in", self._get_sendable_mailboxes())],
    )
    waimaolang_can_send = fields.Boolean(compute="_compute_waimaolang_can_send")
    waimaolang_composed = fields.Boolean()
    waimaolang_to = fields.Char(
        "Other Recipients", help="Addresses that are no contact's, with commas between."
    )
    waimaolang_cc_ids = fields.Many2many(
        "res.partner", "waimaolang_compose_cc_rel", string="Cc"
    )
    waimaolang_cc = fields.Char(
        "Other Cc", help="Addresses that are no contact's, with commas between."
    )
    waimaolang_bcc_ids = fields.Many2many(
        "res.partner", "waimaolang_compose_bcc_rel", string="Bcc"
    )
    waimaolang_answers_id = fields.Many2one("waimaolang.mail", readonly=True)
    waimaolang_forwards_id = fields.Many2one("waimaolang.mail", readonly=True)
    waimaolang_with_quote = fields.Boolean("Include the Mail")
    waimaolang_quote = fields.Html(
        compute="_compute_waimaolang_quote", sanitize=False, readonly=True
    )
    waimaolang_file_ids = fields.Many2many(
        "ir.attachment", "waimaolang_compose_file_rel", string="Forwarded Files"
    )

    @api.model
    def _get_sendable_mailboxes(self):
        return self.env["waimaolang.mailbox"]._get_sendable()

    @api.depends("composition_mode")
    @api.depends_context("uid")
    def _compute_waimaolang_can_send(self):
        can_send = bool(self._get_sendable_mailboxes())
        for wizard in self:
            wizard.waimaolang_can_send = (
                can_send and wizard.composition_mode == "comment"
            )

    @api.depends("model", "res_ids")
    def _compute_waimaolang_mailbox_id(self):
        """As a post on the record would choose."""
        mailboxes = self.env["waimaolang.mailbox"]
        ids = self._get_sendable_mailboxes()
        for wizard in self:
            if not ids or wizard.waimaolang_mailbox_id:
                continue
            res_ids = wizard._evaluate_res_ids() if wizard.model else []
            chosen = 0
            if wizard.model and len(res_ids) == 1:
                chosen = mailboxes._get_conversation_sender(
                    wizard.model, res_ids[0], ids
                )
            wizard.waimaolang_mailbox_id = (
                chosen or mailboxes._get_default_sender(self.env.uid) or False
            )

    @api.depends(
        "waimaolang_with_quote", "waimaolang_answers_id", "waimaolang_forwards_id"
    )
    def _compute_waimaolang_quote(self):
        """What it will look like, with the pictures as Odoo shows them."""
        for wizard in self:
            mail = wizard.waimaolang_answers_id or wizard.waimaolang_forwards_id
            if not (wizard.waimaolang_with_quote and mail):
                wizard.waimaolang_quote = False
                continue
            quote = mail._quote(bool(wizard.waimaolang_forwards_id), lambda src: src)
            quote = quote.replace('src="cid:/', 'src="/')
            # nothing remote is loaded by looking at it
            quote = quote.replace(' src="http', ' data-waimaolang-src="http')
            wizard.waimaolang_quote = quote

    def _add_mailbox_signature(self):
        """Above what is quoted, as mail programs do, to be seen and changed."""
        for wizard in self:
            box = wizard.sudo().waimaolang_mailbox_id
            lang = wizard.partner_ids[:1].lang
            signature = box and box._get_signature(self.env.user, lang)
            wizard.body = Markup("<p><br></p>%s") % (signature or Markup())

    def _prepare_mail_values_static(self):
        values = super()._prepare_mail_values_static()
        sending = self._get_sending()
        if sending and self.composition_mode == "comment":
            values[SENDING] = sending
        return values

    def _prepare_mail_values(self, res_ids):
        values_all = super()._prepare_mail_values(res_ids)
        extra = self._get_other_recipients()
        for values in values_all.values():
            if SENDING in values:
                values["scheduled_date"] = False  # it waits in the outbox
                subject = values.get("subject") or ""
                if self._is_subject_kept(subject):
                    values[SENDING] = {**values[SENDING], "subject": subject}
                    values["subject"] = False
                if extra:
                    values["outgoing_email_to"] = extra
        return values_all

    def _is_subject_kept(self, subject):
        """Who reads the record need not read the mail: its subject is not for the
        chatter, unless everybody may read the mail (invariant I8)."""
        mail = self.waimaolang_answers_id or self.waimaolang_forwards_id
        mail = mail._filtered_access("read").sudo()
        if not mail.mail_message_id.waimaolang_restricted:
            return False
        if thread_subject(subject)[0] != thread_subject(mail.subject or "")[0]:
            return False  # her own words
        kept = mail.conversation_id.private_mailbox_ids
        return not any(
            box.visibility == "everyone" and box not in kept for box in mail.mailbox_ids
        )

    def _get_other_recipients(self):
        self._check_addresses(self.waimaolang_to)
        return self.waimaolang_to

    def _check_addresses(self, text):
        for _name, address in email_split_tuples(text or ""):
            if not email_normalize(address):
                raise UserError(
                    self.env._("%(address)s is not an e-mail address.", address=address)
                )

    def _get_sending(self):
        """What ``models.outgoing.read`` understands; None: as core does."""
        self.ensure_one()
        if not self.waimaolang_mailbox_id or self.subtype_is_log:
            return None
        self._check_addresses(self.waimaolang_cc)
        named = self.partner_ids or self.waimaolang_cc_ids or self.waimaolang_bcc_ids
        named = named or self.waimaolang_to
        return {
            "mailbox_id": self.waimaolang_mailbox_id.id,
            "composed": bool(self.waimaolang_composed or named),
            "cc": self.waimaolang_cc_ids.ids,
            "cc_emails": self.waimaolang_cc or "",
            "bcc": self.waimaolang_bcc_ids.ids,
            "answers": self.waimaolang_answers_id.id,
            "forwards": self.waimaolang_forwards_id.id,
            "quote": self.waimaolang_with_quote,
            "files": self.waimaolang_file_ids.ids,
            "send_at": self.scheduled_date or "",
        }

    def _action_send_mail(self, auto_commit=False):
        """An answer to mail that stands nowhere has no record to be posted on."""
        alone = self.filtered(
            lambda wizard: (
                wizard.composition_mode == "comment"
                and not wizard.model
                and (wizard.waimaolang_answers_id or wizard.waimaolang_forwards_id)
            )
        )
        mails, messages = super(MailComposeMessage, self - alone)._action_send_mail(
            auto_commit=auto_commit
        )
        for wizard in alone:
            messages += self.env["mail.thread"]._waimaolang_post_alone(
                body=wizard.body,
                subject=wizard.subject,
                partner_ids=wizard.partner_ids.ids,
                outgoing_email_to=wizard._get_other_recipients(),
                attachment_ids=wizard.attachment_ids.ids,
                sending=wizard._get_sending(),
            )
        return mails, messages

    def _action_schedule_message(self):
        """What leaves through a mailbox waits in its outbox: there it is seen, can be
        taken back, and nobody else reads what it quotes."""
        boxed = self.filtered(lambda wizard: wizard._get_sending())
        for wizard in boxed:
            at = fields.Datetime.to_datetime(wizard.scheduled_date or False)
            if not at or at < fields.Datetime.now():
                raise UserError(self.env._("Choose a time that is still to come."))
            wizard._action_send_mail()
        return super(MailComposeMessage, self - boxed)._action_schedule_message()
