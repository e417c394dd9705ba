# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The mail inside application/pkcs7-mime (RFC 8551), where it is only signed.

A walk down BER rather than a parser: Outlook writes DER, OpenSSL and Apple Mail
write indefinite lengths and cut the content into pieces. The signature is not
checked here; nothing shown depends on it.

    ContentInfo { type, [0] SignedData { version, SET, { type, [0] OCTET STRING } } }
"""

import zlib

_OID = b"\x2a\x86\x48\x86\xf7\x0d\x01"
_SIGNED = _OID + b"\x07\x02"
_COMPRESSED = _OID + b"\x09\x10\x01\x09"  # RFC 3274
# enveloped, encrypted and authenticated-enveloped data
_ENCRYPTED = frozenset(
    (_OID + b"\x07\x03", _OID + b"\x07\x06", _OID + b"\x09\x10\x01\x17")
)
_SEQUENCE, _OCTETS, _PIECES, _EXPLICIT, _OBJECT = 0x30, 0x04, 0x24, 0xA0, 0x06
# As much as a mail may be; bombs stop here.
MAX_UNPACKED = 64 * 1024 * 1024


def signed_content(data: bytes) -> bytes | None:
    """The mail that is signed, or compressed; None where there is none to read."""
    try:
        kind, position, end = _content_info(data)
        if kind not in (_SIGNED, _COMPRESSED):
            return None
        # past the version, and the digest algorithms or the compression's
        position = _skip(data, _skip(data, position, end), end)
        position, end = _enter(data, position, end, _SEQUENCE)
        position = _skip(data, position, end)  # the type of what is inside
        position, end = _enter(data, position, end, _EXPLICIT)
        content = _octets(data, position, end)
        if kind == _COMPRESSED:
            content = zlib.decompressobj().decompress(content, MAX_UNPACKED)
    except (ValueError, zlib.error):
        return None
    return content or None


def is_encrypted(data: bytes) -> bool:
    try:
        return _content_info(data)[0] in _ENCRYPTED
    except ValueError:
        return False


def _content_info(data: bytes) -> tuple[bytes, int, int]:
    """The type, and where the content's own fields begin and end."""
    position, end = _enter(data, 0, len(data), _SEQUENCE)
    tag, start, stop, _open = _header(data, position, end)
    if tag != _OBJECT:
        raise ValueError("no type")
    position, end = _enter(data, stop, end, _EXPLICIT)
    return data[start:stop], *_enter(data, position, end, _SEQUENCE)


def _header(data: bytes, position: int, end: int) -> tuple[int, int, int, bool]:
    """Tag, start and end of the content; of indefinite length: the end is all
    that is left. What was cut off is taken as far as it goes."""
    if position + 2 > end:
        raise ValueError("cut")
    tag, size = data[position], data[position + 1]
    position += 2
    if size == 0x80:
        return tag, position, end, True
    if size > 0x80:
        count = size & 0x7F
        if count > 8:
            raise ValueError("length")
        size = int.from_bytes(data[position : position + count], "big")
        position += count
    return tag, position, min(position + size, end), False


def _enter(data: bytes, position: int, end: int, wanted: int) -> tuple[int, int]:
    tag, start, stop, _open = _header(data, position, end)
    if tag != wanted:
        raise ValueError(f"tag {tag}")
    return start, stop


def _skip(data: bytes, position: int, end: int) -> int:
    """Where the next value begins."""
    level = 0
    while True:
        tag, start, stop, is_open = _header(data, position, end)
        level += is_open
        if tag == 0 and start == stop:
            level -= 1  # end of an indefinite length
        position = start if is_open else stop
        if level <= 0:
            return position


def _octets(data: bytes, position: int, end: int) -> bytes:
    """An OCTET STRING, whole or in pieces, which may be in pieces again."""
    pieces = []
    level = 0
    while position + 2 <= end:
        tag, start, stop, is_open = _header(data, position, end)
        if tag == _OCTETS:
            pieces.append(data[start:stop])
            position = stop
        elif tag == _PIECES:
            level += is_open
            position = start
        elif tag == 0 and start == stop and level > 1:
            level -= 1
            position = stop
        else:
            break
    return b"".join(pieces)
