# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

CHANGED = "waimaolang_tasks/answers"
WATCHED = ["reply_due_at", "user_id", "active"]


class WaimaolangActivityAnswering(models.AbstractModel):
    """What somebody has to answer, as the systray shows it."""

    _name = "waimaolang.activity.answering"
    _description = "Answers That Are Due"

    @api.model
    @api.readonly
    def get_answers_due(self):
        """The user's own: how many are ``late``, in how many seconds the ``next`` one
        will be (False: none), and whether rules are ``on``. One query on an index, for
        each page that is loaded."""
        self.flush_model(WATCHED)
        ((late, following, active),) = self.env.execute_query(
            SQL(
                """SELECT count(*) FILTER (WHERE reply_due_at <= here.now),
                          EXTRACT(EPOCH FROM min(reply_due_at)
                              FILTER (WHERE reply_due_at > here.now) - min(here.now)),
                          EXISTS (SELECT 1 FROM waimaolang_task_rule WHERE active)
                     FROM mail_activity,
                          (SELECT now() AT TIME ZONE 'UTC' AS now) here
                    WHERE user_id = %s AND active AND reply_due_at IS NOT NULL""",
                self.env.uid,
            )
        )
        seconds = False if following is None else float(following)
        return {"late": late, "next": seconds, "on": active}

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        tasks._tell_answers()
        return tasks

    def write(self, vals):
        if vals.keys().isdisjoint(WATCHED):
            return super().write(vals)
        users = self._get_answering_users()
        result = super().write(vals)
        self._tell_answers(users)
        return result

    def unlink(self):
        users, threads = self._get_answering_users(), self._get_threads()
        result = super().unlink()
        self.browse()._tell_answers(users, threads)
        return result

    def _get_answering_users(self):
        return self.sudo().filtered("reply_due_at").user_id

    def _get_threads(self):
        return [[task.res_model, task.res_id] for task in self.sudo() if task.res_model]

    def _tell_answers(self, users=None, threads=None):
        """Their pages look anew: figures alone are known by them, and the chatters of
        records of their own tasks."""
        users = (users or self.env["res.users"]) | self._get_answering_users()
        threads = threads or self._get_threads()
        for user in users:
            user._bus_send(CHANGED, {"threads": threads})
