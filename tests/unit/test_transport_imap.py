# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The IMAP transport against servers that say what a test tells them to."""

import base64
import email
import json
import random
import socket
import threading
from datetime import datetime

import pytest
from scripted_imap import (
    CLOSE,
    HANG,
    Drip,
    Expect,
    Flood,
    ScriptedServer,
    logged_in,
    opened,
)
from transport import imap, imapfetch, imapwire, net, registry, session
from transport.base import Credentials, Cursor, RemoteItem, ServerAddress
from transport.errors import MailServerError

SECRET = 'hun"ter2 geheim'
MEGABYTE = 2**20


@pytest.fixture
def serve():
    """``serve(script, ...)`` starts a server and returns it and a transport."""
    started = []

    def serve(*scripts, **options):
        server = ScriptedServer(*scripts)
        method = options.pop("method", "password")
        secret = options.pop("secret", SECRET)
        address = ServerAddress(
            options.pop("host", "127.0.0.1"),
            server.port,
            options.pop("security", "none"),
            True,
        )
        options = {"read_timeout": 5, **options}
        transport = registry.create(
            "imap", address, Credentials("ann@x.example", secret, method), **options
        )
        started.append((server, transport))
        return server, transport

    yield serve
    for server, transport in started:
        transport.close()
        server.stop()
        assert server.failure is None, server.failure


def refused(call, *args):
    with pytest.raises(MailServerError) as caught:
        result = call(*args)
        list(result if result is not None else ())
    return caught.value


def connected(serve, *scripts, **options):
    server, transport = serve(*scripts, **options)
    transport.connect()
    return server, transport


def item(uid, size=10):
    return RemoteItem(str(uid), uid, size)


def literal(head, body, tail=")"):
    return f"{head} {{{len(body)}}}\r\n".encode() + body + tail.encode() + b"\r\n"


# -- the greeting -----------------------------------------------------------------


@pytest.mark.parametrize(
    "script, code",
    [
        ([HANG], "timeout"),
        ([CLOSE], "reset"),
        ([b"* OK half a gree", CLOSE], "reset"),
        (["220 mail.example ESMTP"], "protocol"),
        (["+OK POP3 ready"], "protocol"),
        ([b"\x00\xff\x16\x03\x01garbage\r\n"], "protocol"),
        (["* BYE [ALERT] Too many simultaneous connections"], "too_many_connections"),
        (["* BYE see you"], "reset"),
        (["* OK hello", Expect("CAPABILITY", status="BAD what?")], "protocol"),
        ([Drip("* OK x")], "timeout"),
        ([Flood("* OK x" + "y" * 1000), HANG], "protocol"),
        ([b"* OK " + b"x" * (17 * MEGABYTE)], "protocol"),
        ([b"* OK {99999999999}\r\n"], "protocol"),
        ([b"* OK {" + b"9" * 5000 + b"}\r\n"], "protocol"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_greeting(serve, monkeypatch, script, code):
    hangs = code == "timeout"
    if hangs:
        monkeypatch.setattr(session, "COMMAND_SECONDS", 0.3)
    _server, transport = serve(script, read_timeout=0.2 if hangs else 5)
    error = refused(transport.connect)
    assert (error.code, error.phase) == (code, "greeting")


def test_nothing_listens(serve):
    server, transport = serve()
    server.stop()
    assert refused(transport.connect).code == "refused"


# -- login ------------------------------------------------------------------------


PLAIN = base64.b64encode(b"\0ann@x.example\0" + SECRET.encode()).decode()


@pytest.mark.parametrize(
    "capabilities, secret, steps",
    [
        ("AUTH=PLAIN SASL-IR", SECRET, [Expect(f"AUTHENTICATE PLAIN {PLAIN}")]),
        ("AUTH=PLAIN", SECRET, [Expect("AUTHENTICATE PLAIN", more=PLAIN)]),
        ("", SECRET, [Expect('LOGIN "ann@x.example" "hun\\"ter2 geheim"')]),
        ("", "密码", [Expect('LOGIN "ann@x.example" {6}', more="密码")]),
        (
            "AUTH=PLAIN SASL-IR",
            SECRET,
            [Expect("AUTHENTICATE", status="BAD unknown command"), Expect("LOGIN")],
        ),
    ],
    ids=["initial response", "continuation", "quoted", "literal", "fallback"],
)
def test_login(serve, capabilities, secret, steps):
    capabilities = f"IMAP4rev1 {capabilities}"
    script = [
        f"* OK [CAPABILITY {capabilities}] ready",
        *steps,
        Expect("CAPABILITY", f"* CAPABILITY {capabilities}"),
        Expect("NOOP"),
    ]
    _server, transport = connected(serve, script, secret=secret)
    assert transport.alive()


@pytest.mark.parametrize("secret", ["a\r\nb", "a\0b", "a\nb"])
def test_no_command_injection_through_the_secret(serve, secret):
    server, transport = serve(["* OK [CAPABILITY IMAP4rev1] ready"], secret=secret)
    assert refused(transport.connect).code == "auth_bad"
    assert not [line for line in server.received if "LOGIN" in line]


@pytest.mark.parametrize(
    "answer, code",
    [
        ("NO [AUTHENTICATIONFAILED] Authentication failed.", "auth_bad"),
        ("NO [UNAVAILABLE] Temporary authentication failure.", "throttled"),
        ("NO whatever", "auth_bad"),
    ],
)
def test_refused_login(serve, answer, code):
    capability = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready"
    _server, transport = serve([capability, Expect("AUTHENTICATE", status=answer)])
    error = refused(transport.connect)
    assert (error.code, error.phase) == (code, "login")


def test_secrets_that_the_server_repeats_are_masked(serve):
    packed = PLAIN
    capability = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready"
    answer = f"NO bad {packed} and {SECRET}"
    _server, transport = serve([capability, Expect("AUTHENTICATE", status=answer)])
    error = refused(transport.connect)
    said = str(error) + repr(error) + "\n".join(transport.transcript())
    assert packed not in said and SECRET not in said
    assert "bad *** and ***" in said
    assert error.__cause__ is None and error.__suppress_context__
    assert SECRET not in repr(vars(transport))


def test_login_disabled_on_clear_text(serve):
    server, transport = serve(["* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready"])
    assert refused(transport.connect).code == "tls_missing"
    assert not [line for line in server.received if SECRET in line]


@pytest.mark.parametrize(
    "script",
    [
        ["* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"],  # stripped
        [
            "* PREAUTH come in",
            Expect("CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS"),
        ],
        [
            "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready",
            Expect("STARTTLS", status="NO not now"),
        ],
    ],
    ids=["stripped", "preauth", "refused"],
)
def test_no_starttls_no_login(serve, script):
    server, transport = serve(script, security="starttls")
    assert refused(transport.connect).code == "tls_missing"
    assert not [w for line in server.received for w in ("LOGIN", "AUTH") if w in line]


def test_oauth(serve):
    token = base64.b64encode(
        b"user=ann@x.example\x01auth=Bearer " + SECRET.encode() + b"\x01\x01"
    ).decode()
    capability = "IMAP4rev1 AUTH=XOAUTH2 AUTH=PLAIN SASL-IR"
    script = [
        f"* OK [CAPABILITY {capability}] ready",
        Expect(f"AUTHENTICATE XOAUTH2 {token}", status=f"OK [CAPABILITY {capability}]"),
    ]
    connected(serve, script, method="oauth")


# -- who we are -------------------------------------------------------------------


def test_id_where_offered_and_its_refusal_does_not_matter(serve):
    script = logged_in(
        Expect('ID ("name" "waimaolang"', status="BAD what?"),
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR ID",
    )
    connected(serve, script)


def test_coremail_gets_an_id_without_asking(serve):
    capability = "IMAP4rev1 AUTH=PLAIN SASL-IR"
    script = logged_in(Expect("ID ("))
    script[0] = f"* OK [CAPABILITY {capability}] Coremail System IMap Server Ready"
    connected(serve, script)


def test_unsafe_login_is_answered_by_id_once(serve):
    unsafe = "NO EXAMINE Unsafe Login. Please contact kefu@188.com for help"
    script = logged_in(
        Expect("EXAMINE", status=unsafe),
        Expect("ID"),
        Expect("EXAMINE", "* 0 EXISTS", "* OK [UIDVALIDITY 9]", "* OK [UIDNEXT 1]"),
    )
    _server, transport = connected(serve, script)
    assert transport.list("INBOX", Cursor(), 10).cursor == Cursor(9, 1)


def test_unsafe_login_for_good(serve):
    unsafe = "NO EXAMINE Unsafe Login. Please contact kefu@188.com for help"
    script = logged_in(
        Expect("EXAMINE", status=unsafe),
        Expect("ID"),
        Expect("EXAMINE", status=unsafe),
    )
    _server, transport = connected(serve, script)
    error = refused(transport.list, "INBOX", Cursor(), 10)
    assert error.code == "client_id_required"


# -- folders ----------------------------------------------------------------------


def test_folders(serve):
    script = logged_in(
        Expect(
            'LIST "" "*"',
            '* LIST (\\HasNoChildren) "/" INBOX',
            '* LIST (\\HasNoChildren) "/" "&XfJT0ZAB-"',
            '* LIST (\\HasNoChildren) "/" "已删除"',
            '* LIST (\\Noselect) NIL "with \\"quotes\\" and \\\\"',
            b'* LIST () "/" {5}\r\na b c\r\n',
            '* LIST () "/" 123',
            "* LIST garbage",
            '* LIST () "/" ""',
        )
    )
    _server, transport = connected(serve, script)
    found = [(f.key, f.path, f.role, f.selectable) for f in transport.folders()]
    assert found == [
        ("INBOX", "INBOX", "inbox", True),
        ("&XfJT0ZAB-", "已发送", "sent", True),
        ("已删除", "已删除", "trash", True),
        ('with "quotes" and \\', 'with "quotes" and \\', "other", False),
        ("a b c", "a b c", "other", True),
        ("123", "123", "other", True),
    ]


def test_names_that_no_database_keeps(serve):
    """GBK in the raw goes back as it came; what cannot be kept is left out, and takes
    no other folder along."""
    sent = "已发送".encode("gb18030")
    long = b"x" * 3000
    script = logged_in(
        Expect(
            "LIST",
            '* LIST () "/" INBOX',
            b'* LIST () "/" "' + sent + b'"\r\n',
            b'* LIST () "/" "a\x00b"\r\n',
            b'* LIST () "/" "' + long + b'"\r\n',
            '* LIST () "/" "&AAA-"',
        ),
    )
    _server, transport = connected(serve, script)
    found = transport.folders()
    assert [f.path for f in found] == ["INBOX", "已发送", "\ufffd"]
    for folder in found:
        json.dumps([folder.key, folder.path], ensure_ascii=False).encode()
        assert "\0" not in folder.key + folder.path
    assert imapwire.folder_argument(found[1].key) == b'"' + sent + b'"'


def test_folders_without_end_are_refused(serve):
    lines = [f'* LIST () "/" F{number}' for number in range(imap.MOST_FOLDERS + 1)]
    _server, transport = connected(serve, logged_in(Expect("LIST", *lines)))
    assert refused(transport.folders).code == "protocol"


@pytest.mark.parametrize(
    "capabilities, steps",
    [
        (
            "SPECIAL-USE LIST-EXTENDED",
            [Expect('LIST "" "*" RETURN (SPECIAL-USE)', '* LIST (\\Sent) "/" x')],
        ),
        (
            "SPECIAL-USE LIST-EXTENDED",
            [
                Expect("RETURN", status="BAD no"),
                Expect('LIST "" "*"', '* LIST (\\Sent) "/" x'),
            ],
        ),
        ("XLIST", [Expect('XLIST "" "*"', '* XLIST (\\Sent) "/" x')]),
    ],
)
def test_special_use(serve, capabilities, steps):
    capabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR " + capabilities
    script = logged_in(*steps, capabilities=capabilities)
    _server, transport = connected(serve, script)
    assert [folder.role for folder in transport.folders()] == ["sent"]


@pytest.mark.parametrize(
    "answer", [Expect("LIST"), Expect("LIST", status="NO later"), CLOSE]
)
def test_an_unusable_list_is_not_an_empty_mailbox(serve, answer):
    _server, transport = connected(serve, logged_in(answer))
    refused(transport.folders)


# -- listings ---------------------------------------------------------------------

META = '* {0} FETCH (UID {0} RFC822.SIZE {1} INTERNALDATE "05-Jan-2026 10:00:00 +0800" FLAGS (\\Seen))'  # noqa: E501


def test_list(serve):
    script = opened(
        Expect("UID SEARCH UID 1:*", "* SEARCH 3 1 2"),
        Expect("UID FETCH 1:3 (UID RFC822.SIZE INTERNALDATE FLAGS)",
               *(META.format(uid, uid * 100) for uid in (2, 1, 3))),
    )  # fmt: skip
    server, transport = connected(serve, script)
    listing = transport.list("IN\\BOX", Cursor(), 10)
    assert 'EXAMINE "IN\\\\BOX"' in server.received[1]
    assert (listing.cursor, listing.count) == (Cursor(7, 4), 3)
    assert (listing.uidnext, listing.more) == (4, False)
    assert listing.items[0] == RemoteItem(
        "1", 1, 100, datetime(2026, 1, 5, 2), frozenset({"\\Seen"})
    )
    assert [i.uid for i in listing.items] == [1, 2, 3]


def test_nothing_new_is_one_round_trip(serve):
    server, transport = connected(serve, opened())
    assert transport.list("INBOX", Cursor(7, 4), 10).items == ()
    assert len(server.received) == 2


def test_the_last_mail_answers_for_star(serve):
    script = opened(Expect("UID SEARCH UID 5:*", "* SEARCH 3"), uidnext=None)
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(7, 5), 10)
    assert (listing.items, listing.cursor) == ((), Cursor(7, 5))


def test_uidnext_was_read_before_the_search(serve):
    """A mail that arrived in between is listed, and the cursor covers it."""
    script = opened(
        Expect("SEARCH", "* 4 EXISTS", "* SEARCH 4"), Expect("FETCH"), uidnext=4
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(7, 3), 10)
    assert ([i.uid for i in listing.items], listing.cursor.uidnext) == ([4], 5)


def test_steps_search_once(serve):
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2 3 9 10"),
        Expect("FETCH 1:2 "),
        Expect("FETCH 3,9 "),
        Expect("FETCH 10 "),
        Expect("EXAMINE", "* 5 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 20]"),
        exists=5,
        uidnext=20,
    )
    _server, transport = connected(serve, script)
    cursor, found = Cursor(), []
    for more in (True, True, False):
        listing = transport.list("INBOX", cursor, 2)
        found += [i.uid for i in listing.items]
        cursor = listing.cursor
        assert (listing.more, listing.count, listing.uidnext) == (more, 5, 20)
    assert (found, cursor) == ([1, 2, 3, 9, 10], Cursor(7, 20))
    assert transport.list("INBOX", cursor, 2).items == ()


def test_another_uidvalidity_starts_from_the_first_mail(serve):
    script = opened(Expect("UID SEARCH UID 1:*", "* SEARCH 1 2 3"), Expect("FETCH"))
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(6, 400), 10)
    assert listing.cursor == Cursor(7, 4)
    assert len(listing.items) == 3


def test_uidnext_that_shrinks_does_not_move_the_cursor_back(serve):
    _server, transport = connected(serve, opened(uidnext=2))
    assert transport.list("INBOX", Cursor(7, 40), 10).cursor == Cursor(7, 40)


@pytest.mark.parametrize(
    "search",
    [
        Expect("SEARCH"),
        Expect("SEARCH", "* SEARCH"),
        Expect("SEARCH", "* SEARCH 2"),
        Expect("SEARCH", status="BAD UID SEARCH invalid argument"),
    ],
    ids=["no answer", "empty", "too few", "crippled"],
)
def test_a_search_that_tells_less_than_exists_is_not_believed(serve, search):
    fetch = Expect(
        "UID FETCH 1:* (UID)", *(f"* {n} FETCH (UID {n})" for n in (1, 2, 3))
    )
    _server, transport = connected(serve, opened(search, fetch, Expect("FETCH")))
    listing = transport.list("INBOX", Cursor(), 10)
    assert [i.uid for i in listing.items] == [1, 2, 3]


def test_exists_that_lies(serve):
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2"),
        Expect("UID FETCH 1:* (UID)", "* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)"),
        Expect("FETCH"),
        exists=50,
        uidnext=3,
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert ([i.uid for i in listing.items], listing.count) == ([1, 2], 50)


def test_missing_and_broken_lines_lose_no_uid(serve):
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2 3"),
        Expect(
            "FETCH",
            "* 1 FETCH (RFC822.SIZE 5 UID 1)",  # no flags, no date
            "* 2 FETCH (UID 2 RFC822.SIZE",
            "* 9 FETCH (FLAGS (\\Seen))",  # unasked, without UID
        ),
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert listing.items == (
        RemoteItem("1", 1, 5),
        RemoteItem("2", 2),
        RemoteItem("3", 3),
    )


@pytest.mark.parametrize(
    "answer, code",
    [
        (Expect("EXAMINE", status="NO [NONEXISTENT] Unknown mailbox"), "folder_gone"),
        (Expect("EXAMINE", status="NO whatever"), "folder_gone"),
        (Expect("EXAMINE", status="BAD what?"), "protocol"),
        (Expect("EXAMINE", "* BYE shutting down", status=None), "reset"),
        (Expect("EXAMINE", b"* 5 EX", status=None), "timeout"),
        (CLOSE, "reset"),
        (Flood("* 1 EXISTS"), "protocol"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_refused_folder(serve, answer, code):
    timeout = 0.3 if code == "timeout" else 5
    script = logged_in(answer, *([HANG] if timeout < 5 else []))
    _server, transport = connected(serve, script, read_timeout=timeout)
    assert refused(transport.list, "x", Cursor(), 10).code == code


@pytest.mark.parametrize("answer", ["NO whatever", "NO Internal error", "BAD what?"])
def test_a_listing_without_sizes_is_a_listing(serve, answer):
    script = opened(Expect("SEARCH", "* SEARCH 1 2 3"), Expect("FETCH", status=answer))
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert listing.items == tuple(RemoteItem(str(n), n) for n in (1, 2, 3))


def test_throttled_listing(serve):
    answer = "NO Request is throttled. Suggested Backoff Time: 5000 milliseconds"
    script = opened(Expect("SEARCH", "* SEARCH 1 2 3"), Expect("FETCH", status=answer))
    _server, transport = connected(serve, script)
    error = refused(transport.list, "INBOX", Cursor(), 10)
    assert (error.code, error.retry_after) == ("throttled", 5)


def test_folder_names_cannot_carry_commands(serve):
    server, transport = connected(serve, logged_in())
    assert refused(transport.list, "a\r\nb DELETE c", Cursor(), 1).code == "folder_gone"
    assert len(server.received) == 1


# -- mails ------------------------------------------------------------------------


def whole(uid, body, head="UID {0} FLAGS () RFC822.SIZE {1} BODY[]"):
    return literal(f"* {uid} FETCH ({head.format(uid, len(body))}", body)


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


# -- the rest ---------------------------------------------------------------------


def test_only_reading_commands_are_ever_sent(serve):
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2 3"),
        Expect("FETCH"),
        Expect("FETCH", whole(1, b"one")),
        Expect("NOOP"),
    )
    server, transport = connected(serve, script)
    transport.list("INBOX", Cursor(), 10)
    assert len(list(transport.fetch("INBOX", [item(1)], MEGABYTE))) == 1
    assert transport.alive()
    transport.close()
    said = "\n".join(server.received)
    for word in ("SELECT", "STORE", "COPY", "MOVE", "EXPUNGE", "CLOSE", "DELETE"):
        assert word not in said
    assert "BODY[" not in said.replace("BODY.PEEK[", "")


def test_an_unconnected_transport_says_so(serve):
    _server, transport = serve()
    for call in (
        transport.folders,
        lambda: transport.list("x", Cursor(), 1),
        lambda: transport.fetch("x", [item(1)], 1),
    ):
        assert refused(call).code == "reset"
    assert transport.alive() is False
    transport.close()


def test_close_does_not_wait_for_a_dead_server(serve, monkeypatch):
    monkeypatch.setattr(session, "LOGOUT_SECONDS", 0.1)
    _server, transport = connected(serve, logged_in(HANG))
    transport.close()
    assert transport.alive() is False


def test_a_dead_connection_is_not_alive(serve, monkeypatch):
    monkeypatch.setattr(session, "ALIVE_SECONDS", 0.1)
    _server, transport = connected(serve, logged_in(HANG))
    assert transport.alive() is False


DIALOGUE = [
    b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n",
    b"TAG OK [CAPABILITY IMAP4rev1] in\r\n",
    b'* LIST (\\Sent) "/" {4}\r\nSent\r\n* LIST () "/" INBOX\r\nTAG OK done\r\n',
    b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\nTAG OK done\r\n",
    b"* SEARCH 1 3\r\nTAG OK done\r\n",
    b"* 1 FETCH (UID 1 RFC822.SIZE 3 FLAGS (\\Seen))\r\n* 2 FETCH (UID 3"
    b' INTERNALDATE "05-Jan-2026 10:00:00 +0800")\r\nTAG OK done\r\n',
    b"* 2 FETCH (UID 3 RFC822.SIZE 5)\r\nTAG OK done\r\n",
    b"* 1 FETCH (UID 1 BODY[] {3}\r\none)\r\n* 2 FETCH (UID 3 BODY[] {5}\r\nthree)\r\n"
    b"TAG OK done\r\n",
]


class Mutant:
    """Answers whatever was asked by the next piece of the dialogue, then hangs up."""

    def __init__(self, pieces):
        self._pieces = pieces
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        connection, _peer = self._listener.accept()
        with connection, connection.makefile("rb") as lines:
            try:
                connection.sendall(self._pieces[0])
                for piece in self._pieces[1:]:
                    tag = lines.readline().split(b" ")[0].strip()
                    connection.sendall(piece.replace(b"TAG", tag))
            except OSError:
                pass

    def stop(self):
        self._thread.join(5)
        self._listener.close()


def mutate(rand, dialogue):
    pieces = [bytearray(piece) for piece in dialogue]
    for _change in range(rand.randrange(3)):
        piece = rand.choice(pieces)
        at = rand.randrange(len(piece))
        how = rand.randrange(4)
        if how == 0:
            piece[at] = rand.randrange(256)
        elif how == 1:
            del piece[at : at + rand.randrange(1, 9)]
        elif how == 2:
            piece[at:at] = rand.choice(
                [b"(", b"{9}\r\n", b"\r\n", b"NIL", b'"', b"99999999999999999999"]
            )
        else:
            del piece[at:]
        if not piece:
            piece += b"x"
    return [bytes(piece) for piece in pieces]


@pytest.mark.parametrize("seed", range(8))
def test_only_mail_server_errors_come_out(seed):
    rand = random.Random(seed)
    for _round in range(25):
        server = Mutant(mutate(rand, DIALOGUE))
        address = ServerAddress("127.0.0.1", server.port, "none", True)
        credentials = Credentials("ann", "geheim")
        transport = registry.create("imap", address, credentials, read_timeout=0.05)
        try:
            transport.connect()
            transport.folders()
            items = transport.list("INBOX", Cursor(), 10).items
            assert all(item.uid > 0 for item in items)
            assert all(m.raw or m.error for m in transport.fetch("INBOX", items, 99))
        except MailServerError:
            pass
        transport.close()
        server.stop()
