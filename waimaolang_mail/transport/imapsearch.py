# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of IMAP what a person's question needs: is this mail in that folder, now?

Read-only (EXAMINE, UID SEARCH, BODY.PEEK of a few header fields). SEARCH is a hint and
never the answer: it matches parts of words, some servers do not understand HEADER or
letters beyond ASCII (Tencent), others answer with nothing at all. What it names is
looked at, and so are the newest mails where it names none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .errors import MailServerError
from .imapparse import bytes_of, date_of, parse_fetch, uids_of
from .imapwire import quote

if TYPE_CHECKING:
    from .imapwire import Client

# Of a folder so many of the mails that SEARCH names are looked at, newest first.
MOST_NAMED = 50
# Where it names none: what people miss came lately.
MOST_RECENT = 200
FIELDS = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM SENDER SUBJECT DATE)]"
LOOK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Seen:
    """A mail of the folder: its header fields as bytes; ``arrived`` is naive UTC or
    None."""

    uid: int
    headers: bytes = field(repr=False)
    arrived: datetime | None = None


@dataclass(frozen=True)
class Look:
    """``mails`` are candidates, to be compared by whoever asked. ``whole``: SEARCH gave
    an answer; else only the newest mails were looked at."""

    uidvalidity: int
    mails: tuple[Seen, ...] = ()
    whole: bool = True


class Searches:
    """Part of ``imap.ImapTransport``."""

    can_search = True

    def search(
        self, folder: str, message_id: str = "", sender: str = "", subject: str = ""
    ) -> Look:
        """Mails of which all that is given may be true; ids without <>."""
        self._connected("search")
        self._examine(folder)
        uidvalidity, count = self._opened.uidvalidity, self._opened.count
        if not count:
            return Look(uidvalidity)
        named, whole = self._named(message_id, sender, subject)
        if named:
            uids = ",".join(map(str, sorted(named)[-MOST_NAMED:]))
            mails = self._look_at(uids)
        else:
            client: Client = self._client
            mails = self._look_at_recent(client, max(1, count - MOST_RECENT + 1))
        return Look(uidvalidity, mails, whole)

    def _named(self, message_id, sender, subject) -> tuple[set[int], bool]:
        criteria, literal = _criteria(message_id, sender, subject)
        if not criteria:
            return set(), False
        client: Client = self._client
        charset = b"CHARSET UTF-8 " if literal else b""
        try:
            with self._step("search", budget=LOOK_BYTES):
                client.run("UID", b"SEARCH", charset + criteria, literal=literal)
                answers = client.untagged("SEARCH")
        except MailServerError as exc:
            if self._client is None or (exc.transient and exc.code != "protocol"):
                raise
            return set(), False  # refused: it does not know this kind of question
        return uids_of(answers), True

    def _look_at(self, uids: str) -> tuple[Seen, ...]:
        found, _doubtful, _refused = self.uid_fetch(
            uids, f"UID INTERNALDATE {FIELDS}", budget=LOOK_BYTES, phase="search"
        )
        return _seen(found)

    def _look_at_recent(self, client: Client, first: int) -> tuple[Seen, ...]:
        """By sequence numbers: UIDs may have gaps of any width."""
        with self._step("search", budget=LOOK_BYTES):
            client.run("FETCH", b"%d:*" % first, b"(UID)")
            found, _unreadable = parse_fetch(client.untagged("FETCH"))
        return self._look_at(f"{min(found)}:*") if found else ()


def _seen(found: dict) -> tuple[Seen, ...]:
    mails = []
    for uid, values in sorted(found.items()):
        told = next((v for k, v in values.items() if k.startswith(b"BODY[")), None)
        mails.append(Seen(uid, bytes_of(told) or b"", date_of(values)))
    return tuple(mails)


def _criteria(message_id: str, sender: str, subject: str):
    """``(criteria, literal or None)``: one argument may be a literal, the last one.
    What cannot be asked is left to whoever compares."""
    parts: list[bytes] = []
    literal = None
    for name, value in (
        (b"HEADER MESSAGE-ID", message_id),
        (b"FROM", sender),
        (b"SUBJECT", subject),
    ):
        value = "".join(c for c in value if c.isprintable())
        if not value:
            continue
        if value.isascii():
            parts.insert(0, name + b" " + quote(value.encode()))
        elif literal is None:
            literal = value.encode()
            parts.append(name)
    return b" ".join(parts), literal
