# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""bytes -> ParsedMail. Any bytes (invariant I5).

    split (tree) -> headers -> body and attachments -> flags, language -> key

What is beyond the limits is stored in a simpler form and named in ``reduced``;
what goes wrong inside leads to the reduced parse, headers and plain text; only if
that fails too, ParseError. Endless loops and memory are the worker's to bound.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .addresses import read_addresses
from .attachments import Collector
from .autoreply import read_reply
from .body import Body, Reader, plain_only
from .classify import guess_language, is_auto, is_bulk, looks_returned
from .dsn import has_status, read_dsn, report_type
from .headers import (
    MAX_REFERENCES,
    believable,
    read_date,
    read_ids,
    utc_now,
)
from .parsed import Address, AutoReply, Dsn, ParsedMail
from .threads import original_ids, thread_subject
from .tree import Budget, Part, split
from .words import decode_value

OWN_HEADER = "x-waimaolang-ref"
TEST_HEADER = "x-waimaolang-test"
# RFC 5322 lines are below 998; a subject of this size is an attack or an error.
MAX_SUBJECT_BYTES = 20_000
MAX_SUBJECT = 1000
# Of a mail that could not be parsed in full, as much text as a reader wants.
REDUCED_TEXT_BYTES = 256 * 1024
_SPACES = re.compile(r"\s+")


class ParseError(Exception):
    """Not even headers and plain text could be read."""


@dataclass(frozen=True)
class Limits:
    """Real mail stays far below; what exceeds is stored in a simpler form."""

    depth: int = 30  # nested forwards reach 8 in practice
    parts: int = 1000
    attachments: int = 300
    header_bytes: int = 256 * 1024  # Exim and Exchange refuse more than 1 MB
    html: int = 2_000_000  # characters; chatters and lxml choke on more
    text: int = 1_000_000


@dataclass(frozen=True)
class _Head:
    """The tree's top-level headers by name, and the best charset hint."""

    fields: dict[str, list[bytes]]
    charset: str

    def first(self, name: str) -> bytes:
        values = self.fields.get(name)
        return values[0] if values else b""

    def addresses(self, name: str) -> tuple[Address, ...]:
        return read_addresses(self.fields.get(name, []), self.charset)


def parse_mail(
    raw: bytes,
    limits: Limits | None = None,
    now: datetime | None = None,
    reduced: bool = False,
) -> ParsedMail:
    """``now`` (naive UTC) bounds believable dates. ``reduced`` asks for headers
    and plain text alone, for a mail whose full parse was killed."""
    limits = limits or Limits()
    now = now or utc_now()
    defects: tuple[str, ...] = ()
    if not reduced:
        try:
            return _parse(bytes(raw), limits, now, defects, False)
        except MemoryError:
            raise  # the worker's to report; a second parse would not help
        except Exception as exc:
            defects = (f"{type(exc).__name__}: {exc}"[:200],)
    try:
        return _parse(bytes(raw), limits, now, defects, True)
    except MemoryError:
        raise
    except Exception as exc:
        raise ParseError(f"{type(exc).__name__}: {exc}"[:200]) from exc


def _parse(
    raw: bytes, limits: Limits, now: datetime, defects: tuple[str, ...], reduced: bool
) -> ParsedMail:
    budget = Budget(limits.depth, limits.parts, limits.header_bytes)
    tree = split(raw, budget)
    head = _read_head(tree)
    collector = Collector(limits.attachments)
    reasons: set[str] = budget.exceeded
    if reduced:
        body = plain_only(tree, REDUCED_TEXT_BYTES)
        reasons.add("failed" if defects else "killed")
    else:
        reader = Reader(collector, limits.html, limits.text, head.charset, budget)
        body = reader.read(reader.walk(tree))
        reasons |= reader.exceeded
    if collector.refused:
        reasons.add("attachments")
    return _assemble(tree, head, body, collector, now, defects, reasons)


def _read_head(tree: Part) -> _Head:
    fields: dict[str, list[bytes]] = {}
    for name, value in tree.headers:
        fields.setdefault(name, []).append(value)
    return _Head(fields, _charset_hint(tree))


def _charset_hint(tree: Part) -> str:
    """Raw 8-bit headers are in the charset of the body, mostly."""
    todo = [tree]
    for _step in range(10):
        if not todo:
            break
        part = todo.pop(0)
        if charset := part.params.get("charset"):
            return charset
        todo.extend(part.children[:3])
    return ""


def _assemble(
    tree: Part,
    head: _Head,
    body: Body,
    collector: Collector,
    now: datetime,
    defects: tuple[str, ...],
    reasons: set[str],
) -> ParsedMail:
    raw_subject = head.first("subject")[:MAX_SUBJECT_BYTES]
    subject = decode_value(raw_subject, head.charset)[:MAX_SUBJECT]
    from_ = head.addresses("from")
    sender = head.addresses("sender")
    date = read_date(head.first("date"))
    email = next((one.email for one in (*from_, *sender) if one.email), "")
    report = report_type(tree)
    date_told = date if believable(date, now) else None
    dsn, reply = None, None
    if not defects:  # a defect must not be met twice
        dsn, reply = _about_mail(tree, head, subject, body.text, email, date_told)
    auto = is_auto(head.fields, tree.mimetype, report, subject)
    return ParsedMail(
        **_conversation(tree, head, subject, body.text, dsn is not None),
        date=date_told,
        subject=subject,
        from_=from_,
        sender=sender,
        reply_to=head.addresses("reply-to"),
        to=head.addresses("to"),
        cc=head.addresses("cc"),
        bcc=head.addresses("bcc"),
        html=body.html,
        text=body.text,
        language=guess_language(body.text or subject),
        attachments=collector.finished(),
        is_auto=auto or bool(reply) or bool(dsn and dsn.kind != "failed"),
        is_bulk=is_bulk(head.fields),
        is_bounce=bool(dsn and dsn.kind == "failed"),
        is_test=bool(head.first(TEST_HEADER).strip()),
        own_id=decode_value(head.first(OWN_HEADER)[:200])[:100],
        content_key=content_key(date, email, subject, body.text, collector.key_digests),
        reduced=",".join(sorted(reasons)),
        defects=defects,
        dsn=dsn,
        auto_reply=reply,
    )


def _about_mail(
    tree: Part,
    head: _Head,
    subject: str,
    text: str,
    email: str,
    date: datetime | None,
) -> tuple[Dsn | None, AutoReply | None]:
    """What a server or a program says of a mail that was sent."""
    fields = head.fields
    report = report_type(tree)
    status = has_status(tree)
    if looks_returned(fields, tree.mimetype, report, email, subject, status):
        return read_dsn(fields, tree, text, subject, head.charset), None
    return None, read_reply(fields, tree, subject, text, email, date)


def _conversation(
    tree: Part, head: _Head, subject: str, text: str, bounce: bool
) -> dict[str, Any]:
    """The fields by which the engine finds the conversation."""
    ids = read_ids(head.first("message-id")[:4000])
    references = read_ids(head.first("references")[:200_000])
    originals = original_ids(head.fields, tree, text, bounce)
    key, is_reply = thread_subject(subject)
    return {
        "message_id": ids[0] if ids else "",
        "in_reply_to": read_ids(head.first("in-reply-to")[:4000])[:MAX_REFERENCES],
        "references": references[-MAX_REFERENCES:],
        "original_ids": tuple(one for one in originals if one not in ids),
        "thread_subject": key,
        "is_reply_subject": is_reply,
    }


def content_key(
    date: datetime | None,
    email: str,
    subject: str,
    text: str,
    attachments: list[str],
) -> str:
    """What stays the same on every copy of a mail: no header that servers add,
    nothing of how it is encoded, folded or wrapped. ``date`` is what the header
    says even where that is absurd, so that the key does not depend on the clock."""
    parts = (
        date.isoformat() if date else "",
        email,
        _SPACES.sub(" ", subject).strip(),
        hashlib.sha256("".join(text.split()).encode()).hexdigest(),
        *sorted(attachments),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
