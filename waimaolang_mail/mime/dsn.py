# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivery reports: RFC 3464 as it is written and as servers write it, and prose.

    blocks of a delivery-status, wherever they stand -> recipients
    X-Failed-Recipients, the explanation's prose -> recipients, reasons
    the returned mail, its headers, or the explanation -> what was sent

Whether a mail is a report at all is for ``classify.looks_returned``, which goes by
headers; a report about a delay or a success is told from a bounce here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from . import bouncetext, causes
from .addresses import read_addresses
from .charsets import decode
from .headers import read_date, read_ids
from .parsed import Dsn, DsnRecipient
from .tree import Budget, Part, read_headers
from .words import decode_value

REF_HEADER = "x-waimaolang-ref"
# Providers allow fewer.
MAX_RECIPIENTS = 100
MAX_IDS = 10
_STATUS_BYTES = 128 * 1024
_HEADER_BYTES = 64 * 1024
MAX_PARTS = 50

_STATUS_TYPES = frozenset(("message/delivery-status", "message/global-delivery-status"))
_OTHER_REPORTS = ("disposition-notification", "feedback-report")
_RETURNED_TYPES = frozenset(
    """message/rfc822 message/global text/rfc822-headers message/rfc822-headers
    message/global-headers""".split()
)
_BLANK = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(
    r"^([A-Za-z][A-Za-z0-9-]{2,60})[ \t]*:[ \t]*(.*(?:\n[ \t]+.*)*)", re.M
)
_RECIPIENT_FIELDS = ("final-recipient", "original-recipient")
_PER_RECIPIENT = frozenset(
    """final-recipient original-recipient action status diagnostic-code remote-mta
    last-attempt-date will-retry-until final-log-id x-actual-recipient""".split()
)
_LOOKS_STATUS = re.compile(
    rb"^(?:final|original)-recipient[ \t]*:[ \t]*(?:rfc822|utf-8|x-local|unknown)?",
    re.I | re.M,
)
_ACTIONS = {
    "failed": "failed", "failure": "failed", "fail": "failed",
    "delayed": "delayed", "delay": "delayed", "deferred": "delayed",
    "delivered": "delivered", "relayed": "relayed", "expanded": "expanded",
}  # fmt: skip
_ADDRESS = re.compile(r"[^\s<>;,\"()]{1,200}@[^\s<>;,\"()]{1,255}")
_UNDELIVERABLE = re.compile(
    r"\s*(?:undeliverable|undelivered|delivery (?:failure|delayed)|non remis"
    r"|unzustellbar|no se puede entregar|non recapitabile|não entregue|onbestelbaar"
    r"|未送达|无法送达|无法投递|無法傳遞|配信不能|недоставленное|不在投递)\s*[:：]\s*(.+)",
    re.I,
)


@dataclass
class _Original:
    """What is quoted of the mail that was sent."""

    ids: dict[str, None] = field(default_factory=dict)
    ref: str = ""
    subject: str = ""
    date: str = ""
    to: dict[str, None] = field(default_factory=dict)


@dataclass
class _Status:
    """The blocks of delivery-status parts, and what stood there that is none."""

    message: dict[str, str] = field(default_factory=dict)
    recipients: list[dict[str, str]] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)


def report_type(tree: Part) -> str:
    """The declared one, lower-case, else what the parts tell."""
    declared = tree.params.get("report-type", "").strip().lower()
    if declared or tree.mimetype != "multipart/report":
        return declared.replace(" ", "-")
    kinds = {part.mimetype for part in _parts(tree)}
    if kinds & _STATUS_TYPES:
        return "delivery-status"
    return next((kind for kind in _OTHER_REPORTS if f"message/{kind}" in kinds), "")


def has_status(tree: Part) -> bool:
    """Is there a part that says of itself that it is a delivery-status?"""
    return any(part.mimetype in _STATUS_TYPES for part in _parts(tree))


def read_dsn(
    headers: Mapping[str, Sequence[bytes]],
    tree: Part,
    text: str,
    subject: str,
    charset: str = "",
) -> Dsn:
    """Of a mail that is a report by its headers; ``text`` is its readable text."""
    status = _read_status(tree)
    ours = {
        address.email
        for name in ("from", "to", "sender", "reply-to", "delivered-to")
        for address in read_addresses(headers.get(name, [])[:3], charset)
    }
    failed = [
        address.email
        for address in read_addresses(headers.get("x-failed-recipients", []), charset)
        if address.email
    ]
    named = [_emails(fields) for fields in status.recipients]
    known = [email for pair in named for email in pair if email] + failed
    explained = "\n\n".join([*status.prose, text])
    prose = bouncetext.read_prose(explained, ours, known)
    original = _read_original(tree, headers, prose, subject, charset)
    recipients = _structured(status, named, prose)
    if not recipients:
        recipients = _from_prose(failed, prose, original, ours)
    recipients = _once(recipients)
    return Dsn(
        kind=_kind(recipients, prose.delayed),
        recipients=tuple(recipients[:MAX_RECIPIENTS]),
        message_ids=tuple(original.ids)[:MAX_IDS],
        ref=original.ref,
        subject=original.subject,
        date=read_date(original.date.encode("utf-8", "replace")),
        to=tuple(original.to)[:MAX_RECIPIENTS],
        reporter=_host(status.message.get("reporting-mta", "")),
    )


def _parts(tree: Part) -> Iterator[Part]:
    todo = [tree]
    for _step in range(MAX_PARTS):
        if not todo:
            return
        part = todo.pop(0)
        yield part
        todo = part.children[:MAX_PARTS] + todo


# -- the blocks of a delivery-status ---------------------------------------------


def _read_status(tree: Part) -> _Status:
    status = _Status()
    for part in _parts(tree):
        typed = part.mimetype in _STATUS_TYPES
        if part.children or part.mimetype in _RETURNED_TYPES:
            continue
        if not (typed or part.mimetype.startswith("text/plain")):
            continue
        data = part.data() if not part.is_plain() else part.source()[:_STATUS_BYTES]
        data = data[:_STATUS_BYTES]
        if not typed and not _LOOKS_STATUS.search(data):
            continue
        text = decode(data, part.params.get("charset", "")).replace("\r\n", "\n")
        _read_blocks(text, status, typed)
    return status


def _read_blocks(text: str, status: _Status, typed: bool) -> None:
    for block in _BLANK.split(text)[: 4 * MAX_RECIPIENTS]:
        fields: dict[str, str] = {}
        for match in _FIELD.finditer(block):
            name, value = match[1].lower(), " ".join(match[2].split())
            if name in _RECIPIENT_FIELDS and name in fields:
                _add_block(fields, status)  # the blank line between two is missing
                fields = {}
            fields.setdefault(name, value)
        if _PER_RECIPIENT & fields.keys():
            _add_block(fields, status)
        elif "reporting-mta" in fields or "arrival-date" in fields:
            status.message.update(fields)
        elif typed and block.strip():
            status.prose.append(block.strip())


def _add_block(fields: dict[str, str], status: _Status) -> None:
    if "reporting-mta" in fields:
        status.message.setdefault("reporting-mta", fields["reporting-mta"])
    last = status.recipients[-1] if status.recipients else None
    torn = last and not any(name in fields for name in _RECIPIENT_FIELDS)
    if torn and "action" not in last:
        last.update(fields)  # gateways put blank lines between all lines
    elif len(status.recipients) < MAX_RECIPIENTS:
        status.recipients.append(fields)


def _emails(fields: Mapping[str, str]) -> tuple[str, str]:
    """(as the sender wrote it, as it was tried)"""
    final = _email(fields.get("final-recipient", ""))
    original = _email(fields.get("original-recipient", ""))
    email = original or final or _email(fields.get("x-actual-recipient", ""))
    return email, final if final != email else ""


def _email(value: str) -> str:
    """Of "rfc822; a@b". What Exchange writes for its own people (X.500, "unknown;")
    is no address."""
    value = value.partition(";")[2] or value
    match = _ADDRESS.search(value.replace("+AEA-", "@"))
    return match[0].strip("'.").lower() if match else ""


def _structured(
    status: _Status, named: Sequence[tuple[str, str]], prose: bouncetext.Prose
) -> list[DsnRecipient]:
    out = []
    for fields, (email, final) in zip(status.recipients, named, strict=True):
        declared = fields.get("status", "")
        diagnostic = causes.clean_diagnostic(fields.get("diagnostic-code", ""))
        said = prose.reasons.get(email) or prose.reasons.get(final) or prose.general
        comment = declared.partition("(")[2].rstrip(")")
        action = _action(fields.get("action", ""), declared, prose.delayed)
        out.append(
            _recipient(
                email,
                action,
                causes.choose_status(declared, diagnostic),
                diagnostic or comment or said,
                said,
                final,
            )
        )
    return out


def _action(declared: str, status: str, delayed: bool) -> str:
    word = declared.strip().lower().partition(" ")[0].strip(";,.")
    if word in _ACTIONS:
        return _ACTIONS[word]
    if causes.find_status(status).startswith("2"):
        return "delivered"
    return "delayed" if delayed else "failed"


def _recipient(
    email: str, action: str, status: str, diagnostic: str, said: str, final: str = ""
) -> DsnRecipient:
    if action not in ("failed", "delayed"):
        return DsnRecipient(email, action, status, diagnostic, final=final)
    cause = causes.find_cause(status, diagnostic, said)
    hard = action == "failed" and causes.is_hard(cause, status, diagnostic or said)
    return DsnRecipient(email, action, status, diagnostic, cause, hard, final)


# -- without blocks ----------------------------------------------------------------


def _from_prose(
    failed: Sequence[str], prose: bouncetext.Prose, original: _Original, ours: set[str]
) -> list[DsnRecipient]:
    emails = list(failed) or list(prose.reasons)
    if not emails and len(original.to) == 1:
        emails = [one for one in original.to if one not in ours]
    action = "delayed" if prose.delayed else "failed"
    out = []
    for email in emails[:MAX_RECIPIENTS]:
        said = prose.reasons.get(email) or prose.general
        status = causes.find_status(said)
        if status.startswith("2"):
            status = ""
        out.append(_recipient(email, action, status, said, prose.general))
    return out


def _once(recipients: Sequence[DsnRecipient]) -> list[DsnRecipient]:
    """Of several reports on one address the worst counts."""
    order = ("failed", "delayed")
    out: dict[str, DsnRecipient] = {}
    for one in recipients:
        other = out.get(one.email)
        if other is None or (
            one.action in order
            and (other.action not in order or other.action > one.action == "failed")
        ):
            out[one.email] = one
    if len(out) > 1:
        out.pop("", None)
    return list(out.values())


def _kind(recipients: Sequence[DsnRecipient], delayed: bool) -> str:
    actions = {one.action for one in recipients}
    if not actions:
        return "delayed" if delayed else "failed"
    for kind in ("failed", "delayed"):
        if kind in actions:
            return kind
    return "delivered"


def _host(value: str) -> str:
    return (value.partition(";")[2] or value).strip()[:255]


# -- what was sent -------------------------------------------------------------------


def _read_original(
    tree: Part,
    headers: Mapping[str, Sequence[bytes]],
    prose: bouncetext.Prose,
    subject: str,
    charset: str,
) -> _Original:
    original = _Original()
    for part in _parts(tree):
        if part is not tree and part.mimetype in _RETURNED_TYPES:
            _take_headers(part, original, charset)
    for text in (prose.returned, prose.head):
        if text:
            _take_fields(text, original)
    for name in ("in-reply-to",):  # Exchange names the mail there
        for value in headers.get(name, [])[:1]:
            original.ids.update(dict.fromkeys(read_ids(value[:4000])[:1]))
    if not original.subject and (match := _UNDELIVERABLE.match(subject)):
        original.subject = match[1].strip()
    return original


def _take_headers(part: Part, original: _Original, charset: str) -> None:
    """Of a returned mail, or of its headers alone."""
    data, start, end = part.raw, part.start, part.end
    if not part.is_plain():
        data = part.data()
        start, end = 0, len(data)
    end = min(end, start + _HEADER_BYTES)
    data = data[start:end].lstrip()
    if b"\n" not in data and b"\r" in data:
        data = data.replace(b"\r", b"\n")
    fields, _start = read_headers(data, 0, len(data), Budget(0, 0, _HEADER_BYTES))
    found: dict[str, list[bytes]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    for value in found.get("message-id", [])[:1]:
        original.ids.update(dict.fromkeys(read_ids(value[:4000])[:1]))
    original.ref = original.ref or _text(found, REF_HEADER, charset, 100)
    original.subject = original.subject or _text(found, "subject", charset, 1000)
    original.date = original.date or _text(found, "date", charset, 200)
    for name in ("to", "cc"):
        for address in read_addresses(found.get(name, [])[:3], charset):
            if address.email:
                original.to.setdefault(address.email)


def _text(found: Mapping[str, list[bytes]], name: str, charset: str, most: int) -> str:
    values = found.get(name)
    return decode_value(values[0][: 20 * most], charset)[:most] if values else ""


def _take_fields(text: str, original: _Original) -> None:
    found = bouncetext.read_fields(text)
    for value in found.get("message_id", [])[:3]:
        if "@" in value or "<" in value:
            raw = value.encode("utf-8", "replace")
            original.ids.update(dict.fromkeys(read_ids(raw)[:1]))
    for name in ("ref", "subject", "date"):
        if not getattr(original, name) and found.get(name):
            raw = found[name][0].encode("utf-8", "replace")
            setattr(original, name, decode_value(raw)[:1000])
    for value in found.get("to", []):
        for address in read_addresses([value.encode("utf-8", "replace")]):
            if address.email:
                original.to.setdefault(address.email)
