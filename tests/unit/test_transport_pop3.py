# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The POP3 transport against servers that do not behave."""

import base64
import email
import poplib
import sys
import traceback
from datetime import datetime, timedelta

import pytest
from servers.pop3 import CAPABILITIES, CLOSE, HANG, Pop3Server, listed, payload
from transport import pop3, pop3drop, pop3parse, pop3wire, registry, session
from transport.base import Credentials, Cursor, Estimate, RemoteItem, ServerAddress
from transport.errors import MailServerError

LOGIN, SECRET = "lin@rep.test", "code-7Hq2 x"
LIMIT = 25 * 2**20
START = datetime(2026, 1, 1, 8)


def mail(number, text="hello", received=True):
    date = START + timedelta(days=number)
    stamp = date.strftime("%a, %d %b %Y %H:%M:%S")
    lines = [f"Received: from a by b; {stamp} +0800"] if received else []
    lines += [f"Subject: m{number}", f"Date: {stamp} +0000", "", text, ""]
    return "\r\n".join(lines).encode()


MAILS = {f"u{number}": mail(number) for number in range(1, 6)}


@pytest.fixture
def serve():
    servers = []

    def serve(mails=None, **options):
        servers.append(Pop3Server(MAILS if mails is None else mails, **options))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture
def connect():
    opened = []

    def connect(server, secret=SECRET, security="none", method="password", **options):
        address = ServerAddress("localhost", server.port, security, True)
        credentials = Credentials(LOGIN, secret, method)
        transport = registry.create("pop3", address, credentials, **options)
        opened.append(transport)
        transport.connect()
        return transport

    yield connect
    for transport in opened:
        transport.close()


def items(transport):
    return transport.list("INBOX", Cursor(), 1000).items


def fetched(transport, wanted=None, limit=LIMIT):
    wanted = items(transport) if wanted is None else wanted
    return list(transport.fetch("INBOX", wanted, limit))


def refused(call, *args, **options):
    with pytest.raises(MailServerError) as caught:
        call(*args, **options)
    return caught.value


# -- the way of a mail ------------------------------------------------------------


def test_every_mail_is_listed_and_comes_as_it_was_sent(serve, connect):
    server = serve()
    transport = connect(server)
    (folder,) = transport.folders()
    assert (folder.key, folder.role) == ("INBOX", "inbox")
    listing = transport.list("INBOX", Cursor(), 1000)
    assert [item.key for item in listing.items] == [*MAILS]
    assert [item.size for item in listing.items] == [len(m) for m in MAILS.values()]
    assert {item.uid for item in listing.items} == {0}
    assert (listing.count, listing.more) == (5, False)
    mails = fetched(transport)
    assert [m.raw for m in mails] == [*MAILS.values()]
    assert mails[0].internaldate == START + timedelta(days=1, hours=-8)


def test_steps_of_a_listing_follow_each_other(serve, connect):
    transport = connect(serve())
    found, cursor, more = [], Cursor(), True
    while more:
        listing = transport.list("INBOX", cursor, 2)
        found += [item.key for item in listing.items]
        cursor, more = listing.cursor, listing.more
    assert found == [*MAILS]


def test_i3_nothing_is_sent_that_changes_a_mailbox(serve, connect):
    server = serve()
    transport = connect(server)
    transport.folders()
    keys = transport.keys("INBOX").keys
    transport.describe("INBOX", keys)
    transport.estimate("INBOX", [None, START])
    fetched(transport)
    assert transport.alive()
    transport.close()
    assert server.verbs() <= pop3wire.ALLOWED
    for forbidden in ("DELE 1", "RSET", "dele 1", "UIDL 1\r\nDELE 1"):
        with pytest.raises(ValueError):
            pop3wire.Client._putcmd(object(), forbidden)
    assert not {"DELE", "RSET", "APOP"} & pop3wire.ALLOWED


def test_message_numbers_are_those_of_the_session(serve, connect):
    """Somebody deletes a mail between two sessions: the numbers move."""
    server = serve()
    transport = connect(server)
    known = items(transport)
    transport.close()
    del server.mails["u1"]
    transport.connect()
    mails = fetched(transport, known)
    assert [(m.key, m.raw) for m in mails] == [*MAILS.items()][1:]


def test_poplibs_limit_is_left_as_it_is(serve, connect):
    long_line = mail(1, "x" * 300_000)
    before = poplib._MAXLINE
    assert fetched(connect(serve({"u1": long_line})))[0].raw == long_line
    assert poplib._MAXLINE == before


def test_lines_that_begin_with_a_dot_are_kept(serve, connect):
    raw = mail(1, "..two\r\n.\r\n.one\r\n")
    assert fetched(connect(serve({"u1": raw})))[0].raw == raw


def test_describe_tells_the_arrival_by_top(serve, connect):
    server = serve(
        {**MAILS, "u6": mail(6, received=False), "u7": b"Subject: x\r\n\r\n"}
    )
    transport = connect(server)
    told = transport.describe("INBOX", ["u1", "u6", "u7", "gone"])
    arrived = [item.internaldate for item in told]
    by_date = START + timedelta(days=6)
    assert arrived == [START + timedelta(days=1, hours=-8), by_date, None, None]
    assert [item.key for item in told] == ["u1", "u6", "u7", "gone"]
    assert not any(line.startswith("RETR") for line in server.received)


def test_pipelining_is_used_where_it_is_announced(serve, connect):
    mails = {f"u{n}": mail(n) for n in range(1, 41)}
    answers = {"TOP 7 ": "-ERR no"}
    server = serve(mails, capabilities=(*CAPABILITIES, "PIPELINING"), answers=answers)
    transport = connect(server)
    told = transport.describe("INBOX", [*mails])
    dated = {item.key: item.internaldate for item in told}
    assert dated.pop("u7") is None
    assert dated["u8"] == START + timedelta(days=8, hours=-8)
    assert all(dated.values()) and len(fetched(transport)) == 40


PIPELINING = (*CAPABILITIES, "PIPELINING")


def test_with_pipelining_one_bad_mail_is_asked_for_again_alone(serve, connect):
    """... refused, cut short, vanished, too large: the others stay in step."""
    mails = {f"u{n}": mail(n) for n in range(1, 31)}
    mails["u9"] = large(400_000)
    no = "-ERR [SYS/TEMP] cannot read it"
    answers = {
        "TOP 5 ": no,
        "RETR 5": no,
        "TOP 6 ": payload(mails["u6"][:40]),
        "TOP 7 ": "-ERR message 7 expunged",
        "RETR 7": "-ERR message 7 expunged",
    }
    server = serve(mails, capabilities=PIPELINING, answers=answers)
    found = {m.key: m for m in fetched(connect(server), limit=100_000)}
    assert [*found] == [key for key in mails if key != "u7"]
    assert found["u5"].error and found["u9"].reduced
    whole = [key for key in found if key not in ("u5", "u9")]
    assert all(found[key].raw == mails[key] for key in whole)


def test_with_pipelining_a_cut_names_those_under_way_and_keeps_what_came(
    serve, connect
):
    mails = {f"u{n}": mail(n) for n in range(1, 31)}
    server = serve(mails, capabilities=PIPELINING, answers={"TOP 8 ": CLOSE})
    transport = connect(server)
    came = []

    def take():
        for found in transport.fetch("INBOX", items(transport), LIMIT):
            came.append((found.key, found.raw))

    error = refused(take)
    assert error.code == "reset" and "u8" in error.keys
    assert came == [*mails.items()][: len(came)] and 1 <= len(came) <= 7
    assert {key for key, _raw in came}.isdisjoint(error.keys)


def test_without_top_the_mail_itself_tells(serve, connect):
    server = serve(answers={"TOP": "-ERR unknown command"})
    transport = connect(server)
    told = transport.describe("INBOX", [*MAILS])
    assert {item.internaldate for item in told} == {None}
    assert sum(line.startswith("TOP") for line in server.received) == 1
    assert all(m.internaldate for m in fetched(transport))


# -- keys ---------------------------------------------------------------------------


def test_a_server_without_uidl_cannot_be_read_and_says_so(serve, connect):
    transport = connect(serve(answers={"UIDL": "-ERR unknown command"}))
    error = refused(transport.folders)
    assert error.code == "protocol" and "UIDL" in error.detail
    assert not error.transient


def test_two_mails_with_one_uidl_are_two(serve, connect):
    answers = {"UIDL": listed(["1 same", "2 same", "3 other"])}
    mails = {"a": mail(1), "b": mail(2), "c": mail(3)}
    transport = connect(serve(mails, answers=answers))
    assert [item.key for item in items(transport)] == ["same", "same 2", "other"]
    assert [m.raw for m in fetched(transport)] == [*mails.values()]


@pytest.mark.parametrize(
    "uidl", [b"x" * 70, b"!" * 70, b"~", b"x" * 900, b"\xe4\xf6", b"a b", b"\x00"]
)
def test_any_uidl_is_a_key_that_postgresql_takes(uidl):
    (key,) = pop3parse.keys([(1, uidl)]).values()
    assert key.isprintable() and key.isascii() and 0 < len(key) <= 200
    assert pop3parse.keys([(1, uidl)]) == pop3parse.keys([(1, uidl)])


def test_a_uidl_is_not_taken_for_a_second_one_of_another():
    told = pop3parse.keys([(1, b"a"), (2, b"a"), (3, b"a 2")])
    assert len(set(told.values())) == 3


def test_an_empty_uidl_answer_is_less_than_stat_says(serve, connect):
    transport = connect(serve(answers={"UIDL": listed([])}))
    listing = transport.list("INBOX", Cursor(), 1000)
    assert (listing.items, listing.count) == ((), 5)
    told = transport.keys("INBOX")
    assert len(told.keys) < told.count


def test_garbage_in_listings_is_left_out(serve, connect):
    answers = {
        "UIDL": listed(["1 a", "x b", "", "2", "99999999999 c", "3 d"]),
        "LIST": listed(["1 10", "2 many", "3"]),
    }
    transport = connect(serve(answers=answers))
    assert [(item.key, item.size) for item in items(transport)] == [("a", 10), ("d", 0)]


def test_keys_of_an_imap_binding_are_not_fetched(serve, connect):
    transport = connect(serve())
    error = refused(
        lambda: list(transport.fetch("INBOX", [RemoteItem("u1", 0)], LIMIT, 7))
    )
    assert error.code == "folder_gone"
    assert refused(transport.list, "Sent", Cursor(), 10).code == "folder_gone"


# -- sizes --------------------------------------------------------------------------


def large(size):
    body = base64.encodebytes(bytes(size)).replace(b"\n", b"\r\n")
    return (
        b"Subject: big\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b=1"\r\n\r\n'
        b"--b=1\r\nContent-Type: text/plain\r\n\r\nSee the offer.\r\n"
        b"--b=1\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''%E6%8A%A5%E4%BB%B7.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + body + b"--b=1--\r\n"
    )


@pytest.mark.parametrize("answers", [{}, {"TOP": "-ERR no"}, {"LIST": listed(["1 9"])}])
def test_a_mail_that_is_too_large_comes_reduced(serve, connect, answers):
    server = serve({"u1": large(3_000_000)}, answers=answers)
    (found,) = fetched(connect(server), limit=1_000_000)
    assert found.reduced and not found.error
    assert found.size == len(server.mails["u1"]) and len(found.raw) < 2000
    assert found.omitted == ("报价.pdf (3.0 MB)",)
    parsed = email.message_from_bytes(found.raw)
    texts = [p.get_payload() for p in parsed.walk() if not p.is_multipart()]
    assert parsed["Subject"] == "big" and texts == ["See the offer."]


def test_a_mail_that_is_too_large_is_not_downloaded(serve, connect):
    server = serve({"u1": large(3_000_000)})
    fetched(connect(server), limit=1_000_000)
    (top,) = (line for line in server.received if line.startswith(("TOP", "RETR")))
    assert int(top.split()[2]) < 10_000


def test_i3_a_mail_is_asked_for_by_top_which_marks_nothing_as_read(serve, connect):
    server = serve()
    assert len(fetched(connect(server))) == 5
    assert not any(line.startswith("RETR") for line in server.received)


def test_where_top_gives_less_it_is_retr(serve, connect):
    def cut(words):
        return payload(MAILS[f"u{words[1]}"][:90])

    server = serve(answers={"TOP": cut})
    assert [m.raw for m in fetched(connect(server))] == [*MAILS.values()]
    tops = sum(line.startswith("TOP") for line in server.received)
    assert (tops, sum(line.startswith("RETR") for line in server.received)) == (1, 5)


@pytest.mark.parametrize("told", ["1 150", "1 0", "1 x"])
def test_sizes_that_are_no_truth_cost_one_retr(serve, connect, told):
    lines = [told] + [f"{n} {len(mail(n)) + 40}" for n in range(2, 6)]
    server = serve(answers={"LIST": listed(lines)})
    assert [m.raw for m in fetched(connect(server))] == [*MAILS.values()]
    assert [line for line in server.received if line.startswith("RETR")] == ["RETR 1"]


def test_a_top_that_ends_early_is_noticed_though_sizes_are_estimates(serve, connect):
    """The first mail is short enough for the server's limit of lines."""
    long_mail = mail(2, "x\r\n" * 2000)
    mails = {"u1": mail(1), "u2": long_mail}
    answers = {
        "LIST": listed(["1 150", f"2 {len(long_mail) + 50}"]),
        "TOP 2 ": payload(long_mail[:900]),
    }
    assert [m.raw for m in fetched(connect(serve(mails, answers=answers)))] == [
        *mails.values()
    ]


@pytest.mark.parametrize("answer", ["+OK", "+OK x y", "hello", b"\xff\r\n"])
def test_garbage_for_stat_is_an_error_of_the_protocol(serve, connect, answer):
    assert refused(connect(serve(answers={"STAT": answer})).folders).code == "protocol"


def test_a_long_text_is_cut(serve, connect):
    server = serve({"u1": mail(1, "0123456789\r\n" * 100_000)})
    (found,) = fetched(connect(server), limit=500_000)
    assert found.reduced and b"X-Waimaolang-Reduced: truncated" in found.raw
    assert 30_000 < len(found.raw) < 300_000
    assert found.raw.endswith(b"0123456789\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"no header at all",
        b"Content-Type: multipart/mixed\r\n\r\nx",
        b'Content-Type: multipart/mixed; boundary="\r\n\r\nx',
        b"Content-Type: multipart/mixed; boundary==?utf-8?q?a?=\r\n\r\n--a\r\n\r\nx",
        b'Content-Type: multipart/x; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 2000,
        b"".join(
            b'Content-Type: multipart/x; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
            for n in range(60)
        ),
        b"Content-Type: \xff/\xfe; name=\xd7\xd6\r\n\r\nx",
    ],
)
def test_any_beginning_of_a_mail_can_be_reduced(raw):
    assert isinstance(pop3parse.reduce(raw, 10**9), bytes)


def test_a_flood_ends(serve, connect, monkeypatch):
    monkeypatch.setattr(pop3, "MOST_BYTES", 1_000_000)
    endless = b"+OK\r\n" + b"x" * 5_000_000
    transport = connect(serve(answers={"TOP": endless}))
    error = refused(lambda: fetched(transport))
    assert error.code == "protocol" and error.keys == ("u1",)
    assert not transport.alive()


# -- mails that a server does not hand over -------------------------------------------


def test_i5_one_mail_that_is_refused_does_not_block_the_others(serve, connect):
    no = "-ERR [SYS/TEMP] cannot read it"
    transport = connect(serve(answers={"RETR 2": no, "TOP 2 ": no}))
    mails = fetched(transport)
    assert [m.key for m in mails] == [*MAILS]
    assert [bool(m.error) for m in mails] == [False, True, False, False, False]


def test_a_mail_that_vanished_is_absent(serve, connect):
    gone = "-ERR Message 2 expunged."
    transport = connect(serve(answers={"RETR 2": gone, "TOP 2 ": gone}))
    assert [m.key for m in fetched(transport)] == ["u1", "u3", "u4", "u5"]


def test_when_all_are_refused_it_is_the_mailbox(serve, connect):
    transport = connect(serve(answers={"RETR": "-ERR what?", "TOP": "-ERR what?"}))
    assert refused(lambda: fetched(transport)).code == "protocol"


def test_a_cut_names_the_mail_that_was_under_way(serve, connect):
    transport = connect(serve(answers={"TOP 3 ": CLOSE}))
    came = []

    def take():
        for found in transport.fetch("INBOX", items(transport), LIMIT):
            came.append(found.key)

    error = refused(take)
    assert (error.code, error.keys, came) == ("reset", ("u3",), ["u1", "u2"])
    assert refused(transport.folders).code == "reset"


def test_i5_a_mail_whose_headers_break_the_connection_is_named(serve, connect):
    transport = connect(serve(answers={"TOP 2": CLOSE}))
    error = refused(transport.describe, "INBOX", ["u1", "u2", "u3"])
    assert (error.code, error.keys) == ("reset", ("u2",))


def test_a_server_that_hangs_is_left(serve, connect, monkeypatch):
    monkeypatch.setattr(session, "COMMAND_SECONDS", 0.3)
    transport = connect(serve(answers={"STAT": HANG}))
    assert refused(transport.folders).code == "timeout"


# -- login --------------------------------------------------------------------------

REFUSALS = [
    ("-ERR [AUTH] wrong", "auth_bad", False),
    ("-ERR [AUTH] Authentication failed.", "auth_bad", False),
    ("-ERR [IN-USE] Do you have another POP session running?",
     "too_many_connections", True),
    ("-ERR mailbox already in use by pid 12345", "too_many_connections", True),
    ("-ERR Unable to lock maildrop: Mailbox is locked by POP server",
     "too_many_connections", True),
    ("-ERR [LOGIN-DELAY] Logins must be at least 10 minutes apart",
     "login_frequency", True),
    ("-ERR [SYS/TEMP] server is unwell", "throttled", True),
    ("-ERR [SYS/PERM] Your account is not enabled for POP access.",
     "imap_disabled", False),
    ("-ERR [SYS/PERM] your mailbox is closed", "blocked_by_admin", False),
    ("-ERR Login fail. Please using authorized code to login.",
     "auth_needs_code", False),
    ("-ERR Logon failure: unknown user name or bad password.", "auth_bad", False),
    ("-ERR Unable to log on", "auth_bad", False),
    ("-ERR no", "auth_bad", False),
]  # fmt: skip


@pytest.mark.parametrize("answer, code, transient", REFUSALS)
def test_refusals_of_the_login(serve, connect, answer, code, transient):
    error = refused(connect, serve(answers={"PASS": answer}))
    assert (error.code, error.transient) == (code, transient)
    assert error.phase == "login" and SECRET not in str(error)


@pytest.mark.parametrize(
    "greeting, code",
    [
        ("* OK IMAP4rev1 ready", "protocol"),
        ("220 smtp ready", "protocol"),
        ("-ERR [IN-USE] too many connections", "too_many_connections"),
        ("-ERR your IP is blocked", "ip_blocked"),
    ],
)
def test_greetings(serve, connect, greeting, code):
    server = serve()
    server.greeting = greeting
    assert refused(connect, server).code == code
    assert server.verbs() == set()


def test_i10_no_secret_before_tls(serve, connect):
    """STLS is not offered, is refused, or is answered in clear text."""
    for capabilities, answers in (
        (CAPABILITIES, {}),
        ((), {"CAPA": "-ERR unknown"}),
        ((*CAPABILITIES, "STLS"), {"STLS": "-ERR not now"}),
        ((*CAPABILITIES, "STLS"), {"STLS": "+OK\r\n+OK go on in clear text please"}),
    ):
        server = serve(capabilities=capabilities, answers=answers)
        error = refused(connect, server, security="starttls")
        assert error.code == "tls_missing", error
        assert not {"USER", "PASS", "AUTH"} & server.verbs()
    assert refused(connect, serve(), security="ssl").code == "tls_missing"


def test_i9_the_secret_is_in_no_transcript_and_no_error(serve, connect):
    encoded = base64.b64encode(f"\0{LOGIN}\0{SECRET}".encode()).decode()
    echo = f"-ERR what is PASS {SECRET} or {encoded}?"
    server = serve(answers={"PASS": echo})
    address = ServerAddress("localhost", server.port, "none", True)
    transport = registry.create("pop3", address, Credentials(LOGIN, SECRET))
    error = refused(transport.connect)
    told = [*transport.transcript(), str(error), repr(error), repr(transport)]
    assert SECRET not in str(told) and encoded not in str(told)
    assert SECRET not in "".join(traceback.format_exception(error))
    assert any(line.startswith("greeting") for line in transport.transcript())


def test_i9_no_audit_event_holds_the_secret(serve, connect):
    seen = []
    sys.addaudithook(lambda name, args: seen.append(args) if "poplib" in name else None)
    connect(serve())
    assert seen == []


@pytest.mark.parametrize(
    "secret, capabilities, expected",
    [
        ("plain", ("USER", "SASL PLAIN"), ["USER " + LOGIN, "PASS plain"]),
        ("a b", ("USER",), ["USER " + LOGIN, "PASS a b"]),
        ("密码", ("USER",), ["USER " + LOGIN, "PASS 密码"]),
        ("密码", ("USER", "SASL LOGIN PLAIN"), ["AUTH PLAIN "]),
        ("plain", ("SASL PLAIN",), ["AUTH PLAIN "]),
    ],
)
def test_how_the_secret_is_sent(serve, connect, secret, capabilities, expected):
    server = serve(capabilities=capabilities)
    connect(server, secret=secret)
    sent = server.sessions[0][1:]
    if expected[0].startswith("AUTH"):
        token = base64.b64decode(sent[0].removeprefix("AUTH PLAIN ")).decode()
        assert token == f"\0{LOGIN}\0{secret}" and len(sent) == 1
    else:
        assert sent == expected


def test_a_long_token_is_sent_when_asked_for(serve, connect):
    token = "t" * 2000
    server = serve(answers={"AUTH XOAUTH2": "+ "})
    connect(server, secret=token, method="oauth")
    sent = base64.b64decode(server.sessions[0][2]).decode()
    assert server.sessions[0][1] == "AUTH XOAUTH2"
    assert sent == f"user={LOGIN}\x01auth=Bearer {token}\x01\x01"


def test_a_login_with_line_ends_is_refused_here(serve, connect):
    server = serve()
    assert refused(connect, server, secret="x\r\nDELE 1").code == "auth_bad"
    assert "DELE" not in str(server.received)


def test_a_server_without_capa_is_read(serve, connect):
    server = serve(answers={"CAPA": "-ERR unknown command"})
    assert len(fetched(connect(server))) == 5


def test_the_session_ends_with_quit_and_is_not_kept(serve, connect):
    server = serve(capabilities=(*CAPABILITIES, "LOGIN-DELAY 120 USER"))
    transport = connect(server)
    assert transport.one_pass and transport.lists_whole and transport.pause == 120.0
    transport.close()
    assert server.received[-1] == "QUIT"
    transport.close()
    assert server.received.count("QUIT") == 1


# -- estimates ------------------------------------------------------------------------


def test_an_estimate_asks_for_few_headers(serve, connect):
    mails = {f"u{n}": mail(n) for n in range(1, 301)}
    server = serve(mails)
    transport = connect(server)
    since = START + timedelta(days=200)
    everything, some, none = transport.estimate(
        "INBOX", [None, since, START + timedelta(days=900)]
    )
    assert everything == Estimate(300, sum(map(len, mails.values())))
    assert some == Estimate(100, sum(len(mail(n)) for n in range(201, 301)))
    assert none == Estimate(0, 0)
    assert sum(line.startswith("TOP") for line in server.received) < 25


def test_an_estimate_without_dates_counts_all(serve, connect):
    server = serve(answers={"TOP": "-ERR no"})
    assert connect(server).estimate("INBOX", [START + timedelta(days=4)])[0].count == 5


def test_an_estimate_steps_over_mails_without_a_date(serve, connect):
    mails = {f"u{n}": mail(n) for n in range(1, 65)}
    for number in (16, 32, 48):
        mails[f"u{number}"] = b"Subject: no date\r\n\r\nx\r\n"
    transport = connect(serve(mails))
    assert transport.estimate("INBOX", [START + timedelta(days=40)])[0].count == 24
    assert connect(serve({})).estimate("INBOX", [None, START]) == (Estimate(0, 0),) * 2


# -- too much -----------------------------------------------------------------------


def endless(command, line):
    """An answer that never ends, and how many of its lines were taken."""

    class Wire:
        taken = 0

        def send(self, _data):
            pass

        def readline(self, _limit):
            self.taken += 1
            return b"+OK\r\n" if self.taken == 1 else line(self.taken - 1)

    client = pop3wire.Client.__new__(pop3wire.Client)
    client._wire = Wire()
    return client, client.numbered(command, 1000)


@pytest.mark.parametrize(
    "line",
    [lambda n: b"%d x%d\r\n" % (n, n), lambda _n: b"\r\n", lambda _n: b"1 x\r\n"],
)
def test_i6_a_list_is_read_line_by_line_and_ends(line):
    client, lines = endless("UIDL", line)
    error = refused(list, lines)
    assert (error.code, error.transient) == ("protocol", False)
    assert "1,000" in error.detail and "IMAP" in error.detail
    assert client._wire.taken <= 1002


def test_i6_a_list_without_end_is_told_and_not_kept(serve, connect, monkeypatch):
    monkeypatch.setattr(pop3drop, "MAX_MAILS", 10)
    monkeypatch.setattr(pop3drop, "LISTING_BYTES", 1000)
    many = listed(f"{n} {n}" for n in range(1, 12))
    long = listed(f"{n} {'x' * 300}" for n in range(1, 6))
    for answers in (
        {"STAT": "+OK 11 100"},
        {"UIDL": many},
        {"LIST": many},
        {"UIDL": long},
    ):
        error = refused(connect(serve(answers=answers)).folders)
        assert (error.code, error.phase) == ("protocol", "list"), answers
        assert "UIDL" not in error.detail  # which it knows
