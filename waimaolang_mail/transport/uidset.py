# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""UID sets as servers like them: ascending, compact, short. Pure functions.

Tencent refuses descending ranges (``BAD UID parameters!``, Wino-Mail#575); commands
over 1,000 characters are risky on old servers (RFC 7162 section 4).
"""

from collections.abc import Iterable, Iterator, Sequence

MAX_CHARS = 1000


def ranges(uids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """``(first, last)`` of each run of consecutive numbers, ascending."""
    first = last = None
    for uid in sorted(set(uids)):
        if last is not None and uid == last + 1:
            last = uid
            continue
        if first is not None:
            yield first, last
        first = last = uid
    if first is not None:
        yield first, last


def compact(uids: Iterable[int]) -> str:
    """``1:3,7,9:10``"""
    return ",".join(_text(first, last) for first, last in ranges(uids))


def chunks(
    uids: Sequence[int], max_chars: int = MAX_CHARS, max_uids: int = 1000
) -> Iterator[tuple[str, list[int]]]:
    """``(set, uids)`` pieces, each at most ``max_chars`` long and ``max_uids``
    large; every uid is in exactly one."""
    parts, members, length = [], [], 0
    for first, last in ranges(uids):
        while first <= last:
            room = max_uids - len(members)
            stop = min(last, first + room - 1)
            text = _text(first, stop)
            if members and (room <= 0 or length + len(text) + 1 > max_chars):
                yield ",".join(parts), members
                parts, members, length = [], [], 0
                continue
            parts.append(text)
            members.extend(range(first, stop + 1))
            length += len(text) + 1
            first = stop + 1
    if members:
        yield ",".join(parts), members


def _text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}:{last}"
