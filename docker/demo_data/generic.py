# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mail that is no deal: colleagues, family, newsletters, greetings, oddities."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from . import clients, mime
from .catalog import others, party
from .model import Mail, Party
from .post import CHINA
from .threads import desk, office, signature

HAN = re.compile(r"[\u4e00-\u9fff]")
PERSON = re.compile(r'"(.+)" <(.+)>')
TARGET = 200  # mails of a mailbox


def _who(text, staff):
    """A colleague's key, or ``"Name" <address>``."""
    match = PERSON.match(text)
    if not match:
        return staff[text]
    name, email = match.groups()
    lang = "zh" if HAN.search(name) else "en"
    client = "qqweb" if lang == "zh" else "gmail"
    return Party(name, email, lang, lang, 8 if lang == "zh" else 1, client)


def talk(post, staff, rng):
    """Colleagues, family and inquiries of unknown senders; answers are replies."""
    last = {}
    for (_kind, route, days), subject, text in others("other"):
        left, _, right = route.partition(" > ")
        people = re.findall(r'"[^"]+" <[^>]+>|\S+', right)
        sender, to = _who(left, staff), [_who(person, staff) for person in people]
        lang = "zh" if HAN.search(text) else "ru" if "ы" in text else "en"
        lang = "es" if "ñ" in text else lang
        when = post.today - timedelta(days=int(days), hours=-rng.uniform(1, 9))
        when = min(when, post.today - timedelta(hours=2))
        when = office(when, sender.tz, rng)
        if when >= post.today:
            when -= timedelta(days=3)
        sender, to = sender.as_seen(lang), [person.as_seen(lang) for person in to]
        mail = Mail(sender, to, when, subject, text.split("\n"), sender.client, lang)
        bare = subject.partition(": ")[2] if subject.startswith("回复") else ""
        mail.parent = last.get(bare)
        if mail.parent:
            # nobody answers before the question
            mail.date = max(mail.date, mail.parent.date + timedelta(minutes=50))
        mail.message_id = clients.message_id(mail.client, sender, when, rng)
        last[subject] = mail
        post.carry(mail)


def greetings(post, staff, companies, rng):
    """Each rep's notices before holidays, sent one by one, and a few answers."""
    for (day,), *letter in others("holiday"):
        month, date = (int(part) for part in day.split("-"))
        for year in (post.today.year - 1, post.today.year):
            when = datetime(year, month, date, 2, tzinfo=timezone.utc)
            if not post.today - timedelta(days=176) < when < post.today:
                continue
            for rep in post.reps.values():
                mine = [c for c in companies if c.rep_login == rep.login]
                _greet(post, staff[rep.login].as_seen("en"), mine, when, letter, rng)


def _greet(post, me, mine, when, letter, rng):
    subject, text = letter
    chosen = [c for c in mine if c.contacts[0].language in ("en", "es", "ru")]
    for number, company in enumerate(rng.sample(chosen, min(4, len(chosen)))):
        you = party(company, company.contacts[0])
        title, last = company.contacts[0].title, you.name.split()[-1]
        first = f"{title} {last}" if you.lang == "en" else "friends"
        lines = text.format(first=first).split("\n")
        lines += signature(me, "en", True, rng)
        sent = office(when + timedelta(minutes=4 * number), 8, rng)
        if sent >= post.today:
            continue
        client = desk(mine[0].rep_login, rng)
        mail = Mail(me, [you], sent, subject, lines, client)
        mail.message_id = clients.message_id(client, me, sent, rng)
        post.carry(mail)
        if number < 1 and you.lang == "en":
            back = office(sent + timedelta(hours=rng.uniform(2, 20)), you.tz, rng)
            if back >= post.today:
                continue
            answer = ["Thank you, noted. The same to you and your team!"]
            answer += signature(you, "en", False, rng)
            reply = Mail(you, [me], back, "", answer, you.client)
            reply.subject = clients.reply_subject(subject, you.client, you.ui)
            reply.parent = mail
            reply.message_id = clients.message_id(you.client, you, back, rng)
            post.carry(reply)


def bulk(post, rng):
    """Newsletters and platform notices until each mailbox has its 200 mails."""
    sources = []
    for (kind, who, label), subject, text in others("bulk"):
        items = [line.split("|") for line in text.split("\n")]
        sources.append((kind, PERSON.match(who).groups(), label, subject, items))
    for rep in post.reps.values():
        missing = max(TARGET - len(rep.mails), 0)
        for number in range(missing):
            age = 176 * (number + rng.uniform(0.1, 0.9)) / missing
            when = post.today - timedelta(days=age, hours=rng.uniform(0, 6))
            source = sources[(number + len(rep.login)) % len(sources)]
            item = source[4][(number // len(sources)) % len(source[4])]
            raw, sender = _bulk_mail(source, item, rep, when, rng)
            post.deliver(rep, raw, when, sender)


def _bulk_mail(source, item, rep, when, rng):
    kind, (name, email), label, subject, _items = source
    sender = Party(name, email)
    home = ".".join(sender.domain.split(".")[-2:])
    when = when.astimezone(CHINA).replace(microsecond=0)
    title = subject.format(headline=item[0], week=when.isocalendar()[1])
    text = f"{item[0]}\n\n{item[1]}\n\nhttps://www.{home}/"
    link = f"https://www.{home}/u/{rng.getrandbits(64):x}"
    han = HAN.search(text)
    leave = "退订" if han else "Unsubscribe"
    page = (
        '<html><body style="margin:0;background:#f2f2f2"><table width="600" '
        'align="center" cellpadding="16" bgcolor="#ffffff"><tr><td '
        f'style="background:#1d4e6b;color:#ffffff;font-size:20px">{name}</td></tr>'
        f'<tr><td><h2 style="margin:0">{item[0]}</h2><p>{item[1]}</p><p><a '
        f'href="https://www.{home}/">{"阅读全文" if han else "Read more"}</a></p></td>'
        f'</tr><tr><td style="font-size:11px;color:#888888">{rep.email}<br><a '
        f'href="{link}">{leave}</a></td></tr></table></body></html>'
    )
    labels = [label, "utf-8"]
    chosen = mime.choose(page + text + title, labels)
    head = [
        f"Message-ID: <{rng.getrandbits(96):024x}@{sender.domain}>".encode(),
        f"Date: {when:%a, %d %b %Y %H:%M:%S %z}".encode(),
        mime.address_header("From", [(name, email)], labels, "B"),
        mime.address_header("To", [("", rep.email)], labels, "B"),
        mime.text_header("Subject", title, labels, "B"),
        f"List-Unsubscribe: <{link}>, <mailto:leave@{sender.domain}>".encode(),
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ]
    if kind == "news":
        head += [f"List-Id: <letter.{home}>".encode(), b"Precedence: bulk"]
    else:
        head += [b"Auto-Submitted: auto-generated", b"X-Auto-Response-Suppress: All"]
    head.append(b"MIME-Version: 1.0")
    parts = [
        mime.text_part("plain", text, chosen, "base64" if han else "quoted-printable"),
        mime.text_part("html", page, chosen, "base64" if han else "quoted-printable"),
    ]
    content = mime.multipart("alternative", parts, f"=_{rng.getrandbits(80):020x}")
    return b"\r\n".join(head) + b"\r\n" + content, sender
