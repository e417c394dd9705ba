# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What IMAP answers say: the quick reader agrees with IMAPClient's, and broken
answers harm nobody."""

import random
from datetime import datetime

import pytest
from imapclient.response_parser import parse_fetch_response
from transport import imapparse, imapreduce
from transport.imapparse import date_of, flags_of, size_of

QUICK = [
    [b"1 (UID 5)"],
    [b"1 (UID 5 FLAGS ())"],
    [b"12 (FLAGS (\\Seen $Label1 \\Recent) UID 5)"],
    [
        b'1 (UID 5 RFC822.SIZE 9 INTERNALDATE " 5-Jan-2026 10:00:00 +0800"'
        b" FLAGS (\\Seen))"
    ],
    [b'1 (INTERNALDATE "24-Nov-2026 03:46:38 -0530" UID 7)'],
    [(b"1 (UID 5 FLAGS (\\Seen) RFC822.SIZE 5 BODY[] {5}", b"a)b(c"), b")"],
]
THOROUGH = [
    [(b"1 (BODY[] {3}", b"abc"), b" UID 5)"],
    [(b"1 (UID 5 BODY[] {3}", b"abc"), b" FLAGS (\\Seen))"],
    [b'1 (UID 5 BODY[] "quoted")'],
    [b"1 (uid 5 rfc822.size 7)"],
    [b"1 (UID 5 MODSEQ 7)"],
    [b"1 (UID 5 FLAGS NIL)"],
]


@pytest.mark.parametrize("record", QUICK, ids=repr)
def test_quick_reader_agrees(record):
    quick = imapparse.quick_parse(record)
    (slow,) = parse_fetch_response(record, False, False).values()
    assert quick[b"UID"] == slow[b"UID"]
    assert size_of(quick) == size_of(slow)
    assert date_of(quick) == date_of(slow)
    assert flags_of(quick) == flags_of(slow)
    assert quick.get(b"BODY[]") == slow.get(b"BODY[]")


@pytest.mark.parametrize("record", THOROUGH, ids=repr)
def test_other_shapes_go_to_the_thorough_reader(record):
    assert imapparse.quick_parse(record) is None
    found, unreadable = imapparse.parse_fetch(record)
    assert (set(found), unreadable) == ({5}, set())


@pytest.mark.parametrize(
    "text, date",
    [
        (b" 5-Jan-2026 10:00:00 +0800", datetime(2026, 1, 5, 2)),
        (b"05-Jan-2026 10:00:00 +0800", datetime(2026, 1, 5, 2)),
        (b"31-Dec-2025 23:30:00 -0130", datetime(2026, 1, 1, 1)),
        (b"01-Jan-0001 00:00:00 +0800", None),
        (b"31-Feb-2026 10:00:00 +0000", None),
        (b"05-Foo-2026 10:00:00 +0000", None),
        (b"05-Jan-2026 25:00:00 +0000", None),
        (b"", None),
        (b"yesterday", None),
    ],
)
def test_date(text, date):
    assert imapparse.parse_date(text) == date


def test_a_broken_answer_does_not_spoil_the_others():
    answers = [
        b"1 (UID 1 FLAGS ())",
        b"2 (UID 2 FLAGS (",
        (b"3 (UID 3 BODY[] {2}", b"ab"),
        b")",
        b"garbage",
        b"5 " + b"(" * 100_000,
        b"7 (UID " + b"9" * 5000 + b" FLAGS (",
        b"6 (UID 6)",
    ]
    found, unreadable = imapparse.parse_fetch(answers)
    assert (set(found), unreadable) == ({1, 3, 6}, {0, 2})


def test_any_bytes_are_read_without_an_exception():
    rand = random.Random(7)
    words = (
        rb'( ) " [ ] \ {3} UID FLAGS BODY[] NIL 5 INTERNALDATE BODYSTRUCTURE'.split()
    )
    words += [b" ", b" ", b"\xff"]
    for _round in range(3000):
        line = b"1 (" + b"".join(rand.choices(words, k=rand.randrange(12)))
        imapparse.parse_fetch([(line + b"{3}", b"abc"), line])
        imapparse.parse_list_line([line])


@pytest.mark.parametrize(
    "parameters, name",
    [
        ({"filename": "a.pdf"}, "a.pdf"),
        ({"filename": "=?gb18030?B?sai827Wl?="}, "报价单"),
        ({"filename": "=?x-unknown?B?AAA?="}, "=?x-unknown?B?AAA?="),
        ({"filename*": "utf-8''%E6%97%A5"}, "日"),
        ({"filename*0": "long", "filename*1": "name"}, "longname"),
        ({"filename*1*": "%97%A5", "filename*0*": "utf-8''%E6"}, "日"),
        ({}, ""),
    ],
)
def test_attachment_names(parameters, name):
    assert imapreduce._parameter(parameters, "filename") == name


def test_single_part_is_cut_at_a_line():
    header = b"Subject: x\r\nContent-Type: text/plain\r\n\r\n"
    part = imapreduce.Part("1", "text/plain")
    body = b"A" * 75 + b"\n"
    body = (body * 4000)[: imapreduce.TEXT_BYTES]
    raw = imapreduce.rebuild(header, [(part, b"", body)], [], True)
    head, _empty, rest = raw.partition(b"\r\n\r\n")
    assert head == (
        b"Subject: x\r\nContent-Type: text/plain\r\nX-Waimaolang-Reduced: truncated"
    )
    assert rest.endswith(b"\n") and len(rest) <= imapreduce.TEXT_BYTES


def test_the_senders_own_marks_are_dropped():
    header = b"X-Waimaolang-Reduced: part=9\r\nMime-Version: 1.0\r\nTo: a\r\n b\r\n\r\n"
    raw = imapreduce.rebuild(header, [], [imapreduce.Part("2", "a/b", "n", 5)], False)
    assert raw.count(b"X-Waimaolang-Reduced") == 1
    assert raw.startswith(b"To: a\r\n b\r\nX-Waimaolang-Reduced: part=2;")


def test_hostile_structures_end():
    deep = (b"text", b"plain", None, None, None, b"7bit", 5)
    for _level in range(500):
        deep = ([deep], b"mixed")
    assert imapreduce.plan(deep) == ([], [])
    wide = ([(b"a", b"b", None, None, None, b"7bit", 5)] * 9999, b"mixed")
    assert len(imapreduce.plan(wide)[1]) == imapreduce.MAX_PARTS


@pytest.mark.parametrize(
    "answers",
    [
        # bytes from within the first mail to within the second one's head were lost
        [
            (b'5 (UID 5 INTERNALDATE "x" BODY[] {3}', b"one"),
            (b" BODY[] {3}", b"two"),
            b")",
        ],
        [(b"5 (UID 5 BODY[] {3}", b"one"), (b" UID 6 BODY[] {3}", b"two"), b")"],
        [b"5 (UID 5 FLAGS () UID 6 FLAGS ())"],
        [(b"5 (UID 5 FLAGS () UID 6 BODY[] {3}", b"two"), b")"],
    ],
)
def test_i2_two_answers_that_ran_into_one_are_believed_in_nothing(answers):
    found, unreadable = imapparse.parse_fetch([*answers, b"7 (UID 7 FLAGS ())"])
    assert list(found) == [7]
    assert 5 in unreadable


def test_what_a_quoted_name_says_is_no_second_answer():
    line = b'5 (UID 5 BODY ("text" "plain" ("name" "UID 7 BODY[].txt") NIL))'
    found, unreadable = imapparse.parse_fetch([line])
    assert (list(found), unreadable) == ([5], set())
