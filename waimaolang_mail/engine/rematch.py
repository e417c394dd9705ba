# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mails known again under other numbers, without a download: after a change of
UIDVALIDITY, a move to another folder, a renewal of all keys (POP3).

    listed -> marked: the mailbox has one of that size and time of arrival
           -> headers asked for -> one outcome alone fits: the row gets it
                                -> none, or several:       downloaded as ever

What is decided is "the same copy of the same mailbox": nobody becomes a reader, and a
mail that was made to look like another one is not swallowed (invariants I2, I8). Its
sender chooses the header and can arrange the size; not when the server took it in, and
not that the folder holds one of the kind only. New mail is therefore downloaded; what
is new here and arrived days ago was moved, and counts as known only where the server's
time of arrival is not just the sender's date.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..mime.headerkey import date_field, header_key
from ..transport.errors import MailServerError
from ..transport.pop3parse import arrival
from . import folderlog
from .backoff import NOT_FAILURES
from .marks import EARLIER, take_over

if TYPE_CHECKING:
    from .settings import MailboxSettings

_logger = logging.getLogger(__name__)

# Headers asked for at once: a second on a slow line.
CHUNK = 200
# Of what is left of a slice; then what is not known has its turn.
SHARE = 0.5
# The folder shows another one that may be the same mail.
_TWIN = """
    EXISTS (SELECT 1 FROM waimaolang_mailbox_copy twin
             WHERE twin.mailbox_id = fresh.mailbox_id AND twin.size = fresh.size
               AND twin.internaldate {date} AND twin.folder_id = fresh.folder_id
               AND twin.uidvalidity = fresh.uidvalidity AND twin.id != fresh.id
               AND twin.state != 'gone' AND COALESCE(twin.missing, 0) = 0
               AND COALESCE(twin.header_key, fresh.header_key) = fresh.header_key)
"""
# as two conditions, each of which an index serves
_HAS_TWIN = " OR ".join(
    _TWIN.format(date=date) for date in ("= fresh.internaldate", "IS NULL")
)


@dataclass(frozen=True)
class Marked:
    """A row whose header decides. ``internaldate`` None: the protocol tells none."""

    id: int
    folder_id: int
    uidvalidity: int
    key: str
    live: bool
    internaldate: datetime | None


@dataclass(frozen=True)
class Told:
    """What a row's header says; ``key`` "": it may not be taken for a known mail."""

    id: int
    key: str = ""
    arrived: datetime | None = None


def marked(cr, mailbox_id: int, without: Sequence[int]) -> list[Marked]:
    """The next to be looked at, all of one folder; those that look alike together."""
    cr.execute(
        """
        SELECT c.id, c.folder_id, c.uidvalidity, c.remote_key, c.live IS TRUE,
               c.internaldate
          FROM waimaolang_mailbox_copy c
          JOIN waimaolang_mailbox_folder f ON f.id = c.folder_id
         WHERE c.mailbox_id = %s AND c.state = 'pending' AND c.rematch
           AND f.synced AND f.selectable AND NOT c.folder_id = ANY(%s)
         ORDER BY c.folder_id, c.internaldate DESC NULLS LAST, c.size, c.id
         LIMIT %s
        """,
        (mailbox_id, list(without), CHUNK),
    )
    rows = [Marked(*row) for row in cr.fetchall()]
    return [row for row in rows if row.folder_id == rows[0].folder_id]


def read(row: Marked, raw: bytes | None) -> Told:
    """Pure. What may be concluded from a header, None: the server told none."""
    if not raw:
        return Told(row.id)
    if row.live and _sent_at(raw) in (None, row.internaldate):
        # a server that repeats the sender's date tells nothing of the arrival
        return Told(row.id)
    arrived = row.internaldate or arrival(raw)
    return Told(row.id, header_key(raw) if arrived else "", arrived)


def _sent_at(raw: bytes) -> datetime | None:
    try:
        sent = parsedate_to_datetime(date_field(raw))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return sent.astimezone(timezone.utc).replace(tzinfo=None) if sent.tzinfo else sent


def settle(cr, told: Sequence[Told]) -> int:
    """Takes the marks off, and gives those rows an outcome that have one alone; how
    many. The others are downloaded. In one transaction (invariant I1)."""
    cr.execute(
        """
        UPDATE waimaolang_mailbox_copy fresh
           SET rematch = NULL, header_key = NULLIF(told.key, ''),
               internaldate = COALESCE(fresh.internaldate, told.arrived)
          FROM unnest(%s::int4[], %s::text[], %s::timestamp[])
               AS told(id, key, arrived)
         WHERE fresh.id = told.id AND fresh.state = 'pending'
        """,
        (
            [row.id for row in told],
            [row.key for row in told],
            [row.arrived for row in told],
        ),
    )
    return take_over(
        cr,
        f"""
            JOIN waimaolang_mailbox_copy old ON {EARLIER}
             AND old.internaldate = fresh.internaldate
             AND old.header_key = fresh.header_key
           WHERE fresh.id = ANY(%s) AND NOT ({_HAS_TWIN})
        """,
        ([row.id for row in told if row.key],),
    )


def has_marks(copies) -> bool:
    return any(copy.rematch for copy in copies)


def forget(cr, ids: Sequence[int]) -> None:
    """They are downloaded instead: nothing waits for a header that breaks the
    connection every time (invariant I5)."""
    cr.execute(
        "UPDATE waimaolang_mailbox_copy SET rematch = NULL WHERE id = ANY(%s)",
        (list(ids),),
    )


class Rematcher:
    """``work`` is the pass: its connection, settings and transactions. ``absent``:
    folders that cannot be opened now."""

    def __init__(self, work, absent: set[int]):
        self.work = work
        self.absent = set(absent)
        self.counts: Counter[int] = Counter()

    def run(self) -> bool:
        """False when a folder was numbered anew meanwhile: it is listed next time."""
        left = max(0.0, self.work.deadline - time.monotonic())
        end = time.monotonic() + left * SHARE
        settings: MailboxSettings = self.work.settings
        names = {folder.id: folder.remote_name for folder in settings.folders}
        changed = False
        while rows := self._next():
            try:
                self._look(rows, names[rows[0].folder_id])
            except MailServerError as error:
                if error.code != "folder_gone":
                    self._tell()
                    raise
                changed = True
                self.absent.add(rows[0].folder_id)
            if time.monotonic() > end:
                break
        self._tell()
        return not changed

    def _next(self) -> list[Marked]:
        return self.work.transaction(
            lambda env: marked(env.cr, self.work.settings.id, [*self.absent])
        )

    def _look(self, rows: list[Marked], remote_name: str) -> None:
        transport = self.work.connection.transport
        try:
            headers = self.work.patiently(
                transport.headers,
                remote_name,
                [row.key for row in rows],
                rows[0].uidvalidity,
            )
        except MailServerError as error:
            if error.code not in NOT_FAILURES:  # which say nothing of the mails
                ids = [row.id for row in rows]
                self.work.fenced(lambda env: forget(env.cr, ids))
            raise
        told = [read(row, headers.get(row.key)) for row in rows]
        found = self.work.fenced(lambda env: settle(env.cr, told))
        self.counts[rows[0].folder_id] += found
        self.work.add(rematched=found)

    def _tell(self) -> None:
        found = {id_: count for id_, count in self.counts.items() if count}
        self.counts.clear()

        def note(env):
            for folder_id, count in found.items():
                folderlog.note(
                    env.cr, folder_id, self.work.settings.id, "rematched", count
                )

        if found:
            self.work.fenced(note)
