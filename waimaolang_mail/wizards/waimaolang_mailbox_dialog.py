# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WaimaolangMailboxDialog(models.AbstractModel):
    """A dialog about a mailbox that its author may read, whoever wrote it in. What it
    relates of the mailbox is never read in sudo: it may be given away meanwhile
    (invariant I8)."""

    _name = "waimaolang.mailbox.dialog"
    _description = "Dialog about a Mailbox"

    mailbox_id = fields.Many2one("waimaolang.mailbox", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        dialogs.mailbox_id.check_access("read")
        return dialogs

    def write(self, vals):
        result = super().write(vals)
        if "mailbox_id" in vals:
            self.mailbox_id.check_access("read")
        return result
