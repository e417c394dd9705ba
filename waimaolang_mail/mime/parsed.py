# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a message is once it is parsed: plain data, no bytes of the wire left.

Every string here is free of NUL and of lone surrogates, so that PostgreSQL
takes it. Dates are naive UTC without microseconds.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

# ``html`` refers to inline attachment number n as this, inside src="..."
INLINE_SRC = "cid:waimaolang-%d"


@dataclass(frozen=True)
class Address:
    """``email`` is the lower-cased addr-spec, "" where none can be read."""

    name: str
    email: str


@dataclass(frozen=True)
class ParsedAttachment:
    """``content_id`` without <>, "" where none. ``inline`` is true when the
    body shows it (by cid: or as a data: image)."""

    name: str
    mimetype: str
    content_id: str
    inline: bool
    sha256: str
    size: int
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class DsnRecipient:
    """What became of a mail at one recipient. ``email`` is the address as the sender
    wrote it (Original-Recipient), else the one that failed, "" where the report names
    none; ``final`` the one that it was passed on to, where that is another.

    ``action``: failed, delayed, delivered, relayed or expanded (RFC 3464 2.3.3).
    ``status``: the enhanced code (RFC 3463), "" where there is none. ``diagnostic``:
    the server's words on one line. ``cause``: unknown (no such user or domain), full,
    blocked (reputation, spam, authentication), policy (size, relay, content), network
    or other; "" where nothing went wrong. ``hard``: trying again is of no use."""

    email: str
    action: str = "failed"
    status: str = ""
    diagnostic: str = ""
    cause: str = ""
    hard: bool = False
    final: str = ""


@dataclass(frozen=True)
class Dsn:
    """A delivery report, as the server says it: anybody can write one, see
    ``engine/bounces``. ``kind`` is the worst of the actions: failed, delayed or
    delivered. The rest is about the mail that was sent, as far as it is quoted:
    ``message_ids`` (nearest first), ``ref`` (our own header), ``subject``, ``date``
    (naive UTC) and ``to`` (addresses of To and Cc)."""

    kind: str
    recipients: tuple[DsnRecipient, ...] = ()
    message_ids: tuple[str, ...] = ()
    ref: str = ""
    subject: str = ""
    date: datetime | None = None
    to: tuple[str, ...] = ()
    reporter: str = ""


@dataclass(frozen=True)
class AutoReply:
    """``kind``: out_of_office, or auto_reply (a receipt, a ticket). ``returns``: the
    day that the text names for the return or as the last one away, else None."""

    kind: str
    returns: date | None = None


@dataclass(frozen=True)
class ParsedMail:
    """``message_id``, ``in_reply_to`` and ``references`` come without <>.

    ``date`` is what the Date header says, None where it is missing or absurd
    (see ``engine``: INTERNALDATE counts then). ``html`` is sanitized and safe to
    store past Odoo's sanitizer (invariant I14). ``text`` is the whole readable
    text, quotes included. ``content_key`` is the hex digest of the decoded
    content (invariant I2): Date, From, Subject, text, attachments; no header
    that servers rewrite. ``reduced`` says why a message was not parsed in full,
    "" when it was.

    ``original_ids``: further ids by which the conversation is found, of this mail
    before a gateway rewrote it or of the one that a bounce, a receipt or a forward
    is about. ``thread_subject``: the subject without prefixes and tags, casefolded,
    "" where nothing is left. ``is_reply_subject``: it had an answer's prefix.
    ``dsn``: of a delivery report, also of one about a delay or a success, which are no
    bounce (``is_bounce``). ``auto_reply``: of what a program answered for a person.
    ``is_test``: it says of itself that it is a mailbox's proof; anybody can say so."""

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    original_ids: tuple[str, ...] = ()
    date: datetime | None = None
    subject: str = ""
    thread_subject: str = ""
    is_reply_subject: bool = False
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    html: str = ""
    text: str = ""
    language: str = ""
    attachments: tuple[ParsedAttachment, ...] = ()
    is_auto: bool = False
    is_bulk: bool = False
    is_bounce: bool = False
    is_test: bool = False
    own_id: str = ""
    content_key: str = ""
    original_ids: tuple[str, ...] = ()
    thread_subject: str = ""
    is_reply_subject: bool = False
    reduced: str = ""
    defects: tuple[str, ...] = ()
    dsn: Dsn | None = None
    auto_reply: AutoReply | None = None
