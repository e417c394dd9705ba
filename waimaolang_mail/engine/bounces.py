# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""To which sent mail, and to whom of its recipients, a delivery report belongs: pure.

    the ids that it quotes -> our own header -> recipient, subject and time

Anybody may send a report. An id or our header is no proof, since the mail's receivers
know both, and a colleague of theirs may forward them: the recipient that the report
names must be one of the mail's own, or nothing is matched. Never by subject alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..mime.parsed import Dsn, DsnRecipient, ParsedMail

# Servers try for up to 5 days (RFC 5321 4.5.4.1), some for a week.
WITHIN = timedelta(days=8)
# Clocks, and dates in the zone of somebody else.
TOLERANCE = timedelta(hours=24)
# The quoted date is the mail's own, to the minute; some providers leave out the zone.
SAME_DATE = timedelta(minutes=2)
WIDEST_ZONE = timedelta(hours=14)
# Zones are apart by half hours, but for two small countries.
ZONE_STEP = timedelta(minutes=30)
# Most reports come at once: of several mails it is about the one that just left.
AT_ONCE = timedelta(minutes=30)

BY_ID = "id"
BY_REF = "ref"
BY_SUBJECT = "recipient_and_subject"
# Why not.
NO_REPORT = "no_report"
NO_RECIPIENT = "recipient_not_told"
UNKNOWN_MAIL = "mail_not_known"
FOREIGN_RECIPIENT = "recipient_not_of_the_mail"
AMBIGUOUS = "several_mails"


@dataclass(frozen=True)
class Sent:
    """A mail that left through one of our mailboxes. ``message_ids``: as it was sent
    and as its provider rewrote it, without <>. ``recipients``: addresses of To, Cc and
    Bcc. ``thread_subject``: as ``mime.threads`` makes it. ``date`` in naive UTC."""

    id: int
    message_ids: Collection[str] = ()
    ref: str = ""
    recipients: Collection[str] = ()
    thread_subject: str = ""
    date: datetime | None = None


@dataclass(frozen=True)
class Failure:
    """``email`` is the recipient as the sent mail has it."""

    email: str
    report: DsnRecipient


@dataclass(frozen=True)
class Match:
    """``sent`` is None where nothing is matched; ``reason`` is one of the above."""

    sent: Sent | None
    failures: tuple[Failure, ...]
    reason: str


class Lookup(Protocol):
    """Of the mails that were sent through the mailboxes whose reports these may be."""

    def by_ids(self, message_ids: Sequence[str]) -> Iterable[Sent]: ...

    def by_ref(self, ref: str) -> Iterable[Sent]: ...

    def by_recipients(
        self, emails: Sequence[str], since: datetime, until: datetime
    ) -> Iterable[Sent]: ...


def match(
    mail: ParsedMail,
    arrived: datetime,
    lookup: Lookup,
    subject_key: str = "",
    within: timedelta = WITHIN,
) -> Match:
    """``arrived``: when the report came, naive UTC. ``subject_key``: the
    ``thread_subject`` of ``mail.dsn.subject``; of the report's own subject nothing is
    concluded. Of delays and successes too: see ``mail.dsn.kind``."""
    dsn = mail.dsn
    if dsn is None:
        return Match(None, (), NO_REPORT)
    refused = UNKNOWN_MAIL
    ids = list(dict.fromkeys(dsn.message_ids))
    for reason, found in (
        (BY_ID, lookup.by_ids(ids) if ids else ()),
        (BY_REF, lookup.by_ref(dsn.ref) if dsn.ref else ()),
    ):
        for sent in _nearest(found, ids):
            failures = find_failures(dsn, sent.recipients)
            if failures:
                return Match(sent, failures, reason)
            refused = FOREIGN_RECIPIENT if _named(dsn) else NO_RECIPIENT
    if refused != UNKNOWN_MAIL:
        return Match(None, (), refused)
    return _match_by_subject(dsn, arrived, lookup, subject_key, within)


def _nearest(found: Iterable[Sent], ids: Sequence[str]) -> list[Sent]:
    """In the order in which the report names them."""
    order = {id_: index for index, id_ in enumerate(ids)}
    return sorted(
        found,
        key=lambda sent: min(
            (order[id_] for id_ in sent.message_ids if id_ in order),
            default=len(order),
        ),
    )


def _match_by_subject(
    dsn: Dsn,
    arrived: datetime,
    lookup: Lookup,
    subject_key: str,
    within: timedelta,
) -> Match:
    emails = _named(dsn)
    if not emails:
        return Match(None, (), NO_RECIPIENT)
    if not subject_key:
        return Match(None, (), UNKNOWN_MAIL)
    since, until = arrived - within, arrived + TOLERANCE
    near = [
        sent
        for sent in lookup.by_recipients(emails, since, until)
        if sent.thread_subject == subject_key
        and sent.date
        and since <= sent.date <= until
        and find_failures(dsn, sent.recipients)
    ]
    for fits in (_is_dated, _is_dated_elsewhere, _just_left):
        if len(near) > 1:
            near = [sent for sent in near if fits(sent, dsn, arrived)] or near
    if not near:
        return Match(None, (), UNKNOWN_MAIL)
    if len(near) > 1:
        return Match(None, (), AMBIGUOUS)
    return Match(near[0], find_failures(dsn, near[0].recipients), BY_SUBJECT)


def _is_dated(sent: Sent, dsn: Dsn, _arrived: datetime) -> bool:
    return bool(dsn.date) and abs(sent.date - dsn.date) <= SAME_DATE


def _is_dated_elsewhere(sent: Sent, dsn: Dsn, _arrived: datetime) -> bool:
    if not dsn.date or abs(sent.date - dsn.date) > WIDEST_ZONE + SAME_DATE:
        return False
    return (dsn.date - sent.date + SAME_DATE) % ZONE_STEP <= 2 * SAME_DATE


def _just_left(sent: Sent, _dsn: Dsn, arrived: datetime) -> bool:
    return -SAME_DATE <= arrived - sent.date <= AT_ONCE


def find_failures(dsn: Dsn, recipients: Collection[str]) -> tuple[Failure, ...]:
    """The recipients of the mail that the report is about. Where it names none, the
    mail's only one."""
    ours = {normal(email): email for email in recipients if email}
    out: dict[str, Failure] = {}
    for report in dsn.recipients:
        for email in (report.email, report.final):
            known = ours.get(normal(email)) if email else None
            if known:
                out.setdefault(known, Failure(known, report))
                break
    if not out and len(ours) == 1 and not _named(dsn) and len(dsn.recipients) == 1:
        (known,) = ours.values()
        out[known] = Failure(known, dsn.recipients[0])
    return tuple(out.values())


def _named(dsn: Dsn) -> list[str]:
    emails = (email for one in dsn.recipients for email in (one.email, one.final))
    return list(dict.fromkeys(normal(email) for email in emails if email))


def normal(email: str) -> str:
    """Addresses that servers take for the same: case, and a trailing dot. Nothing more,
    since a tag or a dot may be somebody else's elsewhere."""
    return email.strip().strip("<>").rstrip(".").lower()
