# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""POP3 for the engine: lists and fetches, and changes nothing.

The only commands sent are those of ``pop3wire.ALLOWED``: never DELE (invariant I3).
Each has a deadline and a budget of bytes, and every public method raises
MailServerError and nothing else (``session.py``).

POP3 knows one folder, no flags, and no order that could be relied on: a mail is known
by its UIDL alone, and each session tells all of them. Message numbers hold within a
session; they are asked for anew after every login.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest

from . import imapreduce, ownwords, pop3parse
from .base import (
    Cursor,
    Estimate,
    FetchedMail,
    FolderKeys,
    Listing,
    RemoteItem,
)
from .errors import MailServerError, Refused, decode_text, one_line
from .errorwords import UNWELL
from .pop3drop import UIDVALIDITY, Maildrop, Pop3Drop
from .pop3wire import Payload

# What is read of a mail at most; what is kept is less.
MOST_BYTES = 200 * 1024 * 1024
HEADER_BYTES = 256 * 1024
# Sizes are estimates on many servers: this much more is borne.
SIZE_TOLERANCE = 1.5
# Lines of base64 hold 76 characters and CRLF.
TOP_LINES = imapreduce.TEXT_BYTES // 78
# More than any mail has.
ALL_LINES = 99_999_999
# Mails refused one after the other without any success: the mailbox is the matter.
MAX_REFUSED_IN_A_ROW = 5
# Commands on their way at once, where the server announces PIPELINING.
PIPELINED = 16
PIPELINED_BYTES = 2 * 1024 * 1024
# Mails without a date next to each other, of which an estimate asks.
PROBES = 3
_VANISHED = re.compile(
    r"no such message|(is |been |already )?(deleted|expunged)|does not exist", re.I
)


class Pop3Transport(Pop3Drop):
    """See ``base.Transport``."""

    protocol = "pop3"
    lists_whole = True

    def _forget_folder(self) -> None:
        super()._forget_folder()
        # None: not known of this server yet
        self._top_works: bool | None = None
        self._top_whole: bool | None = None

    # -- folders and listings ---------------------------------------------------

    def list(self, folder: str, cursor: Cursor, limit: int) -> Listing:
        """``cursor.uidnext`` is a message number of this session: 1 for the beginning.
        Nothing is told of the arrival: see ``describe``."""
        drop = self._open(folder)
        same = cursor.uidvalidity in (0, UIDVALIDITY)
        start = cursor.uidnext if same else 1
        numbers = [number for number in drop.keys if number >= start]
        step = numbers[: max(1, limit)]
        items = tuple(drop.item(drop.keys[number]) for number in step)
        after = Cursor(UIDVALIDITY, step[-1] + 1 if step else start)
        return Listing(after, drop.count, 0, items, len(numbers) > len(step))

    def keys(self, folder: str) -> FolderKeys:
        drop = self._open(folder)
        return FolderKeys(UIDVALIDITY, 0, drop.count, tuple(drop.keys.values()))

    def describe(self, folder: str, keys: Sequence[str]) -> tuple[RemoteItem, ...]:
        """Size and arrival, by TOP. Without an arrival where the server knows no TOP,
        or the mail no date."""
        drop = self._open(folder)
        numbers = [drop.numbers[key] for key in keys if key in drop.numbers]
        dates = self._arrivals(numbers)
        return tuple(
            drop.item(key, dates.get(drop.numbers.get(key, 0))) for key in keys
        )

    def estimate(
        self, folder: str, since: Sequence[datetime | None]
    ) -> tuple[Estimate, ...]:
        """By the sizes that LIST tells, and a bisection: servers number mails as they
        arrived. Where no date can be had, all of them are counted."""
        drop = self._open(folder)
        numbers = [*drop.keys]
        known: dict[int, datetime | None] = {}
        found = []
        for date in since:
            start = self._first_since(numbers, date, known) if date else 0
            taken = numbers[start:]
            size = sum(drop.sizes.get(number, 0) for number in taken)
            found.append(Estimate(len(taken), size))
        return tuple(found)

    def _first_since(self, numbers, date: datetime, known: dict) -> int:
        low, high = 0, len(numbers)
        while low < high:
            middle = (low + high) // 2
            near = numbers[middle : min(middle + PROBES, high)]
            arrived = self._first_date(near, known)
            if arrived is None or arrived >= date:
                high = middle
            else:
                low = middle + 1
        return low

    def _first_date(self, numbers, known: dict) -> datetime | None:
        for number in numbers:
            if number not in known:
                known[number] = self._arrivals([number]).get(number)
            if known[number]:
                return known[number]
        return None

    # -- headers ----------------------------------------------------------------

    def _arrivals(self, numbers: Sequence[int]) -> dict[int, datetime | None]:
        """{message number: arrival} of those that the server tells of."""
        return {
            number: pop3parse.arrival(top)
            for number, top in self._headers(numbers).items()
        }

    def headers(
        self, folder: str, keys: Sequence[str], uidvalidity: int = 0
    ) -> dict[str, bytes]:
        if uidvalidity not in (0, UIDVALIDITY):
            return {}
        drop = self._open(folder)
        numbers = [drop.numbers[key] for key in keys if key in drop.numbers]
        return {drop.keys[n]: top for n, top in self._headers(numbers).items()}

    def _headers(self, numbers: Sequence[int]) -> dict[int, bytes]:
        drop = self._maildrop()
        at_once = PIPELINED if self._client.has("PIPELINING") else 1
        found = {}
        for start in range(0, len(numbers), at_once):
            if self._top_works is False:
                break
            group = numbers[start : start + at_once]
            try:
                tops = self._tops(group)
            except MailServerError as exc:
                # one of them may break the connection, every time
                exc.keys = tuple(drop.keys[number] for number in group)
                raise
            for number, top in zip(group, tops, strict=True):
                if top is not None:
                    found[number] = top
        return found

    def _tops(self, numbers: Sequence[int]) -> list[bytes | None]:
        """The headers, None for each that was refused."""
        client = self._connected("list")
        tops: list[bytes | None] = []
        with self._step("list", budget=MOST_BYTES, patient=True):
            client.ask(*(f"TOP {number} 0" for number in numbers))
            for _number in numbers:
                try:
                    tops.append(client.payload(HEADER_BYTES).data)
                    self._top_works = True
                except Refused as exc:
                    self._note(f"list: {decode_text(exc.text)}")
                    tops.append(None)
        if self._top_works is None:
            self._top_works = False  # TOP is optional (RFC 1939 section 7)
        return tops

    # -- mails ------------------------------------------------------------------

    def fetch(
        self,
        folder: str,
        items: Sequence[RemoteItem],
        max_bytes: int,
        uidvalidity: int = 0,
    ) -> Iterator[FetchedMail]:
        """In the order of the items."""
        if uidvalidity not in (0, UIDVALIDITY):
            raise MailServerError("folder_gone", ownwords.OTHER_KEYS, "fetch")
        self._open(folder)
        failed, delivered = 0, False
        waiting = [item.key for item in items]
        while waiting:
            # the caller may have connected anew
            group = self._next_group(self._open(folder), waiting, max_bytes)
            for mail in self._fetch_group(group, max_bytes):
                failed += bool(mail.error)
                delivered |= not mail.error
                if failed >= MAX_REFUSED_IN_A_ROW and not delivered:
                    raise self._classify(Refused("NO", mail.error.encode()), "fetch")
                yield mail

    def _next_group(self, drop: Maildrop, waiting: list[str], max_bytes: int):
        """Takes off ``waiting`` what is asked for at once: ``(item, number)`` of one
        mail, or of several small ones where the server takes commands ahead."""
        ahead = self._client.has("PIPELINING") and self._top_works
        most = PIPELINED if ahead and self._top_whole is not False else 1
        group: list[tuple[RemoteItem, int]] = []
        weight = 0
        while waiting and len(group) < most:
            number = drop.numbers.get(waiting[0])
            if number is not None:
                item = drop.item(waiting[0])
                weight += item.size
                if group and weight > min(max_bytes, PIPELINED_BYTES):
                    break
                group.append((item, number))
            waiting.pop(0)
        return group

    def _fetch_group(self, group, max_bytes: int) -> Iterator[FetchedMail]:
        answers: list[Payload | Refused] = []
        broken = None
        if len(group) > 1:
            try:
                self._ask_many(group, int(max_bytes * SIZE_TOLERANCE), answers)
            except MailServerError as exc:
                # a reset may swallow answers that were on their way
                broken = exc
                broken.keys = tuple(item.key for item, _n in group[len(answers) :])
        for (item, number), answer in zip_longest(group, answers):
            if isinstance(answer, Payload) and self._is_good(item, answer):
                yield _mail(item, answer.data)
            elif not broken:
                yield from self._fetch_alone(item, number, max_bytes)
        if broken:
            raise broken

    def _ask_many(self, group, keep: int, answers: list) -> None:
        """All answers are read, refused or not: the next command's would be next."""
        client = self._connected("fetch")
        with self._step("fetch", budget=MOST_BYTES, patient=True):
            client.ask(*(f"TOP {number} {ALL_LINES}" for _item, number in group))
            for _mail_asked_for in group:
                try:
                    answers.append(client.payload(keep))
                except Refused as exc:
                    answers.append(exc)

    def _is_good(self, item: RemoteItem, answer: Payload) -> bool:
        whole = bool(answer.data) and not answer.cut
        return whole and self._is_whole(item.size, answer.size)

    def _fetch_alone(self, item, number: int, max_bytes: int) -> Iterator[FetchedMail]:
        try:
            mail = self._fetch_one(item, number, max_bytes)
        except MailServerError as exc:
            # one mail may crash the server or time out, every time
            exc.keys = (item.key,)
            raise
        if mail:
            yield mail

    def _fetch_one(
        self, item: RemoteItem, number: int, max_bytes: int
    ) -> FetchedMail | None:
        """None for a mail that is no longer there."""
        if item.size > max_bytes:
            keep = HEADER_BYTES + imapreduce.TEXT_BYTES
            top = self._ask(f"TOP {number} {TOP_LINES}", keep)
            if not isinstance(top, Refused):
                return _reduced(item, top)
        answer = self._ask_whole(item, number, int(max_bytes * SIZE_TOLERANCE))
        if isinstance(answer, Refused):
            text = decode_text(answer.text)
            if _VANISHED.search(text):
                return None
            return _mail(item, b"", error=one_line(text) or "the server refuses")
        if not answer.data:
            return _mail(item, b"", error="the server gives no content")
        if answer.cut or item.size > max_bytes:
            return _reduced(item, answer)  # no TOP, or the size told was a lie
        return _mail(item, answer.data)

    def _ask_whole(self, item: RemoteItem, number: int, keep: int):
        """By TOP with all lines where that is the same: RETR marks a mail as read on
        Dovecot and others, TOP does not (invariant I3; fetchmail does so too). Where
        TOP gives less than RETR, it is RETR."""
        top = None
        if self._top_works is not False and self._top_whole is not False:
            top = self._ask(f"TOP {number} {ALL_LINES}", keep)
            if isinstance(top, Refused):
                self._top_works = self._top_works or False
                if _VANISHED.search(decode_text(top.text)):
                    return top
                top = None
            elif self._is_whole(item.size, top.size):
                self._top_works = True
                return top
        answer = self._ask(f"RETR {number}", keep)
        if top is None:
            return answer
        if isinstance(answer, Refused):
            return top
        # sizes that are estimates, or a TOP that ends early: known for this session
        self._top_whole = answer.size <= top.size
        return answer

    def _is_whole(self, told: int, came: int) -> bool:
        """Sizes that were found to be estimates still tell a mail from a part of it."""
        return told <= came * 2 if self._top_whole else 0 < told <= came

    def _ask(self, command: str, keep: int):
        """A Payload, or the Refused that concerns this mail alone."""
        client = self._connected("fetch")
        with self._step("fetch", budget=MOST_BYTES, patient=True):
            client.ask(command)
            try:
                return client.payload(keep)
            except Refused as exc:
                if self._is_serious(exc):
                    raise
                self._note(f"fetch: {decode_text(exc.text)}")
                return exc

    def _is_serious(self, exc: Refused) -> bool:
        """Not the fault of what was asked for."""
        if UNWELL.search(decode_text(exc.text[:1000])):
            return False
        return self._classify(exc, "fetch").code not in ("protocol", "folder_gone")


def _reduced(item: RemoteItem, payload: Payload) -> FetchedMail:
    size = max(item.size, payload.size)
    kept = payload.data[: HEADER_BYTES + imapreduce.TEXT_BYTES]
    raw = pop3parse.reduce(kept, size) if kept else b""
    error = "" if raw else "the server gives no content"
    return _mail(item, raw, reduced=True, error=error, size=size)


def _mail(item, raw, *, reduced=False, error="", size=0) -> FetchedMail:
    return FetchedMail(
        key=item.key,
        uid=0,
        raw=raw,
        size=size or len(raw) or item.size,
        internaldate=pop3parse.arrival(raw) if raw else None,
        reduced=reduced,
        error=error,
        omitted=imapreduce.omitted(raw) if reduced else (),
    )
