# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Is a mail from a mailbox one that Odoo has already: received by its own gateway,
or sent from a chatter and found again in Sent? Pure decisions.

The Message-ID names a candidate and decides nothing: who knows somebody's Message-ID
must neither become a reader of hers by a mail that she sends herself, nor make the
real one disappear (invariants I2 and I8). So the content decides.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..mime.parsed import ParsedMail

_WORD = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"\s+")
# The gateway takes the Date header, and the clock where it cannot read it.
RECEIVED_TOLERANCE = timedelta(minutes=2)
# A chatter's reply waits in the queue, at worst over a night.
SENT_TOLERANCE = timedelta(days=2)
# Two sanitizers read the same mail: nearly all words are the same.
SAME_SHARE = 0.85
# What Odoo sends has a layout, a signature and a footer around what was posted.
POSTED_SHARE = 0.9
MOST_WORDS = 20_000


@dataclass(frozen=True)
class OdooMessage:
    """``text`` is its body as plain text, ``sender`` the normalised address."""

    id: int
    sender: str
    subject: str
    date: datetime | None
    text: str
    author_id: int


def is_same(mail: ParsedMail, message: OdooMessage, owner_partner_id: int) -> bool:
    """``owner_partner_id``: of the mailbox that the mail lies in, 0 if none."""
    senders = {address.email for address in mail.from_ if address.email}
    if not message.sender or message.sender not in senders:
        return False
    if message.subject and _plain(message.subject) != _plain(mail.subject):
        return False
    own = bool(owner_partner_id) and message.author_id == owner_partner_id
    if not _same_time(mail, message, SENT_TOLERANCE if own else RECEIVED_TOLERANCE):
        return False
    ours, theirs = _words(message.text), _words(mail.text)
    if not ours or not theirs:
        return not ours and not theirs
    common = (ours & theirs).total()
    if own:
        return common >= POSTED_SHARE * ours.total()
    return common >= SAME_SHARE * (ours | theirs).total()


def contains(text: str, posted: str) -> bool:
    """Whether ``text`` is what was posted, with what a provider put around it."""
    ours, theirs = _words(posted), _words(text)
    if not ours or not theirs:
        return not ours and not theirs
    return (ours & theirs).total() >= POSTED_SHARE * ours.total()


def _same_time(mail, message, tolerance) -> bool:
    if not mail.date or not message.date:
        return False
    return abs(mail.date - message.date) <= tolerance


def _plain(subject: str) -> str:
    return _SPACES.sub(" ", subject).strip()


def _words(text: str) -> Counter:
    """Chinese has no spaces: a run of it counts by its characters."""
    words: Counter = Counter()
    for match in _WORD.finditer(text.casefold()):
        word = match.group()
        words.update([word] if word.isascii() else word)
        if words.total() > MOST_WORDS:
            break
    return words
