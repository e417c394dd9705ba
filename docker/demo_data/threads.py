# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Plays the scripts: who writes when, to whom, from which client."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta, timezone

from . import clients
from .catalog import HOUSE, party, scripts
from .facts import Facts
from .model import Mail, Opportunity

WINDOW = 178  # days of history
# National Day and Labour Day, on which no one in China answers
CLOSED = [(10, day) for day in range(1, 8)] + [(5, day) for day in range(1, 6)]
PRICES = {"show_en": (7.85, 7.60), "show_zh": (4.62, 4.54)}
CLOSINGS = {
    "en": ["Best regards", "Kind regards", "Thanks and best regards", "Regards"],
    "zh": ["顺祝商祺！", "谢谢！", "祝好！", "顺颂商祺"],
    "zt": ["謝謝！", "順頌 商祺", "敬祝 商祺"],
    "es": ["Saludos cordiales", "Un saludo", "Atentamente"],
    "ru": ["С уважением,"],
}
MOBILE = {
    "en": "Sent from my iPhone",
    "zh": "发自我的iPhone",
    "zt": "從我的 iPhone 傳送",
    "es": "Enviado desde mi iPhone",
    "ru": "Отправлено с iPhone",
}
# what each rep writes with, and how often
DESKS = {
    "linxiao": (("foxmail", 7), ("qqweb", 3)),
    "chenwei": (("netease", 7), ("foxmail", 3)),
    "sofia": (("outlook", 6), ("exchange", 3), ("gmail", 1)),
}
# how customers address them, formally first
OURS = {
    "linxiao": {
        "en": ("Ms. Lin", "Xiao"),
        "zh": ("林经理", "林小姐"),
        "zt": ("林小姐",),
    },
    "chenwei": {
        "en": ("Mr. Chen", "Wei"),
        "zh": ("陈经理",),
        "zt": ("陳經理", "陳先生"),
        "ru": ("", "Чэнь Вэй"),
    },
    "sofia": {
        "en": ("Ms. Zhang", "Sofia"),
        "zh": ("张经理", "Sofia"),
        "es": ("Sofía",),
    },
}
# Russian customers as the reps write them
LATIN = {
    "Сергей": "Sergey",
    "Ольга": "Olga",
    "Наталья": "Natalia",
    "Антон": "Anton",
    "Марина": "Marina",
    "Данияр": "Daniyar",
}
CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")


def spin(text, rng):
    """One of the alternatives of each ``[a|b]``."""
    return CHOICE.sub(lambda match: rng.choice(match[1].split("|")), text)


def office(when, zone, rng):
    """The next moment in office hours: ``when`` itself or the next morning."""
    local = when.astimezone(timezone(timedelta(hours=zone)))
    closed = CLOSED if zone == 8 else ()

    def works():
        return local.weekday() < 5 and (local.month, local.day) not in closed

    if works() and 8 <= local.hour < 19:
        return local
    if local.hour >= 19:
        local += timedelta(days=1)
    while not works():
        local += timedelta(days=1)
    minute = rng.randrange(20, 59)
    return local.replace(hour=8 + (rng.random() < 0.6), minute=minute)


def surname(name, lang):
    """The family name, with its particles."""
    parts = name.split()
    if lang == "es" or parts[1] == "Al" or parts[1].islower():
        return parts[1] if lang == "es" else " ".join(parts[1:])
    return parts[-1]


def to_customer(contact, lang, formal, rng):
    """The rep's first line."""
    first, title = contact.name.split()[0], contact.title
    if lang in ("zh", "zt"):
        return f"{title}：" if rng.random() < 0.4 else f"{title}，您好："
    if contact.language == "ru":
        return f"Dear {LATIN[first]},"
    if contact.name.startswith(("Nguyễn", "Trần")):
        # Vietnamese are called by the last of their names
        return f"Dear {title} {contact.name.split()[-1]},"
    last = surname(contact.name, lang)
    if lang == "es":
        dear = "Estimado" if title == "Sr." else "Estimada"
        return f"{dear} {title} {last}:" if formal else f"Hola {first}:"
    return f"Dear {title} {last}," if formal else f"Dear {first},"


def to_rep(login, lang, formal, rng):
    """The customer's first line."""
    names = OURS[login][lang]
    if lang == "zh":
        return f"{names[0]}：" if formal else f"{names[-1]}，您好："
    if lang == "zt":
        return f"{names[-1]}您好，"
    if lang == "es":
        return f"Estimada {names[0]}:" if formal else f"Hola {names[0]},"
    if lang == "ru":
        return f"Здравствуйте, {names[1]}!" if formal else "Добрый день!"
    hello = rng.choice(("Hi", "Hello"))
    return f"Dear {names[0]}," if formal else f"{hello} {names[1]},"


def signature(who, lang, ours, rng):
    """Closing and signature, as lines."""
    closing = rng.choice(CLOSINGS[lang])
    if not ours:
        name, role, company, phone = who.signature
        comma = "," if lang in ("en", "es") else ""
        return ["", closing + comma, "", name, role, company, phone]
    english, role, role_zh, phone, chinese = who.signature
    if lang == "zh":
        name = english if chinese == english else f"{chinese} {english}"
        lines = ["", closing, "", name, role_zh, HOUSE["name_zh"]]
        return [*lines, f"地址：{HOUSE['street_zh']}", f"手机/微信：{phone}"]
    if lang == "zt":
        name = HOUSE["name"]
        return ["", closing, "", english, role, name, f"手機/微信：{phone}"]
    lines = ["", f"{closing},", "", english, role, HOUSE["name"]]
    lines += [f"Tel: {HOUSE['phone']} | Mobile: {phone}"]
    return [*lines, f"Web: {HOUSE['website'][8:]}"]


def desk(login, rng):
    """The client that a rep opens for this mail."""
    names, weights = zip(*DESKS[login], strict=True)
    return rng.choices(names, weights)[0]


class Thread:
    """One thread: its deal, its people, and what has been written so far."""

    def __init__(self, company, row, staff, today: datetime, rng: random.Random):
        script, key, quantity, contact, age, self.has_opportunity = row
        self.script, self.company, self.contact = script, company, contact
        self.staff, self.today, self.rng = staff, today, rng
        self.theirs, self.ours, subject, self.steps = scripts()[script]
        length = sum(step[1] for step in self.steps) / 24
        if not age:
            # four of five have come to their end, some are still going on
            low = min(length * (1.5 if rng.random() < 0.8 else 0.5), 150)
            age = rng.uniform(max(low, 4), WINDOW)
        self.when = today - timedelta(days=age, hours=rng.uniform(1, 12))
        self.facts = Facts(company, key, quantity, self.when, rng)
        if script in PRICES:
            self.facts.fixed(*PRICES[script])
        self.rep = staff[company.rep_login]
        self.customer = party(company, contact)
        others = [c for c in company.contacts if c is not contact]
        self.other = party(company, others[0]) if others else None
        self.copied = bool(others) and rng.random() < 0.25
        self.formal = {True: rng.random() < 0.6, False: rng.random() < 0.6}
        self.subject = spin(subject, rng).format(**self.facts.words(self.theirs))
        self.mails, self.stage, self.shown = [], "New", 0

    def play(self):
        """Writes step after step up to today; returns the mails."""
        rng = self.rng
        for sign, hours, marks, text in self.steps:
            mine = sign == ">"
            lang = self.ours if mine else self.theirs
            sender = self.rep.as_seen(lang) if mine else self.customer
            self.when += timedelta(hours=hours * rng.uniform(0.9, 1.15), minutes=3)
            self.when = office(self.when, sender.tz, rng)
            self.when = self.when.replace(second=rng.randrange(60), microsecond=0)
            if self.when >= self.today - timedelta(minutes=20):
                break
            self.copied = self.copied or ("cc" in marks and self.other is not None)
            to = self.customer if mine else self.rep.as_seen(lang)
            mail = Mail(sender, [to], self.when, self.subject, [], "", lang)
            mail.cc = [self.other] if self.copied else []
            self._attach(mail, marks, mine)
            self._write(mail, text, mine)
            if self.mails:
                mail.parent = self.mails[-1]
                ui = lang if mine else sender.ui
                old = mail.parent.subject
                mail.subject = clients.reply_subject(old, mail.client, ui)
            mail.message_id = clients.message_id(mail.client, sender, mail.date, rng)
            self.mails.append(mail)
        return self.mails

    def opportunity(self):
        """The deal as the rep has it in her pipeline."""
        lang = "en" if self.theirs == "ru" else self.theirs
        return Opportunity(
            self.facts.title(lang),
            self.facts.total,
            self.stage,
            self.company.rep_login,
            self.contact.email,
            self.script,
        )

    def _attach(self, mail, marks, mine):
        for mark in marks:
            kind, _, value = mark.partition(":")
            if kind == "img":
                self.shown += 1
                picture = self.facts.picture(value, self.shown, mail.lang, mail.date)
                mail.images.append(picture)
            elif kind == "stage":
                self.stage = value
            elif value:
                mail.files.append(self.facts.document(mark, mail.lang))
        if mine and any(mark.endswith((":bl", ":packing")) for mark in marks):
            mail.cc.append(self.staff["doc"].as_seen(mail.lang))

    def _write(self, mail, text, mine):
        rng, lang, login = self.rng, mail.lang, self.company.rep_login
        slots = self.facts.words(lang)
        if mine:
            slots["hi"] = to_customer(self.contact, lang, self.formal[mine], rng)
        else:
            slots["hi"] = to_rep(login, lang, self.formal[mine], rng)
        text = spin(text.strip("\n"), rng).format(**slots)
        lines = re.sub(r"\n{3,}", "\n\n", text).split("\n")
        mail.client = desk(login, rng) if mine else self.customer.client
        on_phone = len(text) < 300 and not mail.files and not mail.images
        on_phone = on_phone and self.customer.client not in ("raw", "bat")
        if on_phone and rng.random() < 0.22 and (not mine or login == "sofia"):
            mail.client = "iphone"
        if mail.client == "iphone":
            mail.lines = [*lines, "", MOBILE[lang]]
        else:
            mail.lines = lines + signature(mail.sender, lang, mine, rng)


def play(company, row, staff, today, rng):
    """The mails of one thread up to ``today``; adds its opportunity."""
    thread = Thread(company, row, staff, today, rng)
    mails = thread.play()
    if thread.has_opportunity and mails:
        company.opportunities.append(thread.opportunity())
    return mails
