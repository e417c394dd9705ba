# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bytes -> a tree of parts, without copying: a part is two offsets in the message.

Own code rather than ``email.parser``: that one recurses a generator per nesting
level and looks at every line in Python, which costs 1 ms per 100 KB and hangs or
overflows on hostile nesting. Here boundaries are found by ``bytes.find`` and depth
and number of parts are bounded. Headers stay raw bytes, as their charset is not
known yet.
"""

import binascii
import re
from dataclasses import dataclass, field

from .charsets import decode
from .words import decode_words, from_base64, unfold

_HEADER = re.compile(
    rb"^([!-9;-~]{1,200})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)", re.M
)
_BLANK = re.compile(rb"(?:\A|\n)\r?\n")
# What a broken gateway writes before the headers of a whole message.
JUNK = 300
_LEADING = re.compile(rb"\A(?:[ \t]*\r?\n)+|\A[ \t]+(?=\r?\n)")
_MBOX_LINE = re.compile(rb"\A>?From [^\n]*\n")
_PARAM = re.compile(r";\s*([^\s=;\"]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", re.S)
_ESCAPED = re.compile(r'\\(["\\])')
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_TYPE = re.compile(r"\s*\"?([\w!#$&^.+-]+/[\w!#$&^.+-]+)")
_FIRST_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,200}?)[ \t]{0,40}\r?\n")


@dataclass
class Part:
    """``start`` and ``end`` bound the body in ``raw``. ``whole`` is where the
    part's own headers begin. ``text_charset`` is the declared one, or ""."""

    raw: bytes
    whole: int
    start: int
    end: int
    headers: list[tuple[str, bytes]]
    mimetype: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)
    # where a multipart's boundaries could not be followed: kept as one piece
    opaque: bool = False

    def first(self, name: str) -> bytes:
        return next((value for key, value in self.headers if key == name), b"")

    def every(self, name: str) -> list[bytes]:
        return [value for key, value in self.headers if key == name]

    def source(self) -> bytes:
        return self.raw[self.start : self.end]

    def is_plain(self) -> bool:
        """Without a transfer encoding."""
        encoding = self.first("content-transfer-encoding").strip(b" \t\r\n\"';")
        return encoding.lower() in (b"", b"7bit", b"8bit", b"binary")

    def data(self) -> bytes:
        """The content without its transfer encoding."""
        encoding = self.first("content-transfer-encoding").strip(b" \t\r\n\"';")
        return decode_transfer(self.source(), encoding.lower())


@dataclass
class Budget:
    """What is left to spend on one message, and what was refused."""

    depth: int
    parts: int
    header_bytes: int
    exceeded: set[str] = field(default_factory=set)


def split(raw: bytes, budget: Budget) -> Part:
    raw = _as_bytes(raw)
    begin = 0
    if match := _LEADING.match(raw):
        begin = match.end()
    if match := _MBOX_LINE.match(raw[begin : begin + 1000]):
        begin += match.end()
    return _split_part(raw, begin, len(raw), budget, 0, "text/plain")


def _as_bytes(raw: bytes) -> bytes:
    """Without what editors and file exports put before or between the lines."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if raw.startswith(mark):
            raw = raw[2:].decode(codec, "replace").encode("utf-8", "replace")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in raw[:4096] and b"\r" in raw[:4096]:
        # old Mac line ends, at least in the headers
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


def _split_part(
    raw: bytes, begin: int, end: int, budget: Budget, depth: int, default: str
) -> Part:
    headers, start = read_headers(raw, begin, end, budget, 0 if depth else JUNK)
    part = Part(raw, begin, start, end, headers, default)
    _read_content_headers(part)
    if part.mimetype.startswith("multipart/"):
        if depth >= budget.depth:
            budget.exceeded.add("depth")
            part.opaque = True
        else:
            _split_children(part, budget, depth)
    return part


def _split_children(part: Part, budget: Budget, depth: int) -> None:
    child_default = (
        "message/rfc822" if part.mimetype == "multipart/digest" else "text/plain"
    )
    for begin, end in _pieces(part):
        if budget.parts <= 0:
            budget.exceeded.add("parts")
            break
        budget.parts -= 1
        part.children.append(
            _split_part(part.raw, begin, end, budget, depth + 1, child_default)
        )
    if not part.children:
        part.mimetype = "text/plain"  # no boundary: what is there is text


def _pieces(part: Part) -> list[tuple[int, int]]:
    boundary = part.params.get("boundary", "").strip().encode("latin-1", "ignore")
    found = _delimited(part, boundary) if boundary else []
    if not found:
        match = _FIRST_BOUNDARY.search(part.raw, max(part.start - 1, 0), part.end)
        if match and match.group(1) != boundary:
            found = _delimited(part, match.group(1))
    return found


def _delimited(part: Part, boundary: bytes) -> list[tuple[int, int]]:
    """Offsets between delimiter lines. The last piece may lack its close."""
    raw, end = part.raw, part.end
    delimiter = b"--" + boundary
    pieces: list[tuple[int, int]] = []
    opened = -1
    position = raw.find(delimiter, part.start, end)
    while position >= 0:
        after = position + len(delimiter)
        line_end = raw.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end + 1
        rest = raw[after : min(line_end, after + 200)].strip()
        at_start = position == part.start or raw[position - 1 : position] == b"\n"
        if at_start and rest in (b"", b"--"):
            if opened >= 0:
                pieces.append((opened, max(opened, _line_end_before(raw, position))))
            opened = line_end if rest == b"" else -1
            if rest:
                break
        position = raw.find(delimiter, after, end)
    if 0 <= opened < end:
        pieces.append((opened, end))
    return pieces


def _line_end_before(raw: bytes, position: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 5.1.1)."""
    position -= raw[position - 1 : position] == b"\n"
    return position - (raw[position - 1 : position] == b"\r")


def read_headers(
    raw: bytes, begin: int, end: int, budget: Budget, junk: int = 0
) -> tuple[list[tuple[str, bytes]], int]:
    """The header fields, names lower-cased and values raw, and the body's start.
    Up to ``junk`` bytes before the first field are skipped."""
    limit = min(end, begin + budget.header_bytes)
    if raw[begin : begin + 1] in (b"\n", b"\r"):
        return [], raw.find(b"\n", begin, end) + 1 or end
    blank = _BLANK.search(raw, max(begin - 1, 0), end)
    stop, start = (blank.start() + 1, blank.end()) if blank else (end, end)
    if stop > limit:
        budget.exceeded.add("headers")
        stop = limit
    fields: list[tuple[str, bytes]] = []
    position = begin
    for match in _HEADER.finditer(raw, begin, stop):
        if match.start() > position + junk and not fields:
            break
        fields.append((match[1].decode("ascii").lower(), match[2].rstrip(b"\r")))
        position = match.end()
    if not fields:
        # no headers at all: everything is body
        return [], begin
    if position < stop - 2 and b":" not in raw[position:stop].split(b"\n", 1)[0]:
        start = position  # text follows the headers without a blank line
    return fields, start


def _read_content_headers(part: Part) -> None:
    raw_type = part.first("content-type")
    if raw_type:
        main, part.params = parse_params(unfold(raw_type))
        match = _TYPE.match(main)
        if match:
            part.mimetype = match.group(1).lower()
        elif main.strip().lower().startswith("multipart"):
            part.mimetype = "multipart/mixed"
        elif main.strip().lower() == "html":
            part.mimetype = "text/html"
        elif main.strip().lower() not in ("", "text", "plain"):
            part.mimetype = "application/octet-stream"
    raw_disposition = part.first("content-disposition")
    if raw_disposition:
        main, part.disposition_params = parse_params(unfold(raw_disposition))
        part.disposition = main.strip().lower()


def parse_params(text: str) -> tuple[str, dict[str, str]]:
    """A value and its parameters, RFC 2231 continuations and charsets resolved,
    encoded words (forbidden there, and usual) too."""
    main = text.partition(";")[0]
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for match in _PARAM.finditer(text, len(main)):
        key = match[1].lower()
        value = match[3].strip() if match[2] is None else match[2]
        value = _ESCAPED.sub(r"\1", value) if "\\" in value else value
        name, star, section = key.partition("*")
        if not star:
            plain.setdefault(name, decode_words(value))
            continue
        extended = key.endswith("*")
        number = section.rstrip("*")
        index = int(number) if number.isdecimal() and len(number) < 4 else 0
        pieces.setdefault(name, {}).setdefault(index, (extended, value))
    for name, sections in pieces.items():
        value = _join_sections(sections)
        if value:
            plain[name] = value
    return main, plain


def _join_sections(sections: dict[int, tuple[bool, str]]) -> str:
    charset = ""
    data = b""
    for position, index in enumerate(sorted(sections)):
        extended, value = sections[index]
        if extended and position == 0 and value.count("'") >= 2:
            charset, _language, value = value.split("'", 2)
        encoded = value.encode("utf-8", "surrogateescape")
        if extended:
            encoded = _PERCENT.sub(lambda m: bytes((int(m[1], 16),)), encoded)
        data += encoded
    return decode_words(decode(data, charset))


def decode_transfer(source: bytes, encoding: bytes) -> bytes:
    if encoding == b"base64":
        return from_base64(source)
    if encoding == b"quoted-printable":
        return binascii.a2b_qp(source)
    if encoding in (b"x-uuencode", b"uuencode", b"x-uue", b"uue"):
        begin = source.find(b"begin ")
        if begin >= 0:
            return uudecode(source[begin:].split(b"\n")[1:])
    return source


def uudecode(lines: list[bytes]) -> bytes:
    out = []
    for line in lines:
        line = line.rstrip(b"\r\n")
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # some encoders pad lines wrongly: take as many as the length says
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                break
    return b"".join(out)
