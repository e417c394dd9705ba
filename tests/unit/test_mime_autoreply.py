# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers of programs: away or a receipt, and the day of the return."""

import random
import time
from datetime import date, datetime

import pytest
from mime.frames import dump_mail, load_mail
from mime.parse import parse_mail
from mime.returning import read_return

NOW = datetime(2026, 12, 2)
SENT = date(2026, 11, 26)
REPLIED = "Auto-Submitted: auto-replied\n"
EXCHANGE = (
    "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"
    "X-MS-Exchange-Inbox-Rules-Loop: bob@buyer.example\n"
)


def parse(subject, text, headers=REPLIED, sender="Bob <bob@buyer.example>", kind=""):
    head = (
        f"From: {sender}\nTo: anna@lanyue.example\nSubject: {subject}\n"
        f"Date: Thu, 26 Nov 2026 10:00:00 +0000\nIn-Reply-To: <1@lanyue.example>\n"
        f"{headers}"
        f"Content-Type: {kind or 'text/plain; charset=utf-8'}\n\n"
    )
    return parse_mail((head + text).encode(), now=NOW)


DEC_3, DEC_5, DEC_7 = date(2026, 12, 3), date(2026, 12, 5), date(2026, 12, 7)

AWAY = [
    # English
    ("Automatic reply: Offer", "Hello, I am out of the office and will be back on 3 "
     "December. In urgent cases call Tom.", EXCHANGE, DEC_3),
    ("Out of Office: Offer", "I am away until December 5th and will return on Monday, "
                             "7th "
     "December 2026.", REPLIED, DEC_7),
    ("Auto: Offer", "I am on annual leave from 1 December to 5 December 2026.", REPLIED,
     DEC_5),
    ("Automatic reply: x", "I'm on vacation Dec 1 - 5 with limited access to email.",
     EXCHANGE, DEC_5),
    ("Automatic reply: x", "I am out of office until 2026-12-05.", EXCHANGE, DEC_5),
    ("Automatic reply: x", "Our office will be closed from 24 December and reopen on "
     "January 4, 2027.", EXCHANGE, date(2027, 1, 4)),
    ("Automatic reply: x", "I will be back in the office on Jan 4th.", EXCHANGE,
     date(2027, 1, 4)),
    # the order of day and month
    ("Automatic reply: x", "I am out of office until 12/05/2026.", EXCHANGE, None),
    ("Automatic reply: x", "I am out of office until 12/25/2026.", EXCHANGE,
     date(2026, 12, 25)),
    ("Automatic reply: x", "I am out of the office from 11/25/2026 to 12/05/2026.",
     EXCHANGE, DEC_5),
    # none is told
    ("Automatic reply: x", "I am out of the office and will answer when I am back.",
     EXCHANGE, None),
    ("Automatic reply: x", "I left on 1 November 2026 and am on leave. Return: 3 "
                           "November "
     "2026", EXCHANGE, None),
    # German
    ("Automatische Antwort: Angebot",
     "Ich bin bis zum 5.12. nicht erreichbar.", EXCHANGE,
     DEC_5),
    ("Abwesenheitsnotiz: Angebot", "Ich bin vom 1.12.2026 bis 5.12.2026 im Urlaub und "
                                   "ab "
     "dem 7.12.2026 wieder erreichbar.", REPLIED, DEC_7),
    ("Abwesend: x", "Ich bin im Urlaub und am Montag, den 7. Dezember zurück.", REPLIED,
     DEC_7),
    # French
    ("Réponse automatique : Offre",
     "Je suis absent jusqu'au 5 décembre inclus.", EXCHANGE,
     DEC_5),
    ("Absence du bureau", "Je suis en congés du 1er au 5 décembre, de retour le 7 "
                          "décembre "
     "2026.", REPLIED, DEC_7),
    # Spanish, Portuguese, Italian
    ("Respuesta automática: Oferta", "Estaré fuera de la oficina hasta el 5 de "
                                     "diciembre.",
     EXCHANGE, DEC_5),
    ("Respuesta automática: Oferta", "Estoy de vacaciones y no puedo leer mis correos; "
     "regreso el 07/12/2026 a la oficina, gracias por su mensaje.", EXCHANGE, DEC_7),
    ("Resposta automática: Oferta",
     "Estou de férias até 5 de dezembro de 2026.", EXCHANGE,
     DEC_5),
    ("Risposta automatica: Offerta",
     "Sono in ferie fino al 5 dicembre.", EXCHANGE, DEC_5),
    # Russian
    ("Автоответ: Цена", "Я в отпуске до 5 декабря.", REPLIED, DEC_5),
    ("Автоматический ответ: Цена", "Меня не будет в офисе с 1 по 5 декабря 2026 г.",
     EXCHANGE, DEC_5),
    # Chinese
    ("自动回复：报价", "您好，我正在休假，12月5日返回。", REPLIED, DEC_5),
    ("自动答复: 报价",
     "我出差至2026年12月5日，期间无法及时回复邮件。", EXCHANGE, DEC_5),
    ("自动回复: 报价", "您好！我12月1日至5日休假，有急事请致电。", "", DEC_5),
    ("自動回覆：報價", "本人休假中，12月7日（週一）起恢復上班。", REPLIED, DEC_7),
    # Japanese, Korean
    ("自動返信：見積",
     "12月1日から12月5日まで休暇をいただいております。", REPLIED, DEC_5),
    ("자동 회신: 견적", "12월 5일까지 휴가입니다.", EXCHANGE, DEC_5),
    # Dutch, Polish, Turkish
    ("Automatisch antwoord: x", "Ik ben afwezig t/m 5 december.", EXCHANGE, DEC_5),
    ("Odpowiedź automatyczna: x", "Jestem na urlopie do 5 grudnia.", EXCHANGE, DEC_5),
    ("Otomatik yanıt: x", "5 Aralık tarihine kadar ofis dışındayım.", EXCHANGE, DEC_5),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text", "headers", "returns"), AWAY)
def test_out_of_office(subject, text, headers, returns):
    mail = parse(subject, text, headers)
    assert mail.auto_reply and not mail.defects
    assert (mail.auto_reply.kind, mail.auto_reply.returns) == ("out_of_office", returns)
    # no answer of a person, and no bounce
    assert mail.is_auto and not mail.is_bounce and mail.dsn is None


@pytest.mark.parametrize(
    ("subject", "text", "headers"),
    [
        ("[Ticket#4711] Offer", "Your request has been received and a ticket was "
                                "created.",
         REPLIED),
        ("Auto Response: Offer", "Thank you for contacting us. We will answer soon.",
         "X-Autoreply: yes\n"),
        ("Automatic reply: Offer", "Thank you for your email. A colleague will answer.",
         EXCHANGE),
        ("Re: Offer", "We have received your message.", "X-Autorespond: Re: Offer\n"),
        ("Re: Offer", "Received, thank you.", "Precedence: auto_reply\n"),
        ("Re: Offer", "Got it.", "X-FC-MachineGenerated: true\n"),
        ("Re: Offer", "We received your inquiry, reference number 12.",
         "Auto-Submitted: auto-generated\n"),
        ("自动回复: 报价", "您好，您的邮件已收到，我们会尽快回复。这是一封自动回复邮件"
            "。", ""),
        ("自动应答", "您的来信已收到。", REPLIED),
        ("Ticket 12 registered", "Your ticket was created. Our office is closed on 25 "
         "December.", REPLIED),
    ],
)  # fmt: skip
def test_receipts_and_tickets(subject, text, headers):
    mail = parse(subject, text, headers)
    assert mail.auto_reply and mail.auto_reply.kind == "auto_reply"
    assert mail.auto_reply.returns is None and mail.is_auto


CALENDAR = "multipart/alternative; boundary=b"
INVITED = (
    "--b\n\nBob accepted\n--b\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:\n"
)


@pytest.mark.parametrize(
    ("subject", "text", "headers", "kind", "auto"),
    [
        ("Re: Offer",
         "I am out of office until 5 December, let us talk then.", "", "", 0),
        ("Out of office next week", "I will be back on 7 December.", "", "", 0),
        ("RE: Automatic reply: Offer", "Welcome back!", "", "", 0),
        ("Automatic reply: Offer", "hi", "", "", 0),
        ("回复: 自动回复: 报价", "好的，等您回来。", "", "", 0),
        ("Vacation sale", "We are on holiday until 5 December",
         "List-Unsubscribe: <mailto:u@shop.example>\nPrecedence: bulk\n", "", 0),
        ("Your order", "It was shipped on 3 December", "Auto-Submitted: "
            "auto-generated\n",
         "", 1),
        ("Accepted: Call", INVITED, "Auto-Submitted: auto-generated\n", CALENDAR, 1),
        ("Accepted: Call", INVITED, "", CALENDAR, 0),
        ("Read: Offer", "--b\n\nread\n--b\nContent-Type: "
                        "message/disposition-notification"
         "\n\nDisposition: automatic-action/MDN-sent-automatically; displayed\n--b--",
         REPLIED,
         "multipart/report; report-type=disposition-notification; boundary=b", 1),
        ("Offer", "x", "X-Auto-Response-Suppress: All\n", "", 0),
        ("Offer", "x", "Auto-Submitted: no\n", "", 0),
    ],
)  # fmt: skip
def test_neither(subject, text, headers, kind, auto):
    mail = parse(subject, text, headers, kind=kind)
    assert mail.auto_reply is None and mail.dsn is None
    assert mail.is_auto is bool(auto) and not mail.is_bounce


def test_replies_travel_between_processes():
    mail = parse("Automatic reply: x", "I am away until 5 December", EXCHANGE)
    assert mail.auto_reply.returns == DEC_5
    assert load_mail(dump_mail(mail), []).auto_reply == mail.auto_reply
    mail = parse("x", "received")
    assert load_mail(dump_mail(mail), []).auto_reply == mail.auto_reply


def test_the_answered_mail_says_nothing_of_the_return():
    text = (
        "I am out of office.\n\n-----Original Message-----\nFrom: Anna\nSent: today\n\n"
        "I am back on 3 December."
    )
    assert parse("Automatic reply: x", text, EXCHANGE).auto_reply.returns is None
    quoted = "I am out of office.\n\n> back on 3 December"
    assert parse("Automatic reply: x", quoted, EXCHANGE).auto_reply.returns is None


@pytest.mark.parametrize(
    ("text", "language", "domain", "day"),
    [
        ("until 12/05/2026", "en", "firm.co.uk", None),
        ("until 05/12/2026", "en", "firm.co.uk", DEC_5),
        ("until 12/05/2026", "en", "firm.us", DEC_5),
        ("until 05/12/2026", "en", "firm.de", DEC_5),
        ("jusqu'au 05/12/2026", "fr", "firm.com", DEC_5),
        ("until 05/12/2026", "en", "firm.com", None),
        ("until 12/12/2026", "en", "firm.com", date(2026, 12, 12)),
        ("until 5.12.2026", "en", "firm.com", DEC_5),
        ("back on 5/12", "en", "firm.de", DEC_5),
        ("休假到12/5", "zh", "firm.com", DEC_5),
        # the next one within half a year, or none
        ("back on 1 April", "en", "", date(2027, 4, 1)),
        ("back on 1 September", "en", "", None),
        ("back on 25 November", "en", "", date(2026, 11, 25)),
        ("back on 24 November", "en", "", None),
        ("back on 30 February", "en", "", None),
        ("back on 31.12.", "de", "", date(2026, 12, 31)),
        ("from 1 December", "en", "", None),
        ("I will not be available from 1 December", "en", "", None),
        ("leaving on 1 December, no date for the return", "en", "", None),
        ("travelling to the fair on 3 December", "en", "", None),
        ("the price of 3.12 is valid until further notice", "en", "", None),
        ("call 5-12 pieces until noon", "en", "", None),
        ("01.12. – 05.12.2026 abwesend", "de", "", DEC_5),
        ("on leave 1-5 December", "en", "", None),
        ("vắng mặt đến ngày 5 tháng 12 năm 2026", "vi", "", DEC_5),
        ("back 5th of December", "en", "", DEC_5),
        ("returning Dec. 7", "en", "", DEC_7),
        ("December 7 I am back", "en", "", None),
        ("Ich bin ab 07.12.2026, wieder für Sie da", "de", "", DEC_7),
        ("12月1日（火）から4日まで休業、12月7日（月）より通常営業", "ja", "", DEC_7),
        (
            "I'm out Nov 30 through Dec 4 and will answer on my return on Dec 7",
            "en",
            "",
            DEC_7,
        ),
        ("本人休年假（2026.11.30-2026.12.5），急事请致电", "zh", "", DEC_5),
        ("", "", "", None),
    ],
)
def test_the_day_of_the_return(text, language, domain, day):
    assert read_return(text, SENT, language, domain) == day


def test_without_the_day_of_the_mail_only_a_year_tells():
    assert read_return("back on 5 December", None) is None
    assert read_return("back on 5 December 2026", None) == DEC_5


def test_i5_damaged_answers_never_fail():
    rng = random.Random(7)
    for subject, text, headers, _returns in AWAY:
        head = f"From: b@x.example\nSubject: {subject}\n{headers}\n"
        raw = (head + text).encode()
        for _number in range(15):
            damaged = bytearray(raw)
            for _flip in range(8):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            assert not parse_mail(bytes(damaged), now=NOW).defects


@pytest.mark.parametrize(
    "text",
    [
        "until " * 100_000,
        "12.12." * 100_000,
        "5 December " * 60_000,
        "December " * 60_000,
        "back on 5 Dec until " * 30_000,
        "1 " * 300_000,
        "not " * 100_000 + "from 5 December",
        "至" * 200_000,
        "12月" * 100_000,
        "back" + " " * 400_000 + "5 December",
    ],
)
def test_i5_hostile_answers_take_no_time(text):
    start = time.process_time()
    assert parse("Automatic reply: x", text).auto_reply
    assert time.process_time() - start < 2.0
