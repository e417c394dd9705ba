# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bytes -> str, whatever a mail program claims the bytes to be.

The declared charset is a hint. What is lied about most: gb2312 that is GBK or
GB18030 (every Chinese client), us-ascii or latin-1 that is UTF-8 or GBK, utf-8
that is GBK (web forms), no charset at all. Order: a byte order mark, the declared
charset where the bytes bear it, strict UTF-8, GB18030 and Big5 where the bytes look
like it, a detector, cp1252. U+FFFD only where nothing decodes.
"""

import codecs
import re
from functools import lru_cache

from .guess import guess_east_asian, guess_single_byte, looks_turkish

# Not text encodings, or ones that would execute or hang on hostile input.
_NOT_TEXT = frozenset(
    """idna punycode raw_unicode_escape unicode_escape undefined mbcs oem
    charmap""".split()
)
# What clients write (lower case, "_" as "-") -> Python's codec. "" is no charset.
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "gb-2312-80": "gb18030",
    "gb2312-80": "gb18030",
    "gb-2312": "gb18030",
    "gb-18030": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "euc-cn": "gb18030",
    "csgb2312": "gb18030",
    "chinese": "gb18030",
    "zh-cn": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "big-5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "csbig5": "big5hkscs",
    "cp950": "cp950",
    "windows-950": "cp950",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-utf-8": "utf-8",
    "unicode": "utf-8",
    "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-latin-1": "cp1252",
    "ansi": "",
    "cp-850": "cp850",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "euc-kr": "cp949",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601": "cp949",
    "ksc5601": "cp949",
    "korean": "cp949",
    "windows-949": "cp949",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "iso-10646-ucs-2": "utf-16",
    "us-ascii": "",
    "ascii": "",
    "ansi-x3.4-1968": "",
    "8bit": "",
    "7bit": "",
    "binary": "",
    "default": "",
    "none": "",
    "unknown": "",
    "x-unknown": "",
    "unknown-8bit": "",
}
# ASCII bytes mean something else here.
_STATEFUL = frozenset({"utf-7", "hz", "utf-16", "utf-32", "utf-16-le", "utf-16-be"})
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
# The detector is slow (about 10 ms for 4 KB); this much is enough to tell.
_DETECT_BYTES = 4096
# A longer text with fewer bad bytes than this share is damaged, not mislabelled.
_DAMAGED_SHARE = 0.05

_HIGH_BYTES = bytes(range(128, 256))
_HIGH = re.compile(rb"[\x80-\xff]")
# Two-byte characters of GB2312.
_GB2312_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
# The 3,755 hanzi that make up over 99 % of running text, and punctuation.
_GB_COMMON = re.compile(rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]")
_BIG5_COMMON = re.compile(rb"[\xa1\xa4-\xc6][\x40-\x7e\xa1-\xfe]")
_WITHIN_WORD = re.compile(rb"[a-z][\x80-\xff]|[\x80-\xff][a-z]")
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Without what PostgreSQL refuses (NUL, lone surrogates) and other controls."""
    return _BAD.sub("", text) if _BAD.search(text) else text


@lru_cache(maxsize=512)
def codec_name(declared: str) -> str:
    """Python's codec for a declared charset; "" where it says nothing usable."""
    name = declared.strip().strip("\"'").lower().replace("_", "-").split("*")[0]
    if name in _ALIASES:
        return _ALIASES[name]
    if "utf-8" in name or "utf8" in name:
        return "utf-8"
    if name.startswith(("gb18030", "gbk", "gb2312")):
        return "gb18030"
    try:
        info = codecs.lookup(name.replace("cp-", "cp"))
    except (LookupError, ValueError, TypeError):
        return ""
    found = info.name
    if found.replace("-", "_") in _NOT_TEXT or not getattr(
        info, "_is_text_encoding", True
    ):
        return ""
    return _ALIASES.get(found, found)


_HZ = re.compile(rb"~\{(?:[!-w][!-~]){1,200}~\}")


def decode(data: bytes, declared: str = "") -> str:
    """Never raises. ``declared`` is the charset as the mail names it, or ""."""
    codec = codec_name(declared) if declared else ""
    if codec in _STATEFUL or b"\x1b" in data or data.startswith(_WIDE_BOMS):
        return clean(_decode(data, codec))
    # Controls are never part of a character in the others; dropping them here is
    # ten times faster than from the text.
    data = data.translate(None, _CONTROLS)
    if not data.isascii():
        return _decode(data, codec)
    if b"~{" in data and not codec and _HZ.search(data):
        return clean(_decode_stateful(data, "hz"))  # undeclared, in the 1990s
    return data.decode("ascii")


def _decode(data: bytes, codec: str) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = _strict(data, name)
            if text is not None:
                return text.lstrip("\ufeff")
    if not codec and b"\x1b$" in data:
        # used undeclared in Japan; Korea's announces itself (RFC 1557)
        codec = "iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp_ext"
    if codec in _STATEFUL or codec.startswith("iso2022"):
        return _decode_stateful(data, codec)
    utf8 = _strict(data, "utf-8")
    if utf8 is not None and _prefer_utf8(utf8, codec):
        return utf8
    return _decode_declared(data, codec, utf8)


def _decode_declared(data: bytes, codec: str, utf8: str | None) -> str:
    if codec == "gb18030":
        return _decode_gb(data, utf8)
    if codec == "utf-8":
        return _decode_broken_utf8(data)
    if codec in ("big5hkscs", "cp950"):
        return _first(data, ("big5hkscs", "cp950")) or _decode_unknown(data)
    if codec in ("", "cp1252"):
        return _decode_unknown(data, latin=codec == "cp1252")
    text = _strict(data, codec)
    return text if text is not None else _decode_unknown(data, latin=True)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def count_high(data: bytes) -> int:
    return len(data) - len(data.translate(None, _HIGH_BYTES))


def _first(data: bytes, names: tuple[str, ...]) -> str | None:
    return next((t for n in names if (t := _strict(data, n)) is not None), None)


def _prefer_utf8(text: str, codec: str) -> bool:
    """Bytes that happen to be UTF-8 nearly always are, except two-byte
    sequences that a declared Asian charset explains as well."""
    if codec in ("", "utf-8", "cp1252") or codec.startswith("iso8859"):
        return True
    return any("\u3000" <= char <= "\uffee" for char in text[:4000])


def _decode_stateful(data: bytes, codec: str) -> str:
    if codec.startswith("utf-16") and b"\x00" not in data and data.isascii():
        return data.decode("ascii")
    if codec == "utf-16" and data[:1] == b"\x00":
        codec = "utf-16-be"  # without a mark, RFC 2781 says big endian
    text = _strict(data, codec)
    if text is None and data.isascii():
        text = data.decode(codec, "replace")
    return text if text is not None else _decode_unknown(data)


def _decode_gb(data: bytes, utf8: str | None) -> str:
    text = _strict(data, "gb18030")
    if text is not None:
        return text
    if utf8 is not None:
        return utf8
    if looks_chinese(data, 0.8) or not looks_big5(data):
        text = data.decode("gb18030", "replace")
        if text.count("\ufffd") <= max(2, len(text) * _DAMAGED_SHARE):
            return text
    return _decode_unknown(data)


def _decode_broken_utf8(data: bytes) -> str:
    """Declared utf-8 and is not: cut within a character, a few damaged bytes, or
    another charset altogether."""
    good = data.decode("utf-8", "ignore")
    kept = count_high(good.encode("utf-8"))
    lost = count_high(data) - kept
    if kept and lost <= max(3, kept * _DAMAGED_SHARE):
        text = data.decode("utf-8", "replace")
        # a client that cuts by bytes leaves a torn character at the end
        return text.rstrip("\ufffd")
    return _decode_unknown(data, latin=True)


def looks_chinese(data: bytes, share: float = 0.9) -> bool:
    """GBK with certainty: nearly all high bytes pair up, and most pairs are the
    common hanzi. Cyrillic and Western text fail one or the other."""
    high = count_high(data)
    pairs = len(_GB2312_PAIR.findall(data))
    if high < 4 or 2 * pairs < share * high:
        return False
    return len(_GB_COMMON.findall(data)) >= 0.7 * pairs


def looks_big5(data: bytes) -> bool:
    high = count_high(data)
    pairs = _BIG5_COMMON.findall(data)
    if high < 4 or not pairs:
        return False
    low_trails = sum(pair[1] < 0x80 for pair in pairs)
    return 2 * len(pairs) - low_trails >= 0.9 * high


def _decode_unknown(data: bytes, latin: bool = False) -> str:
    """Nothing usable is declared, or it is wrong. ``latin``: a Western or
    other single-byte charset was declared, so believe that when in doubt."""
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    if not latin and (codec := guess_east_asian(data) or guess_single_byte(data)):
        text = _strict(data, codec)
        if text is not None:
            return text
    if looks_chinese(data):
        text = _strict(data, "gb18030")
        if text is not None:
            return text
    if not latin:
        text = _guess(data)
        if text is not None:
            return text
        if looks_turkish(data) and (text := _strict(data, "cp1254")) is not None:
            return text
    text = _strict(data, "cp1252")
    return text if text is not None else data.decode("latin-1")


def _guess(data: bytes) -> str | None:
    """Short texts: GBK and Big5 by their shape; longer ones: the detector."""
    sample = _ending_whole(data)
    if looks_big5(sample) and (text := _strict(data, "big5hkscs")) is not None:
        return text
    if count_high(sample) >= 12:
        name = _detect(sample)
        if name and (text := _strict(data, name)) is not None:
            return text
    return _strict(data, "gb18030") if _looks_shortly_chinese(data) else None


def _looks_shortly_chinese(data: bytes) -> bool:
    """A name or a word: all pairs of GB2312, and not within a Western word."""
    pairs = len(_GB2312_PAIR.findall(data))
    return (
        pairs > 0
        and 2 * pairs == count_high(data)
        and 2 * len(_GB_COMMON.findall(data)) >= pairs
        and not _WITHIN_WORD.search(data)
    )


def _ending_whole(data: bytes) -> bytes:
    """A sample around the first high bytes, not cut within a line."""
    match = _HIGH.search(data)
    start = max(0, match.start() - 200) if match else 0
    return data[start : start + _DETECT_BYTES]


def _detect(sample: bytes) -> str | None:
    import charset_normalizer  # 60 ms to import, and rarely needed

    best = charset_normalizer.from_bytes(sample).best()
    return codec_name(best.encoding) or None if best else None
