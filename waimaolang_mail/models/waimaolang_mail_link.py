# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..engine import matching
from . import reading


class WaimaolangMailLink(models.Model):
    """A mail stands on a record, with the reason why. A removed link stays, so that
    nothing puts the mail there again."""

    _name = "waimaolang.mail.link"
    _inherit = "waimaolang.about.mail"
    _description = "Record of a Mail"
    _order = "date desc, id desc"
    _log_access = False

    mail_id = fields.Many2one("waimaolang.mail", required=True, ondelete="cascade")
    message_id = fields.Many2one(
        "mail.message",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The mail's message: chatters page by (date, message).",
    )
    res_model = fields.Char("Model", required=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True)
    date = fields.Datetime(required=True)
    reason = fields.Char()
    origin = fields.Selection(
        [("auto", "By rule"), ("manual", "By hand")], required=True, default="auto"
    )
    removed = fields.Boolean()
    bcc_mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        readonly=True,
        ondelete="cascade",
        help="The link comes of a Bcc that this mailbox's copy alone tells.",
    )
    record_name = fields.Char(compute="_compute_record_name")
    is_shown = fields.Boolean(compute="_compute_record_name")
    why = fields.Char(compute="_compute_why")

    _link_unique = models.UniqueIndex("(mail_id, res_model, res_id)")
    # read backwards for a page of a chatter
    _page_idx = models.Index(
        "(res_model, res_id, date, message_id) WHERE removed IS NOT TRUE"
    )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_record_name(self):
        """Where the reader may read the record."""
        hidden = self.env._("(a record that you may not read)")
        for link in self:
            record = link._get_record()
            link.is_shown = bool(record)
            link.record_name = record.display_name if record else hidden

    @api.depends("reason", "origin")
    @api.depends_context("lang")
    def _compute_why(self):
        """The rule's reason, kept as a code, in the reader's language."""
        texts = {
            matching.CONVERSATION: self.env._("the conversation stands there"),
            matching.ONLY_DEAL: self.env._("the contact's only open opportunity"),
            matching.OWNERS_DEAL: self.env._(
                "the latest opportunity of the mailbox's owner"
            ),
            matching.NEW_LEAD: self.env._("lead of an unknown sender"),
            matching.ODOO: self.env._("Odoo had the message there"),
        }
        for link in self:
            code, _space, address = (link.reason or "").partition(" ")
            if link.origin == "manual":
                link.why = False
            elif code == matching.ADDRESS:
                link.why = self.env._("the address %(email)s", email=address)
            else:
                link.why = texts.get(code, link.reason)

    def _get_record(self):
        """The record, or an empty recordset where it cannot be read."""
        self.ensure_one()
        if self.res_model not in reading.LINKED_MODELS:
            return self.env["crm.lead"]
        record = self.env[self.res_model].browse(self.res_id)
        return record.exists()._filtered_access("read")

    def action_remove(self):
        for link in self:
            link.mail_id.action_unlink(link._get_shown_record())

    def action_restore(self):
        for link in self:
            link.mail_id.action_link(link._get_shown_record())

    def _get_shown_record(self):
        record = self._get_record()
        if not record:
            raise AccessError(self.env._("You may not read that record."))
        return record

    # -- records that go, and records that become one --------------------------------

    @api.private
    def _leave(self, records):
        """The records are about to be deleted: mail must not die with the record that
        it happens to stand on first. It moves to the next one or stays unlinked. Called
        first in a model's unlink: mail.thread's deletes the record's messages."""
        links = self.sudo().search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        )
        mails = links.mail_id
        self.env["waimaolang.statistics"]._mark(records._name, records.ids)
        links.unlink()
        mails._settle_home()
        self.env["waimaolang.statistics"]._refresh_dirty()

    @api.private
    def _move(self, sources, target):
        """The sources become one with the target, which takes over their mail as it
        is. What stood on both, stands there once; a link removed by hand on either
        is removed only if no other says that the mail belongs there."""
        links = self.sudo().search(
            [("res_model", "=", sources._name), ("res_id", "in", sources.ids)]
        )
        if not links:
            return
        mails = links.mail_id
        there = {
            link.mail_id: link
            for link in self.sudo().search(
                [
                    ("res_model", "=", target._name),
                    ("res_id", "=", target.id),
                    ("mail_id", "in", mails.ids),
                ]
            )
        }
        for link in links.sorted("removed"):
            other = there.get(link.mail_id)
            if not other:
                link.res_id = target.id
                there[link.mail_id] = link
                continue
            if not link.removed:
                other.removed = False
            link.unlink()
        mails._settle_home()
        statistics = self.env["waimaolang.statistics"]
        statistics._mark(sources._name, [*sources.ids, target.id])
        statistics._refresh_dirty()
