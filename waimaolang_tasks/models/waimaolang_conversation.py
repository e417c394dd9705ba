# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class WaimaolangConversation(models.Model):
    _inherit = "waimaolang.conversation"

    def _absorb(self, other):
        """Tasks and waits go on where the mails are. A rule waits once in a
        conversation."""
        result = super()._absorb(other)
        self.env.flush_all()
        values = {"kept": self.id, "gone": other.id}
        for query in (
            "UPDATE mail_activity SET waimaolang_conversation_id = %(kept)s"
            " WHERE waimaolang_conversation_id = %(gone)s",
            "UPDATE waimaolang_task_wait wait SET conversation_id = %(kept)s"
            " WHERE conversation_id = %(gone)s AND NOT EXISTS ("
            " SELECT 1 FROM waimaolang_task_wait there"
            " WHERE there.rule_id = wait.rule_id"
            " AND there.conversation_id = %(kept)s)",
        ):
            self.env.cr.execute(query, values)
        self.env["mail.activity"].invalidate_model(["waimaolang_conversation_id"])
        self.env["waimaolang.task.wait"].invalidate_model(["conversation_id"])
        return result
