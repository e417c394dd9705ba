# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        leaving = self.browse()
        if "active" in vals and not vals["active"]:
            leaving = self.filtered("active")
        result = super().write(vals)
        if leaving:
            # whatever mailbox lives by it: it was this person's word
            grants = self.env["waimaolang.oauth.grant"].sudo()
            hers = grants.search(
                [("user_id", "in", leaving.ids), ("state", "in", ("live", "dead"))]
            )
            # what she opened for others ends too, and not within the hour
            hers.mailbox_id._renew_login()
            hers._withdraw()
        return result
