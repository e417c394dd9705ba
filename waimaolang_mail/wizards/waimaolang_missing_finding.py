# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from math import ceil

from odoo import api, fields, models

from ..engine import lookup, whynot
from . import whynot_texts


class WaimaolangMissingFinding(models.TransientModel):
    """One answer: where the mail is, in words, and what to do. Nothing that the mail
    says is kept here: a subject is the reader's own look at a mail she may read. Made
    by the wizard alone: a client's row would name whatever it points to."""

    _name = "waimaolang.missing.finding"
    _description = "Answer about a Mail"
    _order = "sequence, date desc, id"
    _rec_name = "kind"

    wizard_id = fields.Many2one(
        "waimaolang.missing.wizard", required=True, readonly=True, ondelete="cascade"
    )
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    kind = fields.Selection(whynot_texts.KINDS, "Answer", required=True, readonly=True)
    text = fields.Text("Where It Is", readonly=True)
    remedy = fields.Text("What to Do", readonly=True)
    detail = fields.Text(readonly=True)
    date = fields.Datetime("Arrived", readonly=True)
    subject = fields.Char(compute="_compute_subject")
    mailbox_id = fields.Many2one("waimaolang.mailbox", readonly=True)
    folder_id = fields.Many2one("waimaolang.mailbox.folder", readonly=True)
    copy_id = fields.Many2one("waimaolang.mailbox.copy", readonly=True)
    mail_id = fields.Many2one("waimaolang.mail", readonly=True)
    outbox_id = fields.Many2one("waimaolang.outbox", readonly=True)
    may_judge_again = fields.Boolean(related="copy_id.may_judge_again")
    position = fields.Integer(readonly=True)
    minutes = fields.Integer(readonly=True)

    @api.depends("kind")
    def _compute_sequence(self):
        for finding in self:
            finding.sequence = whynot.ORDER.index(finding.kind)

    @api.depends("mail_id", "outbox_id")
    @api.depends_context("uid")
    def _compute_subject(self):
        for finding in self:
            mail = finding.mail_id._filtered_access("read")
            sent = finding.outbox_id._filtered_access("read")
            finding.subject = mail.subject or sent.subject

    def _explain(self):
        for finding in self:
            copy = finding.copy_id
            if finding.kind == whynot.PENDING:
                cr, box_id = self.env.cr, finding.mailbox_id.id
                place = lookup.place_in_queue(cr, box_id, copy.id)
                rate = lookup.recent_rate(cr, box_id)
                minutes = ceil(place / rate) if rate else 0
                finding.sudo().write({"position": place, "minutes": minutes})
            entry = finding.wizard_id._get_entry(copy) if copy else ""
            told = whynot_texts.explain(finding, entry)
            finding.sudo().write({"text": told.text, "remedy": told.remedy or False})

    # -- what to do ----------------------------------------------------------------

    def action_open(self):
        """The mail, or what it is in."""
        self.ensure_one()
        if self.kind in (whynot.STORED, whynot.OTHER):
            return self._open(self.mail_id)
        if self.kind == whynot.OUTBOX:
            return self._open(self.outbox_id)
        return self._open(self.mailbox_id)

    def action_open_record(self):
        self.ensure_one()
        return self.mail_id.action_open_record()

    def _open(self, record):
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    def action_retry(self):
        self.ensure_one()
        return self.copy_id.action_retry()

    def action_fetch_folder(self):
        self.ensure_one()
        return self.folder_id.action_fetch()

    def action_fetch_again(self):
        """What was left out, by today's rules."""
        self.ensure_one()
        return self.copy_id.action_judge_again()
