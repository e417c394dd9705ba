# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Header values: RFC 2047 encoded words as clients really write them.

Two breaks are common in Chinese mail: a character cut between two encoded words
(each has half of a GBK pair or a UTF-8 sequence) and base64 cut between two
words. Neighbours of the same charset are therefore joined before decoding. Raw
8-bit values, forbidden but frequent, are decoded like a body.
"""

import binascii
import re

from .charsets import clean, decode

# Spaces inside the text and a language tag after * are tolerated (RFC 2231 5).
# The text does not contain the start of another word, which keeps this linear.
_WORD = re.compile(
    r"=\?([^?\s]{0,60}?)(?:\*[^?\s]{0,20})?\?([bBqQ])\?"
    r"((?:[^?=]|=(?!\?[^=])|\?(?!=)){0,4000})\?="
)
_LINE_END = re.compile(rb"\r?\n")
# A base64 text that was put together of so many is none.
MAX_PIECES = 10_000
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_SPACES = re.compile(r"\s+")


def unfold(raw: bytes, charset: str = "") -> str:
    """A raw value as text, encoded words still encoded. ``charset`` is what the
    body declares: the best hint for raw 8-bit bytes."""
    raw = raw.strip()
    if b"\n" in raw:
        raw = _LINE_END.sub(b" ", raw)
    return decode(raw, charset)


def decode_value(raw: bytes, charset: str = "") -> str:
    """The readable text of a raw header value, on one line."""
    text = decode_words(unfold(raw, charset))
    return _SPACES.sub(" ", text).strip()


def decode_words(text: str) -> str:
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[tuple[str, str, str]] = []
    position = 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        charset, kind, payload = match.groups()
        if run and (between.strip() or run[-1][0] != charset.lower()):
            out.append(_join(run))
            run = []
            if between.strip():
                out.append(between)
        elif not run:
            out.append(between)
        run.append((charset.lower(), kind.lower(), payload))
        position = match.end()
    if run:
        out.append(_join(run))
    out.append(text[position:])
    return clean("".join(out))


def _join(run: list[tuple[str, str, str]]) -> str:
    """The text of neighbouring words of one charset."""
    kinds = {kind for _charset, kind, _payload in run}
    if kinds == {"b"} and len(run) > 1 and _is_cut_base64(run):
        data = from_base64("".join(p for _c, _k, p in run).encode("ascii", "ignore"))
    else:
        data = b"".join(_word_bytes(kind, payload) for _c, kind, payload in run)
    return decode(data, run[0][0])


def _is_cut_base64(run: list[tuple[str, str, str]]) -> bool:
    """One base64 text that was cut into words anywhere but at 4 characters."""
    heads = [payload.strip() for _c, _k, payload in run[:-1]]
    return any(len(head) % 4 for head in heads) and not any(
        head.endswith("=") for head in heads
    )


def _word_bytes(kind: str, payload: str) -> bytes:
    if kind == "b":
        return from_base64(payload.encode("ascii", "ignore"))
    return binascii.a2b_qp(payload.encode("utf-8", "ignore"), header=True)


def from_base64(data: bytes) -> bytes:
    """Lenient: foreign characters skipped, padding missing or in the middle."""
    body = data.strip()
    inside = body.count(b"=", 0, len(body.rstrip(b"=\r\n \t")))
    if inside > MAX_PIECES:
        body = _NOT_BASE64.sub(b"", body)
    elif inside:
        return b"".join(from_base64(piece) for piece in body.split(b"=") if piece)
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        body = _NOT_BASE64.sub(b"", body)
        body = body[: len(body) - 1] if len(body) % 4 == 1 else body
        return binascii.a2b_base64(body + b"=" * (-len(body) % 4))
