# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Message ids and dates out of raw header values, whatever they look like."""

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
    ids = dict.fromkeys(_SPACES.sub("", item)[:MAX_ID] for item in found)
    ids.pop("", None)
    return tuple(ids)


def read_date(raw: bytes) -> datetime | None:
    """What the header says, in naive UTC; None where it says nothing. Whether
    that is believable is ``believable``'s question."""
    text = _FRACTION.sub(r"\1", unfold(raw)[:200])
    if not text:
        return None
    parsed = None
    if _YEAR.search(text):
        try:
            parsed = parsedate_tz(text)
        except (ValueError, IndexError, TypeError, AttributeError):
            parsed = None
    if parsed is None:
        return _read_iso_date(text)
    offset = parsed[9] or 0
    try:
        date = datetime(*parsed[:5], min(parsed[5], 59))
    except (ValueError, TypeError):
        return None
    return _to_utc(date, offset)


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
