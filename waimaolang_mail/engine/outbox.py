# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The outbox's turn in a pass (invariant I11).

    queued --begin--> sending --DATA--> sent | queued again | failed | unknown
             |
             committed while the server waits for the content, with the identity of the
             mail, so that whoever meets a copy of it knows it

What a killed holder left in ``sending`` may have left or not: unknown, looked for in
the Sent folder, else asked. Nothing is sent a second time by itself.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from odoo import fields

from ..transport import ownwords
from ..transport.errors import MailServerError
from ..transport.net import Deadline
from ..transport.smtp import SmtpTransport
from . import lease, parsers, secrets, sending, sentcopies, waits
from .discreet import traced
from .lease import StaleLeaseError
from .sentbatch import SentBatch
from .working_time import working_time

_logger = logging.getLogger(__name__)

WAITING = "queued"
# Of one pass: the mailbox's reading has its turn too.
MOST_MAILS = 50
# A server that hangs must not hold the lane.
CONNECT_SECONDS = 15.0
# 50 MB over a slow line, and the provider's look at them.
LONGEST_SEND = 15 * 60.0


class CancelledError(Exception):
    """Taken back, or begun by somebody else, before the content left."""


@dataclass(frozen=True)
class Mail:
    """One due row."""

    id: int
    attempt: int
    attempts: int
    sender: str
    recipients: tuple[str, ...]
    queued_at: datetime
    raw: bytes = field(repr=False)


class Outbox:
    """``work`` is the pass (``worker.Pass``) whose lease and deadline count."""

    def __init__(self, work):
        self.work = work
        self.settings = work.settings
        self.sent = 0
        self.looked = False  # what is due may have changed since the pass began
        self.touched: dict[str, set[int]] = {}
        self.left: list[int] = []

    def run(self) -> None:
        """Never raises for what a server did: reading goes on."""
        if not self.settings.leaves:
            return
        self.settings = self.work.know_people()
        self.looked = True
        self.work.fenced(self._settle_leftovers)
        ids = self.work.transaction(self._find_due)
        if not ids:
            return
        if not self.settings.outgoing:
            self.work.fenced(
                lambda env: self._postpone(env, ids, NO_SERVER, sending.MAILBOX_WAIT)
            )
            return
        sender = SmtpTransport(
            self.settings.outgoing,
            self.settings.credentials,
            provider=self.settings.provider,
        )
        try:
            self.work.transaction(
                lambda env: waits.check(env, self.settings.outgoing_attempt)
            )
            self._send_all(sender, ids)
        except waits.StillWaitingError as error:
            until = error.until
            self.work.fenced(
                lambda env: lease.postpone_outbox(env.cr, self.settings.id, until)
            )
        finally:
            sender.close()
            self._tell()

    def _tell(self) -> None:
        """Figures and open chatters, after the commit."""
        if not self.touched and not self.left:
            return

        def work(env):
            env["waimaolang.statistics"]._refresh_dirty()
            env["waimaolang.mail"]._tell_chatters(self.touched)
            env["waimaolang.mail"].browse(self.left)._after_store()

        self.work.transaction(work)

    # -- what is due --------------------------------------------------------------

    def _settle_leftovers(self, env) -> None:
        """Whoever began these is gone: the lease is ours."""
        rows = env["waimaolang.outbox"].search(
            [("mailbox_id", "=", self.settings.id), ("state", "=", "sending")]
        )
        if rows:
            now = fields.Datetime.now()
            for row in rows:  # it was begun when it was last written
                begun = row.write_date
                row._move("unknown", due=now, sent_at=begun, copy_state="wanted")
            rows._tell()

    def _find_due(self, env) -> list[int]:
        rows = env["waimaolang.outbox"].search(
            [
                ("mailbox_id", "=", self.settings.id),
                ("state", "=", WAITING),
                ("due", "<=", lease.now(env.cr)),
            ],
            order="due, id",
            limit=MOST_MAILS,
        )
        return rows.ids

    def _load(self, env, row_id: int, whole: bool = True) -> Mail | None:
        row = env["waimaolang.outbox"].browse(row_id).exists()
        if not row or row.state != WAITING:
            return None
        return Mail(
            id=row.id,
            attempt=row.attempt,
            attempts=row.attempts,
            sender=self.settings.email,
            recipients=tuple(row.recipients),
            queued_at=row.send_at,
            raw=row._get_raw() if whole else b"",
        )

    # -- copies in the Sent folder ------------------------------------------------

    def wants_copies(self) -> bool:
        if not self.looked:
            return self.settings.wants_copies
        return self.work.transaction(
            lambda env: sentcopies.any_due(env, self.settings.id)
        )

    def place_copies(self, connection) -> None:
        if self.wants_copies():
            sentcopies.place(self.work, connection)

    # -- sending ------------------------------------------------------------------

    def _send_all(self, sender, ids: list[int]) -> None:
        connected = False
        for index, row_id in enumerate(ids):
            # one leaves however late it is: a slow reading must not starve it
            if index and time.monotonic() > self.work.deadline:
                return
            mail = self.work.transaction(lambda env, id_=row_id: self._load(env, id_))
            if not mail:
                continue
            wait = self.work.transaction(
                lambda env, mail=mail: self._get_departure(env, mail)
            )
            if wait:
                rest = ids[index:]
                self.work.fenced(
                    lambda env, rest=rest, wait=wait: self._postpone(
                        env, rest, None, wait
                    )
                )
                return
            if not connected:
                try:
                    sender.hard_deadline = Deadline(CONNECT_SECONDS)
                    self.work.patiently(self._log_in, sender)
                except MailServerError as error:
                    self._refuse_all(ids[index:], error)
                    return
                connected = True
            connected = self._send(sender, mail)

    def _log_in(self, sender) -> None:
        settings = self.settings

        def log_in(credentials):
            sender.log_in_as(credentials)
            sender.connect()

        secrets.use(
            settings.database,
            settings.id,
            settings.credentials,
            settings.outgoing,
            log_in,
        )

    def _get_departure(self, env, mail: Mail) -> float:
        """Seconds until the provider's limits let it leave."""
        limits = self.settings.limits
        if not (limits.per_minute or limits.per_day):
            return 0
        now = fields.Datetime.now()
        rows = env["waimaolang.outbox"].search_fetch(
            [
                ("mailbox_id", "=", self.settings.id),
                ("sent_at", ">", now - timedelta(days=1)),
            ],
            ["sent_at", "recipients"],
        )
        # none in the future, though the clock may have stepped back
        sent = [
            (min(r.sent_at, now).timestamp(), len(r.recipients or ())) for r in rows
        ]
        at = sending.departure(
            now.timestamp(),
            sent,
            limits,
            min(len(mail.recipients), limits.per_day or 1),
        ).at
        return max(0.0, at - now.timestamp())

    def _send(self, sender, mail: Mail) -> bool:
        """Whether the connection can be used for the next one."""
        begun = []
        sender.hard_deadline = Deadline(working_time(LONGEST_SEND))

        def begin():
            self.work.fenced(lambda env: self._begin(env, mail, parsed))
            begun.append(True)

        error = None
        try:
            parsed = parsers.parse_if_possible(mail.raw)
            self.work.patiently(
                sender.send, mail.sender, mail.recipients, mail.raw, begin
            )
        except CancelledError:
            return sender.is_connected
        except MailServerError as exc:
            error = exc
        except StaleLeaseError:
            raise
        except Exception as exc:
            # a fault of ours with one mail holds up no other (invariant I5)
            _logger.error("mail %s of the outbox broke: %s", mail.id, traced(exc))
            error = MailServerError("protocol", ownwords.INTERNAL, "mail")
            error.transient = True
            sender.close()
        outcome = self._judge(mail, error, sender)
        attempt = mail.attempt + len(begun)
        self.work.transaction(
            lambda env: self._finish(env, mail.id, attempt, outcome, error)
        )
        return sender.is_connected

    def _judge(self, mail: Mail, error, sender=None):
        """``sender`` None: of this mail nothing was said to the server; what it knows
        is of the mail before."""
        return sending.outcome(
            error.phase if error else "",
            error.code if error else "",
            bool(sender and sender.was_data_ended),
            bool(sender and sender.was_answered),
            mail.attempts,
            transient=bool(error and error.transient),
            retry_after=error.retry_after if error else None,
            age=(fields.Datetime.now() - mail.queued_at).total_seconds(),
        )

    def _begin(self, env, mail: Mail, parsed) -> None:
        """In the transaction that is committed before the content leaves."""
        row = env["waimaolang.outbox"].browse(mail.id).exists()
        row._lock()
        if not row or row.state != WAITING or row.attempt != mail.attempt:
            raise CancelledError(mail.id)
        row._move("sending", attempt=mail.attempt + 1)
        if parsed:
            touched = SentBatch(env, self.settings).index(row, parsed, mail.raw)
            for model, ids in touched.items():
                self.touched.setdefault(model, set()).update(ids)

    def _finish(self, env, row_id: int, attempt: int, outcome, error) -> None:
        """By the number of the try: whoever was overtaken tells nothing, but a late
        answer is worth more than not knowing."""
        row = env["waimaolang.outbox"].browse(row_id).exists()
        if not row:
            return
        row._lock()
        if row.attempt != attempt or row.state not in ("queued", "sending", "unknown"):
            return
        row._apply(outcome, error)
        row._tell()
        box = env["waimaolang.mailbox"].browse(self.settings.id)
        if outcome.state == sending.SENT:
            self.sent += 1
            self.left += row.mail_id.ids
            box._note_sending(None)
        elif outcome.of_mailbox:
            box._note_sending(error)

    def _refuse_all(self, ids: list[int], error: MailServerError) -> None:
        """The outgoing server, and not a mail, is to blame: all wait."""

        def work(env):
            waits.note(env, self.settings.outgoing_attempt, error)
            rows = env["waimaolang.outbox"].browse(ids).exists()
            for row in rows.filtered(lambda row: row.state == WAITING):
                mail = self._load(env, row.id, whole=False)
                row._apply(self._judge(mail, error), error)
            rows._tell()
            env["waimaolang.mailbox"].browse(self.settings.id)._note_sending(error)

        self.work.fenced(work)

    def _postpone(self, env, ids, error, wait: float) -> None:
        rows = env["waimaolang.outbox"].browse(ids).exists()
        rows = rows.filtered(lambda row: row.state == WAITING)
        vals = {"due": fields.Datetime.now() + timedelta(seconds=wait)}
        if error:
            vals.update(error_code=error.code, error_detail=error.detail)
        rows.write(vals)
        rows._tell()


NO_SERVER = MailServerError("refused", "", "connect")
