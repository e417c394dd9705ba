# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain

from ..engine.facts import MAILBOX

# Readers of a mail need not know that somebody had a Bcc of it, or keeps its
# conversation to herself.
HUSHED = ("private", "about_bcc")


class WaimaolangTaskLog(models.Model):
    """What a rule did about a mail, or why it did nothing. For who reads the mail
    (invariant I8): a rule's figures are for all who may see rules."""

    _name = "waimaolang.task.log"
    _inherit = ["waimaolang.about.mail", "waimaolang.task.record"]
    _description = "Log of Mail Rules"
    _order = "id desc"
    _rec_name = "rule_id"
    _log_access = False

    rule_id = fields.Many2one(
        "waimaolang.task.rule",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    mail_id = fields.Many2one(
        "waimaolang.mail", readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    outcome = fields.Selection(
        [
            ("done", "Fired"),
            ("raised", "Open task raised"),
            ("waiting", "Waiting"),
            ("cancelled", "No longer needed"),
            ("skipped", "Left alone"),
            ("failed", "Failed"),
            ("escalated", "Told to the team leader"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("matched", "The mail matches"),
            ("due", "Nobody answered in time"),
            ("open_task", "A task of this rule is open"),
            ("open_wait", "Waiting already"),
            ("fired", "It fired already, and they have not written since"),
            ("private", "The conversation is private"),
            ("about_bcc", "It is about a Bcc"),
            ("no_user", "There is nobody whose task it could be"),
            ("no_record", "It stands on no contact or opportunity"),
            ("answered", "It was answered"),
            ("loop", "Too many mails in an hour: programs seem to answer each other"),
            ("too_many", "The rule has done enough here today"),
            ("paused", "The rule was paused"),
            ("broke", "The rule raised an error"),
            ("overdue", "The task was left undone"),
            ("no_leader", "There is no other team leader to tell"),
        ],
        readonly=True,
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )
    error = fields.Char(readonly=True)

    _record_idx = models.Index("(res_model, res_id, date) WHERE outcome = 'done'")

    def action_open_record(self):
        """The record, else the mail."""
        self.ensure_one()
        model, id_ = self.res_model, self.res_id
        if model in (False, MAILBOX) or not self.record_name:
            model, id_ = self.mail_id._name, self.mail_id.id
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": id_,
            "views": [(False, "form")],
        }

    @api.model
    def _get_readers_domain(self):
        return super()._get_readers_domain() & Domain("reason", "not in", HUSHED)

    @api.autovacuum
    def _gc_log(self):
        """Half a year tells enough."""
        before = fields.Datetime.subtract(fields.Datetime.now(), months=6)
        self.search([("date", "<", before)], limit=10000).unlink()
