# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One copy of a sent mail in the provider's Sent folder, and no second one: whether to
look once more, to put it there, or to be content. And which mail there is ours, also
where the provider has given it another Message-ID (invariant I2).

Some providers save what is submitted by SMTP, some do not, some let the user choose;
those that do may take a minute. A copy that is missing is a smaller fault than two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..mime.brief import Brief

FOUND = "found"
LOOK_AGAIN = "look_again"
APPEND = "append"

# Seconds since the mail was sent at which to look; what is missing then is put there.
LOOKS = {
    "always": (0, 5, 15, 30, 60, 120, 240, 420, 600),
    "option": (0, 5, 15, 30, 50, 75),
    "never": (0,),
}
# A switch that the user may turn on any day.
NOT_SO_FAR = (0, 5, 15)
# After an APPEND whose answer was lost: it is there at once, or never.
AFTER_APPEND = (2, 10, 30, 60)
# As many copies in a row that nobody but we put there: the provider saves none.
TIMES_UNTIL_LEARNED = 3


@dataclass(frozen=True)
class Verdict:
    """``action``: found, look_again or append. ``after``: seconds from now, for
    look_again."""

    action: str
    after: float = 0.0
    reason: str = ""


def decide(
    saves_sent: str,
    learned: str,
    seconds: float,
    found: bool,
    looks: int,
    since_append: float | None = None,
) -> Verdict:
    """``saves_sent``: the provider's (always, never, option, "" unknown); ``learned``:
    of this mailbox (see ``learn``), which counts more where it means to wait longer or
    the provider leaves it open; ``seconds`` since the mail was sent; ``looks``: how
    many whole looks there were, the last of which says whether it was ``found``;
    ``since_append``: seconds since an APPEND whose answer was lost, if there was one.
    A look that failed is none."""
    if found:
        return Verdict(FOUND, reason="it is there")
    if looks <= 0:
        return Verdict(LOOK_AGAIN, 0.0, "nobody has looked yet")
    if since_append is not None:
        return _next(AFTER_APPEND, since_append, "an APPEND may have succeeded")
    habit = saves_sent if saves_sent in LOOKS else "option"
    if learned == "always":
        habit = "always"
    elif learned == "never" and habit == "option":
        return _next(NOT_SO_FAR, seconds, "not saved by the provider so far")
    return _next(LOOKS[habit], seconds, f"saved by the provider: {habit}")


def _next(times: Sequence[float], seconds: float, reason: str) -> Verdict:
    # a look that is due within a second has just been done
    later = next((time for time in times if time > seconds + 1), None)
    if later is None:
        return Verdict(APPEND, reason=reason)
    return Verdict(LOOK_AGAIN, later - seconds, reason)


def learn(learned: str, streak: int, saved_by_provider: bool) -> tuple[str, int]:
    """What a mailbox teaches: ``(learned, streak)`` after one more mail, from those
    before ("", "always" or "never"; copies in a row that we had to put there).
    ``saved_by_provider``: found without our doing, or twice after it."""
    if saved_by_provider:
        return "always", 0
    streak += 1
    if streak >= TIMES_UNTIL_LEARNED:
        return "never", streak
    return ("" if learned == "always" else learned), streak


# -- recognising --------------------------------------------------------------------

# Providers that write the Date anew take the time at which they got the mail.
TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class SentMail:
    """``message_id`` with or without <>; ``to``: addresses; ``date`` aware, or naive
    UTC."""

    message_id: str
    ref: str = ""
    from_email: str = ""
    to: Sequence[str] = ()
    subject: str = ""
    date: datetime | None = None


def recognise(seen: Brief, sent: SentMail) -> str | None:
    """By what the mail is ours: "message_id", "ref" or "fingerprint"; None: it is not.
    ``seen``: what ``mime.brief.read_brief`` reads of its headers."""
    if seen.message_id and seen.message_id == sent.message_id.strip().strip("<>"):
        return "message_id"
    if seen.ref and sent.ref:
        # another one's token: one of a row of equal mails
        return "ref" if seen.ref == sent.ref else None
    return "fingerprint" if _is_alike(seen, sent) else None


def _is_alike(seen: Brief, sent: SentMail) -> bool:
    if not seen.from_email or seen.date is None or sent.date is None:
        return False
    date = sent.date
    if date.tzinfo is not None:
        date = date.astimezone(timezone.utc).replace(tzinfo=None)
    return (
        seen.from_email == sent.from_email.strip().lower()
        and {*seen.to} == {one.strip().lower() for one in sent.to}
        and _comparable(seen.subject) == _comparable(sent.subject)
        and abs(seen.date - date) <= TOLERANCE
    )


def _comparable(subject: str) -> str:
    """Folding changes spaces."""
    return "".join(subject.split()).casefold()
