# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""On which records a mail stands, and why: pure decisions with reasons.

The caller looks addresses up in bulk and hands the answers in; the rules are
those of the design: the opportunity is the conversation's, else the contact's
only open one, else the latest active one of the mailbox's owner, else none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..mime.parsed import Address

PARTNER = "res.partner"
LEAD = "crm.lead"


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
    that has an opportunity without a contact. ``lead_of_message``: RFC Message-ID
    -> the open opportunity that its mail stands on."""

    partners: Mapping[str, Sequence[int]]
    leads_of_partner: Mapping[int, Sequence[Lead]]
    leads_of_email: Mapping[str, Sequence[Lead]]
    lead_of_message: Mapping[str, int]


@dataclass(frozen=True)
class Link:
    res_model: str
    res_id: int
    reason: str


def match(
    others: Sequence[Address],
    references: Sequence[str],
    owner_id: int,
    directory: Directory,
) -> tuple[Link, ...]:
    """The home first: the opportunity when one matches, else the contact."""
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
    lead = _choose_lead(list(leads.values()), references, owner_id, directory)
    links = [lead] if lead else []
    links += [
        Link(PARTNER, partner_id, f"address {email}")
        for partner_id, email in contacts.items()
    ]
    return tuple(links)


def _leads(partner_id: int, directory: Directory) -> Sequence[Lead]:
    return directory.leads_of_partner.get(partner_id, ())


def _choose_lead(
    leads: list[Lead],
    references: Sequence[str],
    owner_id: int,
    directory: Directory,
) -> Link | None:
    for reference in reversed(references):
        lead_id = directory.lead_of_message.get(reference)
        # A forged reference must not pull a stranger's mail onto a deal.
        if lead_id and any(lead.id == lead_id for lead in leads):
            return Link(LEAD, lead_id, "conversation")
    if len(leads) == 1:
        return Link(LEAD, leads[0].id, "the contact's only open opportunity")
    own = [lead for lead in leads if owner_id and lead.user_id == owner_id]
    if own:
        latest = max(own, key=lambda lead: (lead.activity, lead.id))
        return Link(LEAD, latest.id, "the owner's latest active opportunity")
    return None
