# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class WaimaolangMailboxProof(models.AbstractModel):
    """The proof of a binding by a real mail."""

    _name = "waimaolang.mailbox.proof"
    _description = "Proof of Mailboxes"
