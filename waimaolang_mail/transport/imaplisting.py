# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of IMAP what a folder holds: new mail from the cursor on, then history from the
newest down; which mails there are at all; how their flags changed.

    look(): STATUS -> nothing new: no more is asked
      list(): EXAMINE -> new mail: UID SEARCH from a little below the cursor
                      -> history:  UID SEARCH of all, described in steps

To open a folder of 100,000 mails takes Dovecot a quarter of a second; STATUS takes less
or nothing (measured), tells the same, and must not touch the folder (RFC 3501 section
6.3.10). Of a folder that is open it may be stale: that one is left by UNSELECT (RFC
3691), or, where the server has none, opened anew.

QRESYNC is never enabled: its answers are right on few servers (EmailEngine#113).
HIGHESTMODSEQ needs no ENABLE (iCloud answers it with an empty list): it is told where
the server has one, with EXAMINE (RFC 7162 section 3.1.2.1).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from . import gmail, ownwords, uidset
from .base import Cursor, Estimate, FolderKeys, FolderTold, Listing, RemoteItem
from .errors import MailServerError
from .imapparse import (
    MAX_UID,
    date_of,
    flags_of,
    parse_status,
    size_of,
    told_of,
    uids_of,
)
from .imapwire import folder_argument

# Answers that list: a million UIDs by SEARCH, a line each by FETCH.
SEARCH_BYTES = 16 * 1024 * 1024
LISTING_BYTES = 64 * 1024 * 1024
# Of a large folder so many mails are looked at for an estimate.
SAMPLE = 2000
# On clustered servers a mail may become visible after one of a higher UID.
OVERLAP = 200


@dataclass
class _Backlog:
    """UIDs that a SEARCH told and that no step has returned yet: a folder of a
    million mails is searched once, not once a step. ``new`` and ``old`` ascend; what
    is new goes first."""

    folder: str
    told: FolderTold
    cursor: Cursor
    after: int
    new: array
    old: array
    near: tuple[int, ...] = ()
    whole: bool = True

    @property
    def more(self) -> bool:
        return bool(self.new or self.old)

    def serves(self, folder: str, cursor: Cursor) -> bool:
        return self.more and (folder, cursor) == (self.folder, self.cursor)

    def cut(self, limit: int) -> array:
        validity, uidnext = self.told.uidvalidity, self.cursor.uidnext
        if self.new:
            step, self.new = self.new[:limit], self.new[limit:]
            uidnext = step[-1] + 1 if self.new else self.after
            backfill = self.cursor.backfill if self.old else 0
        else:
            step, self.old = self.old[-limit:], self.old[:-limit]
            uidnext = max(uidnext, self.after)
            backfill = step[0] if self.old else 0
        self.cursor = Cursor(validity, uidnext, backfill)
        return step


class ImapListing:
    """Part of ``imap.ImapTransport``."""

    # The server announces CONDSTORE and does not understand it.
    _refuses_changes = False
    _refuses_status = False

    @property
    def tells_labels(self) -> bool:
        return bool(self._client and self._client.has(gmail.CAPABILITY))

    def _forget_listing(self) -> None:
        self._looked = False
        self._backlog: _Backlog | None = None

    def look(self, folder: str) -> FolderTold:
        self._connected("list")
        must_open = self._refuses_status or (
            self._folder == folder and not self._leave_folder()
        )
        told = None if must_open else self._ask_status(folder)
        if told is None:
            self._examine(folder)
            # a folder that cannot be opened tells nothing about STATUS
            self._refuses_status = self._refuses_status or not must_open
            self._looked = True
            told = self._opened
        return told._replace(modseq=0) if self._refuses_changes else told

    def count(self, folder: str) -> int | None:
        """How many mails are in a folder that is not opened for it, by one round trip;
        None where the server does not tell."""
        told = None if self._refuses_status else self._ask_status(folder)
        return told and told.count

    def _ask_status(self, folder: str) -> FolderTold | None:
        """None where the server tells too little, or refuses."""
        client = self._connected("list")
        wanted = b"(MESSAGES UIDNEXT UIDVALIDITY"
        if client.has("CONDSTORE") and not self._refuses_changes:
            wanted += b" HIGHESTMODSEQ"
        try:
            argument = folder_argument(folder)
            with self._step("status"):
                client.run("STATUS", argument, wanted + b")")
                told = parse_status(client.untagged("STATUS"))
        except ValueError:
            raise MailServerError(
                "folder_gone", ownwords.UNUSABLE_NAME, "status"
            ) from None
        except MailServerError:
            if self._client is None:
                raise
            return None  # opening it says why
        if "UIDVALIDITY" not in told or "MESSAGES" not in told:
            return None
        return told_of(
            told["UIDVALIDITY"],
            told.get("UIDNEXT"),
            told["MESSAGES"],
            told.get("HIGHESTMODSEQ"),
        )

    def _leave_folder(self) -> bool:
        client = self._connected("list")
        if not client.has("UNSELECT"):
            return False
        with self._step("unselect"):
            client.run("UNSELECT")
            client.imap.state = "AUTH"
        self._forget_folder()
        return True

    def list(self, folder: str, cursor: Cursor, limit: int) -> Listing:
        self._connected("list")
        backlog = self._backlog
        if not (backlog and backlog.serves(folder, cursor)):
            if not (self._looked and self._folder == folder):
                self._examine(folder)
            backlog = self._backlog = self._search_from(folder, cursor)
        self._looked = False
        near, backlog.near = backlog.near, ()
        step = backlog.cut(max(1, limit))
        items = self._describe(step) if step else ()
        return Listing(
            cursor=backlog.cursor,
            count=backlog.told.count,
            uidnext=backlog.told.uidnext or backlog.after,
            items=items,
            more=backlog.more,
            near=near,
            whole=backlog.whole,
        )

    def _search_from(self, folder: str, cursor: Cursor) -> _Backlog:
        told = self._opened
        self._validities[folder] = told.uidvalidity
        start = cursor.uidnext
        nothing = array("L")
        if cursor.uidvalidity != told.uidvalidity or start <= 1:
            uids, whole = self._all_uids()
            after = _after(told, uids)
            fresh = Cursor(told.uidvalidity, after, after if uids else 0)
            return _Backlog(folder, told, fresh, after, nothing, uids, whole=whole)
        if cursor.backfill:
            uids, whole = self._all_uids()
        elif told.uidnext and told.uidnext <= start:
            return _Backlog(folder, told, cursor, start, nothing, nothing)
        else:
            uids, whole = self._uids_from(max(1, start - OVERLAP)), True
        new = array("L", (uid for uid in uids if uid >= start))
        old = array("L", (uid for uid in uids if uid < cursor.backfill))
        lowest = max(cursor.backfill, start - OVERLAP)
        near = tuple(uid for uid in uids if lowest <= uid < start)
        after = max(start, _after(told, new))
        return _Backlog(folder, told, cursor, after, new, old, near, whole)

    def keys(self, folder: str) -> FolderKeys:
        told, uids = self._read_all(folder)
        return FolderKeys(
            told.uidvalidity, _after(told, uids), told.count, tuple(map(str, uids))
        )

    def end(self, folder: str) -> Cursor:
        """Nothing is listed where the server tells it by itself."""
        self._connected("list")
        self._examine(folder)
        uidvalidity, uidnext = self._opened.uidvalidity, self._opened.uidnext
        if not uidnext:
            uidnext = _after(self._opened, self._all_uids()[0])
        return Cursor(uidvalidity, uidnext)

    def describe(self, folder: str, keys: Sequence[str]) -> tuple[RemoteItem, ...]:
        self._reopen(folder, 0)
        return self._describe(array("L", sorted(map(int, keys)))) if keys else ()

    def flags(
        self, folder: str, since: int = 0, first: int = 1, uidvalidity: int = 0
    ) -> dict[int, frozenset[str]] | None:
        self._reopen(folder, uidvalidity)
        if not self._opened.count:
            return {}  # ``1:*`` is an error in an empty folder
        found, _doubtful, refused = self.uid_fetch(
            f"{max(1, first)}:*",
            "UID FLAGS",
            phase="list",
            modifier=f"(CHANGEDSINCE {since})" if since else "",
        )
        if refused:
            self._refuses_changes = True
            return None
        return {
            uid: flags_of(values)
            for uid, values in found.items()
            if uid >= first and b"FLAGS" in values
        }

    # -- UIDs -------------------------------------------------------------------------

    def _read_all(self, folder: str) -> tuple[FolderTold, array]:
        """Opened anew: the counts of an open folder grow stale."""
        self._connected("list")
        self._examine(folder)
        self._validities[folder] = self._opened.uidvalidity
        return self._opened, self._all_uids()[0]

    def _all_uids(self) -> tuple[array, bool]:
        """Ascending; false where they are fewer than the server counts, though it was
        asked in two ways: Tencent's SEARCH is crippled, its FETCH is not."""
        count = self._opened.count
        if not count and self._opened.uidnext:
            return array("L"), True
        found, expunged = self._search(1)
        if found is None or len(found) < count - expunged:
            found = (found or set()) | self._fetch_uids(1)
        return _sorted(found, 1), len(found) >= count - expunged

    def _uids_from(self, start: int) -> array:
        """``n:*`` names the last mail even when its UID is below n (RFC 3501 section
        6.4.8), hence the filter."""
        found, _expunged = self._search(start)
        return _sorted(self._fetch_uids(start) if found is None else found, start)

    def _search(self, start: int) -> tuple[set[int] | None, int]:
        """``(UIDs, how many were expunged meanwhile)``; None: no answer."""
        client = self._client
        try:
            with self._step("list", budget=SEARCH_BYTES):
                client.run("UID", b"SEARCH", b"UID %d:*" % start)
                answers = client.untagged("SEARCH")
                expunged = len(client.untagged("EXPUNGE"))
                found = uids_of(answers) if answers else None
        except MailServerError as exc:
            if self._client is None or (exc.transient and exc.code != "protocol"):
                raise
            return None, 0
        return found, expunged

    def _fetch_uids(self, start: int) -> set[int]:
        if not self._opened.count:
            return set()  # ``1:*`` is an error in an empty folder
        found, _doubtful, refused = self.uid_fetch(f"{start}:*", "UID", phase="list")
        if refused:
            raise self._classify(refused, "list")
        return set(found)

    def _describe(self, uids: array) -> tuple[RemoteItem, ...]:
        """Sizes, dates and flags; a UID that the server says nothing about stays in
        the list, since it was listed (invariant I1)."""
        known = {}
        attributes = "UID RFC822.SIZE INTERNALDATE FLAGS"
        if self.tells_labels:
            attributes = f"{attributes} {gmail.ATTRIBUTES}"
        for uid_set, _members in uidset.chunks(uids):
            found, _doubtful, _refused = self.uid_fetch(
                uid_set, attributes, phase="list"
            )
            known.update(found)
        return tuple(_item(uid, known.get(uid, {})) for uid in uids)

    def estimate(
        self, folder: str, since: Sequence[datetime | None]
    ) -> tuple[Estimate, ...]:
        """By an even sample of a large folder: UIDs ascend with the arrival."""
        _told, uids = self._read_all(folder)
        sample = self._describe(uids[:: max(1, len(uids) // SAMPLE)])
        scale = len(uids) / max(1, len(sample))
        found = []
        for date in since:
            sizes = [item.size for item in sample if _is_since(item, date)]
            found.append(Estimate(round(scale * len(sizes)), round(scale * sum(sizes))))
        return tuple(found)


def _after(told: FolderTold, uids: array) -> int:
    """Where new mail starts: a server may tell no UIDNEXT, or one behind what it
    lists, or mail arrived in between."""
    return max(1, told.uidnext, uids[-1] + 1 if uids else 1)


def _sorted(uids: set[int], start: int) -> array:
    return array("L", sorted(uid for uid in uids if start <= uid <= MAX_UID))


def _item(uid: int, values: dict) -> RemoteItem:
    return RemoteItem(
        str(uid),
        uid,
        size_of(values),
        date_of(values),
        flags_of(values),
        gmail.message_id(values),
        gmail.labels(values),
    )


def _is_since(item: RemoteItem, date: datetime | None) -> bool:
    return date is None or item.internaldate is None or item.internaldate >= date
