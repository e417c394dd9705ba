# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Looks a batch's addresses up in the database: two searches for contacts and
opportunities, one for the mails that are answered, whatever the batch's size."""

from collections.abc import Collection

from .matching import LEAD, Directory, Lead


def load(
    env, company_id: int, emails: Collection[str], references: Collection[str]
) -> Directory:
    """``emails`` normalised, without own ones; ``references`` are Message-IDs."""
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
        _leads_by_message(env, company_id, references),
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


def _leads_by_message(
    env, company_id: int, references: Collection[str]
) -> dict[str, int]:
    if not references:
        return {}
    env.flush_all()
    env.cr.execute(
        """
        SELECT mail.rfc_message_id, link.res_id
          FROM waimaolang_mail mail
          JOIN waimaolang_mail_link link ON link.mail_id = mail.id
         WHERE mail.company_id = %s AND mail.rfc_message_id = ANY(%s)
           AND link.res_model = %s AND link.removed IS NOT TRUE
        """,
        (company_id, list(references), LEAD),
    )
    return dict(env.cr.fetchall())
