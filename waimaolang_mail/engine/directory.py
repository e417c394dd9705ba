# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Looks a batch's addresses and ids up in the database: two searches for contacts and
opportunities, two for conversations, whatever the batch's size."""

from collections.abc import Collection

from ..mime.threads import thread_subject
from .conversations import Conversation
from .matching import LEAD, Directory, Lead


def load(env, company_id: int, emails: Collection[str]) -> Directory:
    """``emails`` normalised, without own ones."""
    company = [("company_id", "in", (False, company_id))]
    partners = env["res.partner"].search_fetch(
        [("email_normalized", "in", list(emails)), *company],
        ["email_normalized", "commercial_partner_id", "is_company"],
        order="is_company, id",
    )
    by_email: dict[str, list[int]] = {}
    for partner in partners:
        by_email.setdefault(partner.email_normalized, []).append(partner.id)
    leads = _open_leads(env, company, partners, emails)
    return Directory(
        by_email,
        _leads_by_partner(partners, leads),
        _leads_by_email(leads),
    )


def knows(directory: Directory, email: str) -> bool:
    return email in directory.partners or email in directory.leads_of_email


def _open_leads(env, company, partners, emails):
    """Active, neither won nor lost, of either type."""
    commercial = partners.commercial_partner_id.ids
    return env["crm.lead"].search_fetch(
        [
            ("won_status", "=", "pending"),
            *company,
            "|",
            ("partner_id.commercial_partner_id", "in", commercial),
            ("email_normalized", "in", list(emails)),
        ],
        ["partner_id", "email_normalized", "user_id", "write_date"],
    )


def _as_lead(lead) -> Lead:
    return Lead(lead.id, lead.user_id.id, str(lead.write_date))


def _leads_by_partner(partners, leads) -> dict[int, list[Lead]]:
    """A contact's own opportunities, else those of its company."""
    own: dict[int, list[Lead]] = {}
    of_company: dict[int, list[Lead]] = {}
    for lead in leads.filtered("partner_id"):
        own.setdefault(lead.partner_id.id, []).append(_as_lead(lead))
        company_id = lead.partner_id.commercial_partner_id.id
        of_company.setdefault(company_id, []).append(_as_lead(lead))
    return {
        partner.id: own.get(partner.id)
        or of_company.get(partner.commercial_partner_id.id, [])
        for partner in partners
    }


def _leads_by_email(leads) -> dict[str, list[Lead]]:
    found: dict[str, list[Lead]] = {}
    for lead in leads:
        if lead.email_normalized and not lead.partner_id:
            found.setdefault(lead.email_normalized, []).append(_as_lead(lead))
    return found


def load_conversations(
    env, company_id: int, keys: Collection[str]
) -> dict[str, list[Conversation]]:
    """By key. What has no mail any more is nobody's conversation, and left out."""
    env.flush_all()
    env.cr.execute(
        "SELECT key, conversation_id FROM waimaolang_conversation_key"
        " WHERE company_id = %s AND key = ANY(%s) ORDER BY conversation_id",
        (company_id, list(keys)),
    )
    rows = env.cr.fetchall()
    if not rows:
        return {}
    found = _read_conversations(env, {row[1] for row in rows})
    by_key: dict[str, list[Conversation]] = {}
    for key, id_ in rows:
        if id_ in found:
            by_key.setdefault(key, []).append(found[id_])
    return by_key


def read_people(env, ids: Collection[int]) -> dict[int, set[str]]:
    """{conversation: external addresses of its mails}"""
    env.cr.execute(
        "SELECT conversation_id, string_agg(people, ' ') FROM waimaolang_mail"
        " WHERE conversation_id = ANY(%s) GROUP BY conversation_id",
        (list(ids),),
    )
    return {id_: set((people or "").split()) for id_, people in env.cr.fetchall()}


def _read_conversations(env, ids: Collection[int]) -> dict[int, Conversation]:
    env.cr.execute(
        """
        SELECT m.conversation_id, string_agg(m.people, ' '), max(m.date), min(m.date),
               (array_agg(m.subject ORDER BY m.date, m.id))[1]
          FROM waimaolang_mail m
         WHERE m.conversation_id = ANY(%s)
         GROUP BY m.conversation_id
        """,
        (list(ids),),
    )
    found = {
        id_: Conversation(
            id_,
            set((people or "").split()),
            last,
            first_date=first,
            begins_with_answer=thread_subject(subject or "")[1],
        )
        for id_, people, last, first, subject in env.cr.fetchall()
    }
    env.cr.execute(
        """
        SELECT DISTINCT ON (m.conversation_id) m.conversation_id, l.res_id
          FROM waimaolang_mail m
          JOIN waimaolang_mail_link l ON l.mail_id = m.id AND l.removed IS NOT TRUE
               AND l.res_model = %s AND l.bcc_mailbox_id IS NULL
          JOIN crm_lead lead ON lead.id = l.res_id AND lead.active
               AND lead.won_status = 'pending'
         WHERE m.conversation_id = ANY(%s)
         ORDER BY m.conversation_id, (l.origin = 'manual') DESC, l.date DESC, l.id DESC
        """,
        (LEAD, list(ids)),
    )
    for id_, lead_id in env.cr.fetchall():
        found[id_].lead_id = lead_id
    return found
