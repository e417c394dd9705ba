# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store

# What of an imported mail a client must not change.
IMPORTED_FIELDS = frozenset(
    (
        "waimaolang_mail_id",
        "attachment_ids",
        "author_id",
        "body",
        "date",
        "email_from",
        "incoming_email_cc",
        "incoming_email_to",
        "is_internal",
        "message_id",
        "message_type",
        "model",
        "partner_ids",
        "res_id",
        "subject",
        "subtype_id",
    )
)


class MailMessage(models.Model):
    _inherit = "mail.message"

    waimaolang_mail_id = fields.Many2one(
        "waimaolang.mail",
        "Mail",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )

    def _to_store_defaults(self, target):
        """A badge for mails: received or sent, and through which mailbox. Other
        messages carry nothing more than in plain Odoo (invariant I12)."""
        return super()._to_store_defaults(target) + [
            Store.Attr(
                "waimaolang_badge",
                lambda message: message._get_waimaolang_badge(),
                predicate=lambda message: bool(message.waimaolang_mail_id),
            ),
        ]

    def _get_waimaolang_badge(self):
        # sudo: whoever may read the message may know how it came
        mail = self.sudo().waimaolang_mail_id
        return {
            "direction": mail.direction,
            "mailbox": ", ".join(mail.mailbox_ids.mapped("name")),
            "to": mail.email_to or "",
            "cc": mail.email_cc or "",
            "reduced": mail.reduced,
            "omitted": mail.omitted or "",
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any("waimaolang_mail_id" in vals for vals in vals_list):
            self._refuse_change()
        return super().create(vals_list)

    def write(self, vals):
        """Nobody edits an imported mail, nor makes another message one (I8)."""
        if not self.env.su and IMPORTED_FIELDS.intersection(vals):
            if "waimaolang_mail_id" in vals or self.sudo().waimaolang_mail_id:
                self._refuse_change()
        return super().write(vals)

    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "Imported mail stays as it came: it can be neither changed nor deleted."
            )
        )

    def unlink(self):
        if not self.env.su and self.sudo().waimaolang_mail_id:
            self._refuse_change()
        mails = self.sudo().waimaolang_mail_id
        # pictures inside the body are not among attachment_ids
        inline = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", mails.mail_message_id.ids),
                ]
            )
            if mails
            else self.env["ir.attachment"]
        )
        result = super().unlink()
        inline.exists().unlink()
        if mails and not self.env.context.get("waimaolang_mail_gone"):
            mails.unlink()
        return result
