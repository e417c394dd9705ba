# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I10: where we may connect to, and reading that ends in time."""

import socket
import threading

import pytest
from transport import net
from transport.base import ServerAddress
from transport.errors import Absurd, MailServerError
from transport.net import Deadline

PRIVATE = """
    127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1
    169.254.169.254 100.64.0.1 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.9
    224.0.0.1 240.0.0.1 255.255.255.255
    :: ::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd12:3456::1 ff02::1
    2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 2002:7f00:1:: 2002:c0a8:101::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2 ::127.0.0.1
    168.63.129.16 192.88.99.1 3fff::1 2001:20::1
""".split()
PUBLIC = """
    8.8.8.8 1.1.1.1 172.32.0.1 100.128.0.1 2606:4700::1111 ::ffff:8.8.8.8
    64:ff9b::808:808 2002:808:808::1
""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address):
    assert net.is_private(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address):
    assert not net.is_private(address)


@pytest.mark.parametrize(
    "host, ascii_host",
    [
        ("IMAP.Example.com.", "imap.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("邮件.example", "xn--5nq051n.example"),
        ("imap。example。", "imap.example"),
        (" [::1] ", "::1"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_host_ascii(host, ascii_host):
    assert net.host_ascii(host) == ascii_host


@pytest.mark.parametrize(
    "host", ["", ".", "a..b", "x" * 64 + ".de", "a b", "a/b", "u@h", "a\r\nb", "h:25"]
)
def test_bad_host_names(host):
    with pytest.raises(MailServerError) as caught:
        net.host_ascii(host)
    assert caught.value.code == "dns"


def _resolver(monkeypatch, *addresses):
    def getaddrinfo(host, port, **_options):
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["2606:4700::1111", "::1"]],
)
def test_one_private_address_refuses_the_host(monkeypatch, addresses):
    _resolver(monkeypatch, *addresses)
    with pytest.raises(MailServerError) as caught:
        net.open_socket(ServerAddress("rebind.example", 993), Deadline(5))
    assert caught.value.code == "private_host"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_loopback_in_any_spelling(host):
    with pytest.raises(MailServerError) as caught:
        net.resolve(ServerAddress(host, 993), Deadline(5))
    assert caught.value.code == "private_host"


def test_admin_may_allow_private_hosts(monkeypatch):
    _resolver(monkeypatch, "10.0.0.1")
    address = ServerAddress("mail.lan", 993, allow_private=True)
    assert net.resolve(address, Deadline(5)) == [
        (socket.AF_INET, ("10.0.0.1", 993)),
    ]


@pytest.mark.parametrize("port", [0, -1, 65536, 993 + 65536])
def test_bad_ports(port):
    with pytest.raises(MailServerError) as caught:
        net.resolve(ServerAddress("8.8.8.8", port), Deadline(5))
    assert caught.value.code == "refused"


def test_addresses_are_tried_in_order(monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    _resolver(monkeypatch, "127.0.0.9", "127.0.0.1")
    address = ServerAddress("two.example", port, allow_private=True)
    sock = net.open_socket(address, Deadline(5))
    assert sock.getpeername() == ("127.0.0.1", port)
    sock.close()
    listener.close()


def test_hanging_resolver_ends_with_the_deadline(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: release.wait(30))
    with pytest.raises(MailServerError) as caught:
        net.resolve(ServerAddress("slow.example", 993), Deadline(0.05))
    release.set()
    assert (caught.value.code, caught.value.phase) == ("timeout", "dns")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_deadline_grows_with_what_arrives_up_to_its_limit():
    clock = Clock()
    deadline = Deadline(10, rate=1000, longest=60, clock=clock)
    deadline.earn(5000)
    assert deadline.left() == 15
    deadline.earn(10**9)
    assert deadline.left() == 60


def test_dripping_buys_no_time():
    clock = Clock()
    deadline = Deadline(10, rate=64 * 1024, longest=60, clock=clock)
    for _byte in range(3):
        clock.now += 3.4
        deadline.earn(1)
    with pytest.raises(TimeoutError):
        deadline.need()


def test_deadline_without_rate_never_grows():
    clock = Clock()
    deadline = Deadline(10, clock=clock)
    deadline.earn(10**9)
    assert deadline.left() == 10


def test_cut():
    clock = Clock()
    slice_ = Deadline(4, clock=clock)
    deadline = Deadline(10, rate=1, longest=60, clock=clock).cut(slice_).cut(None)
    deadline.earn(10**6)
    assert deadline.left() == 4


@pytest.fixture
def wire():
    ours, theirs = socket.socketpair()
    wire = net.Wire(ours, read_timeout=5)
    wire.begin(Deadline(5), 1000)
    yield wire, theirs
    wire.close()
    theirs.close()


def test_wire_reads_lines_and_bytes(wire):
    wire, theirs = wire
    theirs.sendall(b"line\r\n12345rest\r\n")
    assert wire.readline(100) == b"line\r\n"
    assert wire.read(5) == b"12345"
    assert wire.readline(100) == b"rest\r\n"
    assert wire.received == 17


def test_wire_refuses_endless_lines(wire):
    wire, theirs = wire
    theirs.sendall(b"x" * 200)
    with pytest.raises(Absurd):
        wire.readline(100)


def test_wire_refuses_floods(wire):
    wire, theirs = wire
    theirs.sendall(b"* 1 EXISTS\r\n" * 100)
    with pytest.raises(Absurd):
        for _line in range(100):
            wire.readline(100)


def test_wire_ends_with_its_deadline(wire):
    wire, _theirs = wire
    wire.begin(Deadline(0.02), 1000)
    with pytest.raises(TimeoutError):
        wire.readline(100)


@pytest.mark.parametrize("sent", [b"", b"half a li"])
def test_wire_tells_a_closed_connection(wire, sent):
    wire, theirs = wire
    theirs.sendall(sent)
    theirs.close()
    with pytest.raises(EOFError):
        wire.readline(100)


@pytest.mark.parametrize(
    "first_bytes, code",
    [
        (b"* OK ready to serve you\r\n", "tls_missing"),
        (b"\x00\x01\x02\x03" * 9, "protocol"),
    ],
)
def test_tls_on_a_port_without(first_bytes, code):
    ours, theirs = socket.socketpair()
    theirs.sendall(first_bytes)
    with pytest.raises(MailServerError) as caught:
        net.wrap_tls(ours, "mail.example", Deadline(5))
    assert caught.value.code == code
    assert ours.fileno() == -1
    theirs.close()
