# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo: an invented trading company, its customers and half a year of mail.

``build()`` needs Python and Pillow, no Odoo. All domains end in .example or .test.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone

from . import generic, oddities
from .catalog import HOUSE, colleagues, companies, reps, scripts
from .model import Company, Contact, DemoMail, Opportunity, Rep
from .post import Post
from .threads import play

__all__ = [
    "Company",
    "Contact",
    "Demo",
    "DemoMail",
    "Opportunity",
    "Rep",
    "build",
]
SHOWCASE = {"chinese": "show_zh", "english": "show_en"}


@dataclass
class Demo:
    """``company`` and ``showcase`` are dicts as in ``to_json()``."""

    company: dict
    reps: list[Rep]
    companies: list[Company]
    showcase: dict = field(default_factory=dict)

    def to_json(self):
        """Everything but the mails: flat lists that refer by domain and e-mail."""
        return {
            "company": self.company,
            "reps": [_rep(rep) for rep in self.reps],
            "companies": [
                {
                    "name": company.name,
                    "domain": company.domain,
                    "country": company.country,
                    "city": company.city,
                    "rep_login": company.rep_login,
                }
                for company in self.companies
            ],
            "contacts": [
                {
                    "company": company.domain,
                    "name": contact.name,
                    "email": contact.email,
                    "function": contact.function,
                    "phone": contact.phone,
                    "language": contact.language,
                }
                for company in self.companies
                for contact in company.contacts
            ],
            "opportunities": [
                {
                    "company": company.domain,
                    "name": deal.name,
                    "expected_revenue": deal.expected_revenue,
                    "stage": deal.stage,
                    "rep_login": deal.rep_login,
                    "contact": deal.contact,
                }
                for company in self.companies
                for deal in company.opportunities
            ],
            "showcase": self.showcase,
        }


def _rep(rep):
    names = "login name email password sent_folder user_folder lang".split()
    row = {name: getattr(rep, name) for name in names}
    row["folders"] = dict(sorted(Counter(mail.folder for mail in rep.mails).items()))
    return row


def build(seed=20261, today=None) -> Demo:
    """The demo as of ``today`` (a date or datetime, now by default), midnight UTC.

    The same seed and date give the same bytes.
    """
    today = today or datetime.now(timezone.utc)
    if isinstance(today, datetime):
        today = today.astimezone(timezone.utc).date()
    assert isinstance(today, date)
    now = datetime.combine(today, time(), timezone.utc)
    people, staff, customers = reps(), colleagues(), companies()
    post = Post(people, now, seed)
    demo = Demo(HOUSE, people, customers)
    threads = []
    for company in customers:
        for number, row in enumerate(company.threads):
            rng = random.Random(f"{seed}/{company.domain}/{number}")
            mails = play(company, row, staff, now, rng)
            threads.append((company, mails))
            for mail in mails:
                post.carry(mail, company.filed)
            _note(demo, company, row, mails)
    rng = random.Random(f"{seed}/generic")
    generic.talk(post, staff, rng)
    generic.greetings(post, staff, customers, rng)
    oddities.add(post, staff, customers, threads, rng)
    generic.bulk(post, rng)
    for rep in people:
        rep.mails.sort(key=lambda mail: (mail.internaldate, mail.folder))
        for mail in [mail for mail in rep.mails if mail.folder == "INBOX"][-2:]:
            mail.seen = False
    return demo


def _note(demo, company, row, mails):
    for name, script in SHOWCASE.items():
        if row[0] == script:
            demo.showcase[name] = {
                "company": company.name,
                "domain": company.domain,
                "contact": row[3].name,
                "email": row[3].email,
                "opportunity": company.opportunities[-1].name,
                "rep_login": company.rep_login,
                "subject": mails[0].subject,
                "mails": len(mails),
                "script_mails": len(scripts()[script][3]),
            }
