# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I10: to a mail server through an HTTP proxy that is not trusted."""

import socket
import threading

import pytest
from scripted_imap import CLOSE, HANG, Drip, Expect, Flood, Pause, ScriptedServer
from transport import net, ownwords, tunnel
from transport.base import ServerAddress
from transport.errors import MailServerError
from transport.net import Deadline

OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
GREETING = b"* OK Gimap ready\r\n"


def asked(*answer):
    """A proxy that hears a CONNECT out."""
    heard = [Expect(words, status=None) for words in ("CONNECT", "Host:", "")]
    return [*heard, *answer]


@pytest.fixture
def proxy():
    started = []

    def start(*script):
        started.append(ScriptedServer(script))
        return started[-1]

    yield start
    for server in started:
        server.stop()
        assert server.failure is None, server.failure


def behind(server, host="imap.gmail.com", port=993, **options):
    """The proxy's own address is a private one, as it mostly is."""
    return ServerAddress(host, port, proxy=f"http://127.0.0.1:{server.port}", **options)


def tunnelled(address, seconds=5):
    sock = net.open_socket(address, Deadline(seconds))
    sock.settimeout(5)
    return sock


def refused(call, *args, **options):
    with pytest.raises(MailServerError) as caught:
        call(*args, **options).close()
    return caught.value


def told(error):
    """The template of our words."""
    return ownwords.find(error.detail)[0]


# -- what the proxy is asked -----------------------------------------------------


@pytest.mark.parametrize(
    ("host", "authority"),
    [
        ("IMAP.Gmail.com.", "imap.gmail.com:993"),
        ("邮件.example", "xn--5nq051n.example:993"),
        ("8.8.8.8", "8.8.8.8:993"),
        ("[2606:4700::1111]", "[2606:4700::1111]:993"),
        # however the proxy would read it: this is what was judged
        ("0x8.8.8.8", "8.8.8.8:993"),
        ("010.0.0.1", "8.0.0.1:993"),
    ],
)
def test_the_proxy_is_told_the_name_and_nothing_else(proxy, host, authority):
    server = proxy(*asked(OPEN, HANG))
    tunnelled(behind(server, host)).close()
    assert server.received == [
        f"CONNECT {authority} HTTP/1.1",
        f"Host: {authority}",
        "",
    ]


def test_the_destination_is_not_looked_up_here(proxy, monkeypatch):
    server = proxy(*asked(OPEN, HANG))
    lookup, asked_for = socket.getaddrinfo, []

    def getaddrinfo(host, *args, **options):
        asked_for.append(host)
        return lookup(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    tunnelled(behind(server)).close()
    assert asked_for == ["127.0.0.1"]


# -- its answer ------------------------------------------------------------------


def test_not_a_byte_behind_the_answer_is_lost(proxy):
    server = proxy(*asked(OPEN + GREETING, CLOSE))
    with tunnelled(behind(server, port=143)) as sock:
        assert sock.makefile("rb").read() == GREETING


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\nProxy-agent: tinyproxy\r\n\r\n",
        b"HTTP/1.1 200\r\nContent-Length: 7\r\n\r\n",
        b"HTTP/1.1 200 OK\n\n",
    ],
)
def test_spellings_of_yes(proxy, answer):
    server = proxy(*asked(answer + GREETING, CLOSE))
    with tunnelled(behind(server)) as sock:
        assert sock.makefile("rb").read() == GREETING


def test_an_answer_byte_by_byte(proxy):
    slowly = [step for byte in OPEN for step in (bytes([byte]), Pause(0.005))]
    server = proxy(*asked(*slowly, GREETING, CLOSE))
    with tunnelled(behind(server)) as sock:
        assert sock.makefile("rb").read() == GREETING


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "refused", ownwords.PROXY_FORBIDS),
        (407, "refused", ownwords.PROXY_LOGIN),
        (500, "refused", ownwords.PROXY_FAILS),
        (502, "refused", ownwords.PROXY_FAILS),
        (503, "refused", ownwords.PROXY_FAILS),
        (504, "timeout", ownwords.PROXY_FAILS),
        (100, "protocol", ownwords.PROXY_ANSWERS),
        (302, "protocol", ownwords.PROXY_ANSWERS),
        (400, "protocol", ownwords.PROXY_ANSWERS),
        (405, "protocol", ownwords.PROXY_ANSWERS),
    ],
)
def test_a_no_is_told_in_our_words(proxy, status, code, words):
    body = b"Content-Length: 6\r\n\r\nhunter"
    server = proxy(*asked(b"HTTP/1.1 %d hunter2\r\n" % status + body, HANG))
    error = refused(tunnelled, behind(server))
    assert (error.code, error.phase, told(error)) == (code, "connect", words)
    assert f"127.0.0.1:{server.port}" in error.detail
    assert "hunter" not in error.detail
    # the administrator repairs it for all mailboxes, none has to be bound again
    assert error.transient and not error.auth


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ([CLOSE], "reset"),
        ([b"HTTP/1.1 200 OK\r\nVia: 1", CLOSE], "reset"),
        ([b"HTTP/1.1 200 OK\r\n", HANG], "timeout"),
        ([HANG], "timeout"),
        ([b"HTTP/1.1 200 OK\r\n", Drip("Via: 1.1 a\r\n")], "timeout"),
        ([b"HTTP/1.1 200 OK\r\n", Flood("Via: 1.1 a")], "protocol"),
        ([b"HTTP/1.1 200 " + b"x" * 2**20, HANG], "protocol"),
        # told at once, not when time is up
        ([b"SSH-2.0-OpenSSH_9.2\r\n", HANG], "protocol"),
        ([b"* OK", HANG], "protocol"),
        ([b"\x15\x03\x01\x00\x02\x02\x32", HANG], "protocol"),
        ([b"HTTP/2 200\r\n", HANG], "protocol"),
        ([b"HTTP/1.1 2000 OK\r\n\r\n", HANG], "protocol"),
        ([b"HTTP/1.1 OK\r\n\r\n", HANG], "protocol"),
        ([b"HTTP/1.1 -20 OK\r\n\r\n", HANG], "protocol"),
        (["HTTP/1.1 ２００ OK\r\n\r\n".encode(), HANG], "protocol"),
    ],
)
def test_a_broken_or_hostile_proxy(proxy, answer, code):
    server = proxy(*asked(*answer))
    seconds = 0.3 if code == "timeout" else 60
    error = refused(tunnelled, behind(server), seconds)
    assert (error.code, error.phase) == (code, "connect")
    words = {
        "reset": ownwords.PROXY_BROKE,
        "timeout": ownwords.PROXY_SILENT,
        "protocol": ownwords.PROXY_ABSURD,
    }
    assert told(error) == words[code]
    assert error.transient


def test_no_connection_is_left_of_a_no(proxy, monkeypatch):
    opened = []
    connect = net._connect

    def remember(*args):
        opened.append(connect(*args))
        return opened[-1]

    monkeypatch.setattr(net, "_connect", remember)
    refused(tunnelled, behind(proxy(*asked(b"HTTP/1.1 403 No\r\n\r\n", HANG))))
    refused(tunnelled, behind(proxy(*asked(CLOSE))))
    assert [sock.fileno() for sock in opened] == [-1, -1]


# -- a proxy that is not there ---------------------------------------------------


def test_nothing_listens_where_the_proxy_should_be():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = ServerAddress("imap.gmail.com", 993, proxy=f"http://127.0.0.1:{port}")
    error = refused(tunnelled, address)
    assert (error.code, error.phase) == ("refused", "connect")
    assert told(error) == ownwords.PROXY_CLOSED


def test_a_proxy_whose_name_is_not_found(monkeypatch):
    def getaddrinfo(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    address = ServerAddress("imap.gmail.com", 993, proxy="http://proxy.lan:3128")
    error = refused(tunnelled, address)
    assert (error.code, error.phase) == ("dns", "dns")
    assert told(error) == ownwords.PROXY_UNKNOWN
    # of a mail server it would be final: a mail that waits would be given up
    assert error.transient


def test_a_proxy_whose_name_takes_for_ever(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: release.wait(30))
    address = ServerAddress("imap.gmail.com", 993, proxy="http://proxy.lan:3128")
    error = refused(tunnelled, address, 0.05)
    release.set()
    assert (error.code, error.phase) == ("timeout", "dns")
    assert told(error) == ownwords.PROXY_SILENT


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:3128",
        "https://proxy.lan:3128",
        "socks5://proxy.lan:1080",
        "http://proxy.lan",
        "http://:3128",
        "http://proxy .lan:3128",
        "http://proxy.lan:3128\n",
        "http://proxy.lan:0",
        "http://proxy.lan:99999",
        "http://proxy.lan:port",
        "http://[::1:3128",
        "http://a..b:3128",
        "http://ann:hunter2@proxy.lan:3128",
        "http://proxy.lan:3128/hunter2",
        "http://proxy.lan:3128?hunter2",
        "http://proxy.lan:3128#hunter2",
    ],
)
def test_what_is_no_address_of_a_proxy_is_never_taken_for_none(url):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        address = ServerAddress("127.0.0.1", port, allow_private=True, proxy=url)
        error = refused(tunnelled, address)
    assert (error.code, error.detail) == ("dns", ownwords.INVALID_PROXY)
    assert not error.transient


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://Proxy.lan:3128", ("proxy.lan", 3128)),
        ("http://10.0.0.1:3128/", ("10.0.0.1", 3128)),
        ("http://[fd00::1]:3128", ("fd00::1", 3128)),
    ],
)
def test_where_the_proxy_stands(url, place):
    found = tunnel.proxy_of(url)
    assert (found.host, found.port) == place
    assert found.allow_private


# -- where it may lead -----------------------------------------------------------

LOCAL = """
    127.0.0.1 127.1 2130706433 0x7f.1 0177.0.0.1 0 １２７.0.0.1 127。0。0。1。
    10.0.0.1 169.254.169.254 100.64.0.1 ::1 [::1] fd00::1 ::ffff:10.0.0.1
    localhost LOCALHOST. localhost。 ｌｏｃａｌｈｏｓｔ imap.localhost
    localhost.localdomain localhost6.localdomain6 ip6-loopback
    mail metadata metadata.google.internal printer.local router.home.arpa
""".split()


@pytest.mark.parametrize("host", LOCAL)
def test_i10_the_proxys_own_network_is_no_destination(proxy, host):
    server = proxy(*asked(OPEN, HANG))
    error = refused(tunnelled, behind(server, host))
    assert error.code == "private_host"
    assert told(error) in (ownwords.PRIVATE_ADDRESS, ownwords.LOCAL_NAME)
    assert not server.received


def test_i10_it_is_refused_before_the_proxy_is_looked_for():
    address = ServerAddress("localhost", 993, proxy="http://proxy.invalid:3128")
    with pytest.raises(MailServerError) as caught:
        net.resolve(address, Deadline(5))
    assert caught.value.code == "private_host"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "mail", "[::1]"])
def test_unless_the_administrator_allows_private_hosts(proxy, host):
    server = proxy(*asked(OPEN, HANG))
    tunnelled(behind(server, host, allow_private=True)).close()
    assert server.received[0] == f"CONNECT {host}:993 HTTP/1.1"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "imap.gmail.com\r\nX-Evil: 1",
        "imap.gmail.com\nX-Evil: 1",
        "imap.gmail.com HTTP/1.1",
        "imap.gmail.com:25",
        "imap.gmail.com?",
        "imap.gmail.com#",
        "imap\x85.gmail.com",
        # Python takes this for an address
        "2606:4700::1111%\r\nX-Evil: 1",
        "fe80::1%eth0",
        # no addresses, but who knows what a proxy makes of them
        "8.8.8.8.8",
        "imap.256",
        "4294967297",
    ],
)
@pytest.mark.parametrize("allow_private", [False, True])
def test_a_host_that_is_no_host_never_reaches_the_proxy(proxy, host, allow_private):
    server = proxy(*asked(OPEN, HANG))
    error = refused(tunnelled, behind(server, host, allow_private=allow_private))
    assert (error.code, error.detail) == ("dns", ownwords.INVALID_HOST)
    assert not server.received


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_no_port_never_reaches_the_proxy(proxy, port):
    server = proxy(*asked(OPEN, HANG))
    error = refused(tunnelled, behind(server, port=port))
    assert (error.code, told(error)) == ("refused", ownwords.INVALID_PORT)
    assert not server.received


# -- what it carries -------------------------------------------------------------


def test_i10_nothing_goes_through_a_proxy_in_clear_text(proxy):
    server = proxy(*asked(OPEN, HANG))
    error = refused(tunnelled, behind(server, security="none", allow_private=True))
    assert (error.code, told(error)) == ("tls_missing", ownwords.PROXY_CLEAR_TEXT)
    assert not server.received


@pytest.mark.parametrize(
    ("behind_the_answer", "code"),
    [
        (b"\x00\x01\x02\x03" * 9, "protocol"),
        (b"<html><h1>Please log in to the guest network</h1>", "tls_missing"),
        (b"", "reset"),
    ],
)
def test_i10_a_proxy_that_speaks_for_the_mail_server(proxy, behind_the_answer, code):
    server = proxy(*asked(OPEN + behind_the_answer, CLOSE))
    sock = tunnelled(behind(server))
    error = refused(net.wrap_tls, sock, "imap.gmail.com", Deadline(5))
    assert (error.code, error.phase) == (code, "tls")
    assert sock.fileno() == -1
