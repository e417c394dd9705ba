# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangLabel(models.Model):
    """What the user of a mailbox files her mail by. Its words are hers: they show to
    the owner and the members of that mailbox, to nobody else who reads the same mail,
    and to no administrator (invariant I8). Written by SQL (``engine/gmail.py``)."""

    _name = "waimaolang.label"
    _description = "Label of a Mailbox"
    _order = "name, id"
    _log_access = False

    name = fields.Char(required=True, readonly=True)
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", required=True, readonly=True, ondelete="cascade"
    )
    copy_ids = fields.Many2many(
        "waimaolang.mailbox.copy",
        "waimaolang_copy_label_rel",
        "label_id",
        "copy_id",
        readonly=True,
        groups=fields.NO_ACCESS,
    )

    _name_unique = models.UniqueIndex("(mailbox_id, name)")
