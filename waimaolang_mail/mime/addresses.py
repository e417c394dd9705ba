# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Address lists as clients write them, not as RFC 5322 has them.

The value is cut into tokens before encoded words are decoded, since a decoded
name may contain commas; raw 8-bit text is decoded before it is cut, since the
second byte of a GBK character may be "@" or a backslash.
"""

import re

from .parsed import Address
from .words import decode_words, unfold

# A newsletter's To may hold thousands; nobody reads more.
MAX_ADDRESSES = 1000
MAX_NAME = 255
# Bounds in the expressions and here keep hostile headers from taking n² steps.
MAX_BYTES = 128 * 1024
MAX_PIECES = 200  # of one name
MAX_EMAIL = 320  # RFC 3696 erratum 1690, generously

_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.){0,400}")
    |(?P<word>=\?[^?\s]{1,80}\?[bBqQ]\?(?:[^?=]|=(?!\?[^=])|\?(?!=)){0,2000}\?=)
    |(?P<comment>\((?:[^()\\]|\\.|\([^()]{0,100}\)){0,400}\))
    |(?P<angle><[^<>]*>?)
    |(?P<sep>[,;，；、])
    |(?P<colon>:)
    |(?P<text>[^"(<,;:，；、=]+|.)""",
    re.X | re.S,
)
# o'neil@x within, 'x@y' around
_BARE = re.compile(
    r"[^\s<>\"'(),;:\[\]][^\s<>\"(),;:\[\]]{0,199}@[^\s<>\"'(),;:]{1,255}"
)
_EMAIL = re.compile(r"[^\s@<>(),:;]+@[^\s@<>(),:;\"]+\Z")
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_SCHEMES = ("mailto", "smtp")
_UNESCAPE = re.compile(r"\\(.)")
_SPACES = re.compile(r"\s+")


def read_addresses(values: list[bytes], charset: str = "") -> tuple[Address, ...]:
    """All addresses of all fields of one name, in order."""
    found: list[Address] = []
    for raw in values:
        found.extend(_read_list(unfold(raw[:MAX_BYTES], charset)))
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found[:MAX_ADDRESSES])


class _Mailbox:
    """One mailbox being read: its name so far, its <address>, its comments."""

    def __init__(self) -> None:
        self.name: list[str] = []
        self.angle: str | None = None
        self.comment = ""

    def text(self) -> str:
        return "".join(self.name).strip()


def _read_list(text: str) -> list[Address]:
    if "=?" in text and "@" not in text:
        text = decode_words(text)  # the whole field is one encoded word
    out: list[Address] = []
    pending = ""
    box = _Mailbox()
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        missing_comma = kind == "angle" and box.angle and "@" in box.angle
        if kind == "sep" or missing_comma:
            pending = _finish(box, pending, out)
            box = _Mailbox()
            if len(out) >= MAX_ADDRESSES:
                return out
        if kind != "sep":
            _take_token(box, kind, token)
    pending = _finish(box, pending, out)
    if pending:
        _add(out, pending, "")
    return out


def _take_token(box: _Mailbox, kind: str | None, token: str) -> None:
    if len(box.name) > MAX_PIECES and kind != "angle":
        return
    if kind == "colon":
        _open_group(box)
    elif kind == "angle":
        box.angle = token.strip("<>").strip()
    elif kind == "comment":
        box.comment = token[1:-1]
    elif kind == "quoted":
        box.name.append(_UNESCAPE.sub(r"\1", token[1:-1]) + " ")
    else:
        box.name.append(token)


def _open_group(box: _Mailbox) -> None:
    """What precedes a colon is a group's name, or a scheme (mailto:, SMTP:)."""
    text = box.text()
    if text.lower().endswith(_SCHEMES):
        box.name = [text.rpartition(" ")[0] + " "] if " " in text else []
    elif box.angle is None and "@" not in text:
        box.name = []
    else:
        box.name.append(":")


def _finish(box: _Mailbox, pending: str, out: list[Address]) -> str:
    """Adds the mailbox; returns what may be the first half of an unquoted
    "Doe, John <j@x>"."""
    text = box.text()
    if box.angle is not None:
        name = f"{pending}, {text}" if pending and text else pending or text
        email = _clean_email(box.angle)
        if not email and (inner := _find_bare(decode_words(text))):
            email = _clean_email(inner.group())
        _add(out, name or box.comment, email)
        return ""
    if pending:
        _add(out, pending, "")
    if not text:
        return ""
    match = _find_bare(text) or _find_bare(decode_words(text))
    if match:
        email = _clean_email(match.group())
        name = box.comment or (text.replace(match.group(), "") if email else text)
        _add(out, name, email)
        return ""
    return text


def _find_bare(text: str) -> re.Match | None:
    at = text.find("@")
    return _BARE.search(text, max(0, at - 200)) if at >= 0 else None


def _clean_email(text: str) -> str:
    text = decode_words(text) if "=?" in text else text
    text = _SPACES.sub("", _COMMENT.sub("", text)).strip("'\"<>,;()[]")
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]  # RFC 5322 4.4 route
    text = text.rstrip(".").lower()
    if "/" in text and "=" in text:
        return ""  # Notes' and Exchange's X.500 names: CN=Bob/O=ACME@ACME
    return text if len(text) <= MAX_EMAIL and _EMAIL.match(text) else ""


def _add(out: list[Address], name: str, email: str) -> None:
    name = _SPACES.sub(" ", decode_words(name)).strip(" '\"\t,;<>()")[:MAX_NAME]
    if name.lower() == email:
        name = ""
    if name or email:
        out.append(Address(name, email))
