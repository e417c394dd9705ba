# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A kept mail on its way into the database, and the values of its rows: pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from .matching import LEAD, Link

if TYPE_CHECKING:
    from ..mime.parsed import Address, ParsedAttachment, ParsedMail
    from .conversations import Conversation
    from .fetch import Arrival
    from .judge import Verdict

LINK = re.compile(r'<a [^>]*?href="(https?:[^"]{1,2000})"')
SAFE_LINKS = ".safelinks.protection.outlook.com"
INLINE = re.compile(r'src="cid:waimaolang-(\d+)"')
# What has to be quoted in a display name (RFC 5322 section 3.2.3).
SPECIAL = re.compile(r'[()<>@,:;\\".\[\]]')
# A clock of the sender that runs ahead further than this is wrong.
DATE_TOLERANCE = timedelta(hours=24)
LONGEST_TEXT = 200_000
LONGEST_PEOPLE = 4000


@dataclass(eq=False)
class Draft:
    """``adopted``: the message is one that Odoo had already."""

    arrival: Arrival
    mail: ParsedMail
    verdict: Verdict
    key: str
    date: datetime
    links: tuple[Link, ...] = ()
    conversation: Conversation | None = None
    mail_id: int = 0
    message_id: int = 0
    adopted: bool = False

    @property
    def people(self) -> list[str]:
        """Who takes part, without us and without those that only a Bcc names."""
        hidden = self.verdict.hidden
        return [a.email for a in self.verdict.others if a.email not in hidden]

    @property
    def home(self) -> Link | None:
        """Told to all readers of the message: not a record that a Bcc alone names."""
        return next((link for link in self.links if not link.hidden), None)


def identity_key(company_id: int, arrival: Arrival) -> str:
    """A known Message-ID with other content is another mail (invariant I2), and so
    is the same text with links to somewhere else. Without a Message-ID the people
    count too, and without a date the time of arrival: two alarms of a machine with the
    same words are two."""
    mail = arrival.mail
    parts = [str(company_id), mail.message_id, mail.content_key]
    parts += sorted(link_hosts(mail.html))
    if not mail.message_id:
        people = (*mail.to, *mail.cc, *mail.reply_to)
        parts += sorted({address.email for address in people if address.email})
        if not mail.date:
            arrived = arrival.fetched.internaldate or arrival.copy.internaldate
            parts.append(str(arrived or ""))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def link_hosts(html: str) -> set[str]:
    """Where the links lead. Microsoft's protection rewrites them in the copies that it
    delivers: what is behind counts."""
    hosts = set()
    for href in LINK.findall(html):
        url = _split(unescape(href))
        if (url.hostname or "").endswith(SAFE_LINKS):
            url = _split(parse_qs(url.query).get("url", [""])[0])
        hosts.add(url.hostname or "")
    return hosts - {""}


def _split(url: str):
    try:
        return urlsplit(url)
    except ValueError:  # a bracket out of place
        return urlsplit("")


def choose_date(arrival: Arrival, now: datetime) -> datetime:
    """The Date header counts unless it is missing or absurd; then the server's
    time of arrival does, else now. Nothing was written after it arrived: where the
    sender's clock is ahead, our answer would stand before the mail that it answers."""
    arrived = arrival.fetched.internaldate or arrival.copy.internaldate or now
    date = arrival.mail.date
    if not date or date > arrived + DATE_TOLERANCE:
        date = arrived
    return min(date, arrived).replace(microsecond=0)


def message_vals(draft: Draft, author_id: int | bool, company_id: int) -> dict:
    """Of mail.message, but for the body."""
    home, mail = draft.home, draft.mail
    return {
        "model": home.res_model if home else False,
        "res_id": home.res_id if home else False,
        "message_type": "email",
        "author_id": author_id,
        "email_from": format_addresses(mail.from_[:1]) or False,
        "message_id": f"<{mail.message_id or draft.key + '@no-id.invalid'}>",
        "reply_to": False,
        "date": draft.date,
        "subject": mail.subject,
        "incoming_email_to": format_addresses(mail.to),
        "incoming_email_cc": format_addresses(mail.cc),
        # portal users see what is posted to them, not a colleague's mailbox
        "is_internal": True,
        "waimaolang_restricted": True,
        "parent_id": False,
        "record_alias_domain_id": False,
        "record_company_id": company_id,
        "email_add_signature": False,
    }


def mail_vals(draft: Draft, company_id: int) -> dict:
    mail, fetched = draft.mail, draft.arrival.fetched
    return {
        "mail_message_id": draft.message_id,
        "company_id": company_id,
        "conversation_id": draft.conversation.id if draft.conversation else False,
        "rfc_message_id": mail.message_id or False,
        "rfc_references": " ".join(mail.references or mail.in_reply_to[:1]) or False,
        "direction": draft.verdict.direction,
        "subject": mail.subject,
        "email_from": format_addresses(mail.from_),
        "email_to": format_addresses(mail.to),
        "email_cc": format_addresses(mail.cc),
        "email_reply_to": format_addresses(mail.reply_to) or False,
        "people": " ".join(draft.people)[:LONGEST_PEOPLE] or False,
        "date": draft.date,
        "state": "linked" if draft.links else "unlinked",
        "text": mail.text[:LONGEST_TEXT],
        "language": mail.language or False,
        "is_history": not draft.arrival.copy.live,
        "is_auto": mail.is_auto,
        "is_bulk": mail.is_bulk,
        "is_bounce": mail.is_bounce,
        "auto_kind": mail.auto_reply.kind if mail.auto_reply else False,
        "returns_on": mail.auto_reply.returns if mail.auto_reply else False,
        "reduced": bool(mail.reduced) or fetched.reduced,
        "omitted": ", ".join(fetched.omitted) or False,
    }


def link_rows(draft: Draft, mailbox_id: int) -> list[tuple]:
    """(mail, message, model, id, date, reason, mailbox that alone knows it)"""
    return [
        (
            draft.mail_id,
            draft.message_id,
            link.res_model,
            link.res_id,
            draft.date,
            link.reason,
            mailbox_id if link.hidden else None,
        )
        for link in draft.links
    ]


def lead_vals(draft: Draft, owner_id: int, team_id: int, company_id: int) -> dict:
    """Of the lead that a policy asks for: from the first who is not ours."""
    first = draft.verdict.others[0]
    return {
        "name": draft.mail.subject or first.name or first.email,
        "type": "lead",
        "contact_name": first.name or False,
        "email_from": first.email,
        "user_id": owner_id or False,
        "team_id": team_id or False,
        "company_id": company_id,
    }


def attachment_vals(message_id: int, attachment: ParsedAttachment) -> dict:
    return {
        "name": attachment.name,
        "raw": attachment.data,
        "mimetype": attachment.mimetype,
        "res_model": "mail.message",
        "res_id": message_id,
    }


def place_images(html: str, attachment_ids: Sequence[int]) -> str:
    """Inline images by attachment id. Without an access token: whoever may not
    read the message does not get its pictures either."""

    def place(match):
        index = int(match.group(1))
        if index < len(attachment_ids):
            return f'src="/web/image/{attachment_ids[index]}"'
        return ""

    return INLINE.sub(place, html)


def author(draft: Draft, ours: Mapping[str, int], partners) -> int | bool:
    """The partner who wrote it: the user whose mailbox sends from the address, else
    the contact; ``ours`` and ``partners`` by address."""
    for address in draft.mail.from_[:1]:
        if address.email in ours:
            return ours[address.email]
        if found := partners.get(address.email):
            return found[0]
    return False


def lead_link(draft: Draft) -> Link | None:
    return next((link for link in draft.links if link.res_model == LEAD), None)


def format_addresses(addresses: Sequence[Address]) -> str:
    return ", ".join(_format_one(address) for address in addresses)


def _format_one(address: Address) -> str:
    """Readable, and quoted only where a comma or the like would mislead."""
    name, email = address.name, address.email
    if not name or not email or name == email:
        return email or name
    if SPECIAL.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{email}>"
