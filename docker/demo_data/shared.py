# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shared mailbox that nobody has bound yet: for whoever wants to see that done."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from .model import DemoMail

LOCAL_PART = "sales"
CODE = "sales-2026-code"
TEXTS = {
    "zh": (
        "询价：{product}",
        "您好，\n\n我们在展会上看到贵司产品，"
        "请报 {product} 的 FOB 价格和交期。\n\n谢谢",
    ),
    "en": (
        "Inquiry: {product}",
        "Hello,\n\nwe saw your {product} at the fair. Please send your best price FOB "
        "and the lead time for 2,000 pieces.\n\nBest regards",
    ),
}
PRODUCTS = {
    "zh": ("不锈钢保温杯", "LED 工作灯", "铝合金折叠椅"),
    "en": ("vacuum flask", "LED work light", "folding chair"),
}


def inquiries(companies, address, now):
    """Six contacts of ``companies`` write to ``address`` in the days before ``now``."""
    contacts = [company.contacts[0] for company in companies if company.contacts]
    return [
        _inquiry(number, contact, address, now - timedelta(days=4 * number + 2))
        for number, contact in enumerate(contacts[:6])
    ]


def _inquiry(number, contact, address, when):
    language = "zh" if contact.language in ("zh", "zt") else "en"
    product = PRODUCTS[language][number % 3]
    subject, text = (part.format(product=product) for part in TEXTS[language])
    message = EmailMessage()
    message["From"] = formataddr((contact.name, contact.email))
    message["To"] = address
    message["Subject"] = subject
    message["Date"] = format_datetime(when)
    message["Message-ID"] = f"<inquiry{number}@{contact.email.partition('@')[2]}>"
    message.set_content(f"{text}\n{contact.name}\n")
    return DemoMail("INBOX", message.as_bytes(), when, seen=False)
