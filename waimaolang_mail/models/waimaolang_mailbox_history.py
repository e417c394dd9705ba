# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.tools.misc import babel_locale_parse, formatLang, get_lang

from ..engine import window


class WaimaolangMailboxHistory(models.AbstractModel):
    """The import of the mail that was there before: how fast it goes, how long it will
    take, and the pause, during which new mail keeps coming."""

    _name = "waimaolang.mailbox.history"
    _description = "History of Mailboxes"

    history_paused = fields.Boolean(
        readonly=True,
        copy=False,
        help="Older mail waits on the server; new mail is fetched as ever.",
    )
    history_rate = fields.Float(
        "Mails a Minute",
        readonly=True,
        copy=False,
        help="How fast older mail came lately.",
    )
    history_measured = fields.Datetime(readonly=True, copy=False)
    history_left_text = fields.Char("Time Left", compute="_compute_history_left_text")

    @api.depends_context("lang")
    @api.depends("history_paused", "history_rate", "folder_ids", "state")
    def _compute_history_left_text(self):
        for mailbox in self:
            mailbox.history_left_text = mailbox._get_history_left_text()

    def _get_history_left_text(self):
        pending = self.pending_count
        if not pending:
            return False
        count = formatLang(self.env, pending, digits=0)
        if self.history_paused:
            return self.env._(
                "Paused by hand. Older mails that wait on the server: %(count)s. New "
                "mail keeps coming.",
                count=count,
            )
        minutes = window.minutes_left(pending, self.history_rate)
        if minutes is None:
            return False
        return self.env._(
            "%(time)s left, about %(rate)s mails a minute. New mail comes first.",
            time=self._format_left(minutes),
            rate=formatLang(self.env, max(1, round(self.history_rate)), digits=0),
        )

    def _format_left(self, minutes):
        """ "about 2 hours", in the reader's words."""
        return format_timedelta(
            timedelta(minutes=max(1, round(minutes))),
            granularity="minute",
            threshold=1.5,
            locale=babel_locale_parse(get_lang(self.env).code),
        )

    def action_pause_history(self):
        self.check_access("write")
        self.sudo().write({"history_paused": True})
        self._ring()
        return self._notice(
            self.env._("Older mail waits. New mail keeps coming."), "info"
        )

    def action_resume_history(self):
        self.check_access("write")
        self.sudo().write({"history_paused": False, "history_measured": False})
        self._ring()
        self._wake()
        return self._notice(self.env._("The import of older mail goes on."), "info")
