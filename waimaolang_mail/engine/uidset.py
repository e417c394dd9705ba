# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sets of UIDs as compact ascending ranges, "1:4,9,12:15".

The UIDs outside the history window are kept like this on the folder: a window
of 30 days on a mailbox of 100,000 mails is one short string, not 99,000 rows
(invariant I1 counts them as excluded).
"""

from collections.abc import Iterable


def parse(text: str | None) -> list[tuple[int, int]]:
    ranges = []
    for part in (text or "").split(","):
        if part:
            first, _, last = part.partition(":")
            ranges.append((int(first), int(last or first)))
    return ranges


def members(text: str | None) -> set[int]:
    return {uid for first, last in parse(text) for uid in range(first, last + 1)}


def size(text: str | None) -> int:
    return sum(last - first + 1 for first, last in parse(text))


def add(text: str | None, uids: Iterable[int]) -> str:
    """The set with ``uids`` added. Gaps stay gaps: only UIDs that the server
    listed are members."""
    uids = set(uids)
    return dump(members(text) | uids) if uids else text or ""


def keep(text: str | None, uids: Iterable[int]) -> str:
    """The members of the set that are also in ``uids``."""
    return dump(members(text) & set(uids)) if text else ""


def dump(uids: Iterable[int]) -> str:
    parts: list[tuple[int, int]] = []
    for uid in sorted(uids):
        if parts and uid == parts[-1][1] + 1:
            parts[-1] = (parts[-1][0], uid)
        else:
            parts.append((uid, uid))
    return ",".join(f"{a}:{b}" if a != b else str(a) for a, b in parts)
