# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Addresses, ids, dates and parameters out of real header lines."""

from datetime import datetime

import pytest
from mime.addresses import read_addresses
from mime.headers import believable, read_date, read_ids
from mime.tree import parse_params

ZH = "=?gbk?B?zfXQocP3?="  # 王小明
COMMA = "=?utf-8?Q?Doe=2C_J?="


@pytest.mark.parametrize(
    "value, expected",
    [
        ("a@b.co", [("", "a@b.co")]),
        ("<A@B.Co>", [("", "a@b.co")]),
        ("Bob <bob@b.co>", [("Bob", "bob@b.co")]),
        ('"Doe, J." <j@b.co>, k@b.co', [("Doe, J.", "j@b.co"), ("", "k@b.co")]),
        ("Doe, John <j@b.co>", [("Doe, John", "j@b.co")]),
        (f"{COMMA} <j@b.co>, k@b.co", [("Doe, J", "j@b.co"), ("", "k@b.co")]),
        (f"{ZH} <w@b.co>", [("王小明", "w@b.co")]),
        (f'"{ZH}" <w@b.co>', [("王小明", "w@b.co")]),
        (f"{ZH}<w@b.co>;k@b.co", [("王小明", "w@b.co"), ("", "k@b.co")]),
        ("王小明 <w@b.co>，李四 <l@b.co>", [("王小明", "w@b.co"), ("李四", "l@b.co")]),
        ("a@b.co；c@d.co、e@f.co", [("", "a@b.co"), ("", "c@d.co"), ("", "e@f.co")]),
        ("Team: a@b.co, Bob <c@d.co>;", [("", "a@b.co"), ("Bob", "c@d.co")]),
        ("undisclosed-recipients:;", []),
        ("Undisclosed recipients: ;, x@y.co", [("", "x@y.co")]),
        ("a@b.co (Ann)", [("Ann", "a@b.co")]),
        ("a@b.co <a@b.co>", [("", "a@b.co")]),
        ("'a@b.co' <a@b.co>", [("", "a@b.co")]),
        ("Bob [mailto:bob@b.co]", [("Bob", "bob@b.co")]),
        ("<mailto:bob@b.co>", [("", "bob@b.co")]),
        ("<@x.co,@y.co:bob@b.co>", [("", "bob@b.co")]),
        ("Bob <bob@b.co> junk", [("Bob junk", "bob@b.co")]),
        ("Bob <bob@b.co", [("Bob", "bob@b.co")]),
        ("Bob <bob @ b.co>", [("Bob", "bob@b.co")]),
        ("CN=Bob/O=ACME@ACME", [("CN=Bob/O=ACME@ACME", "")]),
        ("A <a@b.co> B <c@d.co>", [("A B", "a@b.co"), ("", "c@d.co")]),
        ("MAILER-DAEMON", [("MAILER-DAEMON", "")]),
        ("<>", []),
        ("", []),
        (",,;", []),
        ("Bob <>", [("Bob", "")]),
        ("bob@b.co <>", [("", "bob@b.co")]),
        ("=?utf-8?B?V2FuZyA8d0BiLmNvPg==?=", [("Wang", "w@b.co")]),
        ('"bob@b.co"', [("", "bob@b.co")]),
        ('"a \\"b\\" c" <x@y.co>', [('a "b" c', "x@y.co")]),
        ("bob@b.co.", [("", "bob@b.co")]),
        ("n\x00ul <x\x00@y.co>", [("nul", "x@y.co")]),
        ("用户@例子.中国", [("", "用户@例子.中国")]),
    ],
)
def test_addresses(value, expected):
    found = read_addresses([value.encode()])
    assert [(one.name, one.email) for one in found] == expected


def test_raw_gbk_whose_second_byte_is_special():
    # the second byte of 朄 is "@", of 昞 is a backslash
    name = "昞朄"
    assert b"@" in name.encode("gbk") and b"\\" in name.encode("gbk")
    found = read_addresses([name.encode("gbk") + b" <a@b.co>"], "gbk")
    assert (found[0].name, found[0].email) == (name, "a@b.co")


@pytest.mark.parametrize(
    "hostile",
    ['"' * 100_000, "(" * 100_000, '"\\' * 50_000, "=?a?b?" * 20_000, "<" * 100_000]
    + ["a:" * 50_000, "," * 100_000, "a@" * 50_000, "(()" * 30_000],
)
def test_hostile_lists_are_read_in_time(hostile):
    # the unit of pytest's patience: n² steps would take minutes
    assert isinstance(read_addresses([hostile.encode()]), tuple)


@pytest.mark.parametrize(
    "raw, ids",
    [
        (b"<a@b>", ("a@b",)),
        (b" <a@b> <c@d>\r\n\t<a@b>", ("a@b", "c@d")),
        (b"<[abc]@x>", ("[abc]@x",)),
        (b"<123@[192.168.0.1>", ("123@[192.168.0.1",)),
        (b"<a b@c>", ("ab@c",)),
        (b"<a\r\n b@c>", ("ab@c",)),
        (b"a@b", ("a@b",)),
        (b"a@b, c@d", ("a@b", "c@d")),
        (b"Your message of Monday <a@b> (was)", ("a@b",)),
        (b"nobody", ("nobody",)),
        (b"<no-at>", ("no-at",)),
        (b"Your message of Monday", ()),
        (b"<>", ()),
        (b"<a@b", ("a@b",)),
        (b"", ()),
        (b"<a\x00@b>", ("a@b",)),
    ],
)
def test_ids(raw, ids):
    assert read_ids(raw) == ids


@pytest.mark.parametrize(
    "raw, date",
    [
        ("Tue, 5 Mar 2024 10:20:30 +0800", datetime(2024, 3, 5, 2, 20, 30)),
        ("5 Mar 2024 10:20 GMT", datetime(2024, 3, 5, 10, 20)),
        ("Tue, 05 Mar 2024 10:20:30 +0800 (CST)", datetime(2024, 3, 5, 2, 20, 30)),
        ("Tue, 5 Mar 2024 10:20:30 EST", datetime(2024, 3, 5, 15, 20, 30)),
        ("Tue, 5 Mar 24 10:20:30 +0000", datetime(2024, 3, 5, 10, 20, 30)),
        ("Tue, 5 Mar 2024 10:20:60 +0000", datetime(2024, 3, 5, 10, 20, 59)),
        ("Tue, 5 Mar 2024 10:20:30.123 +0000", datetime(2024, 3, 5, 10, 20, 30)),
        ("2024-03-05T10:20:30+08:00", datetime(2024, 3, 5, 2, 20, 30)),
        ("2024-03-05 10:20:30", datetime(2024, 3, 5, 10, 20, 30)),
        ("2024年3月5日 10:20", datetime(2024, 3, 5, 10, 20)),
        ("Tue, 5 Mar 2024 10:20:30 +9900", datetime(2024, 3, 5, 10, 20, 30)),
        ("Tue, 5 Mar 2024 10:20:30 +08:00", datetime(2024, 3, 5, 2, 20, 30)),
        ("Tue, 5 Mar 2024 10:20:30 GMT+8", datetime(2024, 3, 5, 2, 20, 30)),
        ("Tue, 5 Mar 2024 10:20:30 -0530", datetime(2024, 3, 5, 15, 50, 30)),
        ("5-Mar-2024 10:20:30 +0800", datetime(2024, 3, 5, 2, 20, 30)),
        ("05.03.2024 10:20:30", datetime(2024, 3, 5, 10, 20, 30)),
        ("Di, 5 Mrz 2024 10:20:30 +0100", datetime(2024, 3, 5, 9, 20, 30)),
        ("mar, 5 de marzo de 2024 10:20", datetime(2024, 3, 5, 10, 20)),
        ("5 septembre 2024 10:20 +0200", datetime(2024, 9, 5, 8, 20)),
        ("Вт, 5 мар 2024 10:20:30 +0300", datetime(2024, 3, 5, 7, 20, 30)),
        ("星期二, 5 三月 2024 10:20:30 +0800", datetime(2024, 3, 5, 2, 20, 30)),
        ("周二, 5 3月 2024 10:20:30 +0800", datetime(2024, 3, 5, 2, 20, 30)),
        ("Tue, 1 Jan 1", None),
        ("Whenever", None),
        ("", None),
        ("Tue, 35 Mar 2024 10:20:30 +0000", None),
        ("\x00\xff", None),
    ],
)
def test_dates(raw, date):
    assert read_date(raw.encode()) == date


@pytest.mark.parametrize(
    "date, result",
    [
        (datetime(1989, 12, 31), False),
        (datetime(1990, 1, 1), True),
        (datetime(2024, 3, 6, 9), True),
        (datetime(2024, 3, 6, 11), False),
        (None, False),
    ],
)
def test_absurd_dates(date, result):
    assert believable(date, datetime(2024, 3, 5, 10)) is result


@pytest.mark.parametrize(
    "text, name",
    [
        ('attachment; filename="a.pdf"', "a.pdf"),
        ("attachment; filename=a.pdf; size=3", "a.pdf"),
        ("attachment; filename=a b.pdf", "a b.pdf"),
        ('attachment; filename="a;b.pdf"', "a;b.pdf"),
        ("attachment; filename*=utf-8''%E6%8A%A5%E4%BB%B7.pdf", "报价.pdf"),
        ("attachment; filename*=gb2312''%B1%A8%BC%DB.pdf", "报价.pdf"),
        ("attachment; filename*=utf-8'zh'%B1%A8%BC%DB%B5%A5.pdf", "报价单.pdf"),
        ("a; filename*0*=utf-8''%E6%8A%A5; filename*1*=%E4%BB%B7.pdf", "报价.pdf"),
        ('a; filename*0="long-"; filename*1="name.pdf"', "long-name.pdf"),
        ("a; filename*1=b; filename*0=a", "ab"),
        ('a; filename="=?gbk?B?sai82w==?=.pdf"', "报价.pdf"),
        ('a; filename="=?gbk?B?sai8?= =?gbk?B?2w==?="', "报价"),
        ("a; filename=\"x.pdf\"; filename*=utf-8''%E6%8A%A5.pdf", "报.pdf"),
        ('a; filename="say \\"hi\\".txt"', 'say "hi".txt'),
        ('a; filename="open', "open"),
        ("a", None),
    ],
)
def test_parameters(text, name):
    assert parse_params(text)[1].get("filename") == name
