# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What passes through the pipes between ``pool`` and ``worker``.

    hello:    length, {"ready"}  once, from the child
    request:  length, {"id", "size", "now", "reduced", "cpu"}, size bytes
    answer:   length, {"id", "mail" | "error", "killed", "sizes"}, attachment bytes

Lengths are 4 bytes, big endian. JSON and bytes, never pickle: the child has
read hostile input, and the parent must not run what it says.
"""

import json
import struct
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, BinaryIO

from .parsed import (
    Address,
    AutoReply,
    Dsn,
    DsnRecipient,
    ParsedAttachment,
    ParsedMail,
)

_LENGTH = struct.Struct(">I")
# Text and html are bounded by Limits; a longer header is not ours.
MAX_HEADER = 64 * 1024 * 1024

_PLAIN = (
    "message_id",
    "subject",
    "thread_subject",
    "is_reply_subject",
    "html",
    "text",
    "language",
    "is_auto",
    "is_bulk",
    "is_bounce",
    "is_test",
    "own_id",
    "content_key",
    "reduced",
)
_TUPLES = ("in_reply_to", "references", "original_ids", "defects")
_ADDRESSES = ("from_", "sender", "reply_to", "to", "cc", "bcc")
_ATTACHMENT = ("name", "mimetype", "content_id", "inline", "sha256", "size")


class FrameError(Exception):
    """The other side ended, or does not speak this protocol."""


def pack(header: dict[str, Any]) -> bytes:
    data = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return _LENGTH.pack(len(data)) + data


def read_header(stream: BinaryIO) -> dict[str, Any] | None:
    """None at a clean end."""
    start = stream.read(_LENGTH.size)
    if not start:
        return None
    if len(start) < _LENGTH.size:
        raise FrameError("cut within a length")
    (length,) = _LENGTH.unpack(start)
    if length > MAX_HEADER:
        raise FrameError(f"header of {length} bytes")
    return json.loads(read_exactly(stream, length))


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size) if size else b""
    if len(data) < size:
        raise FrameError(f"{len(data)} of {size} bytes")
    return data


def dump_mail(mail: ParsedMail) -> dict[str, Any]:
    """As JSON can say it, without the attachments' bytes."""
    out: dict[str, Any] = {name: getattr(mail, name) for name in _PLAIN + _TUPLES}
    for name in _ADDRESSES:
        out[name] = [(one.name, one.email) for one in getattr(mail, name)]
    out["date"] = mail.date.isoformat() if mail.date else None
    out["dsn"] = _dump_dsn(mail.dsn)
    reply = mail.auto_reply
    out["auto_reply"] = reply and [
        reply.kind,
        reply.returns and reply.returns.isoformat(),
    ]
    out["attachments"] = [
        [getattr(item, name) for name in _ATTACHMENT] for item in mail.attachments
    ]
    return out


def _dump_dsn(dsn: Dsn | None) -> dict[str, Any] | None:
    if dsn is None:
        return None
    return {**asdict(dsn), "date": dsn.date and dsn.date.isoformat()}


def _load_dsn(values: dict[str, Any] | None) -> Dsn | None:
    if values is None:
        return None
    return Dsn(
        **{
            **values,
            "recipients": tuple(DsnRecipient(**one) for one in values["recipients"]),
            "message_ids": tuple(values["message_ids"]),
            "to": tuple(values["to"]),
            "date": values["date"] and datetime.fromisoformat(values["date"]),
        }
    )


def _load_reply(values: list[str | None] | None) -> AutoReply | None:
    if values is None:
        return None
    kind, returns = values
    return AutoReply(kind or "", date.fromisoformat(returns) if returns else None)


def load_mail(values: dict[str, Any], blobs: list[bytes]) -> ParsedMail:
    kwargs: dict[str, Any] = {name: values[name] for name in _PLAIN}
    for name in _TUPLES:
        kwargs[name] = tuple(values[name])
    for name in _ADDRESSES:
        kwargs[name] = tuple(Address(*pair) for pair in values[name])
    kwargs["date"] = datetime.fromisoformat(values["date"]) if values["date"] else None
    kwargs["dsn"] = _load_dsn(values["dsn"])
    kwargs["auto_reply"] = _load_reply(values["auto_reply"])
    kwargs["attachments"] = tuple(
        ParsedAttachment(*item, data=blob)
        for item, blob in zip(values["attachments"], blobs, strict=True)
    )
    return ParsedMail(**kwargs)
