# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class WaimaolangMailboxPolicy(models.AbstractModel):
    """What the administrator allows: who binds, which providers, which visibility."""

    _name = "waimaolang.mailbox.policy"
    _description = "Policy of Mailboxes"
