# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Outlook's rich text: unpacked ([MS-OXRTFCP]), and read as HTML where it holds
HTML ([MS-OXRTFEX]), else as plain text. For bodies that exist in no other form.
"""

import re
import struct
from dataclasses import dataclass, replace

from .charsets import clean, decode

# Steps in Python for each byte: bounds the time. Bodies are far smaller.
MAX_PACKED = 512 * 1024
MAX_RTF = 1024 * 1024
MAX_DEPTH = 200

_HEADER = struct.Struct("<IIII")
_PACKED, _UNPACKED = 0x75465A4C, 0x414C454D
# The dictionary that both sides start with.
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern "
    rb"\fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl"
    rb"\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_RING = 4096

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])"
    rb"|([^\\{}\r\n]{1,65536})|[\r\n]+|\\"
)
# Groups that are not for reading.
_SKIPPED = frozenset(
    b"""fonttbl colortbl stylesheet info pict object header footer headerl headerr
    footerl footerr themedata colorschememapping datastore latentstyles listtable
    listoverridetable generator xmlnstbl fldinst""".split()
)
_BREAKS = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"page": "\n",
    b"cell": "\t",
    b"tab": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}


def unpack(data: bytes) -> bytes:
    """b"" where it is not compressed RTF; what is damaged is read so far."""
    if len(data) < _HEADER.size:
        return b""
    _size, raw_size, kind, _crc = _HEADER.unpack_from(data)
    body = data[_HEADER.size : _HEADER.size + MAX_PACKED]
    if kind == _UNPACKED:
        return body[: min(raw_size, MAX_RTF)]
    if kind != _PACKED:
        return b""
    return _unpack(body, min(raw_size, MAX_RTF))


def _unpack(body: bytes, wanted: int) -> bytes:
    out = bytearray(_START)
    wanted += len(_START)
    position, end = 0, len(body)
    while position < end and len(out) < wanted:
        flags = body[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += body[position : position + 1]
                position += 1
                continue
            if position + 2 > end:
                return bytes(out[len(_START) :])
            reference = body[position] << 8 | body[position + 1]
            position += 2
            # how far back in a ring of 4 KB; 0: the end
            back = (len(out) - (reference >> 4)) % _RING
            if not back or back > len(out):
                return bytes(out[len(_START) :])
            _repeat(out, back, (reference & 15) + 2)
    return bytes(out[len(_START) : wanted])


def _repeat(out: bytearray, back: int, length: int) -> None:
    start = len(out) - back
    piece = out[start : start + length]
    while len(piece) < length:
        piece += piece[:back]
    out += piece[:length]


@dataclass(frozen=True)
class _Group:
    """What a brace saves and restores."""

    hidden: bool = False
    tag: bool = False  # of {\*\htmltag}: markup
    unicode_skip: int = 1


class _Reader:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.pending = bytearray()  # bytes of the code page, maybe half a character
        self.charset = "cp1252"
        self.is_html = False
        self.html_rtf = False  # formatting for readers of RTF, not of HTML
        self.skip = 0
        self.group = _Group()
        self.saved: list[_Group] = []

    def flush(self) -> None:
        if self.pending:
            self.out.append(decode(bytes(self.pending), self.charset))
            self.pending.clear()

    def shows(self) -> bool:
        return not self.group.hidden and not self.html_rtf

    def brace(self, brace: bytes) -> None:
        self.flush()
        if brace == b"{":
            if len(self.saved) < MAX_DEPTH:
                self.saved.append(self.group)
        elif self.saved:
            self.group = self.saved.pop()

    def word(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self.flush()
            if self.shows():
                self.out.append(chr(number & 0xFFFF))
            self.skip = self.group.unicode_skip
            return
        self.flush()
        if word == b"uc":
            self.group = replace(self.group, unicode_skip=min(number or 0, 8))
        elif word == b"ansicpg" and number:
            self.charset = code_page(number)
        elif word == b"fromhtml":
            self.is_html = True
        elif word == b"htmlrtf":
            self.html_rtf = self.is_html and number != 0
        elif word == b"htmltag" and self.is_html:
            self.group = replace(self.group, hidden=False, tag=True)
        elif word in _SKIPPED:
            self.group = replace(self.group, hidden=True)
        elif word in _BREAKS and self.shows() and not self.group.tag:
            self.out.append(_BREAKS[word])

    def text(self, data: bytes) -> None:
        if self.skip:
            taken = min(self.skip, len(data))
            data, self.skip = data[taken:], self.skip - taken
        if self.shows():
            self.pending += data


def read(rtf: bytes) -> tuple[str, bool]:
    """The text, and whether it is HTML."""
    reader = _Reader()
    for match in _TOKEN.finditer(rtf[:MAX_RTF]):
        word, number, code, symbol, brace, text = match.groups()
        if text is not None:
            reader.text(text)
        elif word is not None:
            reader.word(word, int(number) if number else None)
        elif code is not None:
            reader.text(bytes((int(code, 16),)))
        elif brace is not None:
            reader.brace(brace)
        elif symbol == b"*":
            # of a group that unknowing readers skip; htmltag shows it again
            if not reader.group.hidden:
                reader.group = replace(reader.group, hidden=True)
        elif symbol in (b"\\", b"{", b"}"):
            reader.text(symbol)
        elif symbol == b"~":
            reader.text(b" ")
        elif symbol in (b"\n", b"\r"):
            reader.word(b"par", None)
    reader.flush()
    return _joined(reader.out), reader.is_html


def _joined(pieces: list[str]) -> str:
    """Halves of a character outside the BMP, each its own control word, together."""
    text = "".join(pieces)
    return clean(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def code_page(number: int) -> str:
    """A Windows code page's number as a charset's name."""
    named = {
        65001: "utf-8",
        1200: "utf-16-le",
        20127: "us-ascii",
        20866: "koi8-r",
        21866: "koi8-u",
        51932: "euc-jp",
        51936: "gb18030",
        51949: "euc-kr",
        52936: "hz",
        54936: "gb18030",
    }
    if number in named:
        return named[number]
    if 28591 <= number <= 28606:
        return f"iso-8859-{number - 28590}"
    if 50220 <= number <= 50222:
        return "iso-2022-jp"
    return f"cp{number}"
