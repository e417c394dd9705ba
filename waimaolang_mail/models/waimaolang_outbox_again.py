# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError

from ..mime import outbody


class WaimaolangOutbox(models.Model):
    """What did not leave is mended and sent again: the new mail takes its place."""

    _inherit = "waimaolang.outbox"

    def action_edit(self):
        """The composer with what did not leave."""
        self.ensure_one()
        self._check_sender()
        row = self._lock_in(
            ("failed", "cancelled"),
            self.env._("Only what did not leave can be edited."),
        )
        message = self.env["mail.message"].browse(row.mail_message_id.id)
        if not message:
            raise UserError(self.env._("Its text is no longer kept: write it anew."))
        message.check_access("read")
        return self._compose_again(message)

    def _compose_again(self, message):
        mails = self.env["waimaolang.mail"]
        options = self.sudo().options or {}
        values = {
            "composition_mode": "comment",
            "waimaolang_composed": True,
            "waimaolang_replaces": self.id,
            "waimaolang_mailbox_id": self.mailbox_id.id,
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "model": message.model or False,
            "res_ids": repr([message.res_id] if message.model else []),
            "email_add_signature": False,
            "subject": self.subject,
            "waimaolang_with_quote": bool(options.get("quote")),
            "attachment_ids": [
                fields.Command.set(self._copy_files(message.attachment_ids).ids)
            ],
            **mails._get_recipient_vals(
                *(
                    mails._split_people(self.sudo()[name])
                    for name in ("email_to", "email_cc", "email_bcc")
                )
            ),
        }
        # she may have lost sight of it since
        for name in ("answers", "forwards"):
            found = mails.search([("id", "=", options.get(name) or 0)])
            values[f"waimaolang_{name}_id"] = found.id
        files = self.env["ir.attachment"].browse(options.get("files") or []).exists()
        files = files.filtered(lambda file: file.has_access("read"))
        values["waimaolang_file_ids"] = [fields.Command.set(files.ids)]
        wizard = self.env["mail.compose.message"].create(values)
        body = message.body
        if message.email_add_signature and not options.get("composed"):
            body += self.mailbox_id.sudo()._get_signature(
                self.env.user, wizard.partner_ids[:1].lang
            )
        wizard.body = body
        return wizard._open_mail(self.env._("Edit and Send Again"))

    def _copy_files(self, attachments):
        """Who takes one out of the new mail must not lose it in the old one."""
        return attachments.copy({"res_model": "mail.compose.message", "res_id": 0})

    def _give_way(self, message):
        """In favour of the new message; pictures of the body go over to it."""
        old = self.sudo().mail_message_id
        users = self.sudo().user_id | self.env.user
        shown = {
            outbody.image_id(address)
            for address in outbody.image_addresses(message.body or "")
        }
        pictures = self.env["ir.attachment"].sudo().browse(shown - {0}).exists()
        pictures.filtered(
            lambda one: one.res_model == old._name and one.res_id == old.id
        ).res_id = message.id
        gone = old.ids
        self.sudo().unlink()
        old.unlink()
        for user in users:
            user._bus_send("mail.message/delete", {"message_ids": gone})
