# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The headers of a mail alone, as far as they tell which mail it is. In the caller's
process: a few headers of 32 KB are bounded work, whoever wrote them."""

from dataclasses import dataclass
from datetime import datetime

from .addresses import read_addresses
from .headers import read_date, read_ids
from .parse import OWN_HEADER
from .tree import Budget, read_headers
from .words import decode_value

_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True)
class Brief:
    """Ids without <>, addresses in lower case, ``date`` naive UTC; empty where the
    headers do not say."""

    message_id: str = ""
    ref: str = ""
    from_email: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None


def read_brief(raw: bytes) -> Brief:
    """``raw``: header bytes as a server gives them, perhaps cut, perhaps with more."""
    raw = raw[:_HEADER_BYTES]
    fields, _start = read_headers(raw, 0, len(raw), Budget(0, 0, _HEADER_BYTES))
    first: dict[str, bytes] = {}
    for name, value in fields:
        first.setdefault(name, value)

    def addresses(name: str) -> tuple[str, ...]:
        found = read_addresses([first.get(name, b"")])
        return tuple(one.email for one in found if one.email)

    ids = read_ids(first.get("message-id", b"")[:4000])
    return Brief(
        message_id=ids[0] if ids else "",
        ref=decode_value(first.get(OWN_HEADER, b"")[:200]),
        from_email=next(iter(addresses("from")), ""),
        to=addresses("to"),
        subject=decode_value(first.get("subject", b"")[:20_000]),
        date=read_date(first.get("date", b"")),
    )
