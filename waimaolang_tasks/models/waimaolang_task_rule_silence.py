# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from ..engine.triggers import NO_REPLY_FROM_THEM, NO_REPLY_FROM_US

CONVERSATION, CUSTOMER = "conversation", "customer"


class WaimaolangTaskRuleSilence(models.AbstractModel):
    """How rules that wait for a reply count the silence."""

    _name = "waimaolang.task.rule.silence"
    _description = "How a Rule Counts Silence"

    silence_of = fields.Selection(
        [
            (CONVERSATION, "In this conversation"),
            (CUSTOMER, "From the whole customer"),
        ],
        "Silence",
        required=True,
        default=CONVERSATION,
        help="From the whole customer: no mail was exchanged with anybody of the "
        "company since, in whatever conversation.",
    )
    restarts = fields.Boolean(
        "Each Mail of Ours Starts Anew",
        default=True,
        help="Off: counted from the first mail that they have not answered, and once "
        "until they write: for reminders after 3, 7 and 15 days.",
    )

    def _asks_of_customer(self):
        return self.trigger == NO_REPLY_FROM_THEM and self.silence_of == CUSTOMER

    def _fires_once(self):
        return self.trigger == NO_REPLY_FROM_THEM and not self.restarts

    def _waits_from_first(self):
        """A wait that is there stays as it is."""
        return self.trigger == NO_REPLY_FROM_US or self._fires_once()
