# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import reading


class WaimaolangMailHeld(models.AbstractModel):
    """Whose mailboxes hold the mail. That some other has it may come of a Bcc: a reader
    sees those that show it to her and searches by them alone (invariant I8)."""

    _name = "waimaolang.mail.held"
    _description = "Mailboxes of a Mail"

    held_mailbox_ids = fields.Many2many(
        "waimaolang.mailbox",
        "waimaolang_mail_mailbox_rel",
        "waimaolang_mail_id",
        "waimaolang_mailbox_id",
        readonly=True,
        groups=fields.NO_ACCESS,
    )
    mailbox_ids = fields.Many2many(
        "waimaolang.mailbox",
        string="Mailboxes",
        compute="_compute_mailbox_ids",
        inverse="_inverse_mailbox_ids",
        search="_search_mailbox_ids",
        readonly=True,
        help="Of those that show the mail to the reader.",
    )
    mailbox_names = fields.Char(
        "In the Mailboxes",
        compute="_compute_mailbox_names",
        help="Of those that show the mail to the reader.",
    )

    @api.depends("held_mailbox_ids")
    @api.depends_context("uid")
    def _compute_mailbox_ids(self):
        shown: dict[int, list[int]] = {}
        ids = self._origin.ids
        if ids:
            query = self._select_held(SQL("held.waimaolang_mail_id = ANY(%s)", ids))
            for mail_id, box_id in self.env.execute_query(query):
                shown.setdefault(mail_id, []).append(box_id)
        boxes = self.env["waimaolang.mailbox"]
        for mail in self:
            found = boxes.browse(shown.get(mail._origin.id, ()))
            mail.mailbox_ids = found._filtered_access("read").sorted()

    def _inverse_mailbox_ids(self):
        """By those who may create a mail: in sudo alone."""
        for mail in self:
            mail.held_mailbox_ids = mail.mailbox_ids

    @api.depends("held_mailbox_ids.name")
    @api.depends_context("uid")
    def _compute_mailbox_names(self):
        found = reading.read_mailbox_names(self.env, self.ids)
        for mail in self:
            mail.mailbox_names = ", ".join(found.get(mail.id, ()))

    @api.model
    def _search_mailbox_ids(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        boxes = self.env["waimaolang.mailbox"]
        if operator == "in":
            found = self._held_domain(SQL("box.id = ANY(%s)", [i for i in value if i]))
            none = ~self._held_domain(SQL("TRUE"))  # "is not set"
            return found | none if False in value else found
        ids = boxes.search(
            value if isinstance(value, Domain) else [("id", "in", value)]
        )
        return self._held_domain(SQL("box.id = ANY(%s)", ids.ids))

    @api.model
    def _held_domain(self, condition: SQL) -> Domain:
        """On mails: in a mailbox, the row ``box``, that meets the condition."""

        def to_sql(_model, alias, _query):
            held = self._select_held(condition)
            mail = SQL.identifier(alias, "id")
            return SQL("%s IN (SELECT mail_id FROM (%s) held)", mail, held)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _select_held(self, condition: SQL) -> SQL:
        """(mail_id, mailbox_id) as the user is shown them; in sudo all of them: the
        engine decides by them."""
        reading.flush(self.env)
        shown = SQL("TRUE")
        if not self.env.su and self.env.uid != SUPERUSER_ID:
            mail = SQL("held.waimaolang_mail_id")
            shown = reading.shown_mailbox(self.env, SQL("box"), mail)
        return SQL(
            """SELECT held.waimaolang_mail_id AS mail_id, box.id AS mailbox_id
                 FROM waimaolang_mail_mailbox_rel held
                 JOIN waimaolang_mailbox box ON box.id = held.waimaolang_mailbox_id
                WHERE %s AND %s""",
            condition,
            shown,
        )
