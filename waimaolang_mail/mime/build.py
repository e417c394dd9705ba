# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mail that is sent -> its bytes, as a mail program would write them.

    multipart/mixed( related( alternative(plain, html), inline images ), attachments )

each level only where there is something for it. RFC 5322 with CRLF, seven bits, no
line beyond 998, nothing that names the program, its host or its records. The same mail
makes the same bytes, so an attempt that is made again sends what the first one did.
"""

import io
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from . import fold
from .fold import AddressError
from .outparts import write_body

__all__ = [
    "AddressError",
    "OutgoingMail",
    "build",
    "envelope",
    "make_message_id",
    "with_bcc",
]

Person = tuple[str, str]
REF_HEADER = "X-Waimaolang-Ref"
# Headers that the mail's own fields make, or that tell too much.
_RESERVED = re.compile(
    r"(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references"
    r"|mime-version|return-path|received|content-.*|resent-.*|x-odoo.*|x-waimaolang.*)",
    re.I,
)
_HEADER_NAME = re.compile(r"[!-9;-~]{1,60}")


@dataclass(frozen=True)
class OutgoingMail:
    """``to``, ``cc``, ``bcc``, ``reply_to``: (name, address); ``sender`` where another
    one than the author sends. ``html`` and ``text`` are the whole body; an empty
    ``text`` is made of ``html``, an empty ``html`` leaves plain text. ``date`` is
    aware. Ids with or without <>, ``references`` oldest first. ``ref`` is an opaque
    random token. ``attachments``: (file name, type, bytes or what returns them);
    ``inline``: (content id, file name, type, bytes), which html calls cid:...
    ``headers``: (name, value) of further ones."""

    from_name: str
    from_email: str
    to: Sequence[Person] = ()
    cc: Sequence[Person] = ()
    bcc: Sequence[Person] = ()
    sender: Person | None = None
    reply_to: Sequence[Person] = ()
    subject: str = ""
    html: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: Sequence[str] = ()
    ref: str = ""
    attachments: Sequence[tuple[str, str, bytes | Callable[[], bytes]]] = field(
        default=(), repr=False
    )
    inline: Sequence[tuple[str, str, str, bytes]] = field(default=(), repr=False)
    headers: Sequence[tuple[str, str]] = ()


def make_message_id(domain: str) -> str:
    """Without <>: random, nothing of clock, host and process."""
    return f"{secrets.token_hex(16)}@{fold.ascii_address('x@' + domain)[2:]}"


def envelope(mail: OutgoingMail) -> tuple[str, list[str]]:
    """MAIL FROM and the recipients, Bcc among them, each once. AddressError."""
    people = [*mail.to, *mail.cc, *mail.bcc]
    found: dict[str, str] = {}
    for _name, address in people:
        address = fold.ascii_address(address)
        found.setdefault(address.lower(), address)
    sender = mail.sender[1] if mail.sender else mail.from_email
    return fold.ascii_address(sender), [*found.values()]


def build(mail: OutgoingMail, keep_bcc: bool = False) -> bytes:
    """The bytes to send. ``keep_bcc``: for the sender's own copy, else no recipient
    may see them. AddressError for an address that cannot be written, ValueError for
    what no mail can be made of (no date or id, a foreign header among ``headers``)."""
    out = io.BytesIO()
    out.write(_head(mail))
    if keep_bcc and mail.bcc:
        out.write(fold.address_header("Bcc", mail.bcc))
    out.write(b"MIME-Version: 1.0\r\n")
    write_body(mail, out)
    return out.getvalue()


def with_bcc(raw: bytes, bcc: Sequence[Person]) -> bytes:
    """Built bytes with the Bcc header that they were sent without."""
    if not bcc:
        return raw
    head, mark, rest = raw.partition(b"\r\nMIME-Version: 1.0\r\n")
    bcc_header = b"\r\n" + fold.address_header("Bcc", bcc).removesuffix(b"\r\n")
    return b"".join((head, bcc_header, mark, rest))


def _head(mail: OutgoingMail) -> bytes:
    message_id = fold.clean_id(mail.message_id)
    if not message_id:
        raise ValueError("no usable Message-ID")
    if mail.date is None or mail.date.utcoffset() is None:
        raise ValueError("the date needs a time zone")
    author = (mail.from_name, mail.from_email)
    lines = [
        fold.text_header("Date", format_datetime(mail.date)),
        fold.address_header("From", [author]),
    ]
    if mail.sender and mail.sender[1].lower() != mail.from_email.lower():
        lines.append(fold.address_header("Sender", [mail.sender]))
    if mail.reply_to:
        lines.append(fold.address_header("Reply-To", mail.reply_to))
    if mail.to or not mail.cc:
        lines.append(fold.address_header("To", mail.to))
    if mail.cc:
        lines.append(fold.address_header("Cc", mail.cc))
    lines.append(fold.text_header("Subject", mail.subject))
    lines.append(fold.ids_header("Message-ID", [message_id]))
    answered = fold.clean_id(mail.in_reply_to)
    if answered:
        lines.append(fold.ids_header("In-Reply-To", [answered]))
    # without it Outlook and Gmail begin a new thread
    ids = [one for one in mail.references if fold.clean_id(one) != answered]
    references = fold.cut_references([*ids, answered] if answered else ids)
    if references:
        lines.append(fold.ids_header("References", references))
    if mail.ref:
        lines.append(fold.text_header(REF_HEADER, mail.ref))
    for name, value in mail.headers:
        if not _HEADER_NAME.fullmatch(name) or _RESERVED.fullmatch(name):
            raise ValueError(f"not a header to add: {name[:60]!r}")
        lines.append(fold.plain_header(name, value))
    return b"".join(lines)
