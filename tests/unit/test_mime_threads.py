# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tells the conversation when References do not."""

import pytest
from mime.frames import dump_mail, load_mail
from mime.parse import parse_mail
from mime.threads import thread_subject


@pytest.mark.parametrize(
    "subject, key, is_reply",
    [
        ("Price list", "price list", False),
        ("Re: Price list", "price list", True),
        ("RE: FW: Re: Price  list ", "price list", True),
        ("Fwd: Price list", "price list", False),
        ("RE[2]: x", "x", True),  # The Bat
        ("Re(3): x", "x", True),
        ("Re^2: x", "x", True),
        ("RE : x", "x", True),  # French Outlook
        ("Re:x", "x", True),
        ("AW: WG: Angebot", "angebot", True),
        ("Antw: x", "x", True),
        ("SV: x", "x", True),
        ("VS: x", "x", True),
        ("Odp: x", "x", True),
        ("RIF: x", "x", True),
        ("R: I: x", "x", True),
        ("YNT: x", "x", True),
        ("RES: ENC: x", "x", True),
        ("回复：保温杯报价", "保温杯报价", True),
        ("回覆: 報價", "報價", True),
        ("答复: 回复: 报价", "报价", True),
        ("答覆：報價", "報價", True),
        ("转发：报价", "报价", False),
        ("轉寄: 報價", "報價", False),
        ("转寄:报价", "报价", False),
        ("Re:转发：Re：报价", "报价", True),
        ("ＲＥ：报价", "报价", True),  # all of it full-width
        ("Ответ: Цена", "цена", True),
        ("Отв: Цена", "цена", True),
        ("Пересл: Цена", "цена", False),
        ("Trả lời: giá", "giá", True),
        ("답장: 견적", "견적", True),
        ("\u200fרד: x".replace("רד", "השב"), "x", True),
        ("自动回复：报价", "报价", True),
        ("Automatic reply: Price list", "price list", True),
        ("Undeliverable: Price list", "price list", True),
        ("[EXTERNAL] Re: x", "x", True),
        ("Re: [EXTERNAL] x", "x", True),
        ("[外部邮件] 回复: x", "x", True),
        ("【外部邮件】x", "x", False),
        ("{Spam?} x", "x", False),
        ("***SPAM*** Re: x", "x", True),
        ("EXTERNAL: x", "x", False),
        ("[sales-list] Re: x", "x", True),
        # not prefixes: part of what the mail is about
        ("Regarding: x", "regarding: x", False),
        ("[PO 4711] x", "[po 4711] x", False),
        ("【询价】保温杯", "【询价】保温杯", False),
        ("Report: x", "report: x", False),
        ("Re", "re", False),
        ("Recall", "recall", False),
        # nothing left
        ("Re:", "", True),
        ("", "", False),
        ("[EXTERNAL]", "[external]", False),
        ("Re: " * 40 + "x", "x", True),
    ],
)
def test_the_subject_of_a_conversation(subject, key, is_reply):
    assert thread_subject(subject) == (key, is_reply)


def report(kind, *parts):
    lines = [f"Content-Type: multipart/report; report-type={kind}; boundary=b"]
    lines += ["Message-ID: <own@x>", ""]
    for part in parts:
        lines += ["--b", part]
    return "\r\n".join([*lines, "--b--", ""])


HEAD = "Subject: x\r\nMessage-ID: <sent@us>\r\n\r\n"
STATUS = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n"


@pytest.mark.parametrize(
    "source, ids",
    [
        ("X-Original-Message-ID: <a@b>\r\n\r\nx", ["a@b"]),
        ("Original-Message-ID: <a@b>\r\n\r\nx", ["a@b"]),
        ("X-Google-Original-Message-ID: <a@b>\r\n\r\nx", ["a@b"]),
        ("X-Microsoft-Original-Message-ID: <a@b>\r\n\r\nx", ["a@b"]),
        ("X-MS-Exchange-Original-Message-ID: <a@b>\r\n\r\nx", ["a@b"]),
        ("X-MS-TNEF-Correlator: <a@b>\r\n\r\nx", ["a@b"]),
        ("X-Forwarded-Message-Id: <a@b> <c@d>\r\n\r\nx", ["a@b", "c@d"]),
        ("Resent-Message-ID: <a@b>\r\nMessage-ID: <a@b>\r\n\r\nx", []),
        ("Message-ID: <a@b>\r\nReferences: <c@d>\r\n\r\nx", []),
        (
            report(
                "disposition-notification",
                "Content-Type: message/disposition-notification\r\n\r\n"
                "Final-Recipient: rfc822; x@y\r\nOriginal-Message-ID: <sent@us>\r\n",
            ),
            ["sent@us"],
        ),
        (
            report(
                "delivery-status", STATUS, f"Content-Type: message/rfc822\r\n\r\n{HEAD}"
            ),
            ["sent@us"],
        ),
        (
            report(
                "delivery-status",
                STATUS,
                f"Content-Type: text/rfc822-headers\r\n\r\n{HEAD}",
            ),
            ["sent@us"],
        ),
        (
            report("delivery-status", STATUS + "\r\nX-Original-Message-ID: <sent@us>"),
            ["sent@us"],
        ),
        # qmail and exim repeat the mail in their text
        (
            "From: MAILER-DAEMON@x\r\n\r\nSorry.\r\n\r\n--- Below this line is a copy"
            " of the message.\r\n\r\nSubject: x\r\nMessage-ID: <sent@us>\r\n",
            ["sent@us"],
        ),
        # a customer's forwarded mail is not what hers is about
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n--b\r\n"
            f"Content-Type: message/rfc822\r\n\r\n{HEAD}\r\n--b--",
            [],
        ),
    ],
)
def test_ids_of_the_mail_that_it_is_or_is_about(source, ids):
    mail = parse_mail(source.encode())
    assert list(mail.original_ids) == ids
    assert load_mail(dump_mail(mail), [one.data for one in mail.attachments]) == mail


def test_ids_that_outlook_encoded():
    raw = b"References: =?us-ascii?Q?=3Ca@b=3E?=\r\n =?us-ascii?Q?_=3Cc@d=3E?=\r\n\r\n"
    assert parse_mail(raw).references == ("a@b", "c@d")
