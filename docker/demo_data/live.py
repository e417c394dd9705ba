# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mail that comes once the mailboxes are bound: rules make tasks of it, some late."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

# Days ago, sent by us, subject and text in English and Chinese.
SCRIPT = (
    (
        4,
        False,
        ("Can you deliver before Christmas?", "能在圣诞前交货吗？"),
        (
            "We need 1,200 pieces in our warehouse by 10 December.",
            "12 月 10 日前需要 1200 件到仓。",
        ),
    ),
    (
        0.8,
        False,
        ("Packaging for the new order", "新订单的包装"),
        ("Please send the layout of the colour box.", "请发彩盒的设计稿。"),
    ),
    (
        0.02,
        False,
        ("Price for 5,000 pieces", "5000 件的价格"),
        ("What is your best price FOB Ningbo?", "FOB 宁波最优惠价格是多少？"),
    ),
    (
        3.5,
        True,
        ("Quotation for the spring programme", "春季产品报价单"),
        ("Please find our quotation, valid for 30 days.", "报价如下，有效期 30 天。"),
    ),
)


def build(demo: dict, now: datetime):
    """(mailbox, folder, raw) of each rep with customers of hers; ``demo`` as in
    ``to_json()``."""
    for rep in demo["reps"]:
        mine = [
            contact
            for contact in demo["contacts"]
            if contact["email"] in _customers(demo, rep["login"])
        ]
        for number, (days, sent, subjects, texts) in enumerate(SCRIPT):
            contact = mine[number % len(mine)]
            when = now - timedelta(days=days)
            chinese = contact["language"] in ("zh", "zt")
            raw = _write(rep, contact, sent, subjects[chinese], texts[chinese], when)
            yield rep["email"], rep["sent_folder"] if sent else "INBOX", raw


def _customers(demo: dict, login: str) -> set[str]:
    return {
        row["contact"] for row in demo["opportunities"] if row["rep_login"] == login
    }


def _write(rep, contact, sent: bool, subject, text, when) -> bytes:
    theirs = formataddr((contact["name"], contact["email"]))
    ours = formataddr((rep["name"], rep["email"]))
    message = EmailMessage()
    message["From"], message["To"] = (ours, theirs) if sent else (theirs, ours)
    message["Subject"] = subject
    message["Date"] = format_datetime(when)
    domain = (rep if sent else contact)["email"].partition("@")[2]
    message["Message-ID"] = f"<live{when:%Y%m%d%H%M%S}.{rep['login']}@{domain}>"
    message.set_content(f"{text}\n")
    return message.as_bytes()
