# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the demo consists of: plain data, nothing of Odoo."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass
class DemoMail:
    """One message of a mailbox; ``folder`` is the decoded path."""

    folder: str
    raw: bytes
    internaldate: datetime
    seen: bool


@dataclass
class Rep:
    """A salesperson; ``login`` is hers in Odoo, her mailbox's is ``email``."""

    login: str
    name: str
    email: str
    password: str
    sent_folder: str
    user_folder: str
    lang: str
    english: str
    mails: list[DemoMail] = field(default_factory=list)


@dataclass
class Contact:
    """A customer's person; ``language`` is en, zh, zt (traditional), es or ru."""

    name: str
    email: str
    function: str
    phone: str
    language: str
    title: str
    client: str


@dataclass
class Opportunity:
    name: str
    expected_revenue: float
    stage: str
    rep_login: str
    contact: str
    script: str


@dataclass
class Company:
    """A customer; ``threads`` are (script, product, quantity, contact, age, opp)."""

    name: str
    domain: str
    country: str
    city: str
    rep_login: str
    port: str
    filed: bool
    contacts: list[Contact] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    threads: list[tuple] = field(default_factory=list)


@dataclass
class Party:
    """Who writes or receives; ``tz`` in hours, ``ui`` her client's language."""

    name: str
    email: str
    lang: str = "en"
    ui: str = "en"
    tz: float = 8
    client: str = "outlook"
    signature: tuple[str, ...] = ()

    abroad: str = ""  # the name used in mail that is not in simplified Chinese

    @property
    def domain(self):
        return self.email.partition("@")[2]

    def as_seen(self, lang):
        """Herself under the name that she uses in a language."""
        if lang == "zh" or not self.abroad:
            return self
        return replace(self, name=self.abroad, abroad="")


@dataclass
class Mail:
    """A message before it is bytes; ``lines`` is the own text without quotes."""

    sender: Party
    to: list[Party]
    date: datetime
    subject: str
    lines: list[str]
    client: str
    lang: str = "en"
    cc: list[Party] = field(default_factory=list)
    images: list[tuple[str, bytes]] = field(default_factory=list)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    parent: Mail | None = None
    message_id: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    skip: tuple[str, ...] = ()

    @property
    def references(self):
        """Message-IDs from the oldest to the parent's, eleven at most."""
        chain, mail = [], self.parent
        while mail:
            chain.insert(0, mail.message_id)
            mail = mail.parent
        return chain if len(chain) < 12 else [chain[0], *chain[-10:]]
