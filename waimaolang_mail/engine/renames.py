# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which new folder is one that vanished at the same time, under another name.

IMAP tells no renames. A folder keeps its UIDVALIDITY, its UIDNEXT does not fall, and
its mails keep their numbers, sizes and times of arrival: all of it must agree. Where
nothing tells it apart the folder is a new one and the other is removed; then its mails
are known again one by one (``rematch.py``), so that a wrong "no" costs little, and a
wrong "yes" would take other mails for known ones (invariant I1).

Pure decisions; no server, no database.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.base import RemoteItem

# Servers without an idea of UIDVALIDITY say this of every folder.
TRIVIAL = 1


@dataclass(frozen=True)
class Lost:
    """A known folder that the server no longer lists. ``sample``: {key: (size, time of
    arrival)} of some of its mails, none where the ledger has none."""

    id: int
    path: str
    uidvalidity: int
    uidnext: int
    sample: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fresh:
    """A folder that was not there before."""

    key: str
    path: str
    uidvalidity: int
    uidnext: int


def pair(lost: Sequence[Lost], fresh: Sequence[Fresh]) -> list[tuple[Lost, Fresh]]:
    """Those that may be one, each at most once. Of several that may be, the one of the
    same name, or of the same last part of it (a renamed parent takes all below it
    along); else none."""
    found = []
    for old in lost:
        candidates = [new for new in fresh if may_be(old, new)]
        rivals = [one for one in lost if any(may_be(one, new) for new in candidates)]
        new = _choose(old, candidates, rivals)
        if new:
            found.append((old, new))
    taken = [new for _old, new in found]
    return [(old, new) for old, new in found if taken.count(new) == 1]


def may_be(old: Lost, new: Fresh) -> bool:
    if not old.uidvalidity or old.uidvalidity != new.uidvalidity:
        return False
    if new.uidnext and new.uidnext < old.uidnext:
        return False
    return old.uidvalidity > TRIVIAL or _spelled(old.path) == _spelled(new.path)


def _choose(old: Lost, candidates: Sequence[Fresh], rivals: Sequence[Lost]):
    if len(candidates) == 1 and len(rivals) == 1:
        return candidates[0]
    for alike in (_spelled, _leaf):
        same = [new for new in candidates if alike(new.path) == alike(old.path)]
        others = [one for one in rivals if alike(one.path) == alike(old.path)]
        if len(same) == 1 and len(others) == 1:
            return same[0]
    return None


def _spelled(path: str) -> str:
    """Capitals and composed characters make no other name."""
    return unicodedata.normalize("NFKC", path).casefold()


def _leaf(path: str) -> str:
    for delimiter in "/.\\":
        path = path.rpartition(delimiter)[2] or path
    return _spelled(path)


def agrees(old: Lost, told: Sequence[RemoteItem]) -> bool:
    """The mails that the new folder has under these numbers are those of the old one.
    Some may have been expunged since, not most of them."""
    shown = [item for item in told if item.size and item.internaldate]
    same = [
        item
        for item in shown
        if old.sample.get(item.key) == (item.size, item.internaldate)
    ]
    return len(same) == len(shown) and 2 * len(same) >= len(old.sample)


def is_inbox(key: str) -> bool:
    """RFC 3501 section 5.1: the one name without regard to capitals."""
    return key.upper() == "INBOX"
