# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The SMTP transport against servers that say what a test tells them to."""

import base64
import pickle

import pytest
from scripted_imap import CLOSE, HANG, Expect, Flood, Pause, ScriptedServer
from transport import sasl, smtp
from transport.base import Credentials, ServerAddress
from transport.errors import MailServerError
from transport.net import Deadline

LOGIN, SECRET = "ann@x.example", 'hun"ter2 geheim'
RAW = b"Subject: x\n\nline\n.dot\nlast"
PLAIN = base64.b64encode(f"\0{LOGIN}\0{SECRET}".encode()).decode()


def said(command, *lines, **options):
    return Expect(command, *lines, status=None, **options)


def greeted(*steps, offers=("AUTH PLAIN LOGIN", "SIZE 1000", "8BITMIME")):
    lines = ["250-hello", *(f"250-{offer}" for offer in offers[:-1])]
    return ["220 ready", said("EHLO", *lines, f"250 {offers[-1]}"), *steps]


def logged_in(*steps, **options):
    return greeted(said("AUTH", "235 welcome"), *steps, **options)


@pytest.fixture
def serve():
    started = []

    def serve(script, **options):
        server = ScriptedServer(script)
        place = options.pop("security", "none")
        address = ServerAddress("127.0.0.1", server.port, place, True)
        method = options.pop("method", "password")
        secret = options.pop("secret", SECRET)
        credentials = Credentials(LOGIN, secret, method)
        transport = smtp.SmtpTransport(address, credentials, read_timeout=5, **options)
        started.append((server, transport))
        return server, transport

    yield serve
    for server, transport in started:
        transport.close()
        server.stop()
        assert server.failure is None, server.failure


def refused(call, *args):
    with pytest.raises(MailServerError) as caught:
        call(*args)
    return caught.value


def states(transport):
    return {step.name: step.state for step in transport.steps()}


# -- greeting and login ----------------------------------------------------------


def test_the_name_we_give_tells_nothing_of_our_host(serve):
    server, transport = serve(logged_in())
    transport.connect()
    assert server.received[0].lower() == "ehlo [127.0.0.1]"


def test_plain_comes_first_and_once(serve):
    server, transport = serve(greeted(said("AUTH PLAIN", "535 5.7.8 no such")))
    error = refused(transport.connect)
    assert (error.code, error.phase, error.auth) == ("auth_bad", "login", True)
    # a second mechanism would be a second failure with providers that lock accounts
    assert [x for x in server.received if "AUTH" in x] == [f"AUTH PLAIN {PLAIN}"]
    assert states(transport) == {
        "dns": "ok",
        "tcp": "ok",
        "tls": "skipped",
        "login": "failed",
        "send": "skipped",
    }


def test_login_where_nothing_else_is_offered(serve):
    steps = [
        said("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        said(base64.b64encode(LOGIN.encode()).decode(), "334 UGFzc3dvcmQ6"),
        said(base64.b64encode(SECRET.encode()).decode(), "235 ok"),
    ]
    _server, transport = serve(greeted(*steps, offers=("AUTH LOGIN",)))
    transport.connect()
    assert states(transport)["login"] == "ok"


def test_xoauth2_tells_its_error_in_a_challenge(serve):
    answer = base64.b64encode(
        f"user={LOGIN}\x01auth=Bearer {SECRET}\x01\x01".encode()
    ).decode()
    steps = [
        said(f"AUTH XOAUTH2 {answer}", "334 eyJzdGF0dXMiOiI0MDEifQ=="),
        said("", "535 5.7.8 not accepted"),
    ]
    _server, transport = serve(
        greeted(*steps, offers=("AUTH XOAUTH2 PLAIN",)), method="oauth"
    )
    assert refused(transport.connect).code == "auth_bad"


@pytest.mark.parametrize("length", [1, 2000])
def test_a_token_longer_than_a_command_may_be_comes_after_it(serve, length):
    token = "t" * length
    answer = f"user={LOGIN}\x01auth=Bearer {token}\x01\x01".encode()
    answer = base64.b64encode(answer).decode()
    steps = [said(f"AUTH XOAUTH2 {answer}", "235 welcome")]
    if length > 1:
        steps = [said("AUTH XOAUTH2", "334 "), said(answer, "235 welcome")]
    server, transport = serve(
        greeted(*steps, offers=("AUTH XOAUTH2",)), method="oauth", secret=token
    )
    transport.connect()
    assert max(map(len, server.received[:2])) <= 510


def test_a_long_token_tells_its_error_in_a_second_challenge(serve):
    steps = [
        said("AUTH XOAUTH2", "334 "),
        said("dXNlcj1", "334 eyJzdGF0dXMiOiI0MDEifQ=="),
        said("", "535 5.7.8 not accepted"),
    ]
    _server, transport = serve(
        greeted(*steps, offers=("AUTH XOAUTH2",)), method="oauth", secret="t" * 2000
    )
    assert refused(transport.connect).code == "auth_bad"


def test_passwords_are_not_wanted(serve):
    _server, transport = serve(greeted(offers=("AUTH XOAUTH2",)))
    assert refused(transport.connect).code == "oauth_required"


def test_i10_no_starttls_no_login(serve):
    server, transport = serve(greeted(), security="starttls")
    error = refused(transport.connect)
    assert (error.code, error.phase) == ("tls_missing", "tls")
    assert not any("AUTH" in line for line in server.received)


def test_i10_a_server_that_wants_encryption_for_the_login(serve):
    _server, transport = serve(greeted(offers=("STARTTLS",)))
    assert refused(transport.connect).code == "tls_missing"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (["421 4.7.0 too busy"], "throttled"),
        (["554 HL:IPB 163 smtp3"], "ip_blocked"),
        (["* OK IMAP4 ready"], "protocol"),
        ([CLOSE], "reset"),
        ([Flood("220-welcome")], "protocol"),
    ],
)
def test_greeting(serve, script, code):
    _server, transport = serve(script)
    assert refused(transport.connect).code == code


def test_a_server_that_hangs(serve):
    _server, transport = serve([HANG])
    transport.hard_deadline = Deadline(0.05)
    error = refused(transport.connect)
    assert (error.code, error.phase) == ("timeout", "greeting")
    assert states(transport)["tcp"] == "failed"


def test_i9_secrets_that_the_server_repeats_are_masked(serve):
    _server, transport = serve(
        greeted(said("AUTH", f"535 cannot read {PLAIN} of {SECRET}"))
    )
    error = refused(transport.connect)
    told = str(error) + repr(error) + "\n".join(transport.transcript())
    told += repr(transport.steps())
    assert PLAIN not in told and SECRET not in told and "geheim" not in told


@pytest.mark.parametrize("secret", ["a\r\nMAIL FROM:<x>", "a\0b"])
def test_no_command_injection_through_the_secret(secret):
    credentials = Credentials(LOGIN, secret)
    with pytest.raises(MailServerError):
        sasl.answer_of(credentials, {"PLAIN"}, ServerAddress("x", 1))


# -- a mail ----------------------------------------------------------------------


def sent(transport, *recipients):
    transport.connect()
    transport.send(LOGIN, recipients or ["bob@y.example"], RAW)


def test_a_mail_on_the_wire(serve):
    size = len(RAW) + RAW.count(b"\n")
    script = logged_in(
        said(f"SIZE={size}", "250 ok"),
        said("RCPT TO:<bob@y.example>", "250 ok"),
        said("DATA", "354 go on"),
        said("Subject: x"),
        Blank(),
        said("line"),
        said("..dot"),
        said("last"),
        said(".", "250 taken"),
    )
    server, transport = serve(script)
    sent(transport)
    assert transport.was_data_ended and transport.was_answered
    assert states(transport)["send"] == "ok"
    assert server.received[2].lower() == f"mail from:<{LOGIN}> size={size}"


class Blank(Expect):
    """Reads an empty line: its text is the answer's, which is none."""

    def __init__(self):
        super().__init__("", status=None)


ENVELOPE = [said("MAIL", "250 ok"), said("RCPT", "250 ok")]
TO_THE_DOT = [
    said("DATA", "354 go on"),
    said("Subject: x"),
    Blank(),
    said("line"),
    said("..dot"),
    said("last"),
]


@pytest.mark.parametrize(
    ("steps", "code", "phase", "ended", "answered"),
    [
        (
            [said("MAIL", "550 no"), said("RSET", "250 ok")],
            "mail_refused",
            "mail",
            0,
            0,
        ),
        (
            [said("MAIL", "250 ok"), said("RCPT", "550 no"), said("RSET", "250 ok")],
            "recipient_refused",
            "rcpt",
            0,
            0,
        ),
        (
            [said("MAIL", "250 ok"), said("RCPT", "451 wait"), said("RSET", "250 ok")],
            "throttled",
            "rcpt",
            0,
            0,
        ),
        ([*ENVELOPE, said("DATA", "554 no")], "mail_refused", "data", 0, 0),
        (
            [*ENVELOPE, *TO_THE_DOT, said(".", "554 DT:SPM 163 smtp14")],
            "mail_refused",
            "answer",
            1,
            1,
        ),
        ([*ENVELOPE, *TO_THE_DOT, said(".", "452 later")], "throttled", "answer", 1, 1),
        # nobody knows whether it was taken
        ([*ENVELOPE, *TO_THE_DOT, said("."), CLOSE], "reset", "answer", 1, 0),
    ],
)
def test_i11_how_far_a_refused_mail_came(serve, steps, code, phase, ended, answered):
    _server, transport = serve(logged_in(*steps))
    error = refused(sent, transport)
    assert (error.code, error.phase) == (code, phase)
    assert (transport.was_data_ended, transport.was_answered) == (ended, answered)
    assert states(transport)["send"] == "failed"


def test_i11_content_that_was_cut_has_not_left(serve):
    """Without its end it is no mail, so it can be sent again."""
    steps = [*ENVELOPE, said("DATA", "354 go"), CLOSE]
    _server, transport = serve(logged_in(*steps, offers=("AUTH PLAIN",)))
    large = RAW + b"\r\n" + (b"y" * 76 + b"\r\n") * 110_000
    transport.connect()
    error = refused(transport.send, LOGIN, ["bob@y.example"], large)
    assert error.code == "reset" and error.phase == "data"
    assert not transport.was_data_ended and not transport.was_answered


def test_a_refused_recipient_leaves_the_connection_for_the_next_mail(serve):
    script = logged_in(
        said("MAIL", "250 ok"),
        said("RCPT", "550 5.1.1 no such user"),
        said("RSET", "250 ok"),
        *ENVELOPE,
        *TO_THE_DOT,
        said(".", "250 taken"),
    )
    _server, transport = serve(script)
    assert refused(sent, transport).code == "recipient_refused"
    transport.send(LOGIN, ["bob@y.example"], RAW)
    assert transport.was_answered


def test_every_refused_recipient_is_named(serve):
    script = logged_in(
        said("MAIL", "250 ok"),
        said("<a@y.example>", "550 5.1.1 no such user"),
        said("<b@y.example>", "250 ok"),
        said("<c@y.example>", "553 5.1.2 no such domain"),
        said("RSET", "250 ok"),
    )
    _server, transport = serve(script)
    error = refused(sent, transport, "a@y.example", "b@y.example", "c@y.example")
    assert (error.code, error.phase) == ("recipient_refused", "rcpt")
    assert error.recipients == (
        ("a@y.example", "550 5.1.1 no such user"),
        ("c@y.example", "553 5.1.2 no such domain"),
    )
    assert "c@y.example" not in str(error)  # I8: it may go to a log
    assert pickle.loads(pickle.dumps(error)).recipients == error.recipients


def test_a_recipient_refused_for_good_counts_more_than_one_refused_for_now(serve):
    script = logged_in(
        said("MAIL", "250 ok"),
        said("<a@y.example>", "550 no"),
        said("<b@y.example>", "452 too many recipients"),
        said("RSET", "250 ok"),
    )
    _server, transport = serve(script)
    error = refused(sent, transport, "a@y.example", "b@y.example")
    assert (error.code, error.transient) == ("recipient_refused", False)
    assert [address for address, _words in error.recipients] == ["a@y.example"]


def test_i11_content_may_be_looked_through_for_longer_than_a_command(serve):
    script = logged_in(*ENVELOPE, *TO_THE_DOT, said("."), Pause(0.9), "250 taken")
    _server, transport = serve(script)
    transport._read_timeout = 0.3
    sent(transport)
    assert transport.was_answered


def test_a_mail_beyond_the_servers_limit_is_not_even_begun(serve):
    server, transport = serve(logged_in())
    transport.connect()
    error = refused(transport.send, LOGIN, ["bob@y.example"], b"x" * 2000)
    assert (error.code, error.phase) == ("too_large", "mail")
    assert not any("MAIL" in line for line in server.received)


@pytest.mark.parametrize(
    "address", ["", "a b@y.example", "a@y.example>\r\nDATA", "<a@y.example>", "a\0@y"]
)
def test_addresses_cannot_carry_commands(serve, address):
    _server, transport = serve(logged_in())
    transport.connect()
    error = refused(transport.send, LOGIN, [address], RAW)
    assert (error.code, error.phase) == ("recipient_refused", "rcpt")


def test_an_address_that_the_server_cannot_spell(serve):
    _server, transport = serve(logged_in())
    transport.connect()
    error = refused(transport.send, LOGIN, ["用户@y.example"], RAW)
    assert error.code == "recipient_refused"


def test_sending_before_connecting():
    place = ServerAddress("127.0.0.1", 1, "none", True)
    transport = smtp.SmtpTransport(place, Credentials(LOGIN, SECRET))
    assert refused(transport.send, LOGIN, ["bob@y.example"], RAW).code == "reset"
