# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain

from . import label_reading, reading


class WaimaolangMailElsewhere(models.AbstractModel):
    """What was done with the mail elsewhere: read from the server, never written to it
    (invariant I3). Whether a colleague has read a mail, and how she sorts it, is her
    matter: flags and labels are those of the reader's own mailboxes and of those that
    she is a member of (I8)."""

    _name = "waimaolang.mail.elsewhere"
    _description = "Mail as Its Provider Keeps It"

    seen = fields.Boolean(
        "Read",
        compute="_compute_flags",
        help="Opened in a mail program, as the server tells of your own mailboxes.",
    )
    answered = fields.Boolean(
        compute="_compute_flags",
        help="Answered in a mail program, as the server tells of your own mailboxes.",
    )
    label_ids = fields.Many2many(
        "waimaolang.label",
        string="Labels",
        compute="_compute_label_ids",
        search="_search_label_ids",
        help="Of the reader's own mailboxes, as their provider keeps them.",
    )

    @api.depends_context("uid")
    def _compute_flags(self):
        found = reading.read_flags(self.env, self.ids)
        for mail in self:
            mail.seen, mail.answered = found.get(mail.id, (False, False))

    @api.depends_context("uid")
    def _compute_label_ids(self):
        found = label_reading.read_labels(self.env, self.ids)
        for mail in self:
            mail.label_ids = found.get(mail.id, ())

    @api.model
    def _search_label_ids(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        labels = self.env["waimaolang.label"]
        if operator == "in":
            found = label_reading.labelled_domain(
                self.env, [id_ for id_ in value if id_]
            )
            none = ~label_reading.labelled_domain(self.env)  # "is not set"
            return found | none if False in value else found
        if not isinstance(value, Domain):
            value = Domain("id", "in", value)
        return label_reading.labelled_domain(self.env, labels.search(value).ids)
