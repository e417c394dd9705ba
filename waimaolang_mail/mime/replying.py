# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whom an answer goes to and what it is called."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Person = tuple[str, str]

# Written by mail programs, by language. Narrower than ``threads`` reads: "Ref: 4711" or
# "I: ..." may be the writer's own words, and would be lost.
_REPLY = """re aw antw antwort sv vs odp res ynt rif atb 回复 回覆 答复 答覆 回信 返信
    답장 회신 ответ отв""".split()
_FORWARD = (
    "fw fwd wg rv tr vb vl enc ilt doorst 转发 轉寄 转寄 轉發 転送 전달 пересл".split()
)
_COUNT = r"(?:\s?[\[(（]\d{1,3}[\])）]|[\^*]?\d{1,3})?"
_START = "[\\s\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]*"


def _prefix(words: Sequence[str]) -> re.Pattern:
    one = rf"(?:{'|'.join(sorted(words, key=len, reverse=True))}){_COUNT}\s?[:：]"
    return re.compile(rf"(?:{_START}{one})+{_START}", re.I)


_REPLIES = _prefix(_REPLY)
_FORWARDS = _prefix(_FORWARD)


def reply_subject(subject: str, prefix: str = "Re:") -> str:
    """With one prefix, whatever the other side's programs put there."""
    return _prefixed(subject, prefix, _REPLIES)


def forward_subject(subject: str, prefix: str = "Fwd:") -> str:
    return _prefixed(subject, prefix, _FORWARDS)


def _prefixed(subject: str, prefix: str, known: re.Pattern) -> str:
    match = known.match(subject)
    rest = subject[match.end() :] if match else subject
    return f"{prefix} {rest.strip()}".strip()


@dataclass(frozen=True)
class Answered:
    """The mail that is answered: (name, address) each; ``direction`` "in" or "out"."""

    from_: Sequence[Person] = ()
    reply_to: Sequence[Person] = ()
    to: Sequence[Person] = ()
    cc: Sequence[Person] = ()
    direction: str = "in"


def reply_recipients(
    mail: Answered, own_addresses: Collection[str], everyone: bool = False
) -> tuple[list[Person], list[Person]]:
    """``(to, cc)``; ``everyone``: reply all. Own addresses (of the mailbox, aliases
    among them) are left out, unless there is nobody else: a mail to oneself. A reply
    to what one sent goes to whom it went."""
    own = {address.strip().lower() for address in own_addresses}
    to = _first_of(mail, own)
    cc: list[Person] = []
    if everyone:
        if mail.direction != "out":
            to += _others(mail.to, own)
        cc = _others(mail.cc, own)
        if not to:
            to, cc = cc, []
    to = _once(to or [*mail.from_])
    taken = {address.lower() for _name, address in to}
    return to, [one for one in _once(cc) if one[1].lower() not in taken]


def _first_of(mail: Answered, own: Collection[str]) -> list[Person]:
    if mail.direction == "out":
        return _others(mail.to, own)
    # a Reply-To that names only us is a web form's, or a loop
    return _others(mail.reply_to, own) or _others(mail.from_, own)


def _others(people: Iterable[Person], own: Collection[str]) -> list[Person]:
    return [one for one in people if one[1] and one[1].strip().lower() not in own]


def _once(people: Iterable[Person]) -> list[Person]:
    """Each address once, in its first place, with the first name that it has."""
    found: dict[str, Person] = {}
    for name, address in people:
        key = address.strip().lower()
        known = found.get(key)
        if known is None or (name and not known[0]):
            found[key] = (name, known[1] if known else address.strip())
    return [*found.values()]
