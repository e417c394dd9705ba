# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What IMAP answers say. Pure functions over what imaplib collected; no answer, however
broken, takes another one along.
"""

import re
from datetime import datetime, timedelta, timezone

from imapclient.response_parser import parse_fetch_response

from .base import FolderTold

_LIST_LINE = re.compile(
    rb"\((?P<flags>[^()]*)\)\s+(?P<delimiter>NIL|\"(?:\\.|[^\"\\])*\")\s+(?P<name>.*)$",
    re.S | re.I,
)
_ONE = (
    rb"(?:UID \d{1,10}|RFC822\.SIZE \d{1,18}|INTERNALDATE \"[^\"\\]{1,40}\""
    rb"|FLAGS \([^()\"{]*\)|MODSEQ \(\d{1,19}\))"
)
_PLAIN = re.compile(rb"\d+ \((?P<attributes>%s(?: %s)*)\)$" % (_ONE, _ONE))
_BODY_HEAD = re.compile(
    rb"\d+ \((?P<attributes>%s(?: %s)*) BODY\[\] \{(?P<size>\d{1,10})\}$" % (_ONE, _ONE)
)
_ATTRIBUTE = re.compile(
    rb"UID (\d+)|RFC822\.SIZE (\d+)|INTERNALDATE \"([^\"]+)\"|FLAGS \(([^()]*)\)"
)
_DATE = re.compile(
    rb" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1
    )
}
# Bytes of a name that is no UTF-8, as characters that a database keeps: PostgreSQL
# takes no lone surrogates.
_ESCAPED = {0xDC00 + byte: 0xF700 + byte for byte in range(0x80, 0x100)}
_PLAIN_AGAIN = {private: lone for lone, private in _ESCAPED.items()}
# What an index takes of a name, and more than any folder has.
MAX_KEY_BYTES = 1000
_STATUS = re.compile(rb"\(([^()]*)\)\s*$")
_STATUS_ITEM = re.compile(rb"([A-Za-z0-9]+) (\d{1,19})(?!\d)")
_UID_IN_RECORD = re.compile(rb"\bUID (\d{1,10})\b", re.I)
# What an answer says once. Where it does twice, bytes between two answers were lost,
# and the one's body would be stored as the other's.
_SAID_ONCE = re.compile(rb"\bUID(?= \d)|\bBODY\[[^\]]*\](?:<\d+>)?", re.I)
_QUOTED = re.compile(rb'"(?:\\.|[^"\\])*"', re.S)
# Numbers are of 32 bits (RFC 3501 section 9).
MAX_UID = 2**32 - 1
_MAX_DIGITS = 10
# What PostgreSQL's integer holds.
MOST_MAILS = 2**31 - 1


def records(answers: list) -> list[list]:
    """imaplib's flat list cut into one list per untagged answer: literals come as
    tuples and the plain bytes after them end the answer."""
    found, current = [], []
    for part in answers:
        current.append(part)
        if isinstance(part, bytes):
            found.append(current)
            current = []
    return found


def key_of(name: bytes) -> str:
    """A folder's name as it is kept; ``bytes_of_key`` gives it back unchanged."""
    return name.decode("utf-8", "surrogateescape").translate(_ESCAPED)


def bytes_of_key(key: str) -> bytes:
    return key.translate(_PLAIN_AGAIN).encode("utf-8", "surrogateescape")


def parse_list_line(record: list) -> tuple[set[str], str, str] | None:
    """``(flags, delimiter, key)`` of a LIST answer, None when unreadable, or a name
    that cannot be kept. Names may be quoted, atoms or literals; servers that send raw
    UTF-8, or GBK, are borne with."""
    literal = None
    line = record[0]
    if isinstance(line, tuple):
        line, literal = line
    match = _LIST_LINE.match(line)
    if not match:
        return None
    name = literal if literal is not None else _unquote(match["name"].strip())
    flags = {flag.decode("ascii", "replace") for flag in match["flags"].split()}
    delimiter = match["delimiter"]
    delimiter = (
        ""
        if delimiter.upper() == b"NIL"
        else _unquote(delimiter).decode("utf-8", "replace")
    )
    if b"\0" in name or len(name) > MAX_KEY_BYTES:
        return None
    return flags, delimiter, key_of(name)


def parse_status(answers: list) -> dict[str, int]:
    """{name: number} of the last STATUS answer; names that hold brackets do no harm."""
    for answer in reversed(answers):
        match = _STATUS.search(answer) if isinstance(answer, bytes) else None
        if match:
            return {
                name.decode().upper(): int(number)
                for name, number in _STATUS_ITEM.findall(match[1])
                if int(number) < 2**63
            }
    return {}


def told_of(
    uidvalidity: int | None,
    uidnext: int | None,
    count: int | None,
    modseq: int | None = 0,
) -> FolderTold:
    """What no server can mean is as good as not told. RFC 3501 allows servers without
    UIDVALIDITY; 0 means "never listed"."""
    if not uidnext or uidnext > MAX_UID:
        uidnext = 0
    return FolderTold(
        uidvalidity or 1, uidnext, min(count or 0, MOST_MAILS), modseq or 0
    )


def uids_of(answers: list) -> set[int]:
    """The UIDs of SEARCH answers, without a MODSEQ that may follow; what can be none
    is left out."""
    found: set[int] = set()
    for answer in answers:
        if isinstance(answer, bytes):
            words = answer.partition(b"(")[0].split()
            numbers = (int(w) for w in words if w.isdigit() and len(w) <= _MAX_DIGITS)
            found.update(uid for uid in numbers if 0 < uid <= MAX_UID)
    return found


def _unquote(token: bytes) -> bytes:
    if len(token) >= 2 and token[:1] == b'"':
        end = token.rfind(b'"')
        return re.sub(rb"\\(.)", rb"\1", token[1:end], flags=re.S)
    return token


def quick_parse(record: list) -> dict | None:
    """The attributes of an answer in the shape that nearly all have; None for
    IMAPClient's parser, which takes 80 microseconds instead of 8."""
    head, body = record[0], None
    if isinstance(head, tuple):
        match = _BODY_HEAD.match(head[0])
        if len(record) != 2 or not match or record[1].strip() != b")":
            return None
        if int(match["size"]) != len(head[1]):
            return None
        body, text = head[1], match["attributes"]
    else:
        match = _PLAIN.match(head)
        if not match:
            return None
        text = match["attributes"]
    values = {b"BODY[]": body} if body is not None else {}
    for number, size, date, flags in _ATTRIBUTE.findall(text):
        if number:
            values[b"UID"] = int(number)
        elif size:
            values[b"RFC822.SIZE"] = int(size)
        elif date:
            values[b"INTERNALDATE"] = parse_date(date)
        else:
            values[b"FLAGS"] = tuple(flags.split())
    return values


def parse_date(text: bytes) -> datetime | None:
    """`` 5-Jan-2026 10:00:00 +0800`` as naive UTC, None when absurd."""
    match = _DATE.match(text)
    month = _MONTHS.get(match[2].lower()) if match else None
    if not month:
        return None
    try:
        local = datetime(int(match[3]), month, *(int(match[i]) for i in (1, 4, 5, 6)))
        offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
        return local + offset if match[7] == b"-" else local - offset
    except (ValueError, OverflowError):
        return None


def parse_fetch(answers: list) -> tuple[dict[int, dict], set[int]]:
    """``({uid: attributes}, unreadable)``: one unreadable answer does not spoil the
    others. Answers without UID (unasked flag changes) are dropped."""
    found, unreadable = {}, set()
    for record in records(answers):
        try:
            _check_once(record)
            quick = quick_parse(record)
            parsed = {0: quick} if quick else _thorough_parse(record)
        except Exception:  # IMAPClient raises half a dozen kinds on broken answers
            told = _UID_IN_RECORD.findall(b" ".join(_heads(record)))
            unreadable.update(map(int, told or (0,)))
            continue
        for attributes in parsed.values():
            uid = attributes.get(b"UID")
            if isinstance(uid, int) and 0 < uid <= MAX_UID:
                found.setdefault(uid, {}).update(attributes)
    return found, unreadable


def _check_once(record: list) -> None:
    heads = _QUOTED.sub(b"", b" ".join(_heads(record)))
    said = _SAID_ONCE.findall(heads)
    if len(said) != len(set(map(bytes.upper, said))):
        raise ValueError("said twice")


def _thorough_parse(record: list) -> dict:
    return parse_fetch_response(record, normalise_times=False, uid_is_key=False)


def _heads(record):
    return [part[0] if isinstance(part, tuple) else part for part in record]


def attribute(attributes: dict, prefix: bytes):
    """The value whose key is the prefix or the prefix with an origin (``<0>``)."""
    for key, value in attributes.items():
        if key == prefix or key.startswith(prefix + b"<"):
            return value
    return None


def size_of(attributes: dict) -> int:
    size = attributes.get(b"RFC822.SIZE")
    return size if isinstance(size, int) and size > 0 else 0


def date_of(attributes: dict):
    """INTERNALDATE as naive UTC, None when absent or absurd."""
    value = attributes.get(b"INTERNALDATE")
    try:
        if value.tzinfo is not None:
            value = value.astimezone(timezone.utc)
        return value.replace(tzinfo=None)
    except (AttributeError, OverflowError, ValueError):
        return None


def flags_of(attributes: dict) -> frozenset[str]:
    flags = attributes.get(b"FLAGS")
    if not isinstance(flags, tuple):
        return frozenset()
    return frozenset(
        flag.decode("utf-8", "replace") if isinstance(flag, bytes) else str(flag)
        for flag in flags
    )


def bytes_of(value) -> bytes | None:
    """A body as bytes: literal, quoted string, or a number that the parser took a
    bare atom for; None for NIL."""
    if isinstance(value, bytes):
        return value
    return str(value).encode() if isinstance(value, int) else None
