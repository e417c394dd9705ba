# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangTaskWait(models.Model):
    """A rule that fires when its time comes and nobody has answered. For who reads the
    mail (invariant I8): it matched the rule's conditions."""

    _name = "waimaolang.task.wait"
    _inherit = "waimaolang.about.mail"
    _description = "Waiting Rule"
    _order = "due, id"
    _rec_name = "rule_id"
    _log_access = False

    rule_id = fields.Many2one(
        "waimaolang.task.rule", required=True, readonly=True, ondelete="cascade"
    )
    mail_id = fields.Many2one(
        "waimaolang.mail", required=True, readonly=True, index=True, ondelete="cascade"
    )
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        readonly=True,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    conversation_id = fields.Many2one(
        "waimaolang.conversation", readonly=True, index=True, ondelete="cascade"
    )
    due = fields.Datetime(required=True, readonly=True, index=True)

    _once = models.UniqueIndex("(rule_id, conversation_id)")

    def _cancel(self):
        """Somebody answered."""
        self.env["waimaolang.task.log"].create(
            [
                {
                    "rule_id": wait.rule_id.id,
                    "mail_id": wait.mail_id.id,
                    "outcome": "cancelled",
                    "reason": "answered",
                }
                for wait in self
            ]
        )
        self.unlink()
