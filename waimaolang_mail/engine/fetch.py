# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fetching and parsing of a chunk, away from the database: runs in a thread of
its own while the chunk before is stored."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import window
from .ledger import REDUCE_AFTER, kind_of

if TYPE_CHECKING:
    from datetime import datetime

    from ..mime.parsed import ParsedMail
    from ..transport.base import FetchedMail
    from .ledger import PendingCopy
    from .pool import Connection

# What a chunk may weigh in memory, by the server's own figures.
CHUNK_BYTES = 16 * 2**20
# Larger mails are stored with headers and text only.
LARGEST_MAIL = 25 * 2**20
# What a mail that did not come whole is cut down to.
REDUCED_MAIL = 256 * 2**10
LARGEST_CHUNK = 400
SMALLEST_CHUNK = 5
# A chunk should take about a second: long enough to amortise the transaction,
# short enough to stop within the slice.
FAST_SECONDS = 0.8
SLOW_SECONDS = 2.0
# Headers asked for between two looks at the clock.
HEADERS = 25
# Mails parsed between two looks at the clock: at first, for one may take its worker two
# seconds, and then the more the faster they go.
PARSED_FIRST = 4
PARSED_FAST = 0.5


@dataclass(frozen=True)
class Arrival:
    """A fetched message; ``mail`` is None when no parser could read it. ``kind``: of
    the failure, one of ``ledger.KINDS``."""

    copy: PendingCopy
    fetched: FetchedMail = field(repr=False)
    mail: ParsedMail | None = None
    error: str = ""
    kind: str = "unreadable"


class ChunkError(Exception):
    """A chunk could not be fetched: ``cause`` is a MailServerError or what nobody
    thought of. ``suspects``: the ids of copies of which one may be to blame, none
    where it is the network or the server."""

    def __init__(self, cause: Exception, suspects: Sequence[int]):
        super().__init__(str(cause))
        self.cause = cause
        self.suspects = tuple(suspects)


@dataclass(frozen=True)
class Chunk:
    """``absent``: ids of copies that the server no longer has. ``outside``: copies that
    turned out to be older than the history window, with their time of arrival."""

    arrivals: tuple[Arrival, ...] = ()
    absent: tuple[int, ...] = ()
    outside: tuple[tuple[PendingCopy, datetime], ...] = ()


def next_chunk(queue: Sequence[PendingCopy], start: int, most: int) -> int:
    """Where the chunk that begins at ``start`` ends; at least one message. One that
    was tried before goes alone: it may be the one that breaks the connection."""
    weight, end = 0, start
    while end < len(queue) and end - start < most:
        if queue[end].attempts:
            return max(end, start + 1)
        weight += min(queue[end].size, LARGEST_MAIL)
        if weight > CHUNK_BYTES and end > start:
            break
        end += 1
    return end


def adapt(chunk: int, seconds: float, full: bool) -> int:
    """The size of the next chunk after one that took ``seconds``."""
    if seconds > SLOW_SECONDS:
        return max(SMALLEST_CHUNK, chunk // 2)
    if seconds < FAST_SECONDS and full:
        return min(LARGEST_CHUNK, chunk * 2)
    return chunk


def fetch_chunk(
    connection: Connection,
    copies: Sequence[PendingCopy],
    remote_names: dict[int, str],
    parse_many,
    deadline: float,
    history_from: datetime | None = None,
) -> Chunk:
    """``deadline`` is on the monotonic clock: what was not fetched by then simply
    stays pending. ``parse_many`` takes raw messages and answers in order."""
    started = time.monotonic()
    fetched: list[tuple[PendingCopy, FetchedMail]] = []
    absent: list[int] = []
    outside: list[tuple[PendingCopy, datetime]] = []
    for folder_id, group in _by_folder(copies):
        if time.monotonic() > deadline:
            break
        came, missed, old = _fetch_group(
            connection.transport,
            remote_names[folder_id],
            group,
            deadline,
            history_from,
        )
        fetched += came
        absent += missed
        outside += old
    connection.chunk = adapt(
        connection.chunk,
        time.monotonic() - started,
        len(copies) >= connection.chunk,
    )
    arrivals = tuple(_parse(fetched, parse_many, deadline))
    return Chunk(arrivals, tuple(absent), tuple(outside))


def _fetch_group(transport, remote_name, group, deadline, history_from):
    """What goes wrong over a mail names the mails that were under way; what nobody
    thought of counts against all of the group, which are then tried one by one."""
    try:
        wanted, old = group, []
        if transport.lists_whole and history_from:
            wanted, old = _look(transport, remote_name, group, deadline, history_from)
        if not wanted:
            return [], [], old
        mails = transport.fetch(
            remote_name, wanted, most_bytes(wanted), wanted[0].uidvalidity
        )
        came, missed = _collect(mails, wanted, deadline)
        if transport.lists_whole:
            came, late = _sort_out(came, history_from)
            old += late
        return came, missed, old
    except Exception as exc:
        keys = getattr(exc, "keys", None)  # a MailServerError's
        suspects = [copy.id for copy in group if keys is None or copy.key in keys]
        raise ChunkError(exc, suspects) from exc


def _look(transport, remote_name, group, deadline, history_from):
    """``(copies to fetch, those outside)``: by their headers, before anything is
    downloaded. What the clock leaves no time for is in neither."""
    wanted, outside = [], []
    for start in range(0, len(group), HEADERS):
        if time.monotonic() > deadline:
            break
        part = group[start : start + HEADERS]
        unknown = [c.key for c in part if not c.live and c.internaldate is None]
        told = transport.describe(remote_name, unknown) if unknown else ()
        dates = {item.key: item.internaldate for item in told}
        for copy in part:
            date = copy.internaldate or dates.get(copy.key)
            if not copy.live and window.is_before(date, history_from):
                outside.append((copy, date))
            else:
                wanted.append(copy)
    return wanted, outside


def _sort_out(came, history_from):
    """A server without TOP tells the time of arrival with the mail only."""
    inside, outside = [], []
    for copy, mail in came:
        date = copy.internaldate or mail.internaldate
        if not copy.live and window.is_before(date, history_from):
            outside.append((copy, date))
        else:
            inside.append((copy, mail))
    return inside, outside


def most_bytes(copies: Sequence[PendingCopy]) -> int:
    """From which size on a mail is taken in reduced form."""
    tried = max(copy.attempts for copy in copies)
    return REDUCED_MAIL if tried >= REDUCE_AFTER else LARGEST_MAIL


def _collect(
    mails: Iterable[FetchedMail], group: Sequence[PendingCopy], deadline: float
) -> tuple[list[tuple[PendingCopy, FetchedMail]], list[int]]:
    """What came, and the ids of what the server no longer has."""
    waiting = {copy.key: copy for copy in group}
    came = []
    for mail in mails:
        if mail.key in waiting:
            came.append((waiting.pop(mail.key), mail))
        if time.monotonic() > deadline:
            return came, []
    return came, [copy.id for copy in waiting.values()]


def _parse(fetched, parse_many, deadline) -> Iterable[Arrival]:
    """What the clock leaves no time for stays pending."""
    start, size = 0, PARSED_FIRST
    while start < len(fetched):
        began = time.monotonic()
        yield from _parse_some(fetched[start : start + size], parse_many)
        start += size
        if time.monotonic() > deadline:
            return
        if time.monotonic() - began < PARSED_FAST:
            size *= 2


def _parse_some(fetched, parse_many) -> Iterable[Arrival]:
    readable = [mail.raw for _copy, mail in fetched if not mail.error]
    outcomes = iter(parse_many(readable))
    for copy, mail in fetched:
        if mail.error:
            yield Arrival(copy, mail, None, mail.error, "withheld")
        else:
            outcome = next(outcomes)
            kind = kind_of(outcome)
            yield Arrival(copy, mail, outcome.mail, outcome.error, kind)


def _by_folder(
    copies: Sequence[PendingCopy],
) -> Iterable[tuple[int, list[PendingCopy]]]:
    groups: dict[int, list[PendingCopy]] = {}
    for copy in copies:
        groups.setdefault(copy.folder_id, []).append(copy)
    for folder_id, group in groups.items():
        # ascending UIDs: Tencent rejects descending sets, and all servers read
        # forward faster
        yield folder_id, sorted(group, key=lambda copy: copy.uid)
