# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The whole: any bytes (I5), the content's key (I2), limits, flags, corpora."""

import base64
import dataclasses
import random
import time
from datetime import datetime
from pathlib import Path

import pytest
from mime.classify import guess_language
from mime.parse import Limits, parse_mail

NOW = datetime(2026, 1, 1)
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
MAILS = sorted(CORPUS.glob("*/*.eml"))
needs_corpus = pytest.mark.skipif(not MAILS, reason="no corpus beside the repository")

LETTER = """\
Received: from a
Message-ID: <1@x.example>
Date: Tue, 5 Mar 2024 10:20:30 +0800
From: =?gbk?B?zfXQocP3?= <W@X.example>
To: b@y.example
Subject: Re: the =?utf-8?B?5oql5Lu3?= of today
X-Waimaolang-Ref: 5f2c
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dear Sir, please send 报价 for the goods that we need.
Regards

--b
Content-Type: text/csv; name="a.csv"

a;b
c;d

--b
Content-Type: application/pdf; name="b.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQ=
--b--
""".replace("\n", "\r\n")


def parse(source, **kwargs):
    raw = source if isinstance(source, bytes) else source.encode()
    return parse_mail(raw, now=NOW, **kwargs)


def test_a_letter():
    mail = parse(LETTER)
    assert mail.message_id == "1@x.example"
    assert mail.date == datetime(2024, 3, 5, 2, 20, 30)
    assert mail.subject == "Re: the 报价 of today"
    assert [(a.name, a.email) for a in mail.from_] == [("王小明", "w@x.example")]
    assert mail.text.startswith("Dear Sir, please send 报价")
    assert [item.name for item in mail.attachments] == ["a.csv", "b.pdf"]
    assert (mail.own_id, mail.language, mail.reduced, mail.defects) == (
        "5f2c",
        "en",
        "",
        (),
    )
    assert not (mail.is_auto or mail.is_bulk or mail.is_bounce)


BODY_END = LETTER.index("\r\n--b\r\nContent-Type: text/csv")
TEXT_PART = LETTER[LETTER.index("Dear Sir") : BODY_END]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: "Received: by relay\r\n" + s,
        lambda s: "X-Spam: 1\r\nDKIM-Signature: x\r\n" + s,
        lambda s: s.replace("\r\n", "\n"),
        lambda s: s.replace("<1@x.example>", "<tencent_9@qq.example>"),
        lambda s: s.replace("Subject: Re: the", "Subject: Re:\r\n the"),
        lambda s: s.replace("=?utf-8?B?5oql5Lu3?=", "=?gb2312?Q?=B1=A8=BC=DB?="),
        lambda s: s.replace("W@X.example", "w@x.example"),
        lambda s: s.replace("10:20:30 +0800", "02:20:30 +0000"),
        lambda s: s.replace('"b"', '"other"').replace("--b", "--other"),
        lambda s: s.replace("To: b@y.example", "To: c@y.example"),
        lambda s: s.replace("8bit\r\n\r\n" + TEXT_PART, "base64\r\n\r\n"
            + base64.encodebytes(TEXT_PART.encode()).decode()),
        lambda s: s.replace("Regards\r\n", "Regards  \r\n\r\n"),
        lambda s: s.replace('a.csv"', 'a.csv"\r\nContent-Transfer-Encoding: base64')
            .replace("a;b\r\nc;d\r\n", base64.b64encode(b"a;b\nc;d\n").decode()),
        lambda s: s.replace("JVBERi0xLjQ=", "JVBE\r\nRi0xLjQ="),
    ],
)  # fmt: skip
def test_i2_the_key_is_that_of_the_content(change):
    changed = change(LETTER)
    assert changed != LETTER
    assert parse(changed).content_key == parse(LETTER).content_key


@pytest.mark.parametrize(
    "old, new",
    [
        ("Re: the", "Re: other"),
        ("W@X.example", "v@x.example"),
        ("10:20:30", "10:20:31"),
        ("please", "do not"),
        ("a;b", "a;c"),
        ("JVBERi0xLjQ=", "JVBERi0xLjU="),
    ],
)
def test_i2_other_content_has_another_key(old, new):
    assert parse(LETTER.replace(old, new)).content_key != parse(LETTER).content_key


def test_i2_the_key_does_not_depend_on_the_clock():
    early, late = datetime(2020, 1, 1), datetime(2030, 1, 1)
    first, second = (parse_mail(LETTER.encode(), now=now) for now in (early, late))
    assert first.date is None and second.date is not None
    assert first.content_key == second.content_key


@pytest.mark.parametrize(
    "header, flags",
    [
        ("Auto-Submitted: auto-replied", "a"),
        ("Auto-Submitted: no", ""),
        ("X-Autoreply: yes", "a"),
        ("Precedence: auto_reply", "a"),
        ("X-Auto-Response-Suppress: All", ""),
        ("X-Auto-Response-Suppress: All\r\nSubject: Automatic reply: x", "a"),
        ("Subject: Automatic reply: x", ""),
        ("Return-Path: <>\r\nSubject: 自动回复：您好", "a"),
        ("List-Id: <x.example>", "b"),
        ("List-Unsubscribe: <mailto:x@y.example>", "b"),
        ("Precedence: bulk", "b"),
        ("Precedence: first-class", ""),
        ("From: MAILER-DAEMON@x.example", "r"),
        ("From: Mail Delivery System <mailer-daemon@x.example>", "r"),
        ("From: postmaster@x.example\r\nSubject: Undeliverable: x", "r"),
        ("From: postmaster@x.example\r\nSubject: new prices", ""),
        ("Return-Path: <>\r\nSubject: 系统退信", "r"),
        ("X-Failed-Recipients: a@b.co", "r"),
        (
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
            "r",
        ),
        (
            "Content-Type: multipart/report; report-type=disposition-notification;"
            " boundary=x",
            "a",
        ),
        ("Subject: out of office furniture", ""),
    ],
)
def test_flags(header, flags):
    mail = parse(header + "\r\n\r\n--x\r\n\r\nhi\r\n--x--")
    found = "a" * mail.is_auto + "b" * mail.is_bulk + "r" * mail.is_bounce
    assert found == flags


@pytest.mark.parametrize(
    "text, language",
    [
        ("Please find attached the quotation for our goods", "en"),
        ("您好,请问价格是多少", "zh"),
        ("お見積りをお願いします", "ja"),
        ("견적서를 부탁드립니다", "ko"),
        ("Добрый день, пришлите прайс", "ru"),
        ("Estimado señor, gracias por su oferta, nos interesa el precio", "es"),
        ("Sehr geehrte Damen, bitte senden Sie uns ein Angebot für die Ware", "de"),
        ("Bonjour, merci de nous envoyer votre prix pour les produits", "fr"),
        ("مرحبا، نريد عرض سعر", "ar"),
        ("OK", ""),
        ("", ""),
        ("123 456", ""),
    ],
)
def test_language(text, language):
    assert guess_language(text) == language


def nested(levels):
    head = "".join(
        f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n'
        for i in range(levels)
    )
    return head + "Content-Type: text/plain\r\n\r\ndeep"


@pytest.mark.parametrize(
    "source, limits, reduced",
    [
        (nested(20), Limits(), ""),
        (nested(5000), Limits(), "depth"),
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 30,
            Limits(parts=20),
            "parts",
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 30,
            Limits(attachments=20),
            "attachments",
        ),
        (
            "X: y\r\n" * 1000 + "Subject: z\r\n\r\nx",
            Limits(header_bytes=1000),
            "headers",
        ),
        (
            "Content-Type: text/html\r\n\r\n" + "<b>x</b>" * 999,
            Limits(html=5000),
            "html",
        ),
        ("Content-Type: text/html\r\n\r\n" + "<div>" * 999 + "x", Limits(), "nesting"),
        ("\r\n" + "x" * 2000, Limits(text=1000), "text"),
    ],
)
def test_what_exceeds_is_stored_in_a_simpler_form(source, limits, reduced):
    mail = parse(source, limits=limits)
    assert mail.reduced == reduced
    assert not mail.defects
    assert mail.text or mail.attachments


def test_the_reduced_parse_keeps_headers_and_text():
    mail = parse(LETTER, reduced=True)
    assert (mail.message_id, mail.subject) == ("1@x.example", "Re: the 报价 of today")
    assert mail.text.startswith("Dear Sir") and not mail.attachments
    assert mail.reduced == "killed"
    assert "<script" not in parse("\r\n<script>", reduced=True).html
    html = parse("Content-Type: text/html\r\n\r\n<p>a<script>b</script>", reduced=True)
    assert html.text == "a"


def test_i5_a_failing_step_leads_to_the_reduced_parse(monkeypatch):
    from mime import body

    def fail(*_args):
        raise RecursionError("deep")

    monkeypatch.setattr(body, "sanitize", fail)
    mail = parse("Subject: s\r\nContent-Type: text/html\r\n\r\n<p>hi")
    assert (mail.subject, mail.text, mail.reduced) == ("s", "hi", "failed")
    assert mail.defects == ("RecursionError: deep",)


def strings(value):
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            yield from strings(getattr(value, one.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from strings(one)


def assert_storable(mail):
    for text in strings(mail):
        assert "\x00" not in text
        text.encode("utf-8")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"\xff\xfe\x00",
        b"\r\n" * 1000,
        b":" * 1000,
        b"Subject",
        b"Subject:",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n\r\nx\r\n----",
        b'Content-Type: multipart/mixed; boundary=""\r\n\r\nx',
        b"Content-Type: message/rfc822\r\n\r\n" * 500,
        b"Content-Transfer-Encoding: base64\r\n\r\n====",
        b"Content-Type: text/plain; charset=\x00\xff\r\n\r\n\xff",
        b"Content-Type: text/html\r\n\r\n<\x00script>\xed\xa0\x80",
        bytes(range(256)) * 40,
        b"Subject: a\x00b\r\nFrom: x\x00 <\x00@b>\r\n\r\n\x00",
    ],
)
def test_i5_any_bytes(raw):
    assert_storable(parse(raw))
    assert_storable(parse(raw, reduced=True))


@needs_corpus
def test_i5_the_corpora_parse():
    """No exception, under 2 s of CPU each, and readable."""
    failed, unreadable = [], []
    for path in MAILS:
        raw = path.read_bytes()
        start = time.process_time()
        mail = parse(raw)
        assert time.process_time() - start < 2, path.name
        assert_storable(mail)
        shown = [mail.subject, mail.text, *(one.name for one in mail.from_)]
        if any("\ufffd" in text for text in shown):
            unreadable.append(path.name)
        if mail.defects or "failed" in mail.reduced:
            failed.append(path.name)
    assert len(failed) <= len(MAILS) * 0.01, failed
    assert len(unreadable) <= len(MAILS) * 0.02, unreadable


def mutations(seed, count):
    rng = random.Random(seed)
    sources = [raw for path in MAILS if len(raw := path.read_bytes()) < 60_000]
    for _ in range(count):
        raw = bytearray(rng.choice(sources))
        if rng.random() < 0.4:
            del raw[rng.randrange(len(raw)) :]
        elif rng.random() < 0.7:
            for _flip in range(rng.randrange(1, 40)):
                raw[rng.randrange(len(raw))] = rng.randrange(256)
        else:
            at, start = rng.randrange(len(raw)), rng.randrange(len(raw))
            raw[at:at] = raw[start : start + 2000] * rng.randrange(1, 4)
        yield bytes(raw)


@needs_corpus
@pytest.mark.parametrize(
    "seed, count", [(1, 600), pytest.param(2, 20_000, marks=pytest.mark.deep)]
)
def test_i5_damaged_mails_parse(seed, count):
    for raw in mutations(seed, count):
        mail = parse(raw)
        assert not mail.defects, raw
        assert_storable(mail)
