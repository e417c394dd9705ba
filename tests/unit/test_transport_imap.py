# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The IMAP transport against servers that say what a test tells them to: the way in,
folders, and what holds for all commands."""

import base64
import json
import random
import socket
import threading

import pytest
from scripted_imap import (
    CLOSE,
    HANG,
    MEGABYTE,
    SECRET,
    Drip,
    Expect,
    Flood,
    Reply,
    connected,
    item,
    logged_in,
    opened,
    refused,
    whole,
)
from transport import imap, imapwire, registry, session
from transport.base import Credentials, Cursor, ServerAddress
from transport.errors import MailServerError

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


def test_oauth_tells_its_error_in_a_challenge(serve):
    script = [
        "* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] ready",
        Expect(
            "AUTHENTICATE XOAUTH2",
            "+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=",
            status=None,
        ),
        # after an empty line
        Reply("NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"),
    ]
    _server, transport = serve(script, method="oauth")
    assert refused(transport.connect).code == "auth_bad"


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
