# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_tuples
from odoo.tools.misc import format_datetime

from ..mime import quoting, replying
from . import reading

CHINESE, ENGLISH = "zh_CN", "en_US"
# As people write it, in whatever country: no month that could be a day.
DATES = {CHINESE: "yyyy年M月d日 HH:mm", ENGLISH: "d MMM yyyy, HH:mm"}


class WaimaolangMail(models.Model):
    """Answering and forwarding, as in a mail program."""

    _inherit = "waimaolang.mail"

    def action_reply(self):
        return self._compose("reply")

    def action_reply_all(self):
        return self._compose("reply_all")

    def action_forward(self):
        return self._compose("forward")

    @api.model
    def _search_newest_on(self, model, res_id, limit):
        """The newest mails that stand on the record, of those that the user reads."""
        # one link: three conditions apart would each be planned with the rules, 70 ms
        link = [
            ("res_model", "=", model),
            ("res_id", "=", res_id),
            ("removed", "=", False),
        ]
        return self.search(
            [("link_ids", "any", link)],
            order="date desc, id desc",
            limit=limit,
        )

    def _compose(self, mode, model=None, res_id=None):
        """The composer, filled in. It posts on the record from which it was opened,
        else where the mail stands, as far as the user may read that."""
        self.ensure_one()
        self.check_access("read")
        record = self._get_reply_record(model, res_id)
        values = {
            "composition_mode": "comment",
            "waimaolang_composed": True,
            "waimaolang_with_quote": True,
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "model": record._name if record else False,
            "res_ids": repr(record.ids if record else []),
            "email_add_signature": False,
        }
        if mode == "forward":
            values |= self._get_forward_vals()
        else:
            values |= self._get_reply_vals(everyone=mode == "reply_all")
        mailbox_id = self._get_reply_mailbox()
        if mailbox_id:
            values["waimaolang_mailbox_id"] = mailbox_id
        wizard = self.env["mail.compose.message"].create(values)
        wizard._add_mailbox_signature()
        return wizard._open_mail(
            {
                "reply": self.env._("Reply"),
                "reply_all": self.env._("Reply All"),
                "forward": self.env._("Forward"),
            }[mode]
        )

    def _get_reply_record(self, model, res_id):
        if model in reading.LINKED_MODELS and isinstance(res_id, int):
            record = self.env[model].browse(res_id).exists()
            if record and record.has_access("read"):
                return record
        message = self.sudo().mail_message_id
        if message.model and message.model in self.env and message.res_id:
            record = self.env[message.model].browse(message.res_id).exists()
            if record and record.has_access("read"):
                return record
        link = self.link_ids.filtered(
            lambda link: not link.removed and link._get_record()
        )
        return link[:1]._get_record() if link else None

    def _get_reply_mailbox(self):
        """The one through which it came, of those that the user may send from."""
        mailboxes = self.env["waimaolang.mailbox"]
        ids = mailboxes._get_sendable()
        came_through = self.sudo().mailbox_ids.ids
        chosen = next((id_ for id_ in ids if id_ in came_through), 0)
        return chosen or mailboxes._get_default_sender(self.env.uid)

    def _get_reply_vals(self, everyone):
        answered = replying.Answered(
            from_=self._split_people(self.email_from),
            reply_to=self._split_people(self.sudo().email_reply_to),
            to=self._split_people(self.email_to),
            cc=self._split_people(self.email_cc),
            direction=self.direction,
        )
        own = self.env["waimaolang.mailbox"]._get_all_own_emails()
        to, cc = replying.reply_recipients(answered, own, everyone)
        return {
            "subject": replying.reply_subject(self.subject or ""),
            "waimaolang_answers_id": self.id,
            **self._get_recipient_vals(to, cc),
        }

    def _split_people(self, addresses):
        return email_split_tuples(addresses or "")

    def _get_recipient_vals(self, to, cc, bcc=()):
        """Contacts and other addresses, as the composer has them."""
        to_ids, to_rest = self._find_people(to)
        cc_ids, cc_rest = self._find_people(cc)
        bcc_ids, bcc_rest = self._find_people(bcc)
        return {
            "partner_ids": [fields.Command.set(to_ids)],
            "waimaolang_to": ", ".join(to_rest) or False,
            "waimaolang_cc_ids": [fields.Command.set(cc_ids)],
            "waimaolang_cc": ", ".join(cc_rest) or False,
            "waimaolang_bcc_ids": [fields.Command.set(bcc_ids)],
            "waimaolang_bcc": ", ".join(bcc_rest) or False,
            "waimaolang_copies": bool(cc or bcc),
        }

    def _get_forward_vals(self):
        return {
            "subject": replying.forward_subject(self.subject or ""),
            "waimaolang_forwards_id": self.id,
            "waimaolang_file_ids": [fields.Command.set(self.attachment_ids.ids)],
        }

    def _find_people(self, people):
        """(ids of contacts, addresses that are no contact's)"""
        partners = self.env["res.partner"]
        ids, rest = [], []
        for name, address in people:
            email = email_normalize(address)
            found = partners.search([("email_normalized", "=", email)], limit=1)
            if found:
                ids.append(found.id)
            else:
                rest.append(f'"{name}" <{address}>' if name else address)
        return ids, rest

    def _quote(self, as_forward, image=None):
        """The mail below an answer, or in a forward; in Chinese below Chinese mail,
        else in English. ``image`` names the pictures (``quoting.Image``)."""
        self.ensure_one()
        self.check_access("read")
        lang = CHINESE if (self.language or "").startswith("zh") else ENGLISH
        mail = self.with_context(lang=lang)
        original = str(mail.body or "") or quoting.html_of_text(self.text or "")
        zone = self.env.user.tz or "UTC"
        when = format_datetime(
            mail.env, self.date, tz=zone, dt_format=DATES[lang], lang_code=lang
        )
        if not as_forward:
            name, address = (email_split_tuples(self.email_from or "") or [("", "")])[0]
            told = mail.env._(
                "On %(date)s, %(person)s wrote:",
                date=when,
                person=quoting.person(name, address),
            )
            return quoting.quoted_reply(original, told, image)
        rows = [
            (mail.env._("From"), self.email_from or ""),
            (mail.env._("Date"), when),
            (mail.env._("Subject"), self.subject or ""),
            (mail.env._("To"), self.email_to or ""),
            (mail.env._("Cc"), self.email_cc or ""),
        ]
        title = mail.env._("Forwarded message")
        return quoting.quoted_forward(original, title, rows, image)
