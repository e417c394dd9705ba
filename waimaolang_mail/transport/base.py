# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every transport (IMAP, POP3, Gmail, Graph) offers to the engine.

This room talks to mail servers and knows nothing of Odoo. A transport reads
only: it never sets a flag, moves or deletes (invariant I3). It raises
``errors.MailServerError`` and nothing else for what a server or network did.

The life of a transport::

    connect() -> folders() -> list(folder, cursor) ... fetch(folder, items) ... close()

A transport is used by one thread at a time and may live for several passes.
"""

# ``Transport.list`` would hide the builtin in later annotations
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from .net import Deadline

SECURITY_SSL = "ssl"
SECURITY_STARTTLS = "starttls"
SECURITY_NONE = "none"

ROLES = (
    "inbox",
    "sent",
    "archive",
    "all",
    "drafts",
    "junk",
    "trash",
    "other",
)


@dataclass(frozen=True)
class ServerAddress:
    """Where to connect. ``allow_private`` lets loopback and private networks
    through the guard of ``net.resolve`` (invariant I10). ``proxy``: the URL
    ``http://host:port`` of an HTTP proxy that leads there (``tunnel.py``), "" for none;
    only an administrator sets it."""

    host: str
    port: int
    security: str = SECURITY_SSL
    allow_private: bool = False
    proxy: str = ""


@dataclass(frozen=True)
class Credentials:
    login: str
    secret: str = field(repr=False)
    method: str = "password"


# What a binding goes through, in order. Each transport has those it knows.
STEPS = ("dns", "tcp", "tls", "login", "id", "folders", "send", "receive")


@dataclass(frozen=True)
class Step:
    """What became of one of ``STEPS``: ``state`` is "ok", "failed" or "skipped" (not
    needed, or not reached); ``detail`` the server's words or what was found."""

    name: str
    state: str = "skipped"
    milliseconds: int = 0
    detail: str = ""


@dataclass(frozen=True)
class RemoteFolder:
    """``key`` is the server's own spelling (IMAP: modified UTF-7), to be sent
    back unchanged; ``path`` is the decoded one, for people."""

    key: str
    path: str
    role: str = "other"
    selectable: bool = True


@dataclass(frozen=True)
class Cursor:
    """What of a folder was listed: all below ``uidnext`` that is not below
    ``backfill`` too. ``uidvalidity`` 0 or ``uidnext`` 1 means never listed.

        1 ... backfill ... uidnext ...
        not yet | listed | new mail
    """

    uidvalidity: int = 0
    uidnext: int = 1
    backfill: int = 0


class FolderTold(NamedTuple):
    """What a server tells of a folder as a whole. ``uidnext`` 0: it does not tell;
    ``modseq``: its counter of changes, 0 where it keeps none. Both were true before
    anything else was asked."""

    uidvalidity: int = 0
    uidnext: int = 0
    count: int = 0
    modseq: int = 0


@dataclass(frozen=True)
class RemoteItem:
    """One message as the listing tells it. ``key`` identifies it within
    (folder, uidvalidity); ``uid`` is 0 where the protocol has none.
    ``size`` in bytes is a hint only (some servers estimate);
    ``internaldate`` is naive UTC, None where the server does not tell. ``gm_msgid`` and
    ``labels`` are Gmail's (``gmail.py``), 0 and None elsewhere."""

    key: str
    uid: int
    size: int = 0
    internaldate: datetime | None = None
    flags: frozenset[str] = frozenset()
    gm_msgid: int = 0
    labels: frozenset[str] | None = None


@dataclass(frozen=True)
class Listing:
    """One step of a folder's listing: new mail from the cursor on, ascending; then
    what was there before, from the newest down.

    ``items`` ascend by uid within the step; ``cursor`` is where the next step goes on
    and is safe to store with the items; ``more`` is true while the server has further
    ones. ``count`` is the server's number of messages in the folder when it was
    opened. A ``cursor.uidvalidity`` other than the one asked for means that every
    known key of the folder is void; the items are the newest ones then. ``uidnext`` is
    where new mail began when the folder was opened. ``near``: UIDs a little below the
    cursor that are there now, told with the first step; some may have appeared late.
    ``whole`` false: the server told fewer than it counts."""

    cursor: Cursor
    count: int
    uidnext: int = 0
    items: tuple[RemoteItem, ...] = ()
    more: bool = False
    near: tuple[int, ...] = ()
    whole: bool = True


@dataclass(frozen=True)
class FolderKeys:
    """All keys of a folder and nothing more about them, ascending where they are
    numbers. Fewer than ``count``: the server did not tell the whole truth."""

    uidvalidity: int
    uidnext: int
    count: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class FetchedMail:
    """The bytes of one message. ``reduced`` tells that it was larger than the
    limit and ``raw`` holds headers and text only. ``error``: the server refused to
    hand this one over, in its words, while it gave others; ``raw`` is empty.
    ``omitted``: what was left out of a reduced one, as "offer.pdf (12.5 MB)"."""

    key: str
    uid: int
    raw: bytes = field(repr=False)
    size: int = 0
    internaldate: datetime | None = None
    flags: frozenset[str] = frozenset()
    reduced: bool = False
    error: str = ""
    omitted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """How much mail a folder holds from a date on: messages and bytes, as the server
    tells them; near the truth, not exact."""

    count: int
    size: int


class Transport(Protocol):
    """``hard_deadline`` (a ``net.Deadline``, None: none) bounds all calls together;
    the engine sets it for a slice.

    ``lists_whole``: the protocol has no numbers that ascend; a listing from the
    beginning tells all messages, and ``describe`` alone tells when they arrived.
    ``tells_labels``: a listing tells the labels of mails, and their changes count as
    changes of flags.
    ``one_pass``: the connection keeps other programs out and shows no new mail, so it
    is closed after each pass; ``pause`` seconds are left until the next login.
    ``can_search``: it can be asked for a mail, see ``imapsearch.Searches``."""

    protocol: str
    hard_deadline: Deadline | None
    lists_whole: bool
    tells_labels: bool
    one_pass: bool
    can_search: bool
    pause: float

    def connect(self) -> None:
        """Resolve, connect, verify TLS, log in, identify."""

    def folders(self) -> list[RemoteFolder]:
        """All folders, non-selectable ones included, roles recognised."""

    def look(self, folder: str) -> FolderTold:
        """One round trip, whatever the folder's size. Not where ``lists_whole``."""

    def list(self, folder: str, cursor: Cursor, limit: int) -> Listing:
        """The next step from the cursor, at most ``limit`` items. The folder is opened
        anew unless ``look`` had to, or the step before is gone on with."""

    def flags(
        self, folder: str, since: int = 0, first: int = 1, uidvalidity: int = 0
    ) -> dict[int, frozenset[str]] | None:
        """{uid: flags} of the mails from UID ``first`` on, those alone that changed
        since the counter stood at ``since`` (0: of all). None: the server refuses
        that, and ``look`` tells no counter any more. ``uidvalidity``: as in ``fetch``.
        Not where ``lists_whole``."""

    def end(self, folder: str) -> Cursor:
        """Where new mail will start; not of a protocol that ``lists_whole``."""

    def keys(self, folder: str) -> FolderKeys:
        """Which messages the folder holds, told as briefly as can be."""

    def describe(self, folder: str, keys: Sequence[str]) -> tuple[RemoteItem, ...]:
        """What a listing tells of these messages; of those that are gone, nothing but
        their keys."""

    def headers(
        self, folder: str, keys: Sequence[str], uidvalidity: int = 0
    ) -> dict[str, bytes]:
        """{key: its header, or at least Message-ID, Date, From and Subject of it} of
        those that the server tells; ``uidvalidity`` as for ``fetch``."""

    def fetch(
        self,
        folder: str,
        items: Sequence[RemoteItem],
        max_bytes: int,
        uidvalidity: int = 0,
    ) -> Iterator[FetchedMail]:
        """The bytes of the items. Those larger than ``max_bytes`` come reduced;
        those that vanished meanwhile are simply absent. ``uidvalidity`` is the one
        the items were listed under (0: not checked); another one now raises
        ``folder_gone``, since the same UIDs may be other mails."""

    def estimate(
        self, folder: str, since: Sequence[datetime | None]
    ) -> tuple[Estimate, ...]:
        """For each date (naive UTC; None: from the first on) what arrived since. One
        answer each, in their order."""

    def transcript(self) -> list[str]:
        """What was said, secrets masked, newest last; for diagnosis."""

    def steps(self) -> tuple[Step, ...]:
        """How far it came, step by step, since ``connect`` was called."""

    def close(self) -> None:
        """Never raises."""
