# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""By what a mail is known again before it is downloaded."""

import pytest
from mime.headerkey import header_key

MAIL = (
    b"Received: from a\r\n\tby b\r\n"
    b"Message-ID: <1@x.example>\r\n"
    b"Date: Mon, 02 Mar 2026 10:00:00 +0800\r\n"
    b"From: Hans <hans@x.example>\r\n"
    b"Subject: =?utf-8?b?6K+i5Lu3?=\r\n of lights\r\n"
    b"\r\n"
    b"Subject: in the body\r\n"
)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(MAIL.replace(b"\r\n", b"\n"), id="line ends"),
        pytest.param(MAIL.replace(b"\r\n of", b"\r\n\t  of"), id="folded anew"),
        pytest.param(MAIL.replace(b"\r\n of", b" of"), id="unfolded"),
        pytest.param(MAIL.partition(b"\r\n\r\n")[0], id="header alone"),
        pytest.param(MAIL.replace(b"Received: from a\r\n\tby b\r\n", b""), id="fields"),
        pytest.param(MAIL.replace(b"Message-ID:", b"MESSAGE-ID :"), id="spelling"),
        pytest.param(MAIL.replace(b"in the body", b"another"), id="body"),
        pytest.param(
            b"Subject: =?utf-8?b?6K+i5Lu3?= of lights\r\n"
            b"From: Hans <hans@x.example>\r\n"
            b"Date: Mon, 02 Mar 2026 10:00:00 +0800\r\n"
            b"Message-Id: <1@x.example>\r\n\r\n",
            id="in the order of the server",
        ),
    ],
)
def test_the_same_mail_however_it_is_told(told):
    assert header_key(told) == header_key(MAIL) != ""


@pytest.mark.parametrize(
    "old, new",
    [
        (b"<1@x", b"<2@x"),
        (b"10:00:00", b"10:00:01"),
        (b"hans@", b"haus@"),
        (b"of lights", b"of light"),
        (b"\r\nFrom:", b"\r\nSubject: more\r\nFrom:"),
        (b"Message-ID: <1@x.example>\r\n", b""),
    ],
)
def test_i2_another_mail_has_another_key(old, new):
    assert header_key(MAIL.replace(old, new)) not in ("", header_key(MAIL))


def test_no_value_passes_for_two():
    one = b"Date: a\nSubject: x y\n\n"
    assert header_key(one) != header_key(b"Date: a\nSubject: x\nSubject: y\n\n")
    assert header_key(b"Date: a\nFrom: x\n\n") != header_key(b"Date: a\nSubject: x\n\n")


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\nhello", b"From: a\r\nSubject: b\r\n\r\n", b"Date: \r\n\r\n"]
)
def test_too_little_is_no_key(raw):
    assert header_key(raw) == ""


def test_any_bytes_are_read_in_time():
    header_key(b"Subject:" + b"\n " * 200_000)
    header_key(bytes(range(256)) * 4000)
    header_key(b"date" * 100_000)
