# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fetching mails over an open folder, in batches bounded by bytes.

``MailFetcher`` asks through ``imap.ImapTransport.uid_fetch`` and knows no sockets.
One mail that a server cannot hand over does not take its batch along (invariant I5):
it is asked for alone and, if still refused, comes with an ``error``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import monotonic

from . import imapreduce, uidset
from .base import FetchedMail, RemoteItem
from .errors import MailServerError, Refused, decode_text, one_line
from .imapparse import attribute, bytes_of, date_of, flags_of, size_of
from .imapwire import MAX_LITERAL

BATCH_MAILS = 50
BATCH_BYTES = 8 * 1024 * 1024
FIRST_BATCH_BYTES = 2 * 1024 * 1024
SMALLEST_BATCH_BYTES = 256 * 1024
# A batch should not take longer than this on the line as measured.
BATCH_SECONDS = 2.0
# Sizes are estimates on Exchange, Gmail and Coremail: this much more is borne.
SIZE_TOLERANCE = 1.5
# Mails refused one after the other without any success: the folder is the matter.
MAX_REFUSED_IN_A_ROW = 5

ATTRIBUTES = "UID FLAGS INTERNALDATE RFC822.SIZE"
_VANISHED = re.compile(r"no longer exist|no matching messages|message not found", re.I)


def batches(
    items: Sequence[RemoteItem], max_mails: int, max_bytes: int
) -> Iterator[list[RemoteItem]]:
    """Consecutive groups in the order given, each at least one mail."""
    group, weight = [], 0
    for item in items:
        if group and (len(group) >= max_mails or weight + item.size > max_bytes):
            yield group
            group, weight = [], 0
        group.append(item)
        weight += item.size
    if group:
        yield group


class Pace:
    """How many bytes to ask for at once on this line."""

    def __init__(self):
        self.rate = None

    def measure(self, count: int, seconds: float) -> None:
        if count < 64 * 1024:
            return  # says more about latency than about the line
        rate = count / max(seconds, 0.001)
        self.rate = rate if self.rate is None else (self.rate + rate) / 2

    def batch_bytes(self) -> int:
        if self.rate is None:
            return FIRST_BATCH_BYTES
        wanted = int(self.rate * BATCH_SECONDS)
        return max(SMALLEST_BATCH_BYTES, min(BATCH_BYTES, wanted))


class MailFetcher:
    """``uid_fetch(uid_set, attributes, budget)`` returns ``({uid: attributes},
    unreadable uids, Refused or None)``; ``blame`` types a Refused."""

    def __init__(self, uid_fetch, blame, max_bytes: int, pace: Pace):
        self._uid_fetch = uid_fetch
        self._blame = blame
        self._max_bytes = max_bytes
        self._pace = pace

    def fetch(self, items: Sequence[RemoteItem]) -> Iterator[FetchedMail]:
        waiting = self._with_sizes(items)
        while waiting:
            batch = self._next_batch(waiting)
            del waiting[: len(batch)]
            try:
                if self._is_large(batch[0].size):
                    yield from self._reduced(batch[0])
                else:
                    yield from self._batch(batch)
            except MailServerError as exc:
                # one mail may crash the server or time out, every time: whoever
                # tries again must be able to ask for these one by one
                exc.keys = tuple(item.key for item in batch)
                raise

    def _next_batch(self, waiting: list[RemoteItem]) -> list[RemoteItem]:
        small = self._leading_small(waiting) or waiting[:1]
        return next(batches(small, BATCH_MAILS, self._pace.batch_bytes()))

    def _leading_small(self, waiting):
        small = []
        for item in waiting[:BATCH_MAILS]:
            if self._is_large(item.size):
                break
            small.append(item)
        return small

    def _is_large(self, size: int) -> bool:
        return size > self._max_bytes

    def _with_sizes(self, items) -> list[RemoteItem]:
        """Mails of unknown size could be of any: ask, in one command a chunk."""
        unknown = [item.uid for item in items if item.size <= 0]
        sizes = {}
        for uid_set, _uids in uidset.chunks(unknown):
            found, _unreadable, _refused = self._uid_fetch(uid_set, "UID RFC822.SIZE")
            sizes.update({uid: size_of(values) for uid, values in found.items()})
        return [
            replace(item, size=sizes[item.uid]) if sizes.get(item.uid) else item
            for item in items
        ]

    # -- whole mails ------------------------------------------------------------

    def _batch(self, batch: list[RemoteItem]) -> Iterator[FetchedMail]:
        answers, doubtful, refused = self._ask_whole(batch)
        again = []
        delivered = False
        for item in batch:
            values = answers.get(item.uid)
            body = bytes_of(attribute(values, b"BODY[]")) if values else None
            if body:
                delivered = True
                yield from self._checked(item, values, body)
            elif values or refused or item.uid in doubtful or 0 in doubtful:
                again.append(item)
            # else: the server says nothing about it, so it is no longer there
        yield from self._one_by_one(again, delivered)

    def _ask_whole(self, batch):
        started = monotonic()
        weight = sum(item.size for item in batch)
        answers, doubtful, refused = self._uid_fetch(
            uidset.compact(item.uid for item in batch),
            ATTRIBUTES + " BODY.PEEK[]",
            MAX_LITERAL + 2 * weight,
        )
        self._pace.measure(weight, monotonic() - started)
        if refused and _VANISHED.search(decode_text(refused.text)):
            refused = None  # success without those that are gone (imapflow 565f988)
        return answers, doubtful, refused

    def _checked(self, item, values, body) -> Iterator[FetchedMail]:
        if len(body) > self._max_bytes * SIZE_TOLERANCE:
            yield from self._reduced(item)  # the size told was a lie
        else:
            yield _mail(item, values, body)

    def _one_by_one(self, items, delivered: bool) -> Iterator[FetchedMail]:
        """Mails that spoiled their batch. Fewer attributes are asked for: a broken
        mail often breaks just the computed ones."""
        failed = 0
        for item in items:
            values, error = self._ask_alone(item)
            body = bytes_of(attribute(values, b"BODY[]"))
            if body:
                delivered = True
                yield from self._checked(item, values, body)
            elif values is not _GONE:
                failed += 1
                if failed >= MAX_REFUSED_IN_A_ROW and not delivered:
                    raise self._blame(Refused("NO", error.encode()))
                yield _mail(item, values, b"", error=error)

    def _ask_alone(self, item) -> tuple[dict, str]:
        """``(attributes, error)``; ``_GONE`` for a mail that is no longer there."""
        found, doubtful, refused = self._uid_fetch(
            str(item.uid), "UID BODY.PEEK[]", MAX_LITERAL + 2 * item.size
        )
        values = found.get(item.uid)
        if values is not None:
            return values, "the server gives no content"
        if refused and not _VANISHED.search(decode_text(refused.text)):
            return {}, one_line(decode_text(refused.text)) or refused.status
        return ({}, "unreadable answer") if doubtful else (_GONE, "")

    # -- reduced mails ----------------------------------------------------------

    def _reduced(self, item: RemoteItem) -> Iterator[FetchedMail]:
        """Built of what the sender wrote: whatever that does to us, it is this mail's
        matter alone."""
        try:
            yield from self._reduce(item)
        except (ValueError, TypeError, LookupError, AttributeError) as exc:
            yield _mail(item, {}, b"", reduced=True, error=type(exc).__name__)

    def _reduce(self, item: RemoteItem) -> Iterator[FetchedMail]:
        head = f"BODY.PEEK[HEADER]<0.{imapreduce.HEADER_BYTES}>"
        uid = str(item.uid)
        found, doubtful, refused = self._uid_fetch(
            uid, f"{ATTRIBUTES} BODYSTRUCTURE {head}"
        )
        values = found.get(item.uid)
        if values is None and not doubtful and not refused:
            return
        raw = self._rebuilt(uid, values) if values else None
        if raw is None:
            raw = self._cut(item)
        error = "" if raw else "the server gives no content"
        yield _mail(item, values or {}, raw, reduced=True, error=error)

    def _rebuilt(self, uid: str, values: dict) -> bytes | None:
        header = bytes_of(attribute(values, b"BODY[HEADER]"))
        structure = values.get(b"BODYSTRUCTURE")
        if not header or not isinstance(structure, tuple) or not structure:
            return None
        try:
            texts, omitted = imapreduce.plan(structure)
        except (IndexError, TypeError, ValueError, AttributeError):
            return None
        single = not isinstance(structure[0], list) and bool(texts)
        parts = [self._part(uid, part, single) for part in texts]
        return imapreduce.rebuild(
            header, [part for part in parts if part], omitted, single
        )

    def _part(self, uid: str, part: imapreduce.Part, single: bool):
        wanted = f"BODY.PEEK[{part.number}]<0.{imapreduce.TEXT_BYTES}>"
        if not single:
            wanted += f" BODY.PEEK[{part.number}.MIME]"
        found, _doubtful, _refused = self._uid_fetch(uid, f"UID {wanted}", MAX_LITERAL)
        values = found.get(int(uid), {})
        body = bytes_of(attribute(values, f"BODY[{part.number}]".encode()))
        if body is None:
            return None
        mime = bytes_of(attribute(values, f"BODY[{part.number}.MIME]".encode())) or b""
        # some servers ignore the range and send the whole part (imapflow 7281ce9)
        return part, mime, body[: imapreduce.TEXT_BYTES]

    def _cut(self, item: RemoteItem) -> bytes:
        """No readable structure: the first bytes of the mail as they are."""
        found, _doubtful, _refused = self._uid_fetch(
            str(item.uid), f"UID BODY.PEEK[]<0.{imapreduce.TEXT_BYTES}>", MAX_LITERAL
        )
        body = bytes_of(attribute(found.get(item.uid, {}), b"BODY[]"))
        return imapreduce.cut(body[: imapreduce.TEXT_BYTES]) if body else b""


_GONE: dict = {}


def _mail(item, values, raw, *, reduced=False, error="") -> FetchedMail:
    """What this answer tells, else what the listing told."""
    return FetchedMail(
        key=item.key,
        uid=item.uid,
        raw=raw,
        size=size_of(values) or item.size or len(raw),
        internaldate=date_of(values) or item.internaldate,
        flags=flags_of(values) if b"FLAGS" in values else item.flags,
        reduced=reduced,
        error=error,
        omitted=imapreduce.omitted(raw) if reduced else (),
    )
