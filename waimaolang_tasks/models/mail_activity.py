# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from odoo.addons.waimaolang_mail.models import reading


class MailActivity(models.Model):
    _inherit = "mail.activity"

    reply_due_at = fields.Datetime(
        "Due at", index="btree_not_null", help="To the minute; the date is its day."
    )
    waimaolang_rule_id = fields.Many2one(
        "waimaolang.task.rule",
        "Mail Rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    waimaolang_mail_id = fields.Many2one(
        "waimaolang.mail",
        "Mail",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    waimaolang_conversation_id = fields.Many2one(
        "waimaolang.conversation",
        "Conversation",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    waimaolang_mail_count = fields.Integer("Mails", readonly=True, default=1)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("reply_due_at"):
                vals["date_deadline"] = self._get_due_day(
                    vals["reply_due_at"], vals.get("user_id")
                )
        return super().create(vals_list)

    @api.model
    def _get_due_day(self, due, user_id):
        """In the zone of who has to do it."""
        user = self.env["res.users"].sudo().browse(user_id or self.env.uid)
        local = self.with_context(tz=user.tz or self.env.context.get("tz"))
        return fields.Datetime.context_timestamp(
            local, fields.Datetime.to_datetime(due)
        ).date()

    def _hide_from_others(self):
        """In sudo. A summary that tells of a mail is for its readers (invariant I8)."""
        for task in self.filtered("waimaolang_mail_id"):
            user = task.user_id
            mail = task.waimaolang_mail_id
            readers = reading.filter_readable(self.env(user=user, su=False), mail.ids)
            if user and mail.id not in readers:
                task.summary = task.waimaolang_rule_id.with_context(lang=user.lang).name

    def _raise_for_mail(self, mail_id):
        """In sudo. The customer writes again before anybody answered."""
        for task in self:
            task.waimaolang_mail_count += 1

    def _close_by_mail(self, mail_id, mailbox_id):
        """In sudo. Answered by this mail, through this mailbox."""
        mailbox = self.env["waimaolang.mailbox"].browse(mailbox_id)
        by = mailbox.user_id or self.user_id
        self.with_user(by).sudo()._action_done()
