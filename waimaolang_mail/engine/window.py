# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which of the listed messages are taken, and which of them are live.

Pure decisions over what a listing told; no server, no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.base import RemoteItem

# Fewer may have been deleted by a mail program that empties the mailbox.
MANY_KEYS = 20


@dataclass(frozen=True)
class Split:
    """``wanted`` become rows of the ledger, ``outside`` are counted as excluded
    because they are older than the history window."""

    wanted: tuple[tuple[RemoteItem, bool], ...]
    outside: tuple[int, ...]


def is_live(item: RemoteItem, live_uid: int) -> bool:
    """Live is what arrived after the folder was first taken."""
    return bool(live_uid) and item.uid >= live_uid


def is_before(arrived: datetime | None, history_from: datetime | None) -> bool:
    return history_from is not None and arrived is not None and arrived < history_from


def are_keys_renewed(known: int, told: int, fresh: int) -> bool:
    """Whether a server gave all its mails other keys, as after a migration: none of
    the ``known`` ones is among the ``told``. Those mails are not new."""
    return known >= MANY_KEYS and told == fresh and 2 * fresh >= known


def split(
    items: Sequence[RemoteItem], live_uid: int, history_from: datetime | None
) -> Split:
    """``history_from`` None takes everything. A message whose arrival the server
    does not tell is taken: better one too many than one lost. Keys without a
    number (POP3, APIs) cannot be kept as ranges and are taken too:
    they are judged when they are fetched."""
    wanted, outside = [], []
    for item in items:
        live = is_live(item, live_uid)
        old = item.uid and is_before(item.internaldate, history_from)
        if live or not old:
            wanted.append((item, live))
        else:
            outside.append(item.uid)
    return Split(tuple(wanted), tuple(outside))
