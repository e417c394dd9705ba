# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mails as programs really write them, and mails that were written to harm."""

import base64
import time

import pytest
from mime.parse import parse_mail

ZH = "报价单"
PDF = base64.b64encode(b"%PDF-1.4").decode()


def word(text, charset="utf-8"):
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


FOXMAIL = (
    "Date: Tue, 5 Mar 2024 10:20:30 +0800\r\n"
    f"From: \"{word('王芳', 'gb2312')}\" <wang@x.example>\r\n"
    f"Subject: {word('回复: 报价', 'gb2312')}\r\n"
    "X-Mailer: Foxmail 7.2.25.140[cn]\r\nMime-Version: 1.0\r\n"
    "Message-ID: <202403051020301234567@x.example>\r\n"
    'Content-Type: multipart/mixed; boundary="----=_001_NextPart_=----"\r\n\r\n'
    "This is a multi-part message in MIME format.\r\n\r\n"
    "------=_001_NextPart_=----\r\n"
    'Content-Type: text/plain;\r\n\tcharset="gb2312"\r\n\r\n'
).encode() + "镕字，报价见附件".encode("gbk") + (
    "\r\n------=_001_NextPart_=----\r\n"
    f'Content-Type: application/octet-stream;\r\n\tname="{word(ZH, "gb2312")}.pdf"\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\n" + PDF +
    "\r\n------=_001_NextPart_=------\r\n"
).encode()  # fmt: skip

QQ = (
    "From: =?utf-8?B?5LqB?= <1@qq.example>\r\nTo: a@b.co\r\n"
    "Subject: =?utf-8?B?5oql5Lu3?=\r\n"
    'Content-Type: multipart/alternative;\r\n\tboundary="----=_NextPart_1_2"\r\n'
    "X-QQ-SSF: 0000\r\nMessage-ID: <tencent_ABC@qq.example>\r\n\r\n"
    "This is a multi-part message in MIME format.\r\n\r\n------=_NextPart_1_2\r\n"
    'Content-Type: text/plain;\r\n\tcharset="utf-8"\r\n\r\nhello\r\n'
    "------=_NextPart_1_2\r\n"
    'Content-Type: text/html;\r\n\tcharset="utf-8"\r\n\r\n<div>hello</div>'
    '<div style="position: relative;"><!--emptysign--></div><div>'
    "------------------&nbsp;原始邮件&nbsp;------------------</div><div>old</div>"
    "\r\n------=_NextPart_1_2--\r\n"
).encode()

NOTES = (
    b"From: CN=Bob Smith/OU=Sales/O=ACME@ACME\r\nTo: a@b.co\r\nSubject: Order\r\n"
    b"Reply-To: bob@acme.example\r\nX-Mailer: Lotus Notes Release 8.5.3\r\n"
    b"Message-ID: <OF1234.5-ON8625.00-8625.00@acme.example>\r\n"
    b"Content-type: multipart/mixed; Boundary=0__=09BB\r\n\r\n--0__=09BB\r\n"
    b"Content-type: text/plain; charset=US-ASCII\r\n\r\nplease\r\n--0__=09BB--\r\n"
)

SAP = (
    b"From: erp@x.example\rTo: a@b.co\rSubject: PO 4500001234\rMIME-Version: 1.0\r"
    b"Content-Type: text/plain; charset=iso-8859-1\r\rOrder 4500001234\rline 2\r"
)

ERP = (
    "From: 系统 <erp@x.example>\nTo: 采购部\nSubject: 采购订单 PO-88\n"
    "Date: 2024-3-5 9:08:07\nContent-Type: text/html\n\n<b>订单</b>"
).encode("gbk")

IPHONE = (
    b"Content-Type: multipart/mixed; boundary=Apple-Mail-1\r\nSubject: photo\r\n"
    b"X-Mailer: iPhone Mail (21A)\r\nMime-Version: 1.0 (1.0)\r\n\r\n"
    b"--Apple-Mail-1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nsee\r\n"
    b"--Apple-Mail-1\r\nContent-Type: image/jpeg; name=IMG_1.jpeg\r\n"
    b"Content-Disposition: inline; filename=IMG_1.jpeg\r\n\r\n\xff\xd8\r\n"
    b"--Apple-Mail-1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\r\n"
    b"Sent from my iPhone\r\n--Apple-Mail-1--\r\n"
)

DOUBLED = (
    b"Subject: first\r\nSubject: second\r\nFrom: a@b.co\r\nFrom: c@d.co\r\n"
    b"Message-ID: <1@x>\r\nMessage-ID: <2@x>\r\nTo: x@y.co\r\nTo: z@y.co\r\n\r\nbody"
)


@pytest.mark.parametrize(
    "raw, subject, sender, text, files",
    [
        (FOXMAIL, "回复: 报价", "wang@x.example", "镕字，报价见附件", ["报价单.pdf"]),
        (QQ, "报价", "1@qq.example", "hello", []),
        (NOTES, "Order", "", "please", []),
        (SAP, "PO 4500001234", "erp@x.example", "Order 4500001234\nline 2", []),
        (ERP, "采购订单 PO-88", "erp@x.example", "订单", []),
        (IPHONE, "photo", "", "see", ["IMG_1.jpeg"]),
        (DOUBLED, "first", "a@b.co", "body", []),
        # what exports and gateways put before the headers
        (b"\xef\xbb\xbfSubject: s\r\n\r\nx", "s", "", "x", []),
        ("\ufeffSubject: 报\r\n\r\n价".encode("utf-16-le"), "报", "", "价", []),
        (b"From a@b Tue Mar  5 10:20:30 2024\nSubject: s\n\nx", "s", "", "x", []),
        (b">From a@b Tue Mar  5\nSubject: s\n\nx", "s", "", "x", []),
        (b"\r\n\r\n\r\nSubject: s\r\n\r\nx", "s", "", "x", []),
        # line ends of every kind, and mixed
        (b"Subject: s\nFrom: a@b.co\n\nx\ny", "s", "a@b.co", "x\ny", []),
        (b"Subject: s\rFrom: a@b.co\r\rx\ry", "s", "a@b.co", "x\ny", []),
        (b"Subject: s\r\n\r\nx\ry\nz\r\nw", "s", "", "x\ny\nz\nw", []),
        # a header of spaces, without a colon, without a name, without a value
        (b"Subject : s\r\nFrom\r\n: x\r\nTo:\r\n\r\nx", "s", "", "x", []),
        (b"Subject:\r\n folded\r\n  twice\r\n\r\nx", "folded twice", "", "x", []),
        # boundaries that are not as the header says
        (
            b'Content-Type: multipart/mixed; boundary="a b"\r\n\r\n--a b\r\n\r\nx\r\n'
            b"--a b--",
            "",
            "",
            "x",
            [],
        ),
        (
            b'Content-Type: multipart/mixed; boundary="b "\r\n\r\n--b  \r\n\r\nx\r\n'
            b"--b--",
            "",
            "",
            "x",
            [],
        ),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
            b"Content-Type: a/b; name=n.bin\r\n\r\ncut",
            "",
            "",
            "x",
            ["n.bin"],
        ),
        # base64 that is none, or goes on after its end
        (b"Content-Transfer-Encoding: base64\r\n\r\naGk=\r\naGk=", "", "", "hihi", []),
        (b"Content-Transfer-Encoding: base64\r\n\r\naG*k\r\n", "", "", "hi", []),
        (b"Content-Transfer-Encoding: wrong\r\n\r\nhi", "", "", "hi", []),
        (
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\na=b=\r\n=3D",
            "",
            "",
            "a=b=",
            [],
        ),
        # UTF-7
        (
            b"Subject: =?utf-7?Q?+YqVO9w-?=\r\nContent-Type: text/plain; charset=utf-7"
            b"\r\n\r\n+YqVO9w-!",
            "报价",
            "",
            "报价!",
            [],
        ),
        # a forward whose message is base64, as Exchange does against the rule
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
            b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.b64encode(b"Subject: inner\r\n\r\ny") + b"\r\n--b--",
            "",
            "",
            "x",
            ["inner.eml"],
        ),
    ],
)  # fmt: skip
def test_mails_of_this_world(raw, subject, sender, text, files):
    mail = parse_mail(raw)
    assert not mail.defects
    assert mail.subject == subject
    assert next((one.email for one in mail.from_), "") == sender
    written = mail.text.split("\n\n---")[0].removesuffix("\n\nSent from my iPhone")
    assert written == text
    assert [item.name for item in mail.attachments] == files


def test_only_the_first_of_doubled_headers_counts():
    mail = parse_mail(DOUBLED)
    assert mail.message_id == "1@x"
    assert [one.email for one in mail.to] == ["x@y.co", "z@y.co"]


def test_the_date_of_an_erp():
    assert str(parse_mail(ERP).date) == "2024-03-05 09:08:07"


# -- hostile ---------------------------------------------------------------------

SECONDS = 1.5  # most take below 0.5; n² steps took ten and more
N = 300_000


def html(body):
    return b"Content-Type: text/html\r\n\r\n" + body


def text(body, kind="text/plain"):
    return f"Content-Type: {kind}\r\n\r\n".encode() + body


def field(name, value):
    return name.encode() + b": " + value + b"\r\n\r\nx"


def parts(*bodies):
    pieces = b"".join(b"--b\r\n" + body + b"\r\n" for body in bodies)
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + pieces + b"--b--"


def wide(number):
    return b"%d \xff\xd8\xe9\xf1\xe3\xe8\xff\xf3\xfa\xee\xed\xd8" % number


UNCLOSED = b"<div>" * 4500  # too deep: read as text, unclosed as it is

HOSTILE = {
    # quotes
    "a line of dashes": html(b"<p>" + b"-" * N),
    "dashes and spaces": html(b"<p>" + (b"---" + b" " * 500) * 600),
    "dashes in text": text(b"-" * N),
    "blocks around a separator": html(
        b"x" + b"<b></b>" * 50_000 + b"<div>" * 190 + b"--- Original Message ---"
    ),
    "Outlook's borders": html(b"<div style='border:none;" * 20_000),
    "quoted and quoted": text(b">" * N + b"\n>" * N),
    # styles
    "margins in a margin": html(b'<p style="margin:' + b"margin" * (N // 6) + b'">x'),
    "many such": html(b'<p style="margin:%b">x</p>' % (b"margin:" * 500) * 300),
    "spaces in a style": html(b'<p style="color:red%bx">' % (b" " * 3900) * 200),
    "open strings": html(b'<p style="font-family:\'%b">' % (b"a'" * 1900) * 200),
    # HTML as text
    "open pre": html(UNCLOSED + b"<pre>" * N),
    "open comments": html(UNCLOSED + b"<!--" * N),
    "open scripts": html(UNCLOSED + b"<script" * N),
    "open tags": html(UNCLOSED + b"<" * N),
    "entities": html(UNCLOSED + b"&#" * N),
    "data images": html(b"<img src='data:image/png," * 30_000),
    "attributes": html(b"<p " + b"a=1 " * 60_000 + b">x"),
    # text
    "flowed lines": text(b"a \n" * N, "text/plain; format=flowed"),
    "links": text(b"www." * 2400 + b"\n" + b"a@" * 4000 + b"\n" + b"a." * 4000),
    "uuencode begins": text(b"begin 644 a\r\nMAAAA\r\n" * 60_000),
    "GBK without a label": text(ZH.encode("gbk") * 500_000),
    "all high bytes": text(bytes(range(128, 256)) * 40_000),
    "UTF-7": text(b"+AAAA" * N, "text/plain; charset=utf-7"),
    "iso-2022-jp": text(b"\x1b$B" * N, "text/plain; charset=iso-2022-jp"),
    "HZ": text(b"~{" * N),
    # headers
    "100,000 headers": b"X-A: y\r\n" * 100_000 + b"Subject: s\r\n\r\nx",
    "100,000 folds": b"Subject: x\r\n" + b" y\r\n" * 100_000 + b"\r\nx",
    "no colon": b"a" * N + b"\r\n\r\nx",
    "addresses without @": field("To", b"a" * 120_000 + b" @"),
    "encoded words": field("Subject", b"=?a?b?" * 3000),
    "words of unknown charset": field("Subject", b" ".join(map(wide, range(900)))),
    "recipients in unknown charset": b"".join(
        b"To: %b <a@b.co>\r\n" % wide(number) for number in range(5000)
    ),
    "references": field("References", b"<a@b> " * 30_000),
    "open references": field("References", b"<" * 190_000),
    "subjects of answers": field("Subject", b"Re[1]: " * 2800),
    "tags": field("Subject", b"[a" * 9000),
    "parameters": field("Content-Type", b"multipart/mixed; " + b"; a" * 80_000),
    "continued parameters": field("Content-Type", b"a/b" + b";x*0*=a'b'" * 20_000),
    "backslashes": field("Content-Type", b'a/b; x="' + b"\\" * 200_000),
    "a date": field("Date", b"1 " * 100_000),
    # structure
    "boundaries with spaces": b"Content-Type: multipart/mixed\r\n\r\n"
    + b"\n".join([b"--x" + b" " * 20_000 + b"y"] * 40),
    "parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * N,
    "multiparts in multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(20_000)
    ),
    "mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
    "names in unknown charset": parts(
        *(b'Content-Type: a/b; name="%b"\r\n\r\nx' % wide(n) for n in range(900))
    ),
    "base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=A" * N,
    "quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + b"=" * N,
    # containers
    "a calendar": text(
        b"BEGIN:VEVENT\n" + b'ATTENDEE;CN="' * 20_000, "text/calendar; method=REQUEST"
    ),
    "S/MIME": text(b"\x30\x80" * N, "application/pkcs7-mime"),
    "a bounce": b"From: mailer-daemon@x\r\n\r\n" + b"Message-ID:" * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_i5_hostile_mail_is_parsed_in_time(name):
    start = time.process_time()
    mail = parse_mail(HOSTILE[name])
    assert time.process_time() - start < SECONDS
    assert not mail.defects


def test_200_mails_in_each_other_are_one_attachment():
    inner = b"Subject: innermost\r\n\r\nx"
    for number in range(200):
        head = (
            f"Subject: {number}\r\nContent-Type: multipart/mixed; boundary=b{number}"
            f"\r\n\r\n--b{number}\r\nContent-Type: message/rfc822\r\n\r\n"
        )
        inner = head.encode() + inner + f"\r\n--b{number}--\r\n".encode()
    mail = parse_mail(inner)
    assert [item.name for item in mail.attachments] == ["198.eml"]
