# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reads the tables and scripts of ``texts/``."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from .model import Company, Contact, Party, Rep

TEXTS = Path(__file__).resolve().parent / "texts"
DOMAIN = "lanyue-trade.example"
HOUSE = {
    "name": "Ningbo Lanyue International Trade Co., Ltd.",
    "name_zh": "宁波岚越国际贸易有限公司",
    "domain": DOMAIN,
    "city": "Ningbo",
    "country": "CN",
    "street": "Room 1206, Harbour Tower, 88 Yongjiang East Road",
    "street_zh": "宁波市甬江东路88号海港大厦1206室",
    "phone": "+86 574 5550 1206",
    "website": "https://www.lanyue-trade.example",
    "team": "Overseas Sales",
    "team_zh": "海外销售部",
    "boss": {"login": "boss", "name": "周敏 Zhou Min", "email": f"zhoumin@{DOMAIN}"},
}
# hours from UTC, winter time, by country; and the language of the client's labels
ZONES = {
    "US": -6,
    "CA": -5,
    "MX": -6,
    "BR": -3,
    "CL": -4,
    "CO": -5,
    "GB": 0,
    "IE": 0,
    "RU": 3,
    "KZ": 5,
    "AE": 4,
    "SA": 3,
    "TR": 3,
    "VN": 7,
    "TH": 7,
    "AU": 10,
    "CN": 8,
    "TW": 8,
    "HK": 8,
}
LABELS = {"DE": "de", "FR": "fr", "BR": "pt"}


def reps():
    """The three salespeople with empty mailboxes."""
    rows = [
        (
            "linxiao",
            "林晓 Lin Xiao",
            "bwxq-kfnt-dmrz-hjva",
            "Sent Messages",
            "其他文件夹/展会客户",
            "zh_CN",
            "Lin Xiao",
        ),
        (
            "chenwei",
            "陈伟 Chen Wei",
            "RTQMLHVKZPXWDNSB",
            "已发送",
            "老客户",
            "zh_CN",
            "Chen Wei",
        ),
        (
            "sofia",
            "Sofia Zhang",
            "gk7Yw2NsVq4TzPd9",
            "已发送邮件",
            "广交会",
            "en_US",
            "Sofia Zhang",
        ),
    ]
    return [
        Rep(login, name, f"{login}@{DOMAIN}", code, sent, own, lang, english)
        for login, name, code, sent, own, lang, english in rows
    ]


def colleagues():
    """login -> Party of everybody who writes from the own domain."""
    people = {
        "linxiao": ("林晓", "Lin Xiao", "Sales Manager", "外贸经理", "foxmail"),
        "chenwei": ("陈伟", "Chen Wei", "Sales Manager", "外贸经理", "netease"),
        "sofia": ("张悦", "Sofia Zhang", "Key Accounts", "大客户经理", "outlook"),
    }
    parties = {
        "boss": Party("周敏", f"zhoumin@{DOMAIN}", "zh", "zh", 8, "foxmail"),
        "doc": Party("单证部 王燕", f"docs@{DOMAIN}", "zh", "zh", 8, "foxmail"),
        "finance": Party("财务部 何芳", f"finance@{DOMAIN}", "zh", "zh", 8, "qqweb"),
    }
    for number, (login, row) in enumerate(people.items(), 1):
        chinese, english, role, role_zh, client = row
        name = chinese if login != "sofia" else english
        parties[login] = Party(
            name, f"{login}@{DOMAIN}", "zh", "zh", 8, client, (english, role, role_zh)
        )
        parties[login].signature += (f"+86 138 5550 12{number}0", chinese)
        parties[login].abroad = english
    parties["doc"].abroad = "Lanyue Documents"
    return parties


def _blocks(name):
    """(fields of a ``===`` or ``==`` line, body) of a text file."""
    text = (TEXTS / name).read_text(encoding="utf-8")
    for block in re.split(r"^==+ ", text, flags=re.M)[1:]:
        head, _, body = block.partition("\n")
        yield [part.strip() for part in head.split("|")], body.strip("\n")


@cache
def products():
    """key -> {model, price, moq, per, cbm, kg, en: {name, short, ...}, zh: ...}."""
    found = {}
    for head, body in _blocks("products.txt"):
        key, model, price, moq, per, cbm, weight = head
        row = {
            "model": model,
            "price": float(price),
            "moq": int(moq),
            "per": int(per),
            "cbm": float(cbm),
            "kg": float(weight),
        }
        for line in filter(None, body.splitlines()):
            path, _, value = line.partition(": ")
            lang, _, name = path.partition(".")
            row.setdefault(lang, {})[name] = value
        found[key] = row
    return found


@cache
def scripts():
    """key -> (lang of the customer, lang of the rep, subject, steps).

    A step is (direction, hours since the last, marks, text).
    """
    found = {}
    for path in ("en_orders", "en_service", "zh", "zt", "es", "ru"):
        for (key, langs), body in _blocks(f"{path}.txt"):
            theirs, _, ours = langs.partition("/")
            subject, _, rest = body.partition("\n")
            parts = re.split(r"^([<>]) \+(\d+)(.*)$", rest, flags=re.M)[1:]
            steps = [
                (parts[i], int(parts[i + 1]), parts[i + 2].split(), parts[i + 3])
                for i in range(0, len(parts), 4)
            ]
            found[key] = (theirs, ours or theirs, subject, steps)
    return found


def others(name):
    """The blocks of ``other.txt``, ``bulk.txt`` or ``holiday.txt``."""
    for head, body in _blocks(f"{name}.txt"):
        first, _, rest = body.partition("\n")
        yield head, first, rest.strip("\n")


def companies():
    """The customers, their people and the plan of their threads."""
    found = []
    for line in (TEXTS / "companies.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith(" "):
            rep, name, domain, country, city, port, *flags = _cells(line)
            company = Company(name, domain, country, city, rep, port, "filed" in flags)
            found.append(company)
        elif line[2] in "*-":
            mark, script, product, quantity, who, *age = line.split()
            contact = company.contacts[int(who[1:]) - 1]
            days = int(age[0]) if age else 0
            company.threads.append(
                (script, product, int(quantity), contact, days, mark == "*")
            )
        else:
            name, box, function, phone, lang, title, client = _cells(line)
            email = box if "@" in box else f"{box}@{company.domain}"
            company.contacts.append(
                Contact(name, email, function, phone, lang, title, client)
            )
    return found


def _cells(line):
    return [cell.strip() for cell in line.split("|")]


def party(company, contact):
    """The customer's person as one who writes mail."""
    lang = contact.language
    ui = LABELS.get(company.country, "en") if lang == "en" else lang
    # typed quotes: KOI8-R has no others
    firm = company.name.replace("«", '"').replace("»", '"')
    signature = (contact.name, contact.function, firm, contact.phone)
    zone = ZONES.get(company.country, 1)
    return Party(contact.name, contact.email, lang, ui, zone, contact.client, signature)
