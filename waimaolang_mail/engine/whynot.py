# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why is this mail not here? What a row of the ledger, or a mail on the server that has
none, comes to: pure decisions. Their words: ``wizards/whynot_texts.py``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .traces import Traces

STORED = "stored"
DELETED = "deleted"
EXCLUDED = "excluded"
WINDOW = "window"
FAILED = "failed"
PENDING = "pending"
GONE = "gone"
FOLDER = "folder"  # in one that is not fetched
NEW = "new"  # not listed yet
UNKNOWN = "unknown"  # on the server, and nobody knows of it
OUTBOX = "outbox"
OTHER = "other"  # in another mailbox that the reader may know
NEVER = "never"
NOT_ASKED = "not_asked"

# Of several answers the one that helps most stands first.
ORDER = (
    STORED,
    FAILED,
    PENDING,
    NEW,
    UNKNOWN,
    FOLDER,
    WINDOW,
    EXCLUDED,
    DELETED,
    OUTBOX,
    OTHER,
    GONE,
    NEVER,
    NOT_ASKED,
)


@dataclass(frozen=True)
class Row:
    """A row of the ledger, as far as it decides. ``fetched``: its folder is one that
    is; ``has_mail``: it is in Odoo; ``kept``: its bytes are."""

    state: str
    reason: str = ""
    fetched: bool = True
    has_mail: bool = False
    kept: bool = False


@dataclass(frozen=True)
class Place:
    """A mail on the server without a row: its UID, and what is known of its folder."""

    uid: int
    fetched: bool
    uidnext: int
    outside: Collection[int] = ()
    backfill_uid: int = 0


def of_row(row: Row) -> str:
    if row.has_mail:
        return STORED  # also what the server has lost since
    if row.reason and not (row.state == "gone" and row.reason == "window"):
        return {"deleted": DELETED, "window": WINDOW}.get(row.reason, EXCLUDED)
    if row.state == "failed" or row.state == "gone" and row.kept:
        return FAILED
    if row.state == "pending":
        return PENDING if row.fetched else FOLDER
    return GONE


def of_place(place: Place) -> str:
    if not place.fetched:
        return FOLDER
    if place.uid in place.outside:
        return WINDOW
    if place.uid >= place.uidnext or place.uid < place.backfill_uid:
        return NEW
    return UNKNOWN


def is_wanted(asked: Traces, found: Traces) -> bool:
    """All that is asked for is true of what was found; of a subject a part is enough
    where it can be read."""
    return (
        asked.message_id in ("", found.message_id)
        and asked.sender in ("", found.sender)
        and asked.subject in found.subject
    )
