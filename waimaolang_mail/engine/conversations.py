# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""To which conversation a mail belongs: pure decisions.

    ids of its own, of what it answers and of what it was sent on as -> conversations
    none, and it answers something -> the same subject with the same people
    shares people with it -> joined, else a conversation of its own

People count as much as ids: a forged or recycled Message-ID names a conversation, but
only who takes part in one already, or a colleague of hers, is let in. An id may
therefore stand for several conversations, and answers may come before their question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .judge import PUBLIC_DOMAINS, domain_of

if TYPE_CHECKING:
    from ..mime.parsed import ParsedMail

ID = "id:"
SUBJECT = "subject:"
# Of a long thread the newest references tell enough.
MOST_REFERENCES = 50
# "Re: Inquiry" a year later is another inquiry.
SUBJECT_DAYS = timedelta(days=60)
# Shorter subjects ("Hi", "询价") are everybody's.
SHORTEST_SUBJECT = 4


@dataclass(eq=False)
class Conversation:
    """``id`` is 0 until it is stored; ``people`` are the external addresses;
    ``lead_id`` the open opportunity that its mails stand on, 0 for none. ``first_date``
    and ``begins_with_answer`` are its earliest mail's: what that one answers may come
    later, since history is taken from the newest on."""

    id: int = 0
    people: set[str] = field(default_factory=set)
    last_date: datetime | None = None
    lead_id: int = 0
    first_date: datetime | None = None
    begins_with_answer: bool = False
    # what has to be stored of it, in the order in which it was found
    new_keys: dict[str, None] = field(default_factory=dict)


def id_keys(mail: ParsedMail) -> list[str]:
    """Nearest first: its own id, what it answers, the thread backwards."""
    references = mail.references[-MOST_REFERENCES:]
    ids = [mail.message_id, *mail.in_reply_to[:5], *reversed(references)]
    ids += mail.original_ids[:5]
    return list(dict.fromkeys(ID + one for one in ids if one))


def subject_key(mail: ParsedMail, people: Iterable[str]) -> str:
    """An empty key where the subject says nothing."""
    subject = mail.thread_subject
    people = sorted(people)
    if len(subject) < SHORTEST_SUBJECT or not people:
        return ""
    text = "\0".join([subject, *people])
    return SUBJECT + hashlib.sha256(text.encode()).hexdigest()[:40]


def shares_people(people: Iterable[str], others: Iterable[str]) -> bool:
    """Somebody is in both, or a colleague at the same company is."""
    people, others = set(people), set(others)
    if not people and not others:
        return True
    if people & others:
        return True
    return bool(_companies(people) & _companies(others))


def _companies(people: Iterable[str]) -> set[str]:
    return {domain_of(email) for email in people} - PUBLIC_DOMAINS - {""}


def choose(
    mail: ParsedMail,
    people: Iterable[str],
    date: datetime,
    known: Mapping[str, Sequence[Conversation]],
) -> tuple[Conversation | None, str]:
    """The conversation that the mail joins, with the reason; ``known`` by key."""
    people = set(people)
    for key in id_keys(mail):
        for conversation in known.get(key, ()):
            if shares_people(people, conversation.people):
                return conversation, "it names a mail of the conversation"
    near = [
        conversation
        for conversation in known.get(subject_key(mail, people), ())
        if _is_near(conversation, date)
    ]
    if not mail.is_reply_subject:
        answers = [c for c in near if c.begins_with_answer and date <= c.first_date]
        if not answers:
            return None, "it answers nothing"
        # of the answers that wait for their question those that came next are its own
        return min(answers, key=_begun), "it is what others answer"
    # what began later, and not with an answer, is another matter
    near = [c for c in near if c.begins_with_answer or _begun(c) <= date]
    if not near:
        return None, "what it answers is not known"
    latest = max(near, key=lambda conversation: conversation.last_date)
    return latest, "same subject, same people"


def claim(
    conversation: Conversation,
    mail: ParsedMail,
    people: Iterable[str],
    date: datetime,
    known: Mapping[str, Sequence[Conversation]],
) -> list[Conversation]:
    """Answers that name nothing, stored before what they answer: had they come after
    it, they would be here. They get the mail's id, by which doubles become one."""
    if not mail.message_id:
        return []
    claimed = [
        other
        for other in known.get(subject_key(mail, people), ())
        if other is not conversation
        and other.begins_with_answer
        and date <= other.first_date
        and _is_near(other, date)
    ]
    for other in claimed:
        other.new_keys[ID + mail.message_id] = None
    return claimed


def _is_near(conversation: Conversation, date: datetime) -> bool:
    """To its last mail, or, of an older mail, to its first."""
    ends = filter(None, (conversation.first_date, conversation.last_date))
    return any(abs(date - end) <= SUBJECT_DAYS for end in ends)


def _begun(conversation: Conversation) -> datetime:
    return conversation.first_date or conversation.last_date


def join(
    conversation: Conversation,
    mail: ParsedMail,
    people: Iterable[str],
    date: datetime,
    known: dict[str, list[Conversation]],
) -> None:
    """The mail is part of it now, and so are the ids that it names."""
    people = set(people)
    conversation.people |= people
    if not conversation.last_date or date > conversation.last_date:
        conversation.last_date = date
    if not conversation.first_date or date < conversation.first_date:
        conversation.first_date = date
        conversation.begins_with_answer = mail.is_reply_subject
    keys = id_keys(mail)
    subject = subject_key(mail, people)
    for key in (*keys, subject) if subject else keys:
        others = known.setdefault(key, [])
        if conversation not in others:
            others.append(conversation)
            conversation.new_keys[key] = None
