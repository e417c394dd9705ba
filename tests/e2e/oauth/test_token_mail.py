# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Our transports with tokens before a real Dovecot, by IMAP and by SMTP."""

import itertools
import time
from contextlib import closing

import pytest
from servers.process import wait_until
from transport.base import Credentials, ServerAddress
from transport.errors import MailServerError
from transport.imap import ImapTransport
from transport.smtp import SmtpTransport

_numbers = itertools.count(1)
# of Entra's: longer than the command of SMTP may be
LONG = {"pad": "x" * 1800}


@pytest.fixture
def user(dovecot):
    return dovecot.add_user(f"rep{next(_numbers)}@token.test", "a password")


@pytest.fixture(params=["imap ssl", "imap starttls", "smtp ssl", "smtp starttls"])
def login(request, dovecot, smtp, trusted):
    """``login(user, token)``: None, or the code of what it raised."""
    protocol, security = request.param.split()
    ports = {
        "imap ssl": dovecot.imaps_port,
        "imap starttls": dovecot.imap_port,
        "smtp ssl": dovecot.submissions_port,
        "smtp starttls": dovecot.submission_port,
    }
    made = ImapTransport if protocol == "imap" else SmtpTransport
    address = ServerAddress("localhost", ports[request.param], security, True)

    def login(user, secret, method="oauth"):
        with closing(made(address, Credentials(user, secret, method))) as transport:
            try:
                transport.connect()
            except MailServerError as error:
                assert error.phase == "login" and secret not in repr(error)
                return error.code
        return None

    return login


def test_who_is_let_in(idp, login, user):
    assert login(user, idp.access_token(user)) is None
    assert login(user, idp.access_token(user, **LONG)) is None
    assert login(user, "a password", "password") is None


def test_who_is_not(idp, login, user):
    good = idp.access_token(user, **LONG)
    for token in (
        idp.access_token("another@token.test"),
        idp.access_token(user, exp=int(time.time()) - 1, **LONG),
        idp.access_token(user, iss="https://elsewhere.test"),
        good[:-8] + "AAAAAAAA",
        "a password",
    ):
        assert login(user, token) == "auth_bad"
    assert login(user, good, "password") == "auth_bad"
    assert login(user, good) is None  # nobody was locked out


@pytest.mark.parametrize("name", ["strict_op", "emulate"])
def test_a_revoked_token_is_refused(request, app, dovecot, login, name):
    dovecot.add_user("alice@lanyue.example", "a password")
    client = app(request.getfixturevalue(name), "google")
    tokens = client.tokens()
    assert login("alice@lanyue.example", tokens["access_token"]) is None
    # of emulate's only the token itself dies
    token = tokens["refresh_token" if name == "strict_op" else "access_token"]
    assert client.revoke(token) == 200
    assert login("alice@lanyue.example", tokens["access_token"]) == "auth_bad"


def test_mail_is_sent_and_fetched_by_token(idp, dovecot, smtp, trusted, user):
    token = idp.access_token(user, **LONG)
    credentials = Credentials(user, token, "oauth")
    address = ServerAddress("localhost", dovecot.submissions_port, "ssl", True)
    before = len(smtp.outside())
    with closing(SmtpTransport(address, credentials)) as transport:
        transport.connect()
        raw = b"Subject: \xe5\x8f\x91\r\n\r\n.dot\r\n"
        transport.send(user, ["buyer@outside.test", user], raw)
        with pytest.raises(MailServerError) as caught:
            transport.send(user, ["reject@outside.test"], raw)
        assert caught.value.code == "recipient_refused"
    wait_until(lambda: len(smtp.outside()) > before, 10, "mail to the outside")
    wait_until(lambda: dovecot.messages(user), 10, "mail to ourselves")
    address = ServerAddress("localhost", dovecot.imaps_port, "ssl", True)
    with closing(ImapTransport(address, credentials)) as transport:
        transport.connect()
        assert "INBOX" in [folder.key for folder in transport.folders()]
