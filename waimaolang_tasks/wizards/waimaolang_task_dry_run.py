# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..engine import triggers

MAILS = 500
BY_PEOPLE = [
    ("is_auto", "=", False),
    ("is_bulk", "=", False),
    ("is_bounce", "=", False),
]
RECEIVED = [("direction", "=", "in"), *BY_PEOPLE]
SENT = [("direction", "=", "out"), *BY_PEOPLE]
# Mails to which it happened.
HAPPENED = {
    triggers.RECEIVED: RECEIVED,
    triggers.FIRST_CONTACT: RECEIVED,
    triggers.NO_REPLY_FROM_US: RECEIVED,
    triggers.SENT: SENT,
    triggers.NO_REPLY_FROM_THEM: SENT,
    triggers.OUT_OF_OFFICE_ENDED: [
        ("direction", "=", "in"),
        ("is_auto", "=", True),
        ("returns_on", "!=", False),
    ],
    triggers.BOUNCED: [("bounce_ids", "!=", False)],
}


class WaimaolangTaskDryRun(models.TransientModel):
    """What a rule would have done with the last mails: with those that the user who
    asks may read herself (invariant I8), and for her eyes alone."""

    _name = "waimaolang.task.dry.run"
    _description = "Dry Run of a Mail Rule"
    _rec_name = "rule_id"

    rule_id = fields.Many2one(
        "waimaolang.task.rule", required=True, readonly=True, ondelete="cascade"
    )
    mail_count = fields.Integer("Mails Looked at", readonly=True)
    since = fields.Datetime("The Oldest of", readonly=True)
    match_count = fields.Integer("Matching Mails", readonly=True)
    fired_count = fields.Integer("Would Have Fired", readonly=True)
    late_count = fields.Integer("Of Those Answered Late", readonly=True)
    open_count = fields.Integer("Of Those Still Open", readonly=True)
    error = fields.Char(readonly=True)
    line_ids = fields.One2many("waimaolang.task.dry.run.line", "run_id", readonly=True)

    @api.model
    def _run(self, rule):
        mails = self._find_mails(rule)
        steps, broken = rule._rehearse(mails)
        fired = [step for step in steps if step.decision.outcome == "done"]
        open_ones = [step for step in fired if step.due and not step.over]
        # in sudo: with rights of her own she could ask for any mail by its number
        run = self.sudo().create(
            {
                "rule_id": rule.id,
                "mail_count": len(mails),
                "since": mails[-1:].date,
                "match_count": len(steps),
                "fired_count": len(fired),
                "late_count": sum(
                    bool(step.over and step.due and step.over > step.due)
                    for step in fired
                ),
                "open_count": len(open_ones),
                "error": rule._describe_error(broken) if broken else False,
                "line_ids": [
                    fields.Command.create(self._prepare_line_vals(step))
                    for step in reversed(steps)
                ],
            }
        )
        return run.sudo(False)

    @api.model
    def _find_mails(self, rule):
        """The newest that the user may read, newest first."""
        mails = self.env["waimaolang.mail"]
        domain = HAPPENED.get(rule.trigger)
        if domain is None:  # it is told by events alone
            events = self.env["waimaolang.mail.event"].search(
                [("kind", "=", rule.trigger), ("actor", "=", "human")],
                order="id desc",
                limit=MAILS,
            )
            domain = [("id", "in", events.mail_id.ids)]
        return mails.search(domain, order="date desc, id desc", limit=MAILS)

    @api.model
    def _prepare_line_vals(self, step):
        model, id_ = step.record or (False, False)
        return {
            "mail_id": step.happening.mail_id,
            "date": step.happening.date,
            "res_model": model,
            "res_id": id_,
            "outcome": step.decision.outcome,
            "reason": step.decision.reason,
            "at": step.at,
            "due": step.due,
            "user_id": step.user.id if step.user else False,
            "over": step.over,
        }
