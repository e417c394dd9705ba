# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class WaimaolangMailboxLife(models.AbstractModel):
    """The states of a mailbox, through one door, and the verbs that move them."""

    _name = "waimaolang.mailbox.life"
    _description = "Life of Mailboxes"
