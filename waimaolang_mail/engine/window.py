# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which of the listed messages are taken, which of them are live, and whether the
server shows all it has.

Pure decisions over what a listing told; no server, no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.base import RemoteItem

# Fewer may have been deleted by a mail program that empties the mailbox.
MANY_KEYS = 20


# Clocks differ, and a mail that was under way when the folder was taken is new.
TAKEN_TOLERANCE = timedelta(days=2)
# What providers offer to their users: "the last 30 days", three or six months. QQ's
# and Exmail's default is believed to be 30 (notes on mail protocols, section 3).
SERVER_WINDOWS = (30, 90, 180)
WINDOW_TOLERANCE = 2
# Of fewer mails the oldest may lie anywhere.
FEWEST_MAILS = 10
# NetEase's POP3 offers "the newest 500 mails".
SERVER_COUNTS = frozenset({500})


@dataclass(frozen=True)
class Limit:
    """What the server seems to hide: mail older than ``days``, or all but the newest
    ``mails``; 0: nothing of the kind."""

    days: int = 0
    mails: int = 0


@dataclass(frozen=True)
class Split:
    """``wanted`` become rows of the ledger, ``outside`` are counted as excluded
    because they are older than the history window."""

    wanted: tuple[tuple[RemoteItem, bool], ...]
    outside: tuple[int, ...]


def is_live(item: RemoteItem, live_uid: int, taken_at: datetime | None = None) -> bool:
    """Live is what arrived after the folder was first taken. A UID alone does not tell:
    old mail that is moved here, or that shows once the user lets the server show all
    (QQ, Exmail), may get new ones. ``taken_at`` None: not known."""
    if not live_uid or item.uid < live_uid:
        return False
    return not is_old(item.internaldate, taken_at)


def is_old(arrived: datetime | None, taken_at: datetime | None) -> bool:
    """It was in the mailbox already, wherever, when the folder was first taken."""
    return bool(arrived and taken_at and arrived < taken_at - TAKEN_TOLERANCE)


def is_before(arrived: datetime | None, history_from: datetime | None) -> bool:
    return history_from is not None and arrived is not None and arrived < history_from


def are_keys_renewed(known: int, told: int, fresh: int) -> bool:
    """Whether a server gave all its mails other keys, as after a migration: none of
    the ``known`` ones is among the ``told``. Those mails are not new."""
    return known >= MANY_KEYS and told == fresh and 2 * fresh >= known


def split(
    items: Sequence[RemoteItem],
    live_uid: int,
    history_from: datetime | None,
    taken_at: datetime | None = None,
) -> Split:
    """``history_from`` None takes everything. A message whose arrival the server
    does not tell is taken: better one too many than one lost. Keys without a
    number (POP3, APIs) cannot be kept as ranges and are taken too:
    they are judged when they are fetched."""
    wanted, outside = [], []
    for item in items:
        live = is_live(item, live_uid, taken_at)
        old = item.uid and is_before(item.internaldate, history_from)
        if live or not old:
            wanted.append((item, live))
        else:
            outside.append(item.uid)
    return Split(tuple(wanted), tuple(outside))


def in_order(
    wanted: Sequence[tuple[RemoteItem, bool]],
) -> list[tuple[RemoteItem, bool]]:
    """As they are to be taken: new mail as it came, history from the newest on."""
    live = [pair for pair in wanted if pair[1]]
    return live + [pair for pair in reversed(wanted) if not pair[1]]


def looks_limited(
    oldest: datetime | None,
    count: int,
    history_from: datetime | None,
    now: datetime,
    counted: bool = False,
) -> Limit:
    """Whether a complete listing ends where a provider's setting would cut it off.

    ``oldest``: when the oldest of the ``count`` messages shown arrived, None where the
    server does not tell. ``history_from``: since when mail was asked for, None: all.
    ``counted``: the protocol is one that providers limit by number (POP3). A guess: a
    mailbox may just be that young, so it is worth a hint and nothing more."""
    if counted and count in SERVER_COUNTS:
        return Limit(mails=count)
    if oldest is None or count < FEWEST_MAILS:
        return Limit()
    age = (now - oldest).total_seconds() / 86400
    for days in SERVER_WINDOWS:
        seen = abs(age - days) <= WINDOW_TOLERANCE
        asked_more = history_from is None or (
            history_from < oldest - timedelta(days=WINDOW_TOLERANCE)
        )
        if seen and asked_more:
            return Limit(days=days)
    return Limit()


# Passes that are further apart, in seconds, do not belong to one import.
NO_PAUSE = 120.0
# What a new figure counts against those before it.
_NEWEST = 0.2


def smooth(rate: float, newest: float) -> float:
    """The measured rate, so that the time left does not jump."""
    return rate + _NEWEST * (newest - rate)


def minutes_left(pending: int, rate: float) -> float | None:
    """None: nobody can tell yet."""
    return pending / rate if pending and rate > 0 else None


# How often a screen asks how far an import is, in seconds: nobody sees a bar move by
# less than a twentieth, and the end of it is told.
SOONEST_LOOK = 10.0
LATEST_LOOK = 300.0
_LOOKS = 20
# Its beginning is told, too.
UNKNOWN_LOOK = 60.0


def look_again(minutes: float | None) -> float:
    """Seconds after which a screen that shows the import shows something else.
    ``minutes`` are left, None: nobody can tell yet."""
    if minutes is None:
        return UNKNOWN_LOOK
    return min(LATEST_LOOK, max(SOONEST_LOOK, 60 * minutes / _LOOKS))
