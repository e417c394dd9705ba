# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import operator as operators
from datetime import timedelta

from babel.dates import format_timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime
from odoo.tools.misc import babel_locale_parse, get_lang

from ..engine.backoff import AUTH_CODES, NOT_FAILURES, PASSING_CODES
from .waimaolang_mailbox_actions import ACTIVE_STATES

# Nobody misses mail for an hour; after that the lanes stand still.
LATE_MINUTES = 60
UNUSED_DAYS = 90
COMPARISONS = {
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
    "in": lambda value, wanted: value in wanted,
    "not in": lambda value, wanted: value not in wanted,
}


class WaimaolangMailboxHealth(models.AbstractModel):
    """How a mailbox fares, for its owner and for the administrator. States, figures
    and dates, never what a mail says: whoever administers mailboxes does not read
    them (invariant I8)."""

    _name = "waimaolang.mailbox.health"
    _description = "Health of Mailboxes"

    health = fields.Selection(
        [
            ("good", "Good"),
            ("waiting", "Waiting"),
            ("trouble", "Trouble"),
            ("unused", "Unused"),
            ("off", "Off"),
        ],
        compute="_compute_health",
        search="_search_health",
    )
    health_reason = fields.Char("How It Fares", compute="_compute_health")
    needs_attention = fields.Boolean(
        compute="_compute_needs_attention",
        store=True,
        help="In trouble by its state: stands first in lists.",
    )
    reconnect_first = fields.Boolean(
        compute="_compute_reconnect_first",
        help="A new code, rather than another try, is what it needs.",
    )
    lag = fields.Integer(
        "Minutes Behind",
        compute="_compute_lag",
        help="Since it was last read, beyond its interval.",
    )
    lag_text = fields.Char("Behind", compute="_compute_lag")
    last_mail_date = fields.Datetime(
        "Last Mail",
        compute="_compute_last_mail_date",
        help="When its newest mail in Odoo was written, received or sent.",
    )
    unused_days = fields.Integer(
        "Days Unused",
        compute="_compute_last_mail_date",
        search="_search_unused_days",
        help="Since a mail was last received or sent, or since it was bound.",
    )
    owner_active = fields.Boolean(
        "Owner Is Active",
        compute="_compute_owner_active",
        search="_search_owner_active",
        compute_sudo=True,
        help="No: the owner's user is archived.",
    )
    sent_missing = fields.Boolean(
        compute="_compute_sent_missing",
        help="No folder is known to hold the mail that was sent.",
    )
    history_limit_text = fields.Text(compute="_compute_history_limit_text")

    # -- computes ------------------------------------------------------------------

    @api.depends("state", "error_code", "outgoing_error_code", "active")
    def _compute_needs_attention(self):
        for mailbox in self:
            mailbox.needs_attention = bool(
                mailbox.active
                and mailbox.state not in ("paused", "disconnected")
                and (mailbox._is_failing() or mailbox.outgoing_error_code)
            )

    def _is_failing(self):
        """A connection that was cut once is no error: it is made again."""
        passing = PASSING_CODES if self.state == "connected" else ()
        failed = self.error_code and self.error_code not in (*NOT_FAILURES, *passing)
        return self.state in ("error", "reauth") or bool(failed)

    @api.depends("state", "error_code", "outgoing_error_code")
    def _compute_reconnect_first(self):
        codes = AUTH_CODES | {"ambiguous", "key_missing"}
        for mailbox in self:
            mailbox.reconnect_first = mailbox.state != "paused" and (
                mailbox.state in ("reauth", "disconnected")
                or mailbox.state in ACTIVE_STATES
                and bool(mailbox.error_code in codes or mailbox.outgoing_error_code)
            )

    @api.depends("user_id.active")
    def _compute_owner_active(self):
        for mailbox in self:
            owner = mailbox.user_id
            # what a script binds is OdooBot's, who is never active
            scripted = owner.id == SUPERUSER_ID
            mailbox.owner_active = not owner or owner.active or scripted

    def _search_owner_active(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = (operator == "in") == (True in value)
        archived = [
            ("user_id", "not in", (False, SUPERUSER_ID)),
            ("user_id.active", "=", False),
        ]
        return ["!", "&", *archived] if wanted else archived

    @api.depends_context("lang")
    @api.depends("state", "active", "last_sync", "sync_interval")
    def _compute_lag(self):
        now = fields.Datetime.now()
        for mailbox in self:
            mailbox.lag = 0
            if mailbox.active and mailbox.state in ACTIVE_STATES:
                since = mailbox.last_sync or mailbox.next_sync or now
                gone = (now - since).total_seconds() / 60 - mailbox.sync_interval
                mailbox.lag = max(0, int(gone))
            mailbox.lag_text = mailbox._format_minutes(mailbox.lag)

    def _format_minutes(self, minutes):
        """In the reader's words: "2 hours"; nothing for nothing."""
        if not minutes:
            return False
        return format_timedelta(
            timedelta(minutes=minutes),
            threshold=1.5,
            locale=babel_locale_parse(get_lang(self.env).code),
        )

    def _compute_last_mail_date(self):
        now = fields.Datetime.now()
        newest = self._get_newest_mails()
        for mailbox in self:
            last = newest.get(mailbox._origin.id)
            mailbox.last_mail_date = last or False
            since = last or mailbox.create_date or now
            mailbox.unused_days = max(0, (now - since).days)

    def _get_newest_mails(self):
        """{mailbox id: date}, by one query, whoever may read the mails."""
        ids = self._origin.ids
        if not ids:
            return {}
        self.env["waimaolang.mail"].flush_model(["date", "held_mailbox_ids"])
        self.env.cr.execute(
            """
            SELECT held.waimaolang_mailbox_id, max(mail.date)
              FROM waimaolang_mail_mailbox_rel held
              JOIN waimaolang_mail mail ON mail.id = held.waimaolang_mail_id
             WHERE held.waimaolang_mailbox_id = ANY(%s)
             GROUP BY 1
            """,
            (ids,),
        )
        return dict(self.env.cr.fetchall())

    @api.depends_context("lang")
    @api.depends(
        "state",
        "error_code",
        "outgoing_error_code",
        "active",
        "last_sync",
        "next_sync",
        "sync_interval",
        "owner_active",
    )
    def _compute_health(self):
        labels = dict(self._fields["error_code"]._description_selection(self.env))
        for mailbox in self:
            mailbox.health, mailbox.health_reason = mailbox._judge_health(labels)

    def _judge_health(self, labels):
        """(health, reason), the first that applies."""
        cause = labels.get(self.error_code, "")
        if not self.active:
            return "off", self.env._("Archived: nothing is fetched.")
        if self.state == "paused" and not self.owner_active:
            return "off", self.env._("Paused: its owner is archived.")
        if self.state == "paused":
            return "off", self.env._("Paused: nothing is fetched until it is resumed.")
        if self.state == "disconnected":
            return "off", self.env._("Disconnected: nothing is fetched any more.")
        if self.state == "reauth":
            text = self.env._("Has to be reconnected. %(cause)s", cause=cause)
            return "trouble", text.strip()
        if self.needs_attention and not self._is_failing():
            return "trouble", self.env._(
                "Mail is fetched, but none can be sent: %(cause)s.",
                cause=labels.get(self.outgoing_error_code, ""),
            )
        if self.error_code in PASSING_CODES and self.state in ACTIVE_STATES:
            health = "trouble" if self.needs_attention else "waiting"
            return health, self._get_trying_again(cause)
        if self.needs_attention:
            return "trouble", cause or self.env._("The mailbox could not be read.")
        if self.state == "draft":
            return "waiting", self.env._("Not connected yet.")
        if not self.owner_active:
            return "trouble", self.env._(
                "Its owner is archived: hand it over to a colleague, or disconnect it."
            )
        if self.lag > LATE_MINUTES:
            return "trouble", self.env._(
                "Connected, but not read for %(time)s longer than it should. Are "
                "Odoo's scheduled jobs running?",
                time=self.lag_text,
            )
        if self.error_code:
            return "waiting", self.env._("%(cause)s: goes on by itself.", cause=cause)
        if not self.last_sync:
            return "waiting", self.env._("The import is about to begin.")
        if self.unused_days > UNUSED_DAYS:
            return "unused", self.env._(
                "No mail was received or sent for %(days)s days.",
                days=self.unused_days,
            )
        return "good", self.env._("Mail is fetched.")

    def _get_trying_again(self, cause):
        if not self.next_sync or self.next_sync <= fields.Datetime.now():
            return self.env._("%(cause)s: goes on by itself.", cause=cause)
        return self.env._(
            "%(cause)s: trying again at %(time)s.",
            cause=cause,
            time=format_datetime(
                self.env,
                self.next_sync,
                tz=self.env.user.tz or "UTC",
                dt_format="short",
            ),
        )

    @api.depends("folder_ids.role", "folder_ids.selectable", "protocol")
    def _compute_sent_missing(self):
        for mailbox in self:
            folders = mailbox.folder_ids.filtered("selectable")
            known = {"sent", "all"} & set(folders.mapped("role"))
            mailbox.sent_missing = bool(
                folders and not known and mailbox.protocol != "pop3"
            )

    @api.depends_context("lang")
    @api.depends("history_limited_days", "history_limited_mails", "provider_id")
    def _compute_history_limit_text(self):
        for mailbox in self:
            text = ""
            if mailbox.history_limited_days:
                text = self.env._(
                    "The server seems to show the last %(days)s days of this mailbox "
                    "alone, though more was asked for.",
                    days=mailbox.history_limited_days,
                )
            elif mailbox.history_limited_mails:
                text = self.env._(
                    "The server seems to show the newest %(count)s mails of this "
                    "mailbox alone.",
                    count=mailbox.history_limited_mails,
                )
            hint = mailbox.provider_id.window_hint
            mailbox.history_limit_text = "\n".join(filter(None, [text, text and hint]))

    # -- searches --------------------------------------------------------------------
    # One rule for what is shown and what is found: all mailboxes are judged, of which
    # there are as many as salespeople. Who may see which is the record rules' matter.

    def _search_health(self, operator, value):
        return self._search_judged("health", operator, value)

    def _search_unused_days(self, operator, value):
        return self._search_judged("unused_days", operator, value)

    def _search_judged(self, name, operator, value):
        compare = COMPARISONS.get(operator)
        if not compare:
            return NotImplemented
        every = self.sudo().with_context(active_test=False).search(Domain.TRUE)
        return [("id", "in", every.filtered(lambda m: compare(m[name], value)).ids)]

    # -- buttons --------------------------------------------------------------------

    def action_read_again(self):
        """After the provider was told to show more: all folders are listed anew. What
        is known already is neither imported again nor taken for new."""
        self.check_access("write")
        self.folder_ids.sudo()._forget_cursor("resync")
        self._wake()
        return self._notice(
            self.env._("The mailbox is read again. Older mail comes as history."),
            "info",
        )
