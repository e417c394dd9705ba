# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The body of a mail that is sent: texts, images, files, and what holds them apart.

Everything leaves in seven bits and lines of 76, but for attached messages, which must
not be encoded (RFC 2046 5.2.1): those that are not seven bits go as plain files.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Callable
from mimetypes import guess_extension, guess_type
from typing import TYPE_CHECKING

from . import fold
from .textual import html_to_text, raw_html_to_text

if TYPE_CHECKING:
    from .build import OutgoingMail

# 57 bytes are a line of 76 characters; so many lines at once.
_BLOCK = 57 * 4096
_MAX_PLAIN_LINE = 76
_MIMETYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_LINE_ENDS = re.compile(r"\r\n?")
# Trailing blanks and what relays change; any control but a tab.
_NOT_PLAIN = re.compile(rb"[ \t]\n|[ \t]\Z|(?:\A|\n)From |(?:\A|\n)\.|[^\t\n -~]")
_LONE_CR = re.compile(rb"\r(?!\n)")
_FIRST_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,250}")
_HTML_PAGE = re.compile(r"<html[\s>]", re.I)
_PAGE = (
    '<!DOCTYPE html><html><head><meta http-equiv="Content-Type" '
    'content="text/html; charset=utf-8"></head><body>{}</body></html>'
)
_QUOTE = re.compile(r"(</?blockquote\b[^<>]*>)")
_OCTETS = "application/octet-stream"


def write_body(mail: OutgoingMail, out: io.BytesIO) -> None:
    """The Content- headers, the empty line and the rest. ValueError for a content id
    that no header can carry."""
    _Writer(mail, out).write()


class _Writer:
    """Part after part; of an attachment's bytes one copy is held at a time."""

    def __init__(self, mail: OutgoingMail, out: io.BytesIO):
        self._mail = mail
        self._out = out
        # "=_" stands in no text that is encoded; the rest nobody else can know
        seed = fold.clean_id(mail.message_id) or "none"
        self._seed = hashlib.sha256(seed.encode()).hexdigest()[:24]
        self._levels = 0
        # without HTML nothing shows them
        self._images = mail.inline if mail.html else ()
        shown_by_nothing = () if mail.html else mail.inline
        self._files = [*(image[1:] for image in shown_by_nothing), *mail.attachments]

    def write(self) -> None:
        if self._files:
            parts = [lambda file=file: self._attachment(*file) for file in self._files]
            self._multipart("mixed", [self._related, *parts])
        else:
            self._related()
        self._out.write(b"\r\n")

    def _related(self) -> None:
        if not self._images:
            self._alternative()
            return
        parts = [lambda image=image: self._image(*image) for image in self._images]
        kind = 'type="multipart/alternative"'
        self._multipart("related", [self._alternative, *parts], kind)

    def _alternative(self) -> None:
        html = self._mail.html
        text = self._mail.text or (text_of(html) if html else "")
        if not html:
            self._text("text/plain", text)
            return
        page = html if _HTML_PAGE.search(html) else _PAGE.format(html)
        self._multipart(
            "alternative",
            [
                lambda: self._text("text/plain", text),
                lambda: self._text("text/html", page),
            ],
        )

    def _multipart(self, kind: str, parts: list[Callable], *params: str) -> None:
        self._levels += 1
        boundary = f"=_{self._levels}_{self._seed}"
        params = (*params, fold.plain_param("boundary", boundary))
        self._header("Content-Type", f"multipart/{kind}", *params)
        self._out.write(b"\r\n")
        for part in parts:
            self._out.write(f"--{boundary}\r\n".encode())
            part()
            self._out.write(b"\r\n")
        self._out.write(f"--{boundary}--".encode())

    # -- leaves -----------------------------------------------------------------

    def _text(self, kind: str, text: str) -> None:
        encoding, data = encode_text(text)
        self._header("Content-Type", kind, "charset=utf-8")
        self._header("Content-Transfer-Encoding", encoding)
        self._out.write(b"\r\n" + data)

    def _image(self, content_id: str, name: str, kind: str, data: bytes) -> None:
        content_id = content_id.strip().removeprefix("<").removesuffix(">")
        if not _CONTENT_ID.fullmatch(content_id):
            raise ValueError("not a content id")
        kind = _leaf_type(kind, name)
        name = fold.clean_file_name(name) or _default_name("image", kind)
        self._file_headers(kind, name, "inline", "base64")
        self._header("Content-ID", f"<{content_id}>")
        self._out.write(b"\r\n")
        self._base64(data)

    def _attachment(self, name: str, kind: str, content) -> None:
        data = content() if callable(content) else content
        name = fold.clean_file_name(name)
        if kind.strip().lower() == "message/rfc822" and self._is_seven_bit(data):
            name = name or "message.eml"
            self._file_headers("message/rfc822", name, "attachment", "7bit")
            self._out.write(b"\r\n")
            self._out.write(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            return
        kind = _leaf_type(kind, name)
        name = name or _default_name("attachment", kind)
        self._file_headers(kind, name, "attachment", "base64")
        self._out.write(b"\r\n")
        self._base64(data)

    def _is_seven_bit(self, data: bytes) -> bool:
        """Whether an attached message can stand as it is."""
        return (
            data.isascii()
            and b"\0" not in data
            and self._seed.encode() not in data
            and bool(_FIRST_HEADER.match(data))
            and not _LONE_CR.search(data)
            and max(map(len, data.split(b"\n"))) < fold.LONGEST_LINE
        )

    def _file_headers(self, kind, name, disposition, encoding) -> None:
        self._header("Content-Type", kind, fold.file_name_2047("name", name))
        self._header(
            "Content-Disposition", disposition, fold.file_name_2231("filename", name)
        )
        self._header("Content-Transfer-Encoding", encoding)

    def _header(self, name: str, value: str, *params: str) -> None:
        self._out.write(fold.value_header(name, value, params))

    def _base64(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(view), _BLOCK):
            lines = base64.encodebytes(view[start : start + _BLOCK])
            line_end = b"\r\n" if start else b""
            self._out.write(line_end + lines[:-1].replace(b"\n", b"\r\n"))


def text_of(html: str) -> str:
    """The plain alternative; quotes as lines that begin with ">"."""
    from .sanitize import TooDeep, sanitize  # nh3, only where it is needed

    try:
        clean = sanitize(fold.no_surrogates(html))
    except TooDeep:
        return raw_html_to_text(html)
    out: list[str] = []
    level = 0
    for piece in _QUOTE.split(clean):
        if _QUOTE.fullmatch(piece):
            level += -1 if piece[1] == "/" else 1
        elif text := html_to_text(piece):
            mark = ">" * max(level, 0)
            lines = text.split("\n") if mark else [text]
            out += [f"{mark} {line}".strip() for line in lines]
    return "\n".join(out)


def encode_text(text: str) -> tuple[str, bytes]:
    """The transfer encoding and the text in it, with CRLF."""
    text = _LINE_ENDS.sub("\n", fold.no_surrogates(text).replace("\0", ""))
    data = text.encode()
    if data.isascii() and not _NOT_PLAIN.search(data):
        if max(map(len, data.split(b"\n"))) <= _MAX_PLAIN_LINE:
            return "7bit", data.replace(b"\n", b"\r\n")
    foreign = sum(map(len, re.findall(rb"[\x80-\xff]+", data)))
    if foreign * 5 <= len(data):
        quoted = binascii.b2a_qp(data, istext=True)
        return "quoted-printable", quoted.replace(b"\n", b"\r\n")
    canonical = data.replace(b"\n", b"\r\n")
    return "base64", base64.encodebytes(canonical).replace(b"\n", b"\r\n")


def _leaf_type(kind: str, name: str) -> str:
    """A type whose content may be base64."""
    kind = kind.strip().lower()
    if not _MIMETYPE.fullmatch(kind) or kind == _OCTETS:
        kind = guess_type(name)[0] or _OCTETS
    return _OCTETS if kind.startswith(("multipart/", "message/")) else kind


def _default_name(stem: str, kind: str) -> str:
    return stem + (guess_extension(kind) or ".bin")
