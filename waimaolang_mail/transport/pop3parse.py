# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What POP3 answers mean: keys, times of arrival, and large mails of which only the
beginning was asked for. Pure functions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parsedate_tz

from . import imapreduce
from .imapreduce import Part

# What PostgreSQL refuses, and what would be a line end in a header.
_HIDDEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

# A UIDL has up to 70 characters, 0x21 to 0x7E (RFC 1939 section 7).
MAX_KEY = 200
_KEY = re.compile(rb"[\x21-\x7e]+")
# Mail as known here is younger; clocks are off by hours, not by days.
EARLIEST = datetime(1990, 1, 1)
FUTURE = timedelta(hours=24)
_RECEIVED = re.compile(rb"^received[ \t]*:", re.I)
_DATE = re.compile(rb"^date[ \t]*:", re.I)
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_END = re.compile(rb"\r?\n\r?\n")


def keys(lines: Iterable[tuple[int, bytes]]) -> dict[int, str]:
    """{message number: key} of a UIDL answer. RFC 1939 lets two identical mails have
    one UIDL, and broken servers give one to mails that differ: the second is told as
    ``uidl 2`` (a UIDL holds no blank), so that none is lost."""
    found: dict[int, str] = {}
    seen: dict[str, int] = {}
    for number, uidl in sorted(dict(lines).items()):
        key = _key(uidl)
        count = seen[key] = seen.get(key, 0) + 1
        found[number] = key if count == 1 else f"{key} {count}"
    return found


def _key(uidl: bytes) -> str:
    if len(uidl) <= MAX_KEY and _KEY.fullmatch(uidl):
        return uidl.decode("ascii")
    return "sha256:" + hashlib.sha256(uidl).hexdigest()


def sizes(lines: Iterable[tuple[int, bytes]]) -> dict[int, int]:
    """{message number: bytes} of a LIST answer."""
    found = {}
    for number, rest in lines:
        word = rest.split()[0]
        if word.isdigit() and len(word) < 16:
            found[number] = int(word)
    return found


def arrival(raw: bytes, now: datetime | None = None) -> datetime | None:
    """When the mail arrived, in naive UTC: as the server that received it last says,
    else as the sender does. None where neither is believable."""
    now = now or datetime.now(timezone.utc).replace(tzinfo=None)
    head = _END.split(raw, maxsplit=1)[0]
    fields = _FOLDED.sub(b" ", head).splitlines()
    stamps = [f.rpartition(b";")[2] for f in fields if _RECEIVED.match(f)][:1]
    stamps += [f.partition(b":")[2] for f in fields if _DATE.match(f)][:1]
    for stamp in stamps:
        date = _read_date(stamp)
        if date and EARLIEST <= date <= now + FUTURE:
            return date
    return None


def _read_date(stamp: bytes) -> datetime | None:
    try:
        parsed = parsedate_tz(stamp[:200].decode("latin-1"))
        if not parsed:
            return None
        date = datetime(*parsed[:5], min(parsed[5], 59))
        return date - timedelta(seconds=parsed[9] or 0)
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError):
        return None


# -- large mails ----------------------------------------------------------------


def reduce(raw: bytes, size: int) -> bytes:
    """A valid message made of the beginning of a mail of ``size`` bytes: headers and
    text, and what is left out by name (``imapreduce.HEADER``)."""
    try:
        return _reduce(raw, size)
    except (ValueError, TypeError, LookupError, AttributeError):
        # built of what the sender wrote: whatever that does to us
        return imapreduce.cut(raw[: imapreduce.TEXT_BYTES])


def _reduce(raw: bytes, size: int) -> bytes:
    leaves = [*_leaves(raw, "", 0)]
    beyond = max(0, size - len(raw))
    texts, omitted = [], []
    for count, (part, head, body) in enumerate(leaves):
        last = count == len(leaves) - 1
        part = Part(
            part.number,
            part.type,
            part.name,
            len(body) + (beyond if last else 0),
            part.attached,
        )
        if part.is_text and len(texts) < imapreduce.MAX_TEXT_PARTS:
            texts.append((part, head, body[: imapreduce.TEXT_BYTES]))
        elif count < imapreduce.MAX_PARTS:
            omitted.append(part)
    # a single text describes itself by the mail's own header
    single = bool(texts) and leaves[0][1] == _head(raw)
    return imapreduce.rebuild(_head(raw), texts, omitted, single)


def _head(raw: bytes) -> bytes:
    return _END.split(raw, maxsplit=1)[0] + b"\r\n"


def _leaves(raw: bytes, number: str, depth: int) -> Iterator[tuple[Part, bytes, bytes]]:
    """``(part, its header, its body)``; numbered as IMAP does."""
    head, body = _head(raw), b"".join(_END.split(raw, maxsplit=1)[1:])
    if raw.startswith((b"\r\n", b"\n")):  # a part without a header
        head, body = b"", raw.lstrip(b"\r\n")
    fields = BytesHeaderParser().parsebytes(head)
    boundary = fields.get_boundary()
    if fields.get_content_maintype() != "multipart" or not boundary:
        yield _part(fields, number or "1"), head, body
        return
    if depth > imapreduce.MAX_DEPTH:
        return
    border = re.escape(boundary.encode("latin-1", "replace"))
    body = re.split(rb"(?:\A|\r?\n)--" + border + rb"--[ \t]*(?:\r?\n|\Z)", body)[0]
    parts = re.split(rb"(?:\A|\r?\n)--" + border + rb"[ \t]*\r?\n", body)
    for index, part in enumerate(parts[1:], 1):
        if part.strip():
            inner = f"{number}.{index}" if number else str(index)
            yield from _leaves(part, inner, depth + 1)


def _decoded(name) -> str:
    name = str(name)
    try:
        name = str(make_header(decode_header(name)))
    except Exception:  # unknown charset, broken base64: as it came
        pass
    return _HIDDEN.sub("", name)


def _part(fields, number: str) -> Part:
    name = _decoded(fields.get_filename(""))
    kind = fields.get_content_disposition() or ""
    attached = kind == "attachment" or bool(name and kind)
    return Part(number, fields.get_content_type(), name, 0, attached)
