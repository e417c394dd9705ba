# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import asdict
from datetime import timedelta

from odoo import api, fields, models

from ..engine import recount
from . import reason_texts


class WaimaolangCoverage(models.Model):
    """A proof: what a folder's server had at one moment, and where each of its mails
    is. Figures only: administrators read them too (invariant I8)."""

    _name = "waimaolang.coverage"
    _description = "Coverage of a Mailbox Folder"
    _order = "date desc, id desc"
    _rec_name = "date"
    _log_access = False

    folder_id = fields.Many2one(
        "waimaolang.mailbox.folder",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    date = fields.Datetime("Counted", required=True, readonly=True)
    # a list: of a tuple the ORM keeps no labels
    verdict = fields.Selection(list(recount.VERDICTS), required=True, readonly=True)
    remote = fields.Integer("On Server", readonly=True)
    stored = fields.Integer(readonly=True)
    excluded = fields.Integer(readonly=True)
    failed = fields.Integer(readonly=True)
    pending = fields.Integer(readonly=True)
    unlisted = fields.Integer("Not Listed Yet", readonly=True)
    unaccounted = fields.Integer(
        "Not Known",
        readonly=True,
        help="Mails that the server has and that were not known here. They are fetched "
        "at once.",
    )
    vanished = fields.Integer(
        "No Longer There",
        readonly=True,
        help="Mails that were known here and that the server does not show. What is in "
        "Odoo stays.",
    )
    explanation = fields.Char(
        compute="_compute_explanation", help="Why it adds up or not, in one sentence."
    )

    @api.depends("verdict", "remote", "unaccounted", "vanished")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for row in self:
            reason = recount.explain(
                row.verdict, row.remote, row.unaccounted, row.vanished
            )
            row.explanation = reason_texts.tell(self.env, reason)

    @api.private
    def _keep(self, folder, proof):
        """In sudo, in the transaction of the comparison."""
        now = fields.Datetime.now()
        self.create(
            {
                "folder_id": folder.id,
                "mailbox_id": folder.mailbox_id.id,
                "date": folder.recounted_at,
                **asdict(proof),
            }
        )
        self.search(
            [
                ("folder_id", "=", folder.id),
                ("date", "<", now - timedelta(days=recount.KEEP_DAYS)),
            ]
        ).unlink()
