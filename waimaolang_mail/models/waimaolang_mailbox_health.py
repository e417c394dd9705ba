# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class WaimaolangMailboxHealth(models.AbstractModel):
    """How a mailbox fares, for its owner and for the administrator."""

    _name = "waimaolang.mailbox.health"
    _description = "Health of Mailboxes"
