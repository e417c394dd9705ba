# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the server has: the listing half of a pass.

    inbox and sent -> the other folders, from where the last pass stopped -> complete
    each: opened -> decided (``cursor.py``) -> new mail, then history, newest first
    once new mail is fetched: keys compared where numbers differ, flags looked at

A folder with nothing new costs one round trip and no query. A mailbox of fifty folders
on a slow line is not listed within a slice: the rest waits for the next pass, and what
is known already is fetched meanwhile. Keys without numbers (POP3): ``keylisting.py``.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ..transport.base import Cursor, FolderTold
from ..transport.errors import MailServerError
from . import (
    comparing,
    cursor,
    folderlog,
    gmail,
    keylisting,
    ledger,
    loading,
    state,
    uidset,
    window,
)
from .reasons import NONE, because

if TYPE_CHECKING:
    from ..transport.base import FolderKeys
    from .cursor import Decision
    from .settings import FolderState

_logger = logging.getLogger(__name__)

LISTING_STEP = 2000
# Of so many mails at once labels are read again.
MOST_LABELLED = 10_000
# Where new mail is looked for first, in every pass.
FIRST_ROLES = ("inbox", "sent", "all")


@dataclass(frozen=True)
class Doubt:
    """The server's number of messages is not what is known of the folder, or what it
    told contradicts what it told before."""

    folder: FolderState
    told: FolderTold


@dataclass(frozen=True)
class Glance:
    """Flags that are to be looked at; ``modseq`` was told before anything else."""

    folder: FolderState
    kind: str
    modseq: int


class Lister:
    """``work`` is the pass: its connection, settings, transactions and counts."""

    def __init__(self, work, deadline: float):
        self.work = work
        self.deadline = deadline
        self.absent: set[int] = set()
        self.doubts: list[Doubt] = []
        self.glances: list[Glance] = []
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
        transport = self.work.connection.transport
        if transport.lists_whole:
            keylisting.list_whole(self.work, folder)
            return True
        if not must and self._is_late():
            return False
        told = transport.look(folder.remote_name)
        decision = cursor.decide(folder, told, self.work.settings.now)
        _logger.debug("folder %s: %s", folder.id, decision.reason)
        if decision.lists:
            folder, done = self._list_steps(folder, told, decision, must)
            if not done:
                return False
        elif decision.event or folder.troubled or folder.agreed != told.count:
            folder = self.work.fenced(
                lambda env, known=folder: self._count(env, known, told, decision)
            )
        if cursor.is_compared(folder, told.count, decision):
            self.doubts.append(Doubt(folder, told))
        if decision.flags:
            self.glances.append(Glance(folder, decision.flags, told.modseq))
        return True

    def _is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def _count(self, env, folder: FolderState, told: FolderTold, decision: Decision):
        """Nothing is new by the numbers: is it by their count?"""
        self._note(env, folder, decision)
        folder = self._agree(env, folder, told.count)
        state.save_cursor(env, folder, told.count)
        return folder

    # -- steps ------------------------------------------------------------------------

    def _list_steps(self, folder: FolderState, told: FolderTold, decision, must: bool):
        """``(folder, whether all was listed)``"""
        transport = self.work.connection.transport
        place = Cursor(folder.uidvalidity, folder.uidnext, folder.backfill)
        begun = False
        while True:
            if begun and self._is_late():
                return folder, False
            listing = transport.list(folder.remote_name, place, LISTING_STEP)
            first = None if begun else decision
            folder, added = self.work.fenced(
                lambda env, f=folder, found=listing, d=first: self._save(
                    env, f, told, found, d
                )
            )
            self.work.add(listed=added.count)
            begun = True
            if listing.near:
                folder = self._take_late(folder, listing)
            place = listing.cursor
            if not listing.more:
                return folder, True

    def _save(self, env, folder: FolderState, told: FolderTold, listing, decision):
        """Rows and cursor in one transaction (invariant I1). ``decision`` comes with
        the first step alone."""
        if decision:
            self._note(env, folder, decision)
        if folder.uidvalidity != listing.cursor.uidvalidity:
            folder = self._renumber(env, folder, told, listing.cursor.uidvalidity)
        if not folder.live_uid:
            folder = replace(folder, live_uid=listing.uidnext, taken_at=_now())
        if not listing.whole:
            self._note_incomplete(env, folder, listing.count)
        folder, added = self._take(env, folder, listing.items)
        folder = replace(
            folder,
            uidnext=listing.cursor.uidnext,
            backfill=listing.cursor.backfill,
            agreed=cursor.NOT_AGREED,
        )
        if not listing.more:
            folder = self._agree(env, folder, listing.count)
        # new mail that is not listed yet would look like a difference
        known = not listing.more or folder.backfill
        state.save_cursor(env, folder, listing.count if known else None)
        return folder, added

    def _note(self, env, folder: FolderState, decision: Decision):
        # of a renumbering what it did is told
        if decision.event and decision.step != cursor.RENUMBERED:
            self._log(env, folder, decision.event, reason=decision.reason)

    def _note_incomplete(self, env, folder: FolderState, count: int):
        reason = because("listed_short", count=count)
        self._log(env, folder, "incomplete", reason=reason)

    def _log(self, env, folder: FolderState, event: str, count=0, reason=NONE):
        mailbox_id = self.work.settings.id
        folderlog.note(env.cr, folder.id, mailbox_id, event, count, reason)

    def _renumber(self, env, folder: FolderState, told: FolderTold, validity: int):
        """After a change everything is history: nobody wants 5,000 notices."""
        if folder.uidvalidity:
            count = ledger.void_others(env.cr, folder.id, validity)
            reason = cursor.renumbered(folder, validity)
            self._log(env, folder, "renumbered", count, reason)
        return replace(
            folder, uidvalidity=validity, live_uid=0, outside="", modseq=told.modseq
        )

    def _take(self, env, folder: FolderState, items):
        """What is within the window gets a row; what is outside and has none is
        counted with the folder. What has a row keeps it, whatever the window is now."""
        settings = self.work.settings
        parts = window.split(
            items, folder.live_uid, settings.history_from, folder.taken_at
        )
        validity = folder.uidvalidity
        known = ledger.known_uids(env.cr, folder.id, validity, parts.outside)
        rows = window.in_order(parts.wanted)
        rows += [(item, False) for item in items if item.uid in known]
        added = ledger.add_pending(env.cr, settings.id, folder.id, validity, rows)
        if added.returned:
            self._log(env, folder, "returned", added.returned, because("known_again"))
        outside = uidset.add(folder.outside, set(parts.outside) - known)
        return replace(folder, outside=outside), added

    def _agree(self, env, folder: FolderState, count: int) -> FolderState:
        """Whether the ledger holds as many as the server counts."""
        agreed = cursor.NOT_AGREED
        if not folder.backfill:
            known = ledger.count_known(env.cr, folder.id, folder.uidvalidity)
            if known + uidset.size(folder.outside) == count:
                agreed = count
        return replace(folder, agreed=agreed)

    def _take_late(self, folder: FolderState, listing) -> FolderState:
        """Mails of lower numbers than those that were shown before them."""
        fresh = self._find_unknown(folder, [str(uid) for uid in listing.near])
        if not fresh:
            return folder
        transport = self.work.connection.transport
        items = transport.describe(folder.remote_name, fresh)

        def save(env):
            known, added = self._take(env, folder, items)
            count = added.count - added.returned
            if count:
                reason = because("below_uid", uid=folder.uidnext)
                self._log(env, known, "late", count, reason)
            if not listing.more:
                known = self._agree(env, known, listing.count)
            state.save_cursor(env, known, None)
            return known, added

        folder, added = self.work.fenced(save)
        self.work.add(listed=added.count)
        return folder

    def _find_unknown(self, folder: FolderState, keys: list[str]) -> list[str]:
        outside = {str(uid) for uid in uidset.members(folder.outside)}

        def find(env):
            return ledger.unknown_keys(env.cr, folder.id, folder.uidvalidity, keys)

        return [key for key in self.work.transaction(find) if key not in outside]

    # -- once new mail is fetched ----------------------------------------------

    def settle(self):
        """Where the numbers differ all keys are compared, and flags are looked at. What
        does not come in time is the next pass's."""
        for settle, waiting in (
            (self._settle, self.doubts),
            (self._look_at_flags, self.glances),
        ):
            for one in waiting:
                if self._is_late():
                    return
                try:
                    settle(one)
                except state.StaleCursorError:
                    continue

    def settle_recount(self, folder_id: int, keys: FolderKeys):
        """A recount found a difference in the folder. Where keys are no numbers each
        pass compares them all."""
        if self.work.connection.transport.lists_whole:
            return
        told = FolderTold(keys.uidvalidity, keys.uidnext, keys.count)
        settings = self.work.transaction(
            lambda env: loading.load_reading(env, self.work.settings.id)
        )
        for folder in settings.folders:
            if folder.id == folder_id:
                self._settle(Doubt(folder, told))

    def _settle(self, doubt: Doubt):
        """Something was expunged, or shows again: all keys of the folder tell what. The
        unknown ones are described in steps, the rest of them by the next passes."""
        folder = doubt.folder
        transport = self.work.connection.transport
        shown = transport.keys(folder.remote_name)
        if shown.uidvalidity != folder.uidvalidity:
            return
        # what arrived meanwhile is listed as new mail
        keys = [key for key in shown.keys if int(key) < folder.uidnext]
        fresh = self._find_unknown(folder, keys)[:LISTING_STEP]
        items = transport.describe(folder.remote_name, fresh)
        _folder, added = self.work.fenced(
            lambda env: self._save_truth(env, folder, doubt.told, shown, items)
        )
        self.work.add(listed=added.count)

    def _save_truth(self, env, folder: FolderState, told: FolderTold, shown, items):
        """From what a listing does not show nothing is concluded unless it is whole
        (I7); what it does show is taken (I1)."""
        whole = len(shown.keys) >= shown.count
        if whole:
            uids = [int(key) for key in shown.keys]
            missing = comparing.reconcile(
                env.cr, folder.id, folder.uidvalidity, shown.keys
            )
            kept = uidset.members(uidset.keep(folder.outside, uids))
            known = ledger.known_uids(
                env.cr, folder.id, folder.uidvalidity, sorted(kept)
            )
            folder = replace(folder, outside=uidset.dump(kept - known))
            self._note_missing(env, folder, missing)
            folder = self._give_back(env, folder, told, uids)
        else:
            self._note_incomplete(env, folder, shown.count)
        folder, added = self._take(env, folder, items)
        folder = self._agree(env, folder, shown.count)
        state.save_cursor(env, folder, shown.count if whole else None)
        return folder, added

    def _note_missing(self, env, folder: FolderState, missing):
        older = bool(folder.outside)
        comparing.note(env.cr, folder.id, self.work.settings.id, missing, older)

    def _give_back(self, env, folder: FolderState, told: FolderTold, uids):
        """Numbers that the server will use again are nobody's."""
        highest = max(uids, default=0)
        if not cursor.are_numbers_given_again(folder, told.uidnext, highest):
            return folder
        uidnext = told.uidnext
        if not comparing.give_back(env.cr, folder.id, folder.uidvalidity, uidnext):
            return folder
        return replace(folder, uidnext=uidnext, live_uid=min(folder.live_uid, uidnext))

    def _look_at_flags(self, glance: Glance):
        folder = glance.folder
        newest = glance.kind == cursor.NEWEST_FLAGS
        flags = self.work.connection.transport.flags(
            folder.remote_name,
            since=folder.modseq if glance.kind == cursor.CHANGED_FLAGS else 0,
            first=cursor.first_of_newest(folder.uidnext) if newest else 1,
            uidvalidity=folder.uidvalidity,
        )
        if flags is None:
            return  # refused: the next pass looks at the newest

        items = self._read_labels(folder, flags)

        def save(env):
            place = (folder.id, folder.uidvalidity)
            comparing.save_flags(env.cr, *place, flags)
            state.save_flags_seen(env, folder, glance.modseq or folder.modseq)
            return gmail.keep(env.cr, self.work.settings.id, *place, items)

        self.work.add(listed=self.work.fenced(save))

    def _read_labels(self, folder: FolderState, flags):
        """On Gmail a label changes as a flag does; of the newest that changed."""
        transport = self.work.connection.transport
        if not flags or not transport.tells_labels:
            return ()
        keys = [str(uid) for uid in sorted(flags)[-MOST_LABELLED:]]
        return transport.describe(folder.remote_name, keys)


def _now() -> datetime:
    """Naive UTC to the second, as the database keeps it."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
