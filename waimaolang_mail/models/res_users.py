# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        changed = self.browse()
        if "active" in vals:
            changed = self.filtered(lambda user: user.active != bool(vals["active"]))
        result = super().write(vals)
        if changed:
            mailboxes = self.env["waimaolang.mailbox"]
            if vals["active"]:
                mailboxes._welcome_owners(changed)
            else:
                mailboxes._leave_owners(changed)
        return result
