# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Out-of-office notices and other answers of programs (RFC 3834).

Headers say that a program answered; only of such a mail the words say whether somebody
is away, and until when. Read receipts and answers to invitations are neither.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from . import classify
from .autowords import AUTO_PREFIX, AWAY, RECEIPT, SAYS_AUTOMATIC
from .parsed import AutoReply
from .quotes import folds_from
from .returning import read_return
from .tree import Part

OUT_OF_OFFICE = "out_of_office"
AUTO_REPLY = "auto_reply"
# What the program says stands in front; below may be a signature or the mail.
MAX_TEXT = 20_000
# Without a header that says so, the first lines must.
_OPENING = 600
MAX_PARTS = 50
_CALENDARS = frozenset(("text/calendar", "application/ics", "text/x-vcalendar"))
_RECEIPTS = frozenset(("message/disposition-notification",))


def read_reply(
    headers: Mapping[str, Sequence[bytes]],
    tree: Part,
    subject: str,
    text: str,
    sender: str = "",
    sent: datetime | None = None,
) -> AutoReply | None:
    """Of a mail that is no delivery report; None where no program answered.
    ``sender``: the address; ``sent``: of the Date header, naive UTC."""
    submitted = (headers.get("auto-submitted") or [b""])[0].strip().lower()
    told = classify.is_answer(headers, subject)
    if not (told or submitted or AUTO_PREFIX.match(subject.strip())):
        return None  # what people write, at no cost
    own = own_text(text)
    if _has_part(tree, _CALENDARS | _RECEIPTS) or not _is_answer(
        headers, subject, own, told, submitted
    ):
        return None
    kind = _kind(subject, own)
    if kind != OUT_OF_OFFICE:
        return AutoReply(kind)
    day = sent.date() if sent else None
    language = classify.guess_language(own)
    for words in (own, subject):
        if returns := read_return(words, day, language, sender.rpartition("@")[2]):
            return AutoReply(kind, returns)
    return AutoReply(kind)


def own_text(text: str) -> str:
    """Without the mail that is answered."""
    lines = text[:MAX_TEXT].split("\n")
    for index, line in enumerate(lines):
        if line.startswith(">") or (index and folds_from(lines, index)):
            return "\n".join(lines[:index])
    return "\n".join(lines)


def _is_answer(
    headers: Mapping[str, Sequence[bytes]],
    subject: str,
    text: str,
    told: bool,
    submitted: bytes,
) -> bool:
    if told:
        # lists and shops say the same of themselves
        replied = submitted.startswith(b"auto-replied")
        return replied or not classify.is_list(headers)
    opening = text[:_OPENING]
    if submitted.startswith(b"auto-generated"):
        return "in-reply-to" in headers and bool(RECEIPT.search(opening))
    # Chinese web mailers mark their answers by the subject alone. A person who answers
    # one puts a "Re:" before, and does not say to be away or a machine
    return bool(AUTO_PREFIX.match(subject.strip())) and bool(
        AWAY.search(opening) or SAYS_AUTOMATIC.search(opening)
    )


def _kind(subject: str, text: str) -> str:
    opening = text[:2000]
    if AWAY.search(subject):
        return OUT_OF_OFFICE
    if AWAY.search(opening) and not _is_ticket(subject, opening):
        return OUT_OF_OFFICE
    return AUTO_REPLY


def _is_ticket(subject: str, text: str) -> bool:
    """A help desk that has received something, and mentions its holidays."""
    return "ticket" in subject.lower() or bool(
        RECEIPT.search(subject) or "ticket" in text.lower()
    )


def _has_part(tree: Part, kinds: frozenset[str]) -> bool:
    todo = [tree]
    for _step in range(MAX_PARTS):
        if not todo:
            break
        part = todo.pop()
        if part.mimetype in kinds:
            return True
        todo.extend(part.children[:MAX_PARTS])
    return False
