# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""IMAP for the engine: lists and fetches, and changes nothing.

The only commands sent are CAPABILITY, STARTTLS, LOGIN or AUTHENTICATE, ID, LIST or
XLIST, EXAMINE, UID SEARCH, UID FETCH with BODY.PEEK, NOOP and LOGOUT (invariant I3),
and APPEND for the Sent copy of a mail that was sent (``imapsent.py``).
Each has a deadline and a budget of bytes, and every public method raises
MailServerError and nothing else (``session.py``).

What can change behind our back: mails arrive and vanish between any two commands;
UIDVALIDITY changes only when a folder is opened, so it is compared there.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from . import gmail, imapfetch, roles, uidset
from .base import (
    Cursor,
    Estimate,
    FetchedMail,
    FolderKeys,
    Listing,
    RemoteFolder,
    RemoteItem,
)
from .errors import Absurd, MailServerError, Refused, decode_text
from .errorwords import UNWELL
from .imapheaders import HeaderReader
from .imapparse import (
    date_of,
    flags_of,
    parse_fetch,
    parse_list_line,
    records,
    size_of,
)
from .imapsearch import Searches
from .imapsent import SentCopies
from .imapsession import ImapSession
from .imapwire import Client, folder_argument

MAX_UID = 2**32 - 1
# Answers that list: a million UIDs by SEARCH, a line each by FETCH.
SEARCH_BYTES = 16 * 1024 * 1024
LISTING_BYTES = 64 * 1024 * 1024
# Each becomes a row: more than people have, fewer than hold up a server of ours.
MOST_FOLDERS = 5000
# Of a large folder so many mails are looked at for an estimate.
SAMPLE = 2000
_EXCHANGE = re.compile(r"microsoft exchange|office365|outlook", re.I)


@dataclass
class _Backlog:
    """UIDs that a SEARCH told and that no step has returned yet: a folder of a
    million mails is searched once, not once a step."""

    folder: str
    uidvalidity: int
    uidnext: int
    count: int
    uids: array
    next: int

    def serves(self, folder: str, cursor: Cursor) -> bool:
        asked = (folder, cursor.uidvalidity, cursor.uidnext)
        ours = (self.folder, self.uidvalidity, self.next)
        return bool(self.uids) and asked == ours

    def cut(self, limit: int) -> array:
        step, self.uids = self.uids[:limit], self.uids[limit:]
        self.next = step[-1] + 1 if self.uids else max(self.next, self.uidnext)
        if step:
            self.next = max(self.next, step[-1] + 1)
        return step


class ImapTransport(Searches, SentCopies, HeaderReader, ImapSession):
    """See ``base.Transport``."""

    protocol = "imap"

    def __init__(self, address, credentials, **options):
        self._pace = imapfetch.Pace()
        # by folder, as last listed: outlives a reconnect
        self._validities: dict[str, int] = {}
        super().__init__(address, credentials, **options)

    def _forget_folder(self) -> None:
        self._folder: str | None = None
        self._opened = (0, 0, 0)
        self._backlog: _Backlog | None = None

    # -- folders and listings ---------------------------------------------------

    def folders(self) -> list[RemoteFolder]:
        client = self._connected("folders")
        lines = self._list_lines(client)
        exchange = bool(
            _EXCHANGE.search(decode_text(client.greeting) + self.address.host)
        )
        found = {}
        for flags, delimiter, key in lines:
            folder = roles.folder(flags, delimiter, key, exchange=exchange)
            known = found.get(key)
            if known is None or known.role == "other":
                found[key] = folder
        if not found:
            raise MailServerError("protocol", "no folders listed", "folders")
        return [*found.values()]

    def _list_lines(self, client: Client) -> list:
        """Special-use flags come with a plain LIST on most servers; RFC 6154 lets
        them wait until asked for, and before there was XLIST."""
        if client.has("SPECIAL-USE") and client.has("LIST-EXTENDED"):
            attempts = [("LIST", b'"" "*" RETURN (SPECIAL-USE)'), ("LIST", b'"" "*"')]
        elif client.has("XLIST") and not client.has("SPECIAL-USE"):
            attempts = [("XLIST", b'"" "*"'), ("LIST", b'"" "*"')]
        else:
            attempts = [("LIST", b'"" "*"')]
        for command, argument in attempts[:-1]:
            try:
                return self._list_command(client, command, argument)
            except MailServerError:
                if self._client is None:
                    raise
        return self._list_command(client, *attempts[-1])

    def _list_command(self, client: Client, command: str, argument: bytes) -> list:
        with self._step("folders", budget=SEARCH_BYTES):
            client.run(command, argument)
            told = records(client.untagged(command))
            if len(told) > MOST_FOLDERS:
                raise Absurd(f"{len(told)} folders")
            lines = [parse_list_line(record) for record in told]
        return [line for line in lines if line and line[2]]

    def list(self, folder: str, cursor: Cursor, limit: int) -> Listing:
        self._connected("list")
        backlog = self._backlog
        if not (backlog and backlog.serves(folder, cursor)):
            backlog = self._backlog = self._look(folder, cursor)
        step = backlog.cut(max(1, limit))
        items = self._describe(step) if step else ()
        return Listing(
            cursor=Cursor(backlog.uidvalidity, backlog.next),
            count=backlog.count,
            uidnext=backlog.uidnext,
            items=items,
            more=bool(backlog.uids),
        )

    def keys(self, folder: str) -> FolderKeys:
        self._connected("list")
        found = self._look(folder, Cursor())
        keys = tuple(map(str, found.uids))
        return FolderKeys(found.uidvalidity, found.uidnext, found.count, keys)

    def end(self, folder: str) -> Cursor:
        """Nothing is listed where the server tells it by itself."""
        self._connected("list")
        self._examine(folder)
        uidvalidity, uidnext, _count = self._opened
        if not uidnext:
            uidnext = self._look(folder, Cursor()).uidnext
        return Cursor(uidvalidity, uidnext)

    def describe(self, folder: str, keys: Sequence[str]) -> tuple[RemoteItem, ...]:
        self._reopen(folder, 0)
        return self._describe(array("L", sorted(map(int, keys)))) if keys else ()

    def _look(self, folder: str, cursor: Cursor) -> _Backlog:
        """Open the folder anew: the counts of an open one grow stale."""
        self._examine(folder)
        uidvalidity, uidnext, count = self._opened
        self._validities[folder] = uidvalidity
        same = cursor.uidvalidity in (0, uidvalidity)
        start = max(1, cursor.uidnext) if same else 1
        nothing_new = uidnext and uidnext <= start
        uids = array("L") if nothing_new else self._uids_from(start, count)
        # a server may tell no UIDNEXT, or one behind what it lists
        after = max(uidnext, uids[-1] + 1 if uids else start)
        return _Backlog(folder, uidvalidity, after, count, uids, start)

    def _examine(self, folder: str) -> None:
        try:
            self._examine_once(folder)
        except MailServerError as exc:
            if exc.code != "client_id_required" or self._client is None:
                raise
            self._identify()
            self._examine_once(folder)

    def _examine_once(self, folder: str) -> None:
        client = self._connected("list")
        self._forget_folder()
        try:
            argument = folder_argument(folder)
        except ValueError:
            raise MailServerError("folder_gone", "unusable name", "examine") from None
        with self._step("examine"):
            client.imap.state = "AUTH"
            client.imap.is_readonly = True
            client.run("EXAMINE", argument)
            client.imap.state = "SELECTED"
            # RFC 3501 allows servers without UIDVALIDITY; 0 means "never listed"
            self._opened = (
                client.numbers("UIDVALIDITY") or 1,
                client.numbers("UIDNEXT") or 0,
                client.numbers("EXISTS") or 0,
            )
        self._folder = folder

    def _uids_from(self, start: int, count: int) -> array:
        """Ascending UIDs from there on. ``n:*`` names the last mail even when its UID
        is below n (RFC 3501 section 6.4.8), hence the filter."""
        uids, expunged = self._search(start)
        if uids is None or (start == 1 and len(uids) < count - expunged):
            # no or too few answers; Tencent's SEARCH is crippled, FETCH is not
            uids = (uids or set()) | self._fetch_uids(start)
        return array("L", sorted(u for u in uids if start <= u <= MAX_UID))

    def _search(self, start: int) -> tuple[set[int] | None, int]:
        client = self._client
        try:
            with self._step("list", budget=SEARCH_BYTES):
                client.run("UID", b"SEARCH", b"UID %d:*" % start)
                answers = client.untagged("SEARCH")
                expunged = len(client.untagged("EXPUNGE"))
                found = _numbers(answers) if answers else None
        except MailServerError as exc:
            if self._client is None or (exc.transient and exc.code != "protocol"):
                raise
            return None, 0
        return found, expunged

    def _fetch_uids(self, start: int) -> set[int]:
        if not self._opened[2]:
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
        if self._client.has(gmail.CAPABILITY):
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
        uids = self._look(folder, Cursor()).uids
        sample = self._describe(uids[:: max(1, len(uids) // SAMPLE)])
        scale = len(uids) / max(1, len(sample))
        found = []
        for date in since:
            sizes = [item.size for item in sample if _is_since(item, date)]
            found.append(Estimate(round(scale * len(sizes)), round(scale * sum(sizes))))
        return tuple(found)

    # -- mails ------------------------------------------------------------------

    def fetch(
        self,
        folder: str,
        items: Sequence[RemoteItem],
        max_bytes: int,
        uidvalidity: int = 0,
    ) -> Iterator[FetchedMail]:
        uidvalidity = uidvalidity or self._validities.get(folder, 0)
        self._reopen(folder, uidvalidity)
        fetcher = imapfetch.MailFetcher(
            self.uid_fetch,
            lambda refused: self._classify(refused, "fetch"),
            max_bytes,
            self._pace,
        )
        for mail in fetcher.fetch([item for item in items if item.uid > 0]):
            yield mail
            self._reopen(folder, uidvalidity)  # the caller may have listed another

    def _reopen(self, folder: str, uidvalidity: int) -> None:
        self._connected("fetch")
        if self._folder != folder:
            self._examine(folder)
        if uidvalidity and self._opened[0] != uidvalidity:
            raise MailServerError("folder_gone", "UIDVALIDITY changed", "fetch")

    def uid_fetch(
        self, uid_set: str, attributes: str, budget: int = 0, phase: str = "fetch"
    ):
        """For this room: ``({uid: attributes}, unreadable, Refused or None)``. What
        came before a NO or BAD counts; throttling and the like raise."""
        client = self._connected(phase)
        refused = None
        with self._step(phase, budget=budget or LISTING_BYTES, patient=True):
            try:
                client.run(
                    "UID", b"FETCH", uid_set.encode(), b"(%s)" % attributes.encode()
                )
            except Refused as exc:
                if self._is_serious(exc, phase):
                    raise
                refused = exc
                self._note(f"{phase}: {exc.status} {decode_text(exc.text)}")
            found, unreadable = parse_fetch(client.untagged("FETCH"))
        return found, unreadable, refused

    def _is_serious(self, exc: Refused, phase: str) -> bool:
        """Not the fault of what was asked for."""
        if exc.status == "BYE":
            return True
        # "Internal error" and the like: often one corrupt mail (Dovecot, Exchange)
        if UNWELL.search(decode_text(exc.text[:1000])):
            return False
        return self._classify(exc, phase).code != "protocol"


def _numbers(answers: list) -> set[int]:
    """The UIDs of SEARCH answers, without a MODSEQ that may follow."""
    found: set[int] = set()
    for answer in answers:
        if isinstance(answer, bytes):
            words = answer.partition(b"(")[0].split()
            found.update(int(word) for word in words if word.isdigit())
    return found


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
