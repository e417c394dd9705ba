# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Sent copy over IMAP, against servers that say what a test tells them to."""

from datetime import datetime, timedelta, timezone

import pytest
from scripted_imap import (
    CLOSE,
    Expect,
    Pause,
    Reply,
    ScriptedServer,
    Take,
    logged_in,
)
from transport import imapwire, registry
from transport.base import Credentials, Cursor, ServerAddress
from transport.errors import MailServerError
from transport.imapsent import Appended

RAW = b"Subject: x\nMessage-ID: <a@x>\n\nline\n"
WIRE = RAW.replace(b"\n", b"\r\n")
PLAIN = "IMAP4rev1 AUTH=PLAIN SASL-IR"


@pytest.fixture
def serve():
    started = []

    def serve(*scripts, read_timeout=5):
        server = ScriptedServer(*scripts)
        address = ServerAddress("127.0.0.1", server.port, "none", True)
        secret = Credentials("ann@x.example", "secret")
        transport = registry.create("imap", address, secret, read_timeout=read_timeout)
        started.append((server, transport))
        transport.connect()
        return server, transport

    yield serve
    for server, transport in started:
        transport.close()
        server.stop()
        assert server.failure is None, server.failure


def asked(command="APPEND", *rest):
    """A command that is not answered at once."""
    return [Expect(command, status=None), *rest]


def state(transport):
    return transport.was_append_begun, transport.was_append_answered


def script(*steps, capabilities=PLAIN):
    return logged_in(*steps, capabilities=capabilities)


def synchronizing(status, raw=WIRE):
    size = len(raw)
    return [*asked(f"{{{size}}}"), "+ go on", Take(size), Reply(status)]


def test_a_copy_is_appended_and_nothing_else_is_said(serve):
    """I3"""
    server, transport = serve(
        script(*synchronizing("OK [APPENDUID 38505 3955] APPEND completed"))
    )
    date = datetime(2026, 11, 3, 10, 15, tzinfo=timezone(timedelta(hours=8)))
    told = transport.append("&XfJT0ZAB-", RAW, date=date)
    assert told == Appended(38505, 3955)
    assert server.content == WIRE
    transport.close()
    _login, command, _logout = server.received
    assert command.partition(" ")[2] == (
        f'APPEND "&XfJT0ZAB-" (\\Seen) "03-Nov-2026 10:15:00 +0800" {{{len(WIRE)}}}'
    )
    assert state(transport) == (True, True)


def test_without_appenduid_the_place_is_not_known(serve):
    _server, transport = serve(script(*synchronizing("OK done")))
    assert transport.append("Sent", RAW) == Appended()


@pytest.mark.parametrize("offer", ["LITERAL+", "LITERAL-"])
def test_small_content_is_sent_unasked_where_that_is_offered(serve, offer):
    size = len(WIRE)
    _server, transport = serve(
        script(
            *asked(f"{{{size}+}}"),
            Take(size),
            Reply("OK done"),
            capabilities=f"{PLAIN} {offer}",
        )
    )
    transport.append("Sent", RAW, flags=())
    assert state(transport) == (True, True)


def test_large_content_waits_to_be_asked_for(serve):
    raw = b"Subject: x\r\n\r\n" + b"y" * 78 * 100_000
    _server, transport = serve(
        script(*synchronizing("OK done", raw), capabilities=f"{PLAIN} LITERAL+")
    )
    transport.append("Sent", raw)


REFUSALS = [
    ("NO [TRYCREATE] Mailbox doesn't exist: Sent", "folder_gone"),
    ("NO [NONEXISTENT] no such folder", "folder_gone"),
    ("NO [OVERQUOTA] Quota exceeded (mailbox for user is full)", "mailbox_full"),
    ("NO Mailbox is full", "mailbox_full"),
    ("NO [OVERQUOTA] Account exceeded command or bandwidth limits", "quota"),
    ("NO [TOOBIG] no", "too_large"),
    ("NO APPEND message too large", "too_large"),
    (
        "BAD Request is throttled. Suggested Backoff Time: 3000 milliseconds",
        "throttled",
    ),
    ("NO [UNAVAILABLE] try again later", "throttled"),
    ("BAD what", "protocol"),
]


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_refused_ahead_of_the_content(serve, status, code):
    _server, transport = serve(script(Expect("APPEND", status=status), Expect("NOOP")))
    with pytest.raises(MailServerError) as caught:
        transport.append("Sent", RAW)
    assert (caught.value.code, caught.value.phase) == (code, "append")
    assert state(transport) == (False, True)
    assert transport.alive()


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_refused_after_the_content(serve, status, code):
    _server, transport = serve(script(*synchronizing(status), Expect("NOOP")))
    with pytest.raises(MailServerError) as caught:
        transport.append("Sent", RAW)
    assert caught.value.code == code
    assert state(transport) == (True, True)
    assert transport.alive()


def test_i11_an_answer_that_is_lost(serve):
    _server, transport = serve(script(*asked(), "+ go on", Take(len(WIRE) + 2), CLOSE))
    with pytest.raises(MailServerError) as caught:
        transport.append("Sent", RAW)
    assert caught.value.code == "reset"
    assert state(transport) == (True, False)
    assert not transport.alive()


def test_a_connection_lost_before_the_content(serve):
    _server, transport = serve(script(*asked(), CLOSE))
    with pytest.raises(MailServerError):
        transport.append("Sent", RAW)
    assert state(transport) == (False, False)


def test_a_server_that_hangs_up_in_the_content_may_say_why(serve):
    raw = b"Subject: x\r\n\r\n" + b"y" * 30_000_000
    _server, transport = serve(
        script(*asked(), "+ go on", Take(1000), "* BYE [OVERQUOTA] full", CLOSE)
    )
    with pytest.raises(MailServerError) as caught:
        transport.append("Sent", raw)
    assert caught.value.code in ("mailbox_full", "reset")  # as the kernel decides
    assert state(transport) == (True, False)
    assert not transport.alive()


def test_a_server_may_think_for_longer_than_over_a_command(serve):
    _server, transport = serve(
        script(*asked(), "+ go on", Take(len(WIRE)), Pause(0.9), Reply("OK done")),
        read_timeout=0.3,
    )
    transport.append("Sent", RAW)


def test_what_is_too_large_by_its_own_word_is_not_sent(serve):
    server, transport = serve(script(capabilities=f"{PLAIN} APPENDLIMIT=20"))
    with pytest.raises(MailServerError) as caught:
        transport.append("Sent", RAW)
    assert (caught.value.code, state(transport)) == ("too_large", (False, False))
    assert len(server.received) == 1


def test_no_command_is_smuggled(serve):
    server, transport = serve(script())
    with pytest.raises(MailServerError) as caught:
        transport.append('a"\r\nx DELETE INBOX', RAW)
    assert caught.value.code == "folder_gone"
    with pytest.raises(ValueError):
        transport.append("Sent", RAW, flags=("\\Seen) {3}\r\n",))
    assert len(server.received) == 1


def test_appending_before_connecting():
    address = ServerAddress("127.0.0.1", 1, "none", True)
    transport = registry.create("imap", address, Credentials("a", "b"))
    with pytest.raises(MailServerError) as caught:
        transport.append("Sent", RAW)
    assert (caught.value.code, caught.value.phase) == ("reset", "append")


# -- looking ------------------------------------------------------------------------


def opened(uidnext, uidvalidity=7):
    return Expect(
        "EXAMINE",
        "* 3 EXISTS",
        f"* OK [UIDVALIDITY {uidvalidity}] ok",
        f"* OK [UIDNEXT {uidnext}] ok",
    )


def fetched(uids, *mails, status="OK done"):
    lines = [
        f"* {n} FETCH (UID {uid} BODY[HEADER]<0> {{{len(head)}}}\r\n".encode()
        + head
        + b")\r\n"
        for n, (uid, head) in enumerate(mails, 1)
    ]
    return Expect(f"UID FETCH {uids} (UID BODY.PEEK[HEADER]", *lines, status=status)


def test_what_came_since_the_mark(serve):
    server, transport = serve(
        script(
            opened(13), fetched("10:12", (12, b"c"), (10, b"a")), opened(13), opened(13)
        )
    )
    found = transport.find_recent("Sent", Cursor(7, 10))
    assert found.headers == ((10, b"a"), (12, b"c"))
    assert (found.cursor, found.more) == (Cursor(7, 13), False)
    assert transport.find_recent("Sent", found.cursor).headers == ()
    assert transport.find_recent("Sent", found.cursor).cursor == found.cursor
    assert not any("SEARCH" in line or "SELECT" in line for line in server.received)


def test_many_are_looked_at_step_by_step(serve):
    _server, transport = serve(
        script(opened(15), fetched("10:12", (10, b"a")), opened(15), fetched("13:14"))
    )
    found = transport.find_recent("Sent", Cursor(7, 10), limit=3)
    assert (found.cursor, found.more) == (Cursor(7, 13), True)
    # nothing is told of the last ones yet: they are looked at again
    found = transport.find_recent("Sent", found.cursor, limit=3)
    assert (found.cursor, found.more) == (Cursor(7, 13), False)


@pytest.mark.parametrize("mark", [None, Cursor(6, 90), Cursor()])
def test_without_a_mark_the_newest(serve, mark):
    _server, transport = serve(script(opened(101), fetched("91:100", (100, b"z"))))
    found = transport.find_recent("Sent", mark, limit=10)
    assert found.headers == ((100, b"z"),) and found.cursor == Cursor(7, 101)


def test_a_refused_look_moves_no_mark(serve):
    _server, transport = serve(
        script(opened(13), fetched("10:12", (10, b"a"), status="NO internal error"))
    )
    found = transport.find_recent("Sent", Cursor(7, 10))
    assert found.headers == ((10, b"a"),) and found.cursor == Cursor(7, 10)


def test_unasked_content_is_what_literal_minus_allows():
    assert imapwire.UNASKED_LITERAL == 4096  # RFC 7888 section 5
