# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the server has: the listing half of a pass.

    inbox and sent -> the other folders, from where the last pass stopped -> complete
    server's number != ours -> once new mail is fetched: compare all keys

A protocol without ascending numbers (POP3) tells all its keys each time: what is not
in the ledger is new, and what is in the ledger alone may be gone.

A mailbox of fifty folders on a slow line is not listed within a slice: the rest waits
for the next pass, and what is known already is fetched meanwhile.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ..transport.base import Cursor
from ..transport.errors import MailServerError
from . import ledger, state, uidset, window

if TYPE_CHECKING:
    from .settings import FolderState

_logger = logging.getLogger(__name__)

LISTING_STEP = 2000
# Where new mail is looked for first, in every pass.
FIRST_ROLES = ("inbox", "sent", "all")


@dataclass(frozen=True)
class Doubt:
    """The server's number of messages is not what is known of the folder."""

    folder: FolderState
    count: int


class Lister:
    """``work`` is the pass: its connection, settings, transactions and counts."""

    def __init__(self, work, deadline: float):
        self.work = work
        self.deadline = deadline
        self.absent: set[int] = set()
        self.doubts: list[Doubt] = []
        self.unfinished = False
        # the folder with which the next pass goes on, 0: from the beginning
        self.resume_at = 0

    def run(self) -> bool:
        """True when all folders are listed, by this pass or by those before it. At
        least one step is made of each of the first and of one of the others, however
        slow the server is."""
        first, others = self._in_order()
        for folder in (*first, *others):
            must = folder in first or folder is others[0]
            try:
                done = self._list(folder, must)
            except state.StaleCursorError:
                done = False  # somebody wants it listed anew
            except MailServerError as error:
                if error.code != "folder_gone":
                    raise
                self._leave_out(folder, error)
                continue
            if not done and folder not in first:
                self.resume_at = folder.id
                return False
            self.unfinished |= not done
        return not self.unfinished

    def _in_order(self) -> tuple[list[FolderState], list[FolderState]]:
        settings = self.work.settings
        first = [f for f in settings.folders if f.role in FIRST_ROLES]
        rest = sorted(
            (f for f in settings.folders if f.role not in FIRST_ROLES),
            key=lambda folder: folder.id,
        )
        return first, [f for f in rest if f.id >= settings.resume_folder]

    def _leave_out(self, folder: FolderState, error: MailServerError):
        """A folder that cannot be opened holds up neither the others nor itself."""
        self.absent.add(folder.id)
        self.work.fenced(lambda env: state.note_folder_error(env, folder.id, error))

    def _list(self, folder: FolderState, must: bool) -> bool:
        if self.work.connection.transport.lists_whole:
            self._list_whole(folder)
            return True
        cursor = Cursor(folder.uidvalidity, folder.uidnext)
        more = True
        while more:
            if time.monotonic() > self.deadline and not must:
                return False
            must = False
            listing = self.work.connection.transport.list(
                folder.remote_name, cursor, LISTING_STEP
            )
            folder, added = self.work.fenced(
                lambda env, f=folder, found=listing: self._save(env, f, found)
            )
            self.work.add(listed=added)
            cursor, more = listing.cursor, listing.more
        if self._count_known(folder) != listing.count:
            self.doubts.append(Doubt(folder, listing.count))
        return True

    def _count_known(self, folder: FolderState) -> int:
        rows = self.work.transaction(
            lambda env: ledger.count_known(env.cr, folder.id, folder.uidvalidity)
        )
        return rows + uidset.size(folder.outside)

    def _save(self, env, folder: FolderState, listing):
        """Rows and cursor in one transaction (invariant I1)."""
        if folder.uidvalidity != listing.cursor.uidvalidity:
            if folder.uidvalidity:
                ledger.void_others(env.cr, folder.id, listing.cursor.uidvalidity)
            # after a change everything is history: nobody wants 5,000 notices
            folder = replace(
                folder, uidvalidity=listing.cursor.uidvalidity, live_uid=0, outside=""
            )
        if not folder.live_uid:
            # a server may tell no UIDNEXT; then the end of the listing serves
            after = 0 if listing.more else listing.cursor.uidnext
            folder = replace(folder, live_uid=listing.uidnext or after, taken_at=_now())
        folder, added = self._take(env, folder, listing.items)
        folder = replace(folder, uidnext=listing.cursor.uidnext)
        state.save_cursor(env, folder, None if listing.more else listing.count)
        return folder, added

    def _take(self, env, folder: FolderState, items):
        """What is within the window gets a row; what is outside and has none is
        counted with the folder. What has a row keeps it, whatever the window is now."""
        settings = self.work.settings
        parts = window.split(
            items, folder.live_uid, settings.history_from, folder.taken_at
        )
        validity = folder.uidvalidity
        added = ledger.add_pending(
            env.cr, settings.id, folder.id, validity, parts.wanted
        )
        known = ledger.known_uids(env.cr, folder.id, validity, parts.outside)
        outside = uidset.add(folder.outside, set(parts.outside) - known)
        return replace(folder, outside=outside), added

    # -- keys without numbers ----------------------------------------------------------

    def _list_whole(self, folder: FolderState):
        """Which of them are outside the window is decided when they are fetched: only
        their headers tell, and a header a mail is too slow for a listing."""
        transport = self.work.connection.transport
        items: list = []
        cursor, more = Cursor(), True
        while more:
            listing = transport.list(folder.remote_name, cursor, LISTING_STEP)
            items += listing.items
            cursor, more = listing.cursor, listing.more
        added = self.work.fenced(
            lambda env: self._save_whole(env, folder, items, listing)
        )
        self.work.add(listed=added)

    def _save_whole(self, env, folder: FolderState, items, listing) -> int:
        """Rows and cursor in one transaction (invariant I1). Live is what the first
        complete listing did not show; it takes all keys at once, so that nothing
        arrives in between. Fewer items than the server counts are not the whole truth:
        they are taken, and nothing is concluded from what is missing (I7)."""
        validity = listing.cursor.uidvalidity
        if folder.uidvalidity != validity:
            ledger.void_others(env.cr, folder.id, validity)
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
            ledger.reconcile(env.cr, folder.id, validity, keys)
        added = ledger.add_pending(
            env.cr, self.work.settings.id, folder.id, validity, wanted
        )
        if whole:
            taken_at = folder.taken_at if live else _now()
            folder = replace(folder, live_uid=1, taken_at=taken_at)
        folder = replace(folder, uidnext=1, outside="")
        state.save_cursor(env, folder, len(items) if whole else None)
        if not whole:
            told = f"{listing.count} messages, of which {len(items)} are listed"
            error = MailServerError("protocol", told, "list")
            state.note_folder_error(env, folder.id, error)
        return added

    # -- when the numbers differ -------------------------------------------------------

    def settle_doubts(self):
        """Something was expunged, or shows again: all keys of the folder tell what. The
        unknown ones are described in steps, the rest of them by the next passes."""
        for doubt in self.doubts:
            if time.monotonic() > self.deadline:
                return
            try:
                self._settle(doubt)
            except state.StaleCursorError:
                continue

    def settle(self, folder_id: int, count: int):
        """A recount found a difference in the folder, of which the server counts so
        many."""
        settings = self.work.transaction(
            lambda env: state.load(env, self.work.settings.id)
        )
        self.doubts = [Doubt(f, count) for f in settings.folders if f.id == folder_id]
        self.settle_doubts()

    def _settle(self, doubt: Doubt):
        folder = doubt.folder
        transport = self.work.connection.transport
        told = transport.keys(folder.remote_name)
        if told.uidvalidity != folder.uidvalidity or len(told.keys) < told.count:
            return  # not the whole truth: nothing is concluded from it (I7)

        def unknown(env):
            return ledger.unknown_keys(env.cr, folder.id, folder.uidvalidity, told.keys)

        outside = {str(uid) for uid in uidset.members(folder.outside)}
        fresh = [k for k in self.work.transaction(unknown) if k not in outside]
        items = transport.describe(folder.remote_name, fresh[:LISTING_STEP])
        self.work.fenced(lambda env: self._save_truth(env, folder, told, items))

    def _save_truth(self, env, folder: FolderState, told, items):
        ledger.reconcile(env.cr, folder.id, folder.uidvalidity, told.keys)
        kept = uidset.keep(folder.outside, [int(k) for k in told.keys if k.isdigit()])
        members = uidset.members(kept)
        known = ledger.known_uids(
            env.cr, folder.id, folder.uidvalidity, sorted(members)
        )
        folder = replace(folder, outside=uidset.dump(members - known))
        folder, _added = self._take(env, folder, items)
        folder = replace(folder, uidnext=max(folder.uidnext, told.uidnext))
        state.save_cursor(env, folder, told.count)


def _now() -> datetime:
    """Naive UTC to the second, as the database keeps it."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
