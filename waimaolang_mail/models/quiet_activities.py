# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class WaimaolangQuietActivities(models.AbstractModel):
    """Has activities, and neither followers nor messages: mail.activity wants both of
    whatever it hangs on, and nobody is e-mailed because of a mailbox."""

    _name = "waimaolang.quiet.activities"
    _inherit = ["mail.activity.mixin"]
    _description = "Activities without Followers"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Called by mail.activity: a follower would be told of what she may lose."""
        return True

    @api.private
    def message_post_with_source(self, source_ref, **kwargs):
        """Called by mail.activity when one is done."""
        return self.env["mail.message"]

    @api.private
    def message_notify(self, **kwargs):
        """Called by mail.activity."""
        return self.env["mail.message"]
