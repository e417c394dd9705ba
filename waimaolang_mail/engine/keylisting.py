# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Listing where keys are no numbers (POP3): a server tells all of them each time. What
is not in the ledger is new, and what is in the ledger alone may be gone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ..transport.base import Cursor
from . import comparing, folderlog, ledger, state, window
from .reasons import because

if TYPE_CHECKING:
    from .settings import FolderState

STEP = 2000


def list_whole(work, folder: FolderState) -> None:
    """Which of them are outside the window is decided when they are fetched: only
    their headers tell, and a header a mail is too slow for a listing."""
    transport = work.connection.transport
    items: list = []
    place, more = Cursor(), True
    while more:
        listing = transport.list(folder.remote_name, place, STEP)
        items += listing.items
        place, more = listing.cursor, listing.more
    added = work.fenced(
        lambda env: _save(env, work.settings.id, folder, items, listing)
    )
    work.add(listed=added)


def _save(env, mailbox_id: int, folder: FolderState, items, listing) -> int:
    """Rows and cursor in one transaction (invariant I1). Live is what the first
    complete listing did not show; it takes all keys at once, so that nothing
    arrives in between. Fewer items than the server counts are not the whole truth:
    they are taken, and nothing is concluded from what is missing (I7)."""
    validity = listing.cursor.uidvalidity
    if folder.uidvalidity != validity:
        ledger.void_others(env.cr, folder.id, validity)
        reason = because("counted", count=listing.count)
        folderlog.note(env.cr, folder.id, mailbox_id, "first", len(items), reason)
        folder = replace(folder, uidvalidity=validity, live_uid=0)
    keys = [item.key for item in items]
    fresh = set(ledger.unknown_keys(env.cr, folder.id, validity, keys))
    known = ledger.count_known(env.cr, folder.id, validity)
    renewed = window.are_keys_renewed(known, len(keys), len(fresh))
    live = bool(folder.live_uid) and not renewed
    wanted = [(item, live) for item in items if item.key in fresh]
    if not live:
        wanted.reverse()  # history from the newest on: it is what people look for
    whole = len(items) >= listing.count
    if whole:  # first: what is missing may be what has a new key
        missing = comparing.reconcile(env.cr, folder.id, validity, keys)
        comparing.note(env.cr, folder.id, mailbox_id, missing)
    added = ledger.add_pending(env.cr, mailbox_id, folder.id, validity, wanted)
    if added.returned:
        reason = because("known_again")
        count = added.returned
        folderlog.note(env.cr, folder.id, mailbox_id, "returned", count, reason)
    if whole:
        taken_at = folder.taken_at if live else _now()
        folder = replace(folder, live_uid=1, taken_at=taken_at)
    folder = replace(folder, uidnext=1, outside="")
    state.save_cursor(env, folder, len(items) if whole else None)
    if not whole:
        reason = because("listed_part", count=listing.count, listed=len(items))
        folderlog.note(env.cr, folder.id, mailbox_id, "incomplete", reason=reason)
        state.note_folder_problem(env, folder.id, reason)
    return added.count


def _now() -> datetime:
    """Naive UTC to the second, as the database keeps it."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
