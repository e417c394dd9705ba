# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Message ids and dates out of raw header values, whatever they look like."""

import hashlib
import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz

from .words import decode_words, unfold

_ANGLE = re.compile(r"<([^<>]*)>")
_SPACES = re.compile(r"\s+")
# A Message-ID longer than a header line may be (RFC 5322 2.1.1) is nobody's.
MAX_ID = 998
# Old threads have hundreds of references; the newest ones tell the thread.
MAX_REFERENCES = 200

# E-mail as known here is younger; earlier dates come from broken clocks.
EARLIEST = datetime(1990, 1, 1)
# Clocks are off by hours (time zones), not by days.
FUTURE = timedelta(hours=24)
_ISO = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]*"
    r"(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?[.\d]*\s*(Z|[+-]\d{2}:?\d{2})?"
)
# Days first: with dots, which Americans do not use.
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})")
# +08:00 and GMT+8, of which parsedate_tz would make UTC.
_ZONE = re.compile(r"(?<=\s)(?:GMT|UTC)?([+-])(\d{1,2}):?(\d\d)?(?!\d|:)", re.I)
# Web mailers and ERP systems format dates in the user's language: the first letters.
_MONTHS = {
    name: english
    for english, names in {
        "Jan": "янв gen ene ocak 一月 1月",
        "Feb": "фев fév 二月 2月",
        "Mar": "мар mrz mär 三月 3月",
        "Apr": "апр avr abr 四月 4月",
        "May": "май мая mai mag 五月 5月",
        "Jun": "июн giu juin 六月 6月",
        "Jul": "июл lug juil 七月 7月",
        "Aug": "авг aoû ago 八月 8月",
        "Sep": "сен set 九月 9月",
        "Oct": "окт okt ott out 十月 10月",
        "Nov": "ноя 十一月 11月",
        "Dec": "дек dez dic déc 十二月 12月",
    }.items()
    for name in (english.lower(), *names.split())
}
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})\.? (?:de )?(1?\d月|[^\W\d_]{2,12})\.? (?:de )?(?=\d{4})"
)
# parsedate_tz makes 2001 of the year "1" and takes hours for years.
_FRACTION = re.compile(r"(:\d\d)\.\d+")
_YEAR = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}(?!\d)|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2}(?!\d))"
)


def read_ids(raw: bytes, charset: str = "") -> tuple[str, ...]:
    """All ids in a Message-ID, In-Reply-To or References value, in order, once.

    By expression, not by grammar: ``<[abc]@host>``, ``<a b@host>``, ids without
    brackets or with a comment around them are all seen in the wild."""
    text = unfold(raw, charset)
    if "=?" in text:
        text = decode_words(text)  # Outlook encodes ids that are longer than a line
    found = _ANGLE.findall(text)
    if not found:
        bare = text.replace("<", " ").replace(">", " ").split()
        found = [word.strip(",;") for word in bare if "@" in word]
        if not found and len(bare) == 1:
            found = bare
    ids = dict.fromkeys(_bounded(_SPACES.sub("", item)) for item in found)
    ids.pop("", None)
    return tuple(ids)


def _bounded(id_: str) -> str:
    """PostgreSQL indexes no more than 2,700 bytes. A longer id is nobody's, and is
    still told from another one."""
    raw = id_.encode()
    if len(raw) <= MAX_ID:
        return id_
    kept = raw[: MAX_ID // 2].decode("utf-8", "ignore")
    return f"{kept}~{hashlib.sha256(raw).hexdigest()[:32]}"


def read_date(raw: bytes) -> datetime | None:
    """What the header says, in naive UTC; None where it says nothing. Whether
    that is believable is ``believable``'s question."""
    text = _FRACTION.sub(r"\1", unfold(raw)[:200])
    if not text:
        return None
    parsed = None
    text = _ZONE.sub(_four_digits, text)
    for candidate in (text, _in_english(text)):
        if parsed is None and _YEAR.search(candidate):
            try:
                parsed = parsedate_tz(candidate)
            except (ValueError, IndexError, TypeError, AttributeError, OverflowError):
                parsed = None
    if parsed is None:
        return _read_iso_date(_DOTTED.sub(r"\3-\2-\1", text))
    offset = parsed[9] or 0
    try:
        date = datetime(*parsed[:5], min(parsed[5], 59))
    except (ValueError, TypeError, OverflowError):
        return None
    return _to_utc(date, offset)


def _four_digits(match: re.Match) -> str:
    return f"{match[1]}{match[2]:0>2}{match[3] or '00'}"


def _in_english(text: str) -> str:
    """From the day on; the day of the week says nothing."""
    match = _DAY_MONTH.search(text)
    if not match:
        return ""
    name = match[2].lower()
    month = _MONTHS.get(name) or _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])
    return f"{match[1]} {month} {text[match.end() :]}" if month else ""


def _read_iso_date(text: str) -> datetime | None:
    match = _ISO.search(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(g or 0) for g in match.groups()[:6])
    zone = match[7]
    offset = 0
    if zone and zone != "Z":
        digits = zone.replace(":", "")
        offset = int(digits[1:3]) * 3600 + int(digits[3:5]) * 60
        offset = -offset if zone[0] == "-" else offset
    try:
        return _to_utc(
            datetime(year, month, day, hour, minute, min(second, 59)), offset
        )
    except ValueError:
        return None


def _to_utc(date: datetime, offset: int) -> datetime | None:
    if abs(offset) > 15 * 3600:  # no such time zone
        offset = 0
    try:
        return date - timedelta(seconds=offset)
    except OverflowError:
        return None


def believable(date: datetime | None, now: datetime) -> bool:
    return date is not None and EARLIEST <= date <= now + FUTURE


def utc_now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)
