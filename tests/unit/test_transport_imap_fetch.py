# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mails by the IMAP transport, from servers that say what a test tells them to."""

import email

import pytest
from scripted_imap import (
    CLOSE,
    HANG,
    MEGABYTE,
    Drip,
    Expect,
    connected,
    item,
    literal,
    logged_in,
    opened,
    refused,
    whole,
)
from transport import imapfetch, net, session
from transport.base import Cursor
from transport.errors import MailServerError

# -- mails ------------------------------------------------------------------------


def test_fetch(serve):
    script = opened(
        Expect("UID FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])",
               whole(1, b"one"),
               literal("* 3 FETCH (BODY[]", b"three\r\n)", " UID 3)"),
               "* 4 EXISTS"),
    )  # fmt: skip
    _server, transport = connected(serve, script)
    mails = list(transport.fetch("INBOX", [item(1), item(2), item(3)], MEGABYTE))
    assert [(m.key, m.raw, m.error) for m in mails] == [
        ("1", b"one", ""),
        ("3", b"three\r\n)", ""),
    ]


def test_vanished_mails_are_no_error(serve):
    gone = "NO Some of the requested messages no longer exist."
    script = opened(Expect("FETCH", whole(2, b"two"), status=gone))
    _server, transport = connected(serve, script)
    mails = list(transport.fetch("INBOX", [item(1), item(2)], MEGABYTE))
    assert [m.key for m in mails] == ["2"]


def test_one_bad_mail_blocks_nobody(serve):
    bad = "NO [SERVERBUG] Internal error occurred. Refer to server log."
    script = opened(
        Expect("UID FETCH 1:3 ", whole(1, b"one"), status=bad),
        Expect("UID FETCH 2 ", status=bad),
        Expect("UID FETCH 3 ", whole(3, b"three")),
    )
    _server, transport = connected(serve, script)
    mails = list(transport.fetch("INBOX", [item(1), item(2), item(3)], MEGABYTE))
    assert [(m.key, m.raw, bool(m.error)) for m in mails] == [
        ("1", b"one", False),
        ("2", b"", True),
        ("3", b"three", False),
    ]


def test_unreadable_answer_is_asked_for_again(serve):
    script = opened(
        Expect("UID FETCH 1:2 ", whole(1, b"one"), "* 2 FETCH (UID 2 BODY[] (("),
        Expect("UID FETCH 2 (UID BODY.PEEK[])", whole(2, b"two")),
    )
    _server, transport = connected(serve, script)
    mails = list(transport.fetch("INBOX", [item(1), item(2)], MEGABYTE))
    assert [m.raw for m in mails] == [b"one", b"two"]


def test_a_server_that_refuses_all_is_not_blamed_on_the_mails(serve):
    answer = "NO [UNAVAILABLE] try again later"
    script = opened(*(Expect("FETCH", status=answer) for _ in range(6)))
    _server, transport = connected(serve, script)
    items = [item(uid) for uid in range(1, 20)]
    with pytest.raises(MailServerError) as caught:
        list(transport.fetch("INBOX", items, MEGABYTE))
    assert caught.value.code == "throttled"


@pytest.mark.parametrize(
    "answer, code",
    [
        (Expect("FETCH", "* BYE Internal error", status=None), "throttled"),
        (Expect("FETCH", b"* 1 FETCH (UID 1 BODY[] {100}\r\nhalf", status=None),
         "timeout"),
        (Expect("FETCH", b"* 1 FETCH (UID 1 BODY[] {300000000}\r\n", status=None),
         "protocol"),
        (Expect("FETCH", status="NO [OVERQUOTA] Account exceeded command or bandwidth"
                " limits"), "quota"),
        (CLOSE, "reset"),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_broken_fetch_names_the_mails_it_was_at(serve, answer, code):
    timeout = 0.3 if code == "timeout" else 5
    script = opened(answer, *([HANG] if code == "timeout" else []))
    _server, transport = connected(serve, script, read_timeout=timeout)
    with pytest.raises(MailServerError) as caught:
        list(transport.fetch("INBOX", [item(1), item(2)], MEGABYTE))
    assert (caught.value.code, caught.value.keys) == (code, ("1", "2"))


def test_dripping_mail_ends_with_the_deadline(serve, monkeypatch):
    monkeypatch.setattr(session, "COMMAND_SECONDS", 0.3)
    script = opened(
        Expect("FETCH", b"* 1 FETCH (UID 1 BODY[] {5000}\r\n", status=None), Drip("x")
    )
    _server, transport = connected(serve, script, read_timeout=0.2)
    error = refused(transport.fetch, "INBOX", [item(1)], MEGABYTE)
    assert error.code == "timeout"


def test_hard_deadline_bounds_everything(serve):
    _server, transport = connected(serve, logged_in(HANG))
    transport.hard_deadline = net.Deadline(0.1)
    assert refused(transport.list, "INBOX", Cursor(), 1).code == "timeout"


def test_uids_of_another_uidvalidity_are_not_fetched(serve):
    server, transport = connected(serve, opened(uidvalidity=8))
    error = refused(lambda: transport.fetch("INBOX", [item(1)], MEGABYTE, 7))
    assert error.code == "folder_gone"
    assert not [line for line in server.received if "FETCH" in line]


def test_reconnecting_remembers_the_uidvalidity(serve):
    first = opened(CLOSE, uidvalidity=7)
    second = opened(uidvalidity=8)
    _server, transport = connected(serve, first, second)
    transport.list("INBOX", Cursor(7, 4), 1)
    refused(transport.list, "INBOX", Cursor(7, 4), 1)
    transport.connect()
    error = refused(lambda: transport.fetch("INBOX", [item(1)], MEGABYTE))
    assert error.code == "folder_gone"


def test_unknown_sizes_are_asked_for_first(serve):
    script = opened(
        Expect("UID FETCH 1:2 (UID RFC822.SIZE)", "* 1 FETCH (UID 1 RFC822.SIZE 3)"),
        Expect("UID FETCH 1:2 (UID FLAGS", whole(1, b"one"), whole(2, b"two")),
    )
    _server, transport = connected(serve, script)
    mails = list(transport.fetch("INBOX", [item(1, 0), item(2, 0)], MEGABYTE))
    assert [m.raw for m in mails] == [b"one", b"two"]


STRUCTURE = (
    '((("text" "plain" ("charset" "gb18030") NIL NIL "base64" 8 1)'
    '("text" "html" ("charset" "utf-8") NIL NIL "7bit" 9 1) "alternative")'
    '("application" "pdf" ("name" "=?utf-8?B?5oql5Lu3LnBkZg==?=") NIL NIL "base64"'
    ' 60000000 NIL ("attachment" ("filename" "=?utf-8?B?5oql5Lu3LnBkZg==?=")))'
    '("text" "plain" ("name" "log.txt") NIL NIL "7bit" 7 1 NIL'
    ' ("attachment" ("filename*0*" "utf-8\'\'%E6%97%A5" "filename*1*" "%E5%BF%97")))'
    ' "mixed")'
)


def reduced_steps(body=b"aaaaaaaa"):
    header = b"Subject: big\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\n\r\n"
    return [
        Expect("BODYSTRUCTURE BODY.PEEK[HEADER]<0.1048576>)", literal(
            f"* 1 FETCH (UID 1 RFC822.SIZE 61000000 BODYSTRUCTURE {STRUCTURE}"
            " BODY[HEADER]<0>", header)),
        Expect("BODY.PEEK[1.1]<0.262144> BODY.PEEK[1.1.MIME]",
               literal("* 1 FETCH (UID 1 BODY[1.1]<0>", body, "").rstrip(b"\r\n"),
               literal(" BODY[1.1.MIME]", b"Content-Type: text/plain\r\n\r\n")),
        Expect("BODY.PEEK[1.2]<0.262144>",
               '* 1 FETCH (UID 1 BODY[1.2]<0> "<p>hi</p>" BODY[1.2.MIME] "")'),
    ]  # fmt: skip


def test_large_mail_comes_reduced(serve):
    _server, transport = connected(serve, opened(*reduced_steps()))
    (mail,) = transport.fetch("INBOX", [item(1, 61_000_000)], MEGABYTE)
    assert (mail.reduced, mail.size, mail.error) == (True, 61_000_000, "")
    message = email.message_from_bytes(mail.raw)
    assert message["Subject"] == "big"
    assert message.get_content_type() == "multipart/alternative"
    assert [p.get_payload() for p in message.get_payload()] == ["aaaaaaaa", "<p>hi</p>"]
    notes = message.get_all("X-Waimaolang-Reduced")
    assert "size=60000000" in notes[0] and "%E6%8A%A5%E4%BB%B7.pdf" in notes[0]
    assert "%E6%97%A5%E5%BF%97" in notes[1]


@pytest.mark.parametrize(
    "names",
    [
        """("filename*" "unicode_escape''%5Cud800.pdf")""",
        """("filename" "=?utf-7?Q?+2AA-?=.pdf")""",
        """("filename*" "idna''%ff")""",
        """("filename*" "utf-8''a%00b%0d%0aX.pdf")""",
    ],
)
def test_i5_a_large_mails_odd_names_stop_nobody(serve, names):
    parts = (
        '(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 8 1)'
        '("application" "pdf" NIL NIL NIL "base64" 60000000 NIL '
        f'("attachment" {names}))'
        ' "mixed")'
    )
    header = b"Subject: big\r\nX-Waimaolang-Reduced: x; size=abc\r\n\r\n"
    _server, transport = connected(
        serve,
        opened(
            Expect("BODYSTRUCTURE", literal(
                f"* 1 FETCH (UID 1 RFC822.SIZE 61000000 BODYSTRUCTURE {parts}"
                " BODY[HEADER]<0>", header)),
            Expect("BODY.PEEK[1]<0.262144>",
                   '* 1 FETCH (UID 1 BODY[1]<0> "aaaaaaaa" BODY[1.MIME] "")'),
        ),
    )  # fmt: skip
    (mail,) = transport.fetch("INBOX", [item(1, 61_000_000)], MEGABYTE)
    assert mail.reduced and mail.error == ""
    text = "".join(mail.omitted)
    assert "\0" not in text and "\n" not in text
    text.encode()  # no lone surrogate: PostgreSQL takes it


def test_size_that_lies(serve):
    script = opened(
        Expect("FETCH", whole(1, b"x" * 200)),
        *reduced_steps(),
    )
    _server, transport = connected(serve, script)
    (mail,) = transport.fetch("INBOX", [item(1, 50)], 100)
    assert mail.reduced and len(mail.raw) > 200


def test_unreadable_structure_gives_the_beginning(serve):
    script = opened(
        Expect("BODYSTRUCTURE", "* 1 FETCH (UID 1 BODYSTRUCTURE ((((("),
        Expect("BODY.PEEK[]<0.262144>", whole(1, b"Subject: x\r\n\r\nbeginn")),
    )
    _server, transport = connected(serve, script)
    (mail,) = transport.fetch("INBOX", [item(1, 500)], 100)
    assert mail.reduced
    assert mail.raw == b"X-Waimaolang-Reduced: truncated\r\nSubject: x\r\n\r\nbeginn"


def test_batches_are_bounded_by_number_and_bytes():
    items = [item(uid, 1000) for uid in range(1, 8)]
    found = imapfetch.batches(items, 3, 2500)
    assert [[i.uid for i in batch] for batch in found] == [[1, 2], [3, 4], [5, 6], [7]]
    found = imapfetch.batches(items, 3, 10**9)
    assert [len(batch) for batch in found] == [3, 3, 1]
    assert [len(b) for b in imapfetch.batches([item(1, 10**9)] * 2, 3, 10)] == [1, 1]


def test_slow_lines_get_small_batches():
    pace = imapfetch.Pace()
    assert pace.batch_bytes() == imapfetch.FIRST_BATCH_BYTES
    pace.measure(200 * 1024, 1.0)
    assert pace.batch_bytes() == 400 * 1024
    for _batch in range(9):
        pace.measure(10**8, 0.5)
    assert pace.batch_bytes() == imapfetch.BATCH_BYTES
