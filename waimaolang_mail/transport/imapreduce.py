# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Large mails without their attachments: which parts to ask for, and a valid MIME
message made of what came. Pure functions; ``imap.py`` does the asking.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value
from urllib.parse import quote, unquote_to_bytes

HEADER = "X-Waimaolang-Reduced"
TEXT_BYTES = 256 * 1024
# Of the bytes on the wire, what remains decoded (RFC 2045 section 6.8).
BASE64_SHARE = 0.73
HEADER_BYTES = 1024 * 1024
MAX_TEXT_PARTS = 8
MAX_DEPTH = 20
MAX_PARTS = 500

# Replaced in the rebuilt message; ours may not come from the sender.
_OWN_FIELDS = ("content-", "mime-version", HEADER.lower())
# Others can do more than decode ("unicode_escape", "idna"), and are not for names.
_PLAIN_CHARSETS = frozenset(
    "utf-8 us-ascii iso-8859-1 windows-1252 gb18030 gbk gb2312 big5".split()
)
# What PostgreSQL refuses, and what would be a line end in a header.
_HIDDEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_FIELD = re.compile(rb"[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*")


@dataclass(frozen=True)
class Part:
    """A leaf of a BODYSTRUCTURE; ``number`` as FETCH wants it (``1.2``)."""

    number: str
    type: str
    name: str = ""
    size: int = 0
    attached: bool = False

    @property
    def is_text(self) -> bool:
        return self.type in ("text/plain", "text/html") and not self.attached


def leaves(structure, number: str = "", depth: int = 0) -> Iterator[Part]:
    """The leaf parts of IMAPClient's BodyData; nested messages are leaves."""
    if depth > MAX_DEPTH or not structure:
        return
    if isinstance(structure[0], list):
        for index, child in enumerate(structure[0], 1):
            inner = f"{number}.{index}" if number else str(index)
            yield from leaves(child, inner, depth + 1)
        return
    yield _leaf(structure, number or "1")


def _leaf(structure, number: str) -> Part:
    mime = "/".join(_text(word).lower() for word in structure[:2])
    parameters = _pairs(structure[2])
    size = structure[6] if len(structure) > 6 else 0
    disposition = next(
        (
            item
            for item in structure[7:]
            if isinstance(item, tuple)
            and len(item) == 2
            and _text(item[0]).lower() in ("attachment", "inline")
        ),
        (b"", None),
    )
    inner = _pairs(disposition[1])
    name = _parameter(inner, "filename") or _parameter(parameters, "name")
    name = _HIDDEN.sub("", name)
    kind = _text(disposition[0]).lower()
    attached = kind == "attachment" or bool(name and kind)
    return Part(number, mime, name, size if isinstance(size, int) else 0, attached)


def plan(structure) -> tuple[list[Part], list[Part]]:
    """``(texts, omitted)``"""
    texts, omitted = [], []
    for count, part in enumerate(leaves(structure)):
        if count >= MAX_PARTS:
            break
        chosen = part.is_text and len(texts) < MAX_TEXT_PARTS
        (texts if chosen else omitted).append(part)
    return texts, omitted


def rebuild(header: bytes, texts: list, omitted: list[Part], single: bool) -> bytes:
    """The reduced message. ``texts``: ``(part, mime header, body)``; ``single``: the
    mail was one text part, whose own header describes it."""
    kept = split_header(header, drop=(HEADER.lower(),) if single else _OWN_FIELDS)
    notes = b"".join(note(part) for part in omitted) or note(None)
    if single:
        body = whole_lines(texts[0][2]) if texts else b""
        return kept + notes + b"\r\n" + body
    boundary = b"=_waimaolang_reduced"
    while any(boundary in body for _part, _mime, body in texts):
        boundary += b"_"
    types = [part.type for part, _mime, _body in texts]
    kind = b"alternative" if sorted(types) == ["text/html", "text/plain"] else b"mixed"
    out = [
        kept,
        notes,
        b"MIME-Version: 1.0\r\n",
        b"Content-Type: multipart/" + kind + b';\r\n boundary="' + boundary + b'"\r\n',
    ]
    for _part, mime, body in texts:
        out.append(b"\r\n--" + boundary + b"\r\n" + split_header(mime) + b"\r\n")
        out.append(whole_lines(body))
    out.append(b"\r\n--" + boundary + b"--\r\n")
    return b"".join(out)


def cut(raw: bytes) -> bytes:
    """The last resort, for structures that nobody can read: the first bytes."""
    return note(None) + raw


def note(part: Part | None) -> bytes:
    """One header line per attachment left out; without one, that text was cut."""
    if part is None:
        return f"{HEADER}: truncated\r\n".encode()
    return (
        f"{HEADER}: part={part.number};\r\n"
        f" type={quote(part.type, safe='/+.-')};\r\n"
        f" size={part.size};\r\n"
        f" name*=utf-8''{quote(part.name[:200], safe='', errors='replace')}\r\n"
    ).encode()


def omitted(raw: bytes) -> tuple[str, ...]:
    """Name and size of what a message reduced here leaves out, for people."""
    head = HeaderParser().parsestr(
        re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0].decode("latin-1")
    )
    found = []
    for value in head.get_all(HEADER, ()):
        line = Message()
        line["Content-Type"] = f"x/x; {value}"
        name = collapse_rfc2231_value(line.get_param("name", ""))
        size = line.get_param("size", "0")
        size = int(size) * BASE64_SHARE / 1e6 if re.fullmatch(r"\d{1,12}", size) else 0
        name = _HIDDEN.sub("", name)
        if name or size:
            found.append(f"{name or line.get_param('type')} ({size:.1f} MB)")
    return tuple(found)


def split_header(header: bytes, drop: tuple[str, ...] = ()) -> bytes:
    """The fields of a header block without those whose name starts with one of
    ``drop``, each ended by CRLF, without the empty line."""
    kept = []
    for field in _FIELD.findall(header + b"\r\n"):
        name = field.split(b":", 1)[0].strip().decode("latin-1").lower()
        if field.strip() and not (drop and name.startswith(drop)):
            kept.append(field.rstrip(b"\r\n") + b"\r\n")
    return b"".join(kept)


def whole_lines(body: bytes) -> bytes:
    """A cut body up to its last line end: a base64 line must not be torn."""
    if len(body) < TEXT_BYTES:
        return body
    end = body.rfind(b"\n", len(body) // 2)
    return body[: end + 1] if end > 0 else body


def _text(value) -> str:
    if isinstance(value, bytes):
        for encoding in ("utf-8", "gb18030"):
            try:
                return value.decode(encoding)
            except UnicodeDecodeError:
                continue
        return value.decode("latin-1")
    return "" if value is None else str(value)


def _pairs(value) -> dict[str, str]:
    if not isinstance(value, tuple):
        return {}
    texts = [_text(item) for item in value]
    return {
        key.lower(): text for key, text in zip(texts[::2], texts[1::2], strict=False)
    }


def _parameter(parameters: dict[str, str], name: str) -> str:
    """A file name, with RFC 2047 words or RFC 2231 pieces decoded."""
    plain = parameters.get(name, "")
    if plain:
        try:
            return str(make_header(decode_header(plain)))
        except Exception:  # unknown charset, broken base64: as it came
            return plain
    pieces = sorted(
        (int(match[1] or 0), text)
        for key, text in parameters.items()
        if (match := re.fullmatch(re.escape(name) + r"\*(?:(\d{1,3})\*?)?", key))
    )
    value = "".join(text for _index, text in pieces)
    charset, _quote, rest = value.partition("''")
    if not _quote:
        return value
    if charset.lower() not in _PLAIN_CHARSETS:
        charset = "utf-8"
    return unquote_to_bytes(rest).decode(charset, "replace")
