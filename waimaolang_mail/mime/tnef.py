# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""winmail.dat: what Outlook puts a mail's attachments and rich body into when it
takes the recipient for an Outlook ([MS-OXTNEF], [MS-OXCDATA]).

Own code rather than tnefparse, whose last release is of 2021: that one copies the rest
of the stream for each attribute, which is n² bytes for a stream of many small ones.
Here a damaged stream is read as far as it goes, and nothing raises out.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from .charsets import clean, decode
from .rtf import code_page

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTE = struct.Struct("<BII")
# Attributes: type and number.
_NEW_ATTACHMENT = 0x00069002
_TITLE = 0x00018010
_DATA = 0x0006800F
_ATTACHMENT_PROPS = 0x00069005
_MESSAGE_PROPS = 0x00069003
_BODY = 0x0002800C
_CODE_PAGE = 0x00069007
# MAPI properties.
_P_BODY, _P_RTF, _P_HTML = 0x1000, 0x1009, 0x1013
_P_CPID = 0x3FDE
_P_SUBJECT = 0x0037
_P_DATA, _P_NAME, _P_LONG_NAME = 0x3701, 0x3704, 0x3707
_P_MIME, _P_CID, _P_DISPLAY_NAME = 0x370E, 0x3712, 0x3001
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_STRING8, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_VARIABLE = frozenset((_STRING8, _UNICODE, _OBJECT, _BINARY))
_MANY = 0x1000
_NAMED = 0x8000
_INTERFACE = 16  # bytes of an object's interface id, before what it is

MAX_ATTACHMENTS = 300
MAX_PROPERTIES = 5000
# Attached Outlook items hold winmail.dat again.
MAX_DEPTH = 5


@dataclass
class TnefAttachment:
    name: str = ""
    mimetype: str = ""
    content_id: str = ""
    data: bytes = field(default=b"", repr=False)


@dataclass
class Tnef:
    """``html`` are bytes in ``charset``; ``rtf`` is compressed."""

    text: str = ""
    html: bytes = field(default=b"", repr=False)
    rtf: bytes = field(default=b"", repr=False)
    charset: str = ""
    subject: str = ""
    attachments: list[TnefAttachment] = field(default_factory=list)
    damaged: bool = False


def read_tnef(data: bytes, depth: int = 0) -> Tnef | None:
    """None where it is no TNEF at all."""
    if not data.startswith(_SIGNATURE):
        return None
    found = Tnef()
    try:
        for name, start, end in _attributes(data):
            _take(found, name, data, start, end, depth)
            if len(found.attachments) >= MAX_ATTACHMENTS:
                found.damaged = True
                break
    except (ValueError, struct.error):
        found.damaged = True
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    position = len(_SIGNATURE) + 2
    while position + _ATTRIBUTE.size <= len(data):
        level, name, size = _ATTRIBUTE.unpack_from(data, position)
        start = position + _ATTRIBUTE.size
        if level not in (1, 2) or start + size > len(data):
            raise ValueError("attribute")
        yield name, start, start + size
        position = start + size + 2  # a checksum that no reader checks


def _take(
    found: Tnef, name: int, data: bytes, start: int, end: int, depth: int
) -> None:
    if name == _CODE_PAGE and end - start >= 4:
        found.charset = code_page(struct.unpack_from("<I", data, start)[0])
    elif name == _BODY:
        found.text = found.text or _string(data[start:end], found.charset)
    elif name == _MESSAGE_PROPS:
        _take_message(found, data, start, end)
    elif name == _NEW_ATTACHMENT:
        found.attachments.append(TnefAttachment())
    elif found.attachments:
        last = found.attachments[-1]
        if name == _TITLE:
            last.name = last.name or _string(data[start:end], found.charset)
        elif name == _DATA:
            last.data = last.data or data[start:end]
        elif name == _ATTACHMENT_PROPS:
            _take_attachment(found, last, data, start, end, depth)


def _take_message(found: Tnef, data: bytes, start: int, end: int) -> None:
    for name, kind, value in _properties(data, start, end):
        if name == _P_CPID:
            found.charset = code_page(struct.unpack("<I", value)[0])
        elif name == _P_BODY:
            found.text = _value(kind, value, found.charset)
        elif name == _P_SUBJECT:
            found.subject = _value(kind, value, found.charset)
        elif name == _P_HTML and kind == _BINARY:
            found.html = value
        elif name == _P_HTML:
            found.html = _value(kind, value, found.charset).encode()
            found.charset = "utf-8"
        elif name == _P_RTF:
            found.rtf = value


def _take_attachment(
    found: Tnef, last: TnefAttachment, data: bytes, start: int, end: int, depth: int
) -> None:
    values = {
        name: (kind, value) for name, kind, value in _properties(data, start, end)
    }

    def text(*names: int) -> str:
        chosen = (values[name] for name in names if name in values)
        return next((s for one in chosen if (s := _value(*one, found.charset))), "")

    last.name = text(_P_LONG_NAME, _P_NAME) or last.name or text(_P_DISPLAY_NAME)
    last.mimetype = text(_P_MIME).lower()
    last.content_id = text(_P_CID).strip("<> ")
    kind, value = values.get(_P_DATA, (0, b""))
    if kind != _OBJECT:
        last.data = last.data or value
        return
    value = value[_INTERFACE:]
    inner = read_tnef(value, depth + 1) if depth < MAX_DEPTH else None
    if inner is None:
        last.data = last.data or value
        return
    # an attached mail: its text as a file, its attachments beside it
    last.name = f"{inner.subject or last.name or 'message'}.txt"
    last.mimetype = "text/plain"
    last.data = inner.text.encode() or decode(inner.html, inner.charset).encode()
    found.attachments += inner.attachments
    found.damaged |= inner.damaged


def _properties(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, bytes]]:
    """Number, type and bytes; of several values the first."""
    (count,) = struct.unpack_from("<I", data, start)
    position = start + 4
    for _number in range(min(count, MAX_PROPERTIES)):
        if position + 4 > end:
            return
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        if name >= _NAMED:
            position = _after_name(data, position)
        amount = 1
        if kind & _MANY or kind in _VARIABLE:
            (amount,) = struct.unpack_from("<I", data, position)
            position += 4
        kind &= ~_MANY
        for index in range(min(amount, MAX_PROPERTIES)):
            size = _FIXED.get(kind)
            if size is None:
                if kind not in _VARIABLE:
                    raise ValueError(f"property of type {kind}")
                (size,) = struct.unpack_from("<I", data, position)
                position += 4
            if position + size > end:
                raise ValueError("property")
            if index == 0:
                yield name, kind, data[position : position + size]
            position += size + -size % 4


def _after_name(data: bytes, position: int) -> int:
    """Past the GUID and the number or name of a named property."""
    is_text, size = struct.unpack_from("<II", data, position + 16)
    position += 24
    return position + size + -size % 4 if is_text else position


def _value(kind: int, value: bytes, charset: str) -> str:
    if kind == _UNICODE:
        return clean(value.decode("utf-16-le", "replace")).rstrip("\0")
    return _string(value, charset)


def _string(value: bytes, charset: str) -> str:
    return decode(value.split(b"\0", 1)[0], charset)
