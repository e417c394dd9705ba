# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError

# More at once is a mailing: providers take a mailbox for a spammer's.
MOST_AT_ONCE = 100
NAMES_SHOWN = 10


class WaimaolangRecordMixin(models.AbstractModel):
    """New mail to contacts and opportunities."""

    _inherit = "waimaolang.record.mixin"

    def action_write_mail(self):
        """The composer; for several records each gets a mail of her own."""
        if not self:
            return False
        self.check_access("read")
        if not self.env["waimaolang.mailbox"]._get_sendable():
            raise UserError(
                self.env._("You have no mailbox to send from yet: bind yours first.")
            )
        values = {
            "composition_mode": "comment",
            "waimaolang_composed": True,
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "model": self._name,
            "email_add_signature": False,
            "subject": False,
        }
        records = self
        if len(self) > 1:
            records = self._filter_reachable()
            values["waimaolang_each"] = self._describe_recipients(records)
        else:
            partner_ids, emails = self._waimaolang_get_recipients()[self.id]
            values |= {"partner_ids": [(6, 0, partner_ids)], "waimaolang_to": emails}
        values["res_ids"] = repr(records.ids)
        wizard = self.env["mail.compose.message"].create(values)
        wizard._add_mailbox_signature()
        return wizard._open_mail(self.env._("Write Mail"))

    def _waimaolang_get_recipients(self):
        """{record id: (ids of contacts, other addresses)}"""
        return {
            res_id: (
                self.env["res.partner"]
                .browse(found.get("partner_ids") or [])
                .filtered("email_normalized")
                .ids,
                found.get("email_to") or False,
            )
            for res_id, found in self._message_get_default_recipients().items()
        }

    def _filter_reachable(self):
        recipients = self._waimaolang_get_recipients()
        reachable = self.filtered(lambda record: any(recipients[record.id]))
        if not reachable:
            raise UserError(self.env._("None of them has an e-mail address."))
        if len(reachable) > MOST_AT_ONCE:
            raise UserError(
                self.env._(
                    "A mailbox is for letters: write to %(count)s at once at most. For "
                    "more, use a tool for mailings.",
                    count=MOST_AT_ONCE,
                )
            )
        return reachable

    def _describe_recipients(self, reachable):
        names = ", ".join(reachable[:NAMES_SHOWN].mapped("display_name"))
        if len(reachable) > NAMES_SHOWN:
            names += " ..."
        told = self.env._(
            "%(count)s mails, one for each: %(names)s",
            count=len(reachable),
            names=names,
        )
        left = self - reachable
        if left:
            told += " " + self.env._(
                "(no address: %(names)s)",
                names=", ".join(left[:NAMES_SHOWN].mapped("display_name")),
            )
        return told
