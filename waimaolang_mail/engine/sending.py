# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of a mail of the outbox after an attempt, and when the next may leave.

    queued -> sending -> sent
       ^         |-----> failed    refused for good
       +---------+-----> unknown   the answer was lost: never sent again by itself

Pure decisions: the caller owns the clock, the rows and the connection (invariant I11).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .backoff import AUTH_CODES, NOT_FAILURES, QUOTA_WAIT, THROTTLE_WAIT

SENT = "sent"
RETRY = "retry"
FAILED = "failed"
UNKNOWN = "unknown"

# Minutes until the next attempt; the last one repeats. Greylisting lets a mail through
# after 1 to 15 minutes.
WAITS = (1, 2, 5, 15, 30, 60)
# RFC 5321 4.5.4.1 asks for days; whoever writes to a customer wants to know today.
LONGEST = 24 * 3600
# Phases of ``smtp.SmtpTransport.send``: the mail itself was being talked about.
MAIL_PHASES = frozenset(("mail", "rcpt", "data", "answer"))
# Codes that are said of a mail, whoever's mailbox it comes from.
REFUSALS = frozenset(("mail_refused", "recipient_refused", "too_large"))
# Said of the connection or its user in whatever phase.
_WAITS = frozenset(("quota", "too_many_connections", "login_frequency"))
_LOGIN = AUTH_CODES | {"ambiguous"}
# Until the mailbox is well again; whoever mends it wakes its mails.
MAILBOX_WAIT = 15 * 60
MINUTE = 60.0
DAY = 24 * 3600.0


@dataclass(frozen=True)
class Outcome:
    """``state``: sent, retry, failed or unknown. ``after``: seconds until the next
    attempt, for retry. ``counts``: it was an attempt of this mail, so ``attempts``
    grows. ``of_mailbox``: the error belongs to the mailbox, whose mails all wait."""

    state: str
    after: float = 0.0
    counts: bool = True
    of_mailbox: bool = False
    reason: str = ""


def outcome(
    phase: str,
    code: str,
    was_data_ended: bool,
    was_answered: bool,
    attempts: int,
    *,
    transient: bool,
    retry_after: float | None = None,
    age: float = 0.0,
) -> Outcome:
    """After an attempt. ``phase``, ``code``, ``transient`` and ``retry_after`` are the
    MailServerError's (code "": there was none, the mail was taken); ``attempts`` those
    that counted before this one; ``age`` seconds since the first of them."""
    if not code:
        return Outcome(SENT, reason="taken")
    if was_data_ended and not was_answered:
        return Outcome(UNKNOWN, reason="the answer to the whole content was lost")
    if phase in MAIL_PHASES:
        return _of_mail(phase, code, transient, retry_after, attempts, age)
    return _of_mailbox(code, transient, retry_after, attempts, age)


def _of_mail(phase, code, transient, retry_after, attempts, age) -> Outcome:
    """The server spoke of this mail."""
    if code in _WAITS:
        return _throttled(code, retry_after)
    if code == "throttled" and retry_after and phase == "mail":
        return _throttled(code, retry_after)  # the sender, not a greylisted recipient
    if transient and code not in _LOGIN:
        return _again(code, retry_after, attempts, age)
    if code in REFUSALS:
        return Outcome(FAILED, reason=code)
    # 530: it wants a login first; our address is blocked: not this mail's fault
    return Outcome(RETRY, MAILBOX_WAIT, False, True, code)


def _of_mailbox(code, transient, retry_after, attempts, age) -> Outcome:
    """It did not come to speak of the mail: connecting, encryption, login."""
    if code in NOT_FAILURES | _WAITS:
        return _throttled(code, retry_after)
    if transient and code not in _LOGIN:
        return _again(code, retry_after, attempts, age)
    if code in REFUSALS:
        return Outcome(FAILED, reason=code)
    wait = max(MAILBOX_WAIT, retry_after or 0)
    return Outcome(RETRY, wait, False, True, code)


def _throttled(code: str, retry_after: float | None) -> Outcome:
    """Waiting is no failure, of the mail as little as of the mailbox (invariant I6)."""
    usual = QUOTA_WAIT if code == "quota" else THROTTLE_WAIT
    return Outcome(RETRY, retry_after or usual, False, True, code)


def _again(code: str, retry_after: float | None, attempts: int, age: float) -> Outcome:
    wait = WAITS[min(max(attempts, 0), len(WAITS) - 1)] * MINUTE
    wait = max(wait, retry_after or 0)
    if age + wait > LONGEST:
        return Outcome(FAILED, reason=f"{code}: given up after a day")
    return Outcome(RETRY, wait, reason=code)


# -- limits of a provider -----------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Of a mailbox; 0 for none. ``per_minute`` counts mails, ``per_day`` recipients,
    as Gmail, Microsoft and Tencent count; ``recipients`` of one mail; ``size`` of one
    in bytes."""

    per_minute: int = 0
    per_day: int = 0
    recipients: int = 0
    size: int = 0


@dataclass(frozen=True)
class Departure:
    """``at``: the time from which the mail may leave; None: as it is it never may.
    ``reason``: "" (now), per_minute, per_day, recipients or size."""

    at: float | None
    reason: str = ""


def departure(
    now: float,
    history: Sequence[tuple[float, int]],
    limits: Limits,
    recipients: int = 1,
    size: int = 0,
) -> Departure:
    """``history``: (time, recipients) of what left in the last day, in any order, with
    times in seconds on the clock of ``now``."""
    if limits.size and size > limits.size:
        return Departure(None, "size")
    if limits.recipients and recipients > limits.recipients:
        return Departure(None, "recipients")
    if limits.per_day and recipients > limits.per_day:
        return Departure(None, "recipients")
    ordered = sorted(history)
    by_minute = _free_at(
        now, [(time, 1) for time, _count in ordered], limits.per_minute, 1, MINUTE
    )
    by_day = _free_at(now, ordered, limits.per_day, recipients, DAY)
    at, reason = max((by_minute, "per_minute"), (by_day, "per_day"))
    return Departure(at, reason if at > now else "")


def _free_at(now, history, limit: int, count: int, window: float) -> float:
    """When so many more fit into the window that slides over the history."""
    if not limit:
        return now
    recent = [(time, weight) for time, weight in history if time > now - window]
    used = sum(weight for _time, weight in recent)
    at = now
    for time, weight in recent:
        if used + count <= limit:
            break
        used -= weight
        at = time + window
    return max(at, now)
