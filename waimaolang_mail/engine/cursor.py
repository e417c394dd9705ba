# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is to be done about a folder: pure decisions, each with its reason.

    what is known of it + what the server tells in one round trip
        -> nothing new | list new mail | go on with history | first | renumbered
        -> compare all keys, or not
        -> flags: none, those that changed, the newest, all

No server, no database, no clock. An answer that contradicts what was told before is
not believed: all keys are compared, and what is missing counts only the second time
(invariant I7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from . import reasons
from .reasons import Reason, because

if TYPE_CHECKING:
    from ..transport.base import FolderTold
    from .settings import FolderState

NOTHING = "nothing"
FORWARD = "forward"
BACKFILL = "backfill"
FIRST = "first"
RENUMBERED = "renumbered"

NO_FLAGS = ""
CHANGED_FLAGS = "changed"
NEWEST_FLAGS = "newest"
ALL_FLAGS = "all"
# Where no counter tells that flags changed, so many of the newest UIDs are looked at,
NEWEST = 200
# ... no more often than this (Nylas: the last 100 every 30 seconds).
FLAGS_EVERY = timedelta(minutes=10)
# The server's number of mails at which the ledger was found equal: not known.
NOT_AGREED = -1


@dataclass(frozen=True)
class Decision:
    """``event`` is one of the folder log's, "" where nothing is notable; ``compare``:
    all keys, whatever the counts say."""

    step: str
    reason: Reason
    event: str = ""
    compare: bool = False
    flags: str = NO_FLAGS

    @property
    def lists(self) -> bool:
        return self.step != NOTHING


def decide(folder: FolderState, told: FolderTold, now: datetime) -> Decision:
    """``now``: naive UTC, by the clock that ``folder.flags_at`` was taken from."""
    if folder.uidvalidity and folder.uidvalidity != told.uidvalidity:
        reason = renumbered(folder, told.uidvalidity)
        return Decision(RENUMBERED, reason, "renumbered")
    if not folder.uidvalidity:
        return Decision(FIRST, because("counted", count=told.count), "first")
    if folder.uidnext <= 1 and (told.count or told.uidnext != folder.uidnext):
        return Decision(FIRST, because("cursor_forgotten"))
    step, reason = _decide_step(folder, told)
    back, event = _contradicts(folder, told)
    return Decision(
        step,
        back or reason,
        event,
        compare=bool(back),
        flags=_decide_flags(folder, told, now),
    )


def renumbered(folder: FolderState, uidvalidity: int) -> Reason:
    return because("uidvalidity_changed", before=folder.uidvalidity, now=uidvalidity)


def _decide_step(folder: FolderState, told: FolderTold) -> tuple[str, Reason]:
    if not told.uidnext:
        return FORWARD, because("no_uidnext")
    if told.uidnext > folder.uidnext:
        reason = because("uidnext_grew", before=folder.uidnext, now=told.uidnext)
        return FORWARD, reason
    if folder.backfill:
        return BACKFILL, because("history_unlisted", uid=folder.backfill)
    return NOTHING, because("nothing_new")


def _contradicts(folder: FolderState, told: FolderTold) -> tuple[Reason, str]:
    """``(reason, event)``"""
    if told.modseq and told.modseq < folder.modseq:
        reason = because("modseq_back", before=folder.modseq, now=told.modseq)
        return reason, "modseq_back"
    if told.uidnext and told.uidnext < folder.uidnext:
        reason = because("uidnext_back", before=folder.uidnext, now=told.uidnext)
        return reason, "incomplete"
    return reasons.NONE, ""


def _decide_flags(folder: FolderState, told: FolderTold, now: datetime) -> str:
    if not told.count:
        return NO_FLAGS
    if told.modseq == folder.modseq != 0:
        return NO_FLAGS
    if told.modseq > folder.modseq > 0:
        return CHANGED_FLAGS
    if told.modseq:
        return ALL_FLAGS  # it began to count, or went back
    due = not folder.flags_at or now - folder.flags_at >= FLAGS_EVERY
    return NEWEST_FLAGS if due else NO_FLAGS


def first_of_newest(uidnext: int) -> int:
    return max(1, uidnext - NEWEST)


def is_compared(folder: FolderState, count: int, decision: Decision) -> bool:
    """Whether all keys are to be compared once new mail is fetched. While history is
    being listed the numbers differ by what is not listed yet."""
    return not folder.backfill and (decision.compare or folder.agreed != count)


def judge_missing(
    missing: Iterable[datetime | None],
    oldest: datetime | None,
    shows_older: bool = False,
) -> tuple[str, Reason]:
    """``(event, reason)`` of mails that two complete listings did not show.
    ``missing``: when they arrived; ``oldest``: when the oldest that is shown did;
    ``shows_older``: mail from before our own window is shown. A provider's history
    window (QQ, Exmail: 30 days) takes the oldest away, day by day."""
    dates = list(missing)
    known = oldest is not None and all(date is not None for date in dates)
    if known and not shows_older and max(dates) < oldest:
        told = oldest.isoformat(timespec="seconds")
        return "server_window", because("older_than_shown", oldest=told)
    return "gone", because("not_shown_twice")


def are_numbers_given_again(folder: FolderState, uidnext: int, highest: int) -> bool:
    """Whether a server takes numbers back, against RFC 3501: a complete listing
    shows none from its ``uidnext`` on, which is below where it was before."""
    return 0 < uidnext < folder.uidnext and highest < uidnext
