# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Real mail servers behind an HTTP proxy, a real one or one that cheats."""

import sys
from pathlib import Path

import pytest
from servers.process import wait_until
from servers.proxy import Relay, Tinyproxy

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from transport import ownwords, registry  # noqa: E402
from transport.base import Credentials, Cursor, ServerAddress  # noqa: E402
from transport.errors import MailServerError  # noqa: E402
from transport.smtp import SmtpTransport  # noqa: E402

LIMIT = 2**20
BOTH = pytest.mark.parametrize("security", ["ssl", "starttls"])


@pytest.fixture(scope="module")
def tinyproxy(servers_folder):
    with Tinyproxy(servers_folder / "tinyproxy") as proxy:
        yield proxy


@pytest.fixture
def relay():
    started = []

    def start(places, **options):
        started.append(Relay(places, **options))
        return started[-1]

    yield start
    for proxy in started:
        proxy.stop()


@pytest.fixture
def ports(dovecot, smtp):
    return {
        ("imap", "ssl"): dovecot.imaps_port,
        ("imap", "starttls"): dovecot.imap_port,
        ("pop3", "ssl"): dovecot.pop3s_port,
        ("pop3", "starttls"): dovecot.pop3_port,
        ("smtp", "ssl"): smtp.tls_port,
        ("smtp", "starttls"): smtp.port,
    }


@pytest.fixture
def make(box, ports, trusted):
    """``make(protocol, security, proxy)``: an unconnected transport of the box."""
    made = []

    def make(protocol, security, proxy, **place):
        port = ports[protocol, security]
        place = {"host": "localhost", "port": port, "allow_private": True, **place}
        address = ServerAddress(security=security, proxy=proxy.url, **place)
        credentials = Credentials(box.email, box.password)
        if protocol == "smtp":
            made.append(SmtpTransport(address, credentials))
        else:
            made.append(registry.create(protocol, address, credentials))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def refused(call):
    with pytest.raises(MailServerError) as caught:
        call()
    return caught.value


def first_mail(transport):
    (item,) = transport.list("INBOX", Cursor(), 10).items
    (mail,) = transport.fetch("INBOX", [item], LIMIT)
    return mail.raw


@BOTH
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_mail_is_read_through_a_proxy(box, make, tinyproxy, protocol, security):
    box.fill(1)
    transport = make(protocol, security, tinyproxy)
    transport.connect()
    assert first_mail(transport) in box.dovecot.messages(box.email)
    assert f"CONNECT localhost:{transport.address.port} HTTP/1.1" in tinyproxy.told()
    assert {step.state for step in transport.steps()} <= {"ok", "skipped"}


@BOTH
def test_mail_is_sent_through_a_proxy(box, make, tinyproxy, security):
    transport = make("smtp", security, tinyproxy)
    transport.connect()
    raw = b"Subject: x\r\n\r\n" + b"line\r\n" * 50_000
    transport.send(box.email, [box.email], raw)
    arrived = wait_until(lambda: box.dovecot.messages(box.email), 30, "the mail")
    assert arrived[0].endswith(raw)


@pytest.mark.parametrize("protocol", ["imap", "smtp"])
def test_a_greeting_in_one_packet_with_the_proxys_answer(make, relay, ports, protocol):
    """Of a name that the proxy alone can resolve."""
    port = ports[protocol, "starttls"]
    host = f"{protocol}.demo.test"
    proxy = relay({f"{host}:{port}": port}, together=True)
    transport = make(protocol, "starttls", proxy, host=host, allow_private=False)
    transport.connect()
    assert transport.alive()
    assert proxy.asked == [f"{host}:{port}"]


@BOTH
@pytest.mark.parametrize("protocol", ["imap", "smtp"])
def test_i10_a_proxy_that_leads_to_another_server(
    make, relay, ports, protocol, security
):
    port = ports[protocol, security]
    proxy = relay({f"mail.google.example:{port}": port})
    transport = make(protocol, security, proxy, host="mail.google.example")
    error = refused(transport.connect)
    assert (error.code, error.phase) == ("tls_name", "tls")


@BOTH
def test_i10_a_proxy_that_signs_certificates_itself(
    make, ca, relay, ports, security, tmp_path, monkeypatch
):
    port = ports["imap", security]
    proxy = relay({f"imap.demo.test:{port}": port})
    other = type(ca)(tmp_path / "other-ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    transport = make("imap", security, proxy, host="imap.demo.test")
    error = refused(transport.connect)
    assert (error.code, error.phase) == ("tls_untrusted", "tls")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("BasicAuth ann hunter2", ownwords.PROXY_LOGIN),
        ("ConnectPort 1", ownwords.PROXY_FORBIDS),
        ("Deny 127.0.0.1", ownwords.PROXY_FORBIDS),
    ],
)
def test_a_proxy_that_says_no(make, servers_folder, line, words):
    with Tinyproxy(servers_folder / "tinyproxy-no", line) as proxy:
        error = refused(make("imap", "ssl", proxy).connect)
    assert (error.code, error.phase) == ("refused", "connect")
    assert ownwords.find(error.detail)[0] == words


@pytest.mark.parametrize("place", [{"port": 1}, {"host": "nowhere.invalid"}])
def test_a_proxy_that_cannot_get_there(make, tinyproxy, place):
    transport = make("imap", "ssl", tinyproxy, **place)
    error = refused(transport.connect)
    assert (error.code, error.phase) == ("refused", "connect")
    assert ownwords.find(error.detail)[0] == ownwords.PROXY_FAILS
    steps = {step.name: step.state for step in transport.steps()}
    assert (steps["dns"], steps["tcp"], steps["tls"]) == ("ok", "failed", "skipped")


def test_a_proxy_that_ends_in_the_middle(make, servers_folder):
    with Tinyproxy(servers_folder / "tinyproxy-ends") as proxy:
        transport = make("imap", "ssl", proxy)
        transport.connect()
        assert transport.alive()
    assert not transport.alive()
    assert refused(transport.connect).code == "refused"
