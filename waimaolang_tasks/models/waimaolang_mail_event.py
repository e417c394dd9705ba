# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangMailEvent(models.Model):
    _inherit = "waimaolang.mail.event"

    ruled = fields.Boolean(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Rules have seen it. Empty as the mail engine writes it.",
    )

    _unruled_idx = models.Index("(id) WHERE ruled IS NOT TRUE")
