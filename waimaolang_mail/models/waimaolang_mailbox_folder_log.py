# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..engine.folderlog import EVENTS
from . import reason_texts


class WaimaolangMailboxFolderLog(models.Model):
    """What the engine concluded about a folder, and why. Written by SQL in the
    transaction of the decision (``engine/folderlog.py``); tells figures and reasons,
    nothing of what a mail says; the newest are kept."""

    _name = "waimaolang.mailbox.folder.log"
    _description = "Log of a Mailbox Folder"
    _order = "id desc"
    _rec_name = "event"
    _log_access = False

    folder_id = fields.Many2one(
        "waimaolang.mailbox.folder", required=True, readonly=True, ondelete="cascade"
    )
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    date = fields.Datetime(required=True, readonly=True)
    event = fields.Selection(list(EVENTS), required=True, readonly=True)
    count = fields.Integer("Mails", readonly=True, aggregator=None)
    reason = fields.Char("Reason's Code", readonly=True)
    args = fields.Json("Reason's Figures", readonly=True)
    detail = fields.Char("Reason", compute="_compute_detail")

    _folder_idx = models.Index("(folder_id, id)")

    @api.depends("reason", "args")
    @api.depends_context("lang", "tz")
    def _compute_detail(self):
        for entry in self:
            told = reason_texts.explain(self.env, entry.reason, entry.args)
            entry.detail = told or False
