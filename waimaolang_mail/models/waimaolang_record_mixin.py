# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WaimaolangRecordMixin(models.AbstractModel):
    """What contacts and opportunities have in common: mail stands on them."""

    _name = "waimaolang.record.mixin"
    _description = "Record with Mail"

    _mail_field = None  # the field of waimaolang.mail that points here

    mail_count = fields.Integer("Mails", compute="_compute_mail_count")

    def _get_mail_record_ids(self):
        """{record id: ids of the records whose mail counts for it}"""
        return {record.id: [record.id] for record in self}

    @api.depends_context("uid")
    def _compute_mail_count(self):
        covered = self._get_mail_record_ids()
        every = {res_id for ids in covered.values() for res_id in ids}
        groups = (
            self.env["waimaolang.mail.link"]
            .sudo()
            ._read_group(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", list(every)),
                    ("removed", "=", False),
                    # what the button opens is what it counts
                    ("mail_id", "in", self.env["waimaolang.mail"]._search([])),
                ],
                ["res_id"],
                ["mail_id:recordset"],
            )
            if every
            else []
        )
        mails = {res_id: set(found.ids) for res_id, found in groups}
        for record in self:
            ids = covered.get(record.id, ())
            record.mail_count = len(set().union(*(mails.get(i, ()) for i in ids)))

    def action_view_mails(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_mail_action"
        )
        records = self._get_mail_record_ids()[self.id]
        return {
            **action,
            "domain": [(self._mail_field, "in", records)],
            "context": {"create": False},
        }

    @api.private
    def _rehome_mails(self):
        """Mail must not die with the record that it happens to stand on first:
        it moves to the next linked record, or stays unlinked. Each model calls
        this first in its unlink: mail.thread's would delete the messages."""
        mails = (
            self.env["waimaolang.mail"]
            .sudo()
            .search(
                [
                    ("mail_message_id.model", "=", self._name),
                    ("mail_message_id.res_id", "in", self.ids),
                ]
            )
        )
        links = self.env["waimaolang.mail.link"].sudo()
        links.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()
        for mail in mails:
            mail._set_home(mail.link_ids.filtered(lambda link: not link.removed)[:1])
