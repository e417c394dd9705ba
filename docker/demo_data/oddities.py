# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The single mails that real mailboxes have: absent, bounced, without id or date."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

from . import clients, mime
from .catalog import DOMAIN, party
from .model import Mail, Party
from .threads import desk, office, signature

ABSENT = """Thank you for your mail.

I am out of the office and will be back on {back}. Your mail is not forwarded. In \
urgent cases please write to our main address or call the number below.

{name}
{company}"""


def add(post, staff, companies, threads, rng):
    """All of them. ``threads`` are (company, mails)."""
    _absent(post, threads, rng)
    _bounces(post, staff, companies, rng)
    _headless(post, staff, companies, rng)
    _both_reps(post, staff, companies, rng)
    _copied(post, threads)


def _find(companies, domain):
    return next(company for company in companies if company.domain == domain)


def _absent(post, threads, rng):
    """An out-of-office reply to one mail of each rep."""
    for login, rep in post.reps.items():
        for company, mails in threads:
            sent = [mail for mail in mails if mail.sender.email == rep.email]
            if company.rep_login != login or len(sent) < 3:
                continue
            if sent[1].to[0].lang != "en":
                continue
            asked, you = sent[1], sent[1].to[0]
            date = asked.date + timedelta(seconds=50)
            back = f"{date + timedelta(days=6):%d/%m/%Y}"
            text = ABSENT.format(back=back, name=you.name, company=company.name)
            mail = Mail(you, [asked.sender], date, "", text.split("\n"), "exchange")
            mail.subject = f"Automatic reply: {asked.subject}"
            mail.parent = asked
            mail.message_id = clients.message_id("exchange", you, date, rng)
            mail.headers = [
                ("Auto-Submitted", "auto-replied"),
                ("X-Auto-Response-Suppress", "All"),
            ]
            raw = clients.render(mail, rng)
            post.deliver(rep, raw, date, you)
            break


def _bounces(post, staff, companies, rng):
    """Mails to people who have left, and the servers' reports."""
    for login, domain, name in (
        ("linxiao", "lichtwerk-sued.example", "Jonas Fischer"),
        ("chenwei", "wartaprotekt.example", "Tomasz Nowicki"),
    ):
        company, rep = _find(companies, domain), post.reps[login]
        me = staff[login].as_seen("en")
        email = f"{name.lower().replace(' ', '.')}@{domain}"
        you = Party(name, email, "en", "en", 1)
        day = post.today - timedelta(days=rng.randrange(15, 60), hours=20)
        when = office(day, 8, rng)
        text = f"Dear {name.split()[0]},\n\nI have not heard from you since the fair. "
        text += "Our new catalogue is ready, shall I send you a printed copy?"
        lines = text.split("\n") + signature(me, "en", True, rng)
        mail = Mail(me, [you], when, "Our new catalogue", lines, desk(login, rng))
        mail.message_id = clients.message_id(mail.client, me, when, rng)
        raw = post.carry(mail)
        _report(post, rep, company.domain, mail, raw, rng)


def _report(post, rep, domain, mail, raw, rng):
    """A delivery status notification (RFC 3464)."""
    date = mail.date + timedelta(seconds=35)
    box = mail.to[0].email
    reason = "550 5.1.1 User unknown"
    text = (
        f"This is the mail system at host mx1.{DOMAIN}.\n\nI'm sorry to have to "
        "inform you that your message could not\nbe delivered to one or more "
        f"recipients.\n\n<{box}>: host mail.{domain} said: {reason}"
    )
    status = (
        f"Reporting-MTA: dns; mx1.{DOMAIN}\r\nArrival-Date: "
        f"{format_datetime(mail.date)}\r\n\r\nFinal-Recipient: rfc822; {box}\r\n"
        f"Original-Recipient: rfc822;{box}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Remote-MTA: dns; mail.{domain}\r\nDiagnostic-Code: smtp; {reason}\r\n"
    )
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    note = b"Content-Description: Notification\r\n"
    parts = [
        note + mime.text_part("plain", text, "us-ascii", "7bit"),
        b"Content-Description: Delivery report\r\nContent-Type: message/delivery-"
        b"status\r\n\r\n" + status.encode(),
        b"Content-Description: Undelivered Message Headers\r\nContent-Type: text/"
        b"rfc822-headers\r\n\r\n" + head,
    ]
    boundary = f"{rng.getrandbits(40):010X}.{rng.getrandbits(40)}/mx1.{DOMAIN}"
    top = (
        f"From: MAILER-DAEMON@mx1.{DOMAIN} (Mail Delivery System)\r\n"
        f"To: {rep.email}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Date: {format_datetime(date)}\r\n"
        f"Message-ID: <{date:%Y%m%d%H%M%S}.{rng.getrandbits(40):010X}@mx1.{DOMAIN}>\r\n"
        f"In-Reply-To: {mail.message_id}\r\nReferences: {mail.message_id}\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
    )
    kind = " report-type=delivery-status;"
    body = mime.multipart("report", parts, boundary, kind)
    sender = Party("", f"MAILER-DAEMON@mx1.{DOMAIN}")
    post.deliver(rep, top.encode() + body, date, sender)


def _headless(post, staff, companies, rng):
    """A mail without Message-ID and one without Date, from simple programs."""
    for domain, number, days, subject, text, skip in (
        (
            "haikun-pack.example",
            1,
            31,
            "仓库到货通知",
            "陈经理：\n\n昨天到的货已入库，数量点过没有问题，签收单随车带回。\n\n孙丽华",
            "Message-ID",
        ),
        (
            "shengtu-gz.example",
            0,
            48,
            "传真：盖章合同回传",
            "林经理：\n\n合同已盖章，由办公室一体机扫描发出，请查收。\n\n黄燊",
            "Date",
        ),
    ):
        company = _find(companies, domain)
        me = staff[company.rep_login]
        you = party(company, company.contacts[number])
        when = office(post.today - timedelta(days=days, hours=18), 8, rng)
        mail = Mail(you, [me], when, subject, text.split("\n"), "raw", "zh")
        mail.message_id = clients.message_id("raw", you, when, rng)
        mail.skip = (skip,)
        post.carry(mail)


def _both_reps(post, staff, companies, rng):
    """A customer writes to one rep and copies another."""
    company = _find(companies, "elbhydraulik.example")
    you = party(company, company.contacts[0])
    when = office(post.today - timedelta(days=30, hours=12), 1, rng)
    subject = "Combined container Hamburg and Lyon"
    text = (
        "Dear Ms. Lin, dear Ms. Zhang,\n\nour forwarder tells me that your customer in "
        "Lyon and we both wait for less than a full container. We have no objection to "
        "a shared one, if the customs papers stay separate. Who of you will organise "
        "it?"
    )
    lines = text.split("\n") + signature(you, "en", False, rng)
    to, cc = (staff[login].as_seen("en") for login in ("linxiao", "sofia"))
    asked = Mail(you, [to], when, subject, lines, you.client, cc=[cc])
    asked.message_id = clients.message_id(you.client, you, when, rng)
    post.carry(asked)
    date = office(when + timedelta(hours=15), 8, rng)
    text = "I will do it. Sofia sends me the papers for Lyon, and you get one arrival "
    text += "notice with two separate sets of documents."
    lines = ["Dear Mr. Möller,", "", text]
    lines += signature(to, "en", True, rng)
    answer = Mail(to, [you], date, f"Re: {subject}", lines, "foxmail", cc=[cc])
    answer.parent = asked
    answer.message_id = clients.message_id("foxmail", to, date, rng)
    post.carry(answer)


def _copied(post, threads):
    """One received mail of each rep stands in INBOX and in her own folder."""
    for login, rep in post.reps.items():
        domains = [c.domain for c, mails in threads if c.rep_login == login and mails]
        for mail in rep.mails:
            customer = any(f"@{name}>".encode() in mail.raw for name in domains)
            if mail.folder == "INBOX" and customer and b"Message-ID" in mail.raw:
                post.keep(rep, rep.user_folder, mail.raw, mail.internaldate, True)
                break
