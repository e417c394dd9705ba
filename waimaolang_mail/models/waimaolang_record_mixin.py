# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import reading
from .waimaolang_statistics import counts_sql

PARAM_SHARED = "waimaolang_mail.shared_statistics"
COLUMNS = {
    "mail_count": "mail_count",
    "last_mail_in": "last_in",
    "last_mail_out": "last_out",
    "awaiting_reply": "awaiting_reply",
}


class WaimaolangRecordMixin(models.AbstractModel):
    """What contacts and opportunities have in common: mail stands on them.

    The figures are the same for every reader, so that a colleague sees that contact
    exists (I8's one exception); the parameter waimaolang_mail.shared_statistics =
    "False" makes everybody count what she may read.
    """

    _name = "waimaolang.record.mixin"
    _description = "Record with Mail"

    _mail_field = None  # the field of waimaolang.mail that points here

    mail_count = fields.Integer(
        "Mails",
        compute="_compute_mail_statistics",
        search=lambda self, *args: self._search_mail_statistics("mail_count", *args),
        groups="base.group_user",
    )
    last_mail_in = fields.Datetime(
        "Last Mail Received",
        compute="_compute_mail_statistics",
        search=lambda self, *args: self._search_mail_statistics("last_mail_in", *args),
        groups="base.group_user",
    )
    last_mail_out = fields.Datetime(
        "Last Mail Sent",
        compute="_compute_mail_statistics",
        search=lambda self, *args: self._search_mail_statistics("last_mail_out", *args),
        groups="base.group_user",
    )
    awaiting_reply = fields.Boolean(
        compute="_compute_mail_statistics",
        search=lambda self, *args: self._search_mail_statistics(
            "awaiting_reply", *args
        ),
        groups="base.group_user",
        help="The last mail is theirs, and nobody has answered it.",
    )

    mail_returned = fields.Char(
        compute="_compute_mail_returned",
        groups="base.group_user",
        help="Why the last mail did not arrive, until something arrives from there.",
    )

    @api.depends_context("uid")
    def _compute_mail_returned(self):
        """What the user herself may know, also where it is asked for in sudo."""
        bounces = self.env["waimaolang.bounce"].sudo(False)
        self.mail_returned = False
        if not bounces.has_access("read"):
            return
        emails = [record.email_normalized for record in self if record.email_normalized]
        rows = bounces.search(
            [("email", "in", emails), ("kind", "=", "failed")],
            order="date desc, id desc",
        )
        last = {}
        for row in rows:
            last.setdefault(row.email, row)
        for record in self:
            row = last.get(record.email_normalized)
            over = row and record.last_mail_in and record.last_mail_in > row.date
            record.mail_returned = row._describe() if row and not over else False

    def _get_mail_record_ids(self):
        """{record id: ids of the records whose mail counts for it}"""
        return {record.id: [record.id] for record in self}

    @api.model
    def _get_mail_covered(self, ids):
        """The same as a query of (target, record), for the statistics."""
        raise NotImplementedError

    @api.model
    def _has_shared_statistics(self):
        value = self.env["ir.config_parameter"].sudo().get_param(PARAM_SHARED)
        return value != "False"

    def _read_mail_statistics(self, ids):
        """{id: {column: value}} for records that have mail."""
        if not ids:
            return {}
        if self._has_shared_statistics():
            rows = (
                self.env["waimaolang.statistics"]
                .sudo()
                .search_read(
                    [("res_model", "=", self._name), ("res_id", "in", ids)],
                    ["res_id", *COLUMNS.values()],
                    load=None,
                )
            )
            return {row["res_id"]: row for row in rows}
        reading.flush(self.env)
        mine = SQL(
            "%s AND %s",
            reading.readable(self.env, SQL("m.id")),
            reading.bcc_shown(self.env, SQL("l")),
        )
        found = self.env.execute_query(
            counts_sql(self._name, self._get_mail_covered(ids), mine)
        )
        return {
            res_id: {
                "mail_count": count,
                "last_in": last_in,
                "last_out": last_out,
                "awaiting_reply": bool(
                    last_in and (not last_out or last_in > last_out)
                ),
            }
            for res_id, count, last_in, last_out in found
        }

    @api.depends_context("uid")
    def _compute_mail_statistics(self):
        found = self._read_mail_statistics(self.ids)
        for record in self:
            values = found.get(record.id, {})
            for name, column in COLUMNS.items():
                record[name] = values.get(column) or False

    @api.model
    def _search_mail_statistics(self, name, operator, value):
        """By the table. A record without mail has no row there: where it matches
        too, those are found that do not match."""
        Statistics = self.env["waimaolang.statistics"].sudo()
        condition = Domain(COLUMNS[name], operator, value)
        matches_none = bool(Statistics.new({}).filtered_domain(condition))
        if matches_none:
            condition = ~condition
        if self._has_shared_statistics():
            rows = Statistics._search(Domain("res_model", "=", self._name) & condition)
            found = rows.subselect("res_id")
        else:
            counted = Statistics.search([("res_model", "=", self._name)])
            figures = self._read_mail_statistics(counted.mapped("res_id"))
            found = [
                res_id
                for res_id, values in figures.items()
                if Statistics.new(values).filtered_domain(condition)
            ]
        return Domain("id", "not in" if matches_none else "in", found)

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
