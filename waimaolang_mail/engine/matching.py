# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""On which records a mail stands, and why: pure decisions with reasons.

The caller looks addresses up in bulk and hands the answers in; the rules are
those of the design: the opportunity is the conversation's, else the contact's
only open one, else the latest active one of the mailbox's owner, else none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..mime.parsed import Address

PARTNER = "res.partner"
LEAD = "crm.lead"
# Reasons, as they are kept; the address follows its own.
CONVERSATION = "conversation"
ADDRESS = "address"
ONLY_DEAL = "only_opportunity"
OWNERS_DEAL = "owners_opportunity"
NEW_LEAD = "unknown_sender"
ODOO = "odoo"


@dataclass(frozen=True)
class Lead:
    """An open opportunity. ``activity`` orders by the latest sign of life."""

    id: int
    user_id: int
    activity: str


@dataclass(frozen=True)
class Directory:
    """What the database knows of a batch's addresses.

    ``partners``: email -> contact ids, best first. ``leads_of_partner``: open
    opportunities of the contact or its company. ``leads_of_email``: of an address
    that has an opportunity without a contact."""

    partners: Mapping[str, Sequence[int]]
    leads_of_partner: Mapping[int, Sequence[Lead]]
    leads_of_email: Mapping[str, Sequence[Lead]]


@dataclass(frozen=True)
class Link:
    """``hidden``: the record is known of by a Bcc alone."""

    res_model: str
    res_id: int
    reason: str
    hidden: bool = False


def match(
    others: Sequence[Address],
    hidden: Collection[str],
    conversation_lead: int,
    owner_id: int,
    directory: Directory,
) -> tuple[Link, ...]:
    """The home first: the opportunity when one matches, else the contact.

    ``others``: the participants that are not ours; ``hidden``: those of them that
    only a Bcc names, each matched by itself, since none of them knows of the others;
    ``conversation_lead``: the open opportunity that the conversation stands on."""
    shown = [address for address in others if address.email not in hidden]
    links = list(_match(shown, conversation_lead, owner_id, directory))
    for address in others:
        if address.email not in hidden:
            continue
        for link in _match([address], 0, owner_id, directory):
            known = any(
                (one.res_model, one.res_id) == (link.res_model, link.res_id)
                for one in links
            )
            if not known:
                links.append(replace(link, hidden=True))
    return tuple(links)


def _match(
    others: Sequence[Address],
    conversation_lead: int,
    owner_id: int,
    directory: Directory,
) -> Iterator[Link]:
    contacts: dict[int, str] = {}
    leads: dict[int, Lead] = {}
    for address in others:
        found = directory.partners.get(address.email, ())
        if found:
            contacts.setdefault(found[0], address.email)
        candidates = [
            *(lead for pid in found[:1] for lead in _leads(pid, directory)),
            *directory.leads_of_email.get(address.email, ()),
        ]
        leads.update((lead.id, lead) for lead in candidates)
    if others and conversation_lead:
        yield Link(LEAD, conversation_lead, CONVERSATION)
    elif lead := _choose_lead(list(leads.values()), owner_id):
        yield lead
    for partner_id, email in contacts.items():
        yield Link(PARTNER, partner_id, f"{ADDRESS} {email}")


def _leads(partner_id: int, directory: Directory) -> Sequence[Lead]:
    return directory.leads_of_partner.get(partner_id, ())


def _choose_lead(leads: list[Lead], owner_id: int) -> Link | None:
    if len(leads) == 1:
        return Link(LEAD, leads[0].id, ONLY_DEAL)
    own = [lead for lead in leads if owner_id and lead.user_id == owner_id]
    if own:
        latest = max(own, key=lambda lead: (lead.activity, lead.id))
        return Link(LEAD, latest.id, OWNERS_DEAL)
    return None
