# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why something was decided, as data: a code of a closed list with figures and names of
folders, never what a mail says (invariant I8). Whoever reads it reads it in her own
language (``models/reason_texts.py``); logs and tests have the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# {code: names of its arguments}; numbers, or strings where it says so
CODES: dict[str, frozenset[str]] = {
    code: frozenset(args.split())
    for code, args in (
        # of what the server tells in one round trip
        ("nothing_new", ""),
        ("counted", "count"),
        ("cursor_forgotten", ""),
        ("uidvalidity_changed", "before now"),
        ("no_uidnext", ""),
        ("uidnext_grew", "before now"),
        ("uidnext_back", "before now"),
        ("modseq_back", "before now"),
        ("history_unlisted", "uid"),
        # of what a listing showed
        ("listed_short", "count"),
        ("listed_part", "count listed"),
        ("not_shown_once", ""),
        ("not_shown_twice", ""),
        ("older_than_shown", "oldest"),  # naive UTC, ISO 8601
        ("known_again", ""),
        ("below_uid", "uid"),
        ("moved_to", "folder"),  # its path
        ("moved_from", "folder"),  # its path
        # of a proof
        ("complete", ""),
        ("unaccounted", "count"),
        ("vanished", "count"),
        ("unaccounted_and_vanished", "new lost"),
        ("renumbered", ""),
        # of the folder itself
        ("renamed", "before now"),  # paths
        ("folder_removed", ""),
        ("folder_refused", "words"),  # the server's
    )
}
# A server may call a folder whatever it likes.
LONGEST_NAME = 250


@dataclass(frozen=True)
class Reason:
    """``args`` are fit for JSON; the empty reason is false. ValueError for a code that
    nobody could read, or with other arguments than its own."""

    code: str = ""
    args: Mapping[str, int | str] = field(default_factory=dict, hash=False)

    def __post_init__(self):
        if self.code and CODES.get(self.code) != self.args.keys():
            raise ValueError(f"no such reason: {self.code!r} of {sorted(self.args)}")

    def __bool__(self) -> bool:
        return bool(self.code)

    def __str__(self) -> str:
        return spell(self.code, self.args)


NONE = Reason()


def because(code: str, **args: int | str) -> Reason:
    cut = {
        name: value[:LONGEST_NAME] if isinstance(value, str) else value
        for name, value in args.items()
    }
    return Reason(code, cut)


def spell(code: str, args: Mapping | None) -> str:
    """For logs, and where nobody knows the code any more: "uidnext grew (before 100,
    now 103)"."""
    told = ", ".join(f"{name} {value}" for name, value in (args or {}).items())
    words = code.replace("_", " ")
    return f"{words} ({told})" if told else words
