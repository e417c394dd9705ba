# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..engine import events, sending
from . import mailbox_errors, own_words, reading

# The bytes of mail that did not leave.
KEPT = timedelta(days=30)
# What the chatter's envelope shows while the mail is in this state.
NOTIFICATION_STATUS = {
    "queued": "ready",
    "sending": "process",
    "unknown": "process",
    "sent": "sent",
    "failed": "exception",
    "cancelled": "canceled",
}


class WaimaolangOutbox(models.Model):
    """A mail that leaves through a mailbox, exactly once (invariant I11).

        queued -> sending -> sent
          |  ^       |  \\-> failed     (the server refused it for good)
          |  |       \\----> unknown    (its answer was lost: looked for, else asked)
          |  \\- retried, or sent again by hand
          \\-> cancelled

    Written by the posting transaction, by the engine and by the actions below; people
    only read it.
    """

    _name = "waimaolang.outbox"
    _description = "Outgoing Mail"
    _order = "send_at desc, id desc"
    _rec_name = "subject"

    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="mailbox_id.company_id", store=True)
    user_id = fields.Many2one("res.users", "Sent by", readonly=True)
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index=True
    )
    mail_id = fields.Many2one(
        "waimaolang.mail", readonly=True, ondelete="set null", index="btree_not_null"
    )
    subject = fields.Char(readonly=True)
    email_from = fields.Char("From", readonly=True)
    email_to = fields.Text("To", readonly=True)
    email_cc = fields.Text("Cc", readonly=True)
    email_bcc = fields.Text("Bcc", readonly=True)
    recipients = fields.Json(
        readonly=True, help="Addresses of the envelope, each of them once."
    )
    rfc_message_id = fields.Char("Message-ID", readonly=True, index=True)
    provider_message_id = fields.Char(
        readonly=True,
        index="btree_not_null",
        help="The Message-ID that the provider gave it instead.",
    )
    ref = fields.Char(
        readonly=True,
        index=True,
        groups=fields.NO_ACCESS,
        help="In a header of our own: by it the Sent copy is known whose Message-ID "
        "the provider rewrote.",
    )
    raw = fields.Binary(
        attachment=True,
        readonly=True,
        copy=False,
        exportable=False,
        groups=fields.NO_ACCESS,
        help="The bytes, until they are no longer needed.",
    )
    size = fields.Integer("Bytes", readonly=True)
    options = fields.Json(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="What the composer was told: what it answers, quotes and forwards.",
    )
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("sending", "Leaving"),
            ("sent", "Sent"),
            ("unknown", "Not known whether it left"),
            ("failed", "Not sent"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="queued",
    )
    send_at = fields.Datetime("To Leave at", readonly=True, required=True)
    sent_at = fields.Datetime("Left at", readonly=True)
    due = fields.Datetime(
        readonly=True, help="When the engine has something to do about it."
    )
    attempts = fields.Integer(readonly=True, default=0)
    attempt = fields.Integer(
        readonly=True,
        default=0,
        help="Number of the last try: who was overtaken cannot tell its outcome.",
    )
    copy_looks = fields.Integer(readonly=True, default=0)
    append_at = fields.Datetime(
        readonly=True, help="When a copy was put into Sent, if the answer was lost."
    )
    copy_state = fields.Selection(
        [
            ("none", "None: the mailbox shows no Sent folder"),
            ("wanted", "Being looked for"),
            ("found", "There: saved by the provider"),
            ("appended", "There: saved by Odoo"),
        ],
        "Copy in Sent",
        readonly=True,
    )
    error_code = fields.Selection(
        mailbox_errors.SELECTION + mailbox_errors.SENDING_SELECTION, readonly=True
    )
    error_detail = fields.Char("Server's Answer", readonly=True)
    error_message = fields.Text(compute="_compute_error_message")

    _due_idx = models.Index("(mailbox_id, due) WHERE due IS NOT NULL")
    _sent_idx = models.Index("(mailbox_id, sent_at) WHERE sent_at IS NOT NULL")

    @api.depends("subject")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """As of a mail: computed in sudo where a row points to it."""
        readable = reading.filter_own(self)
        for row in self:
            row.display_name = row.subject if row in readable else False

    @api.depends("error_code", "error_detail", "state")
    @api.depends_context("lang")
    def _compute_error_message(self):
        for row in self:
            row.error_message = row._explain()

    def _explain(self, detail=None):
        """``detail``: instead of the server's words."""
        self.ensure_one()
        if self.state == "unknown":
            return self.env._(
                "The connection broke while the server took the mail: it may have "
                "left. It is looked for in the Sent folder. If it does not show there, "
                "ask the customer, or look in your web mail, before you send it again."
            )
        if not self.error_code:
            return False
        if self.state == "queued" and self.error_code == "throttled":
            words = self.error_detail if detail is None else detail
            told = self.env._(
                "The server put it off for now, as many do with mail from senders "
                "whom they do not know yet. Odoo tries again by itself for a day."
            )
            words = own_words.translate(self.env, words or "")
            return f"{told}\n{words}" if words else told
        box = self.mailbox_id.sudo()
        return mailbox_errors.describe(
            self.env,
            self.error_code,
            self.error_detail if detail is None else detail,
            box.provider_id,
            box.protocol,
            "outgoing",
            box.auth_method or "password",
        )

    # -- queueing ---------------------------------------------------------------

    @api.model
    def _queue(self, mailbox, message, letter, seconds=0, send_at=None):
        """In sudo. ``letter`` is an ``engine.letter.Letter``; the lane is woken once
        the transaction is committed. ``seconds``: for which it can be taken back."""
        send_at = send_at or fields.Datetime.now() + timedelta(seconds=seconds)
        row = self.create(
            {
                "mailbox_id": mailbox.id,
                "user_id": self.env.uid,
                "mail_message_id": message.id,
                "subject": letter.subject,
                "email_from": letter.email_from,
                "email_to": letter.email_to,
                "email_cc": letter.email_cc,
                "email_bcc": letter.email_bcc,
                "recipients": letter.recipients,
                "rfc_message_id": letter.message_id,
                "ref": letter.ref,
                "raw": letter.encoded,
                "size": letter.size,
                "send_at": send_at,
                "due": send_at,
            }
        )
        message.waimaolang_outgoing = True
        row._wake()
        return row

    def _get_raw(self):
        return base64.b64decode(self.raw or b"")

    def _apply(self, outcome, error):
        """In sudo. What became of a try: ``outcome`` is an ``engine.sending.Outcome``,
        ``error`` the MailServerError or None."""
        self.ensure_one()
        now = fields.Datetime.now()
        values = {
            "attempts": self.attempts + outcome.counts,
            "error_code": error.code if error else False,
            "error_detail": _tell_refused(error) if error else False,
        }
        state = outcome.state
        if state in (sending.SENT, sending.UNKNOWN):
            values.update(sent_at=now, due=now, copy_state="wanted")
            if not self.mailbox_id._shows_sent():
                values.update(due=False, copy_state="none")
                if state == sending.SENT:
                    values["raw"] = False
        elif state == sending.RETRY:
            state = "queued"
            values["due"] = now + timedelta(seconds=outcome.after)
        else:
            values["due"] = False
        self._move(state, **values)
        if state in ("queued", "failed"):
            self._unindex()

    def _unindex(self):
        """It has not left: no mail of ours."""
        mails = self.mail_id
        copies = self.env["waimaolang.mailbox.copy"]
        # sent again, and met already: somebody has the first one
        if not mails or copies.search_count([("mail_id", "in", mails.ids)], limit=1):
            return
        self.mail_id = False
        mails.mail_message_id = False  # which stays
        mails._forget()

    def _wake(self):
        """Lanes look for it when it is due."""
        lanes = self.env["waimaolang.lane"]
        for at in set(self.mapped("send_at")):
            lanes._wake(at if at > fields.Datetime.now() else None)

    # -- people -----------------------------------------------------------------

    def _check_sender(self):
        """Whoever may send from the mailbox decides on its mail."""
        self.check_access("read")
        for row in self:
            if row.mailbox_id.id not in self.env["waimaolang.mailbox"]._get_sendable():
                raise AccessError(
                    self.env._("Only who sends from this mailbox can do this.")
                )

    def action_cancel(self):
        """Takes back what has not left yet."""
        self._check_sender()
        for row in self._lock_in(
            ("queued", "failed"), self.env._("It is too late to take it back.")
        ):
            row._move("cancelled", due=False)
        self._tell()
        return True

    def action_retry(self):
        """Sends again what was refused, or cancelled, or is not known to have left:
        the user's own decision."""
        self._check_sender()
        refusal = self.env._("This mail has left, or is about to.")
        for row in self._lock_in(("failed", "cancelled", "unknown"), refusal):
            if not row.sudo().raw:
                raise UserError(
                    self.env._("Its text is no longer kept: write it anew.")
                )
            now = fields.Datetime.now()
            row._move(
                "queued",
                due=now,
                send_at=now,
                attempts=0,
                error_code=False,
                error_detail=False,
            )
        self._wake()
        self._tell()
        return True

    def action_send_now(self):
        self._check_sender()
        now = fields.Datetime.now()
        for row in self._lock_in(("queued",), self.env._("It is no longer waiting.")):
            row._move("queued", due=now, send_at=now)
        self._wake()
        self._tell()
        return True

    def wake(self):
        """The time has come, says the countdown in a chatter: the scheduler looks for
        what is due later only once a minute."""
        self.check_access("read")
        self.env["waimaolang.lane"]._wake()
        return True

    def action_confirm_sent(self):
        """The user saw that it had left."""
        self._check_sender()
        refusal = self.env._("Whether it left is known by now.")
        for row in self._lock_in(("unknown",), refusal):
            row._move("sent", due=False, sent_at=row.sent_at or row.send_at, raw=False)
        self._tell()
        return True

    def _lock_in(self, states, refusal):
        """These rows in sudo, locked, and in one of the states; else UserError: the
        engine decides at the same time."""
        rows = self.sudo()
        rows._lock()
        for row in rows:
            if row.state not in states:
                raise UserError(refusal)
        return rows

    def _lock(self):
        """In sudo. Waits for who decides just now, where core's lock gives up; what was
        decided meanwhile makes the transaction run anew (REPEATABLE READ)."""
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "SELECT id FROM waimaolang_outbox WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["state", "attempt"])

    @api.autovacuum
    def _gc_raw(self):
        """Of what did not leave and nobody wanted to send again."""
        before = fields.Datetime.now() - KEPT
        rows = self.search(
            [
                ("state", "in", ("failed", "cancelled")),
                ("write_date", "<", before),
                ("size", ">", 0),
            ],
            limit=1000,
        )
        rows.write({"raw": False, "size": 0})

    # -- states -----------------------------------------------------------------

    def _move(self, state, **values):
        """In sudo. The one way to another state; the chatter's envelope follows."""
        self.write({"state": state, **values})
        if state == "sent":
            events.note_left(self)
        status = NOTIFICATION_STATUS[state]
        for row in self:
            vals = {
                "notification_status": status,
                "failure_type": "mail_smtp" if state == "failed" else False,
                # without the server's words: they may name a Bcc, and all read this
                "failure_reason": row._explain("") if state == "failed" else False,
            }
            row._get_notifications().filtered(
                lambda one: one.notification_status not in ("bounce",)
            ).write(vals)

    def _get_notifications(self):
        """Not those of colleagues, whom Odoo writes to by itself."""
        ours = set(self.recipients or ())
        return self.mail_message_id.notification_ids.filtered(
            lambda one: (
                one.notification_type == "email"
                and not one.mail_mail_id
                and (
                    one.res_partner_id.partner_share
                    or not one.res_partner_id
                    or one.res_partner_id.email_normalized in ours
                )
            )
        )

    def _lose_message(self):
        """In sudo, before the message is deleted: what waits does not leave, and what
        left stays known, for the limits and for its copies."""
        waiting = self.filtered(lambda row: row.state in ("queued", "failed"))
        waiting._lock()
        waiting.filtered(lambda row: row.state in ("queued", "failed"))._move(
            "cancelled", due=False, raw=False
        )

    def _tell(self):
        """Open chatters show the new state."""
        messages = self.sudo().mail_message_id
        messages._waimaolang_tell_outbox()

    @api.model
    def _get_badges(self, messages):
        """{message id: what its header shows}. ``mine`` tells whether the user may act
        on it: the server's words and the actions are for her."""
        rows = self.sudo().search([("mail_message_id", "in", messages.ids)], order="id")
        sendable = set(self.env["waimaolang.mailbox"]._get_sendable())
        now = fields.Datetime.now()
        badges = {}
        for row in rows:
            box = row.mailbox_id
            mine = box.id in sendable and (
                not box.user_id or self.env.user in box.user_id | row.user_id
            )
            waiting = row.state == "queued"
            badges[row.mail_message_id.id] = {
                "id": row.id,
                "state": row.state,
                "mine": mine,
                "mailbox": row.mailbox_id.name if mine else "",
                "held": waiting and row.mailbox_id.state not in ("connected", "error"),
                "send_at": fields.Datetime.to_string(row.send_at),
                "due": fields.Datetime.to_string(row.due) if row.due else False,
                "seconds": (
                    max(0, int((row.send_at - now).total_seconds())) if waiting else 0
                ),
                "asked": row.state == "unknown" and not row.due,
                "error": row.with_env(self.env).sudo().error_message if mine else "",
            }
        return badges


def _tell_refused(error):
    """Whom the server refused, with its words."""
    refused = getattr(error, "recipients", ())
    if not refused:
        return error.detail
    return "; ".join(f"{address}: {words}" for address, words in refused)[:1000]
