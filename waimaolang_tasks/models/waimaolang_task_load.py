# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL

from .mail_activity import SOON
from .mail_activity_reading import WITH_UNLINKED

DONE_DAYS = 7


class WaimaolangTaskLoad(models.Model):
    """How much each person has to answer. Figures alone: whoever may see them opens the
    tasks that she may read."""

    _name = "waimaolang.task.load"
    _description = "Load per Person"
    _auto = False
    _order = "late_count desc, open_count desc, id"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", "Responsible", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    open_count = fields.Integer("To Answer", readonly=True)
    late_count = fields.Integer("Late", readonly=True)
    soon_count = fields.Integer("Due Soon", readonly=True)
    mail_count = fields.Integer("Mails", readonly=True)
    oldest_due = fields.Datetime("Most Urgent", readonly=True, aggregator="min")
    done_count = fields.Integer("Done in 7 Days", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT one.id, one.id AS user_id, one.company_id,
                      count(*) FILTER (WHERE open.late) AS late_count,
                      count(*) FILTER (WHERE open.soon) AS soon_count,
                      count(*) FILTER (WHERE task.active) AS open_count,
                      sum(task.waimaolang_mail_count) FILTER (WHERE task.active)
                          AS mail_count,
                      min(task.reply_due_at) FILTER (WHERE task.active) AS oldest_due,
                      count(*) FILTER (WHERE NOT task.active) AS done_count
                 FROM mail_activity task
                 JOIN res_users one ON one.id = task.user_id
                CROSS JOIN (SELECT now() AT TIME ZONE 'UTC' AS now) at
                CROSS JOIN LATERAL (
                    SELECT task.active AND task.reply_due_at <= at.now AS late,
                           task.active AND task.reply_due_at > at.now
                           AND task.reply_due_at <= at.now + %(soon)s AS soon) open
                WHERE task.reply_due_at IS NOT NULL
                  AND (task.active OR task.date_done > at.now::date - %(days)s)
                GROUP BY one.id""",
            soon=SOON,
            days=DONE_DAYS,
        )

    def action_view_tasks(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "waimaolang_tasks.answer_action"
        )
        action["domain"] = [
            ("reply_due_at", "!=", False),
            ("user_id", "=", self.user_id.id),
        ]
        action["context"] = {"force_search_count": 1, WITH_UNLINKED: 1}
        action["display_name"] = self.env._("To Answer: %s", self.user_id.name)
        return action
