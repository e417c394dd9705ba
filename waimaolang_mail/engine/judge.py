# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Is a mail kept, and if not, why: pure decisions with reasons.

A mail that is not kept stays in the ledger as ``excluded`` with the reason
given here; nothing of its content is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..mime.parsed import Address, ParsedMail

# Nobody owns these: a colleague at the same one is not "internal".
PUBLIC_DOMAINS = frozenset(
    """
    126.com 139.com 163.com 188.com 189.cn 21cn.com 263.net aliyun.com aol.com
    bk.ru foxmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com
    icloud.com inbox.ru list.ru live.com mac.com mail.com mail.ru me.com msn.com
    outlook.com proton.me protonmail.com qq.com sina.cn sina.com sohu.com tom.com
    vip.163.com vip.qq.com web.de ya.ru yahoo.com yandex.com yandex.ru yeah.net
    ymail.com zoho.com
    """.split()
)


@dataclass(frozen=True)
class Policy:
    """``own_all`` are the addresses of all bound mailboxes and of colleagues,
    ``own_domains`` the mailboxes' domains without the public ones, ``blocked``
    addresses and domains never logged, ``unknown`` the mailbox's unknown_policy,
    ``own`` the mailbox's own addresses."""

    own_all: frozenset[str]
    own_domains: frozenset[str]
    blocked: frozenset[str]
    unknown: str = "triage"
    own: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """``excluded`` is the ledger's reason, "" when the mail is kept; ``others`` are
    the participants that are not ours, ``hidden`` those that only a Bcc names.
    ``entry``: of the never-log list, for which the mail is "blocked"."""

    excluded: str
    direction: str
    others: tuple[Address, ...]
    hidden: frozenset[str] = frozenset()
    entry: str = ""


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]


def parse_blocked(text: str | None) -> frozenset[str]:
    """One address or domain a line; "@firm.com", "*.firm.com" and "firm.com"
    mean the same."""
    entries = (line.strip().lower() for line in (text or "").splitlines())
    return frozenset(
        entry.lstrip("*").lstrip("@").lstrip(".") if "@" not in entry[1:] else entry
        for entry in entries
        if entry
    )


def blocked_by(email: str, blocked: Collection[str]) -> str:
    """The entry of the never-log list that names the address, "" where none does."""
    parts = domain_of(email).split(".")
    entries = (email, *(".".join(parts[index:]) for index in range(len(parts))))
    return next((entry for entry in entries if entry in blocked), "")


def participants(mail: ParsedMail) -> tuple[Address, ...]:
    """Everybody named, once, in the order of From, To, Cc, Bcc."""
    seen: dict[str, Address] = {}
    for address in (*mail.from_, *mail.to, *mail.cc, *mail.bcc):
        if address.email:
            seen.setdefault(address.email, address)
    return tuple(seen.values())


def reported(mail: ParsedMail) -> tuple[str, ...]:
    """The addresses that a delivery report is about. They take no part in it, and are
    not to be told to its readers before the sent mail is known: one may have been a
    Bcc (I8)."""
    if mail.dsn is None:
        return ()
    emails = [one.email for one in mail.dsn.recipients if one.email]
    return tuple(emails or mail.dsn.to)


def judge(
    mail: ParsedMail,
    in_sent_folder: bool,
    policy: Policy,
    known: Callable[[str], bool],
) -> Verdict:
    """``known(email)`` tells whether a contact or opportunity has the address."""

    def is_own(email: str) -> bool:
        return email in policy.own_all or domain_of(email) in policy.own_domains

    people = participants(mail)
    senders = {address.email for address in mail.from_ if address.email}
    # a colleague's mail to a customer is sent mail in whoever's copy of it
    outgoing = any(map(is_own, senders)) or (in_sent_folder and not senders)
    # our own server's report on a mail to a customer is neither sent nor internal
    outgoing = outgoing and mail.dsn is None
    about = [email for email in reported(mail) if not is_own(email)]
    direction = "out" if outgoing else "in"
    others = tuple(address for address in people if not is_own(address.email))
    excluded = ""
    named_others = [*(address.email for address in others), *about]
    found = (blocked_by(email, policy.blocked) for email in named_others)
    entry = next(filter(None, found), "")
    if entry:
        excluded = "blocked"
    elif people and not others and not about:
        # not kept either way: the header alone decides nothing
        own_test = mail.is_test and all(one.email in policy.own for one in people)
        excluded = "test" if own_test else "internal"
    elif mail.dsn is None and not any(known(address.email) for address in others):
        if mail.is_bulk and direction == "in":
            excluded = "bulk"
        elif policy.unknown == "ignore" and not mail.is_bounce:
            excluded = "ignored"
    named = {address.email for address in (*mail.from_, *mail.to, *mail.cc)}
    hidden = frozenset(address.email for address in mail.bcc) - named
    return Verdict(excluded, direction, others, hidden, entry)
