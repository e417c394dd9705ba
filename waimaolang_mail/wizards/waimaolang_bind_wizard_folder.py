# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from ..models.waimaolang_mailbox_folder import ROLE_LABELS
from ..transport.base import ROLES


class WaimaolangBindWizardFolder(models.TransientModel):
    """A folder that the test of a binding found, to be ticked."""

    _name = "waimaolang.bind.wizard.folder"
    _description = "Folder of a Mailbox to Bind"
    _rec_name = "path"
    _order = "sequence, path, id"

    wizard_id = fields.Many2one(
        "waimaolang.bind.wizard", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(readonly=True)
    path = fields.Char("Folder", readonly=True)
    remote_name = fields.Char(readonly=True)
    role = fields.Selection(
        [(role, ROLE_LABELS[role]) for role in ROLES], required=True, default="other"
    )
    selectable = fields.Boolean(readonly=True)
    synced = fields.Boolean("Fetch")
