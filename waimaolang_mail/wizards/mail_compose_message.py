# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from email.utils import getaddresses

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..mime import signing
from ..mime.threads import thread_subject
from ..models.sending_options import SENDING

# As people write them between addresses, in Chinese too.
SEPARATORS = str.maketrans(dict.fromkeys(";，；、\n", ","))


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
    waimaolang_bcc = fields.Char(
        "Other Bcc", help="Addresses that are no contact's, with commas between."
    )
    waimaolang_copies = fields.Boolean("Cc and Bcc are Shown")
    waimaolang_answers_id = fields.Many2one("waimaolang.mail", readonly=True)
    waimaolang_forwards_id = fields.Many2one("waimaolang.mail", readonly=True)
    waimaolang_with_quote = fields.Boolean("Quote the Original")
    waimaolang_quote = fields.Html(
        compute="_compute_waimaolang_quote", sanitize=False, readonly=True
    )
    waimaolang_file_ids = fields.Many2many(
        "ir.attachment", "waimaolang_compose_file_rel", string="Forwarded Files"
    )

    waimaolang_each = fields.Char(
        "Recipients by Record",
        readonly=True,
        help="Who gets one. Set: the mail leaves once for each record.",
    )
    # a number: two dialogs may have it, and the row goes with the first
    waimaolang_replaces = fields.Integer(readonly=True)

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

    def _get_mailbox_signature(self):
        self.ensure_one()
        box = self.sudo().waimaolang_mailbox_id
        lang = self.partner_ids[:1].lang
        return box._get_signature(self.env.user, lang) if box else Markup()

    def _add_mailbox_signature(self):
        """Above what is quoted, as mail programs do, to be seen and changed."""
        for wizard in self:
            wizard.body = Markup("<p><br></p>%s") % wizard._get_mailbox_signature()

    @api.onchange("waimaolang_mailbox_id", "model")
    def _onchange_waimaolang_mailbox_id(self):
        """Another mailbox, another signature; also instead of the one that the small
        composer adds."""
        if not self.waimaolang_mailbox_id or self.subtype_is_log:
            return
        adds = bool(self.env.context.get("waimaolang_add_signature"))
        self.body = signing.replace_signature(
            str(self.body or ""), str(self._get_mailbox_signature()), adds
        )

    def _open_mail(self, title):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "large"},
        }

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
        if self._is_for_each():
            records = self.env[self.model].browse(res_ids)
            recipients = records._waimaolang_get_recipients()
            for res_id, values in values_all.items():
                partner_ids, emails = recipients[res_id]
                values["partner_ids"] = partner_ids
                values["outgoing_email_to"] = emails
        return values_all

    def _is_for_each(self):
        return bool(
            self.waimaolang_each
            and self.composition_mode == "comment"
            and hasattr(self.env[self.model], "_waimaolang_get_recipients")
        )

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
        return self._check_addresses(self.waimaolang_to)

    def _check_addresses(self, text):
        """The same, with the commas that mail knows; UserError where one is none."""
        text = (text or "").translate(SEPARATORS)
        text = re.sub(r"[\s,]*,[\s,]*", ", ", text).strip(", ")
        for name, address in getaddresses([text]) if text else ():
            if not email_normalize(address):
                raise UserError(
                    self.env._(
                        "%(address)s is not an e-mail address.",
                        address=address or name or text,
                    )
                )
        return text

    def _get_sending(self):
        """What ``sending_options.read`` understands; None: as core does."""
        self.ensure_one()
        if not self.waimaolang_mailbox_id or self.subtype_is_log:
            return None
        cc = self._check_addresses(self.waimaolang_cc)
        bcc = self._check_addresses(self.waimaolang_bcc)
        named = self.partner_ids or self.waimaolang_cc_ids or self.waimaolang_bcc_ids
        named = named or self.waimaolang_to
        return {
            "mailbox_id": self.waimaolang_mailbox_id.id,
            "composed": bool(self.waimaolang_composed or named),
            "cc": self.waimaolang_cc_ids.ids,
            "cc_emails": cc,
            "bcc": self.waimaolang_bcc_ids.ids,
            "bcc_emails": bcc,
            "answers": self.waimaolang_answers_id.id,
            "forwards": self.waimaolang_forwards_id.id,
            "quote": self.waimaolang_with_quote,
            "files": self.waimaolang_file_ids.ids,
            "send_at": self.scheduled_date or "",
        }

    def _action_send_mail(self, auto_commit=False):
        replaced = self._hold_replaced()
        mails, messages = self._waimaolang_send(auto_commit)
        if replaced and messages:
            replaced._give_way(messages[:1])
        return mails, messages

    def _hold_replaced(self):
        """Until the new one is queued: it must not leave meanwhile."""
        ids = [wizard.waimaolang_replaces for wizard in self]
        row = self.env["waimaolang.outbox"].browse(filter(None, ids))
        if not row:
            return row
        refusal = self.env._("It was sent meanwhile, or is about to leave as it was.")
        if not row.exists():
            raise UserError(refusal)
        row._check_sender()
        row._lock_in(("failed", "cancelled"), refusal)
        return row

    def _waimaolang_send(self, auto_commit):
        """An answer to mail that stands nowhere has no record to be posted on."""
        alone = self.filtered(
            lambda wizard: (
                wizard.composition_mode == "comment"
                and not wizard.model
                and (
                    wizard.waimaolang_answers_id
                    or wizard.waimaolang_forwards_id
                    or wizard.waimaolang_replaces
                )
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
