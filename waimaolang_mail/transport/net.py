# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sockets that end in time, go where they may, and speak verified TLS.

Used by every protocol of this room. There is no fallback to clear text and no
switch that turns verification off (invariant I10).
"""

import io
import queue
import socket
import ssl
import threading
import time

from . import ownwords, tunnel
from .base import ServerAddress
from .errors import Absurd, MailServerError, classify
from .hosts import check_port, host_ascii, is_private

CONNECT_SECONDS = 10.0  # all addresses together
ADDRESS_SECONDS = 5.0  # one address
BUFFER_BYTES = 256 * 1024
# A timeout is set again only when it is off by more than this: a system call each.
TIMEOUT_SLACK = 0.2
MAX_LINE = 64 * 1024


class Deadline:
    """A point in time. With ``rate`` (bytes a second) every byte that arrives buys
    time, up to ``longest`` seconds in total: a slow line may finish a large mail,
    a server that drips a byte every nine seconds may not hold anybody."""

    def __init__(self, seconds, *, rate=None, longest=None, clock=time.monotonic):
        self._clock = clock
        self._end = clock() + seconds
        self._rate = rate
        self._last = self._end if longest is None else clock() + longest

    def left(self) -> float:
        return self._end - self._clock()

    def earn(self, count: int) -> None:
        if self._rate:
            self._end = min(self._end + count / self._rate, max(self._last, self._end))

    def cut(self, other: "Deadline | None") -> "Deadline":
        """Ends no later than the other one."""
        if other is not None:
            self._end = min(self._end, other._end)
            self._last = min(self._last, other._end)
        return self

    def need(self) -> float:
        """Seconds left, or TimeoutError."""
        left = self.left()
        if left <= 0:
            raise TimeoutError("deadline passed")
        return left


def _system_lookup(host, port):
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def resolve(address: ServerAddress, deadline: Deadline, lookup=None) -> list[tuple]:
    """``(family, sockaddr)`` of the host, each checked (invariant I10); with a proxy
    those of the proxy, after what can be said of the host without resolving it.

    getaddrinfo has no timeout of its own, hence the thread; it is left behind when
    the resolver hangs. ``lookup(host, port)`` takes its place where other name servers
    than the system's are asked; it answers in the same form."""
    if address.proxy:
        tunnel.target_of(address)
        place = tunnel.proxy_of(address.proxy)
        with tunnel.blaming_proxy(address, "dns"):
            return resolve(place, deadline)
    host = host_ascii(address.host)
    check_port(address.port)
    answer = queue.SimpleQueue()

    def ask():
        try:
            answer.put((lookup or _system_lookup)(host, address.port))
        except Exception as exc:  # handed to the caller's thread
            answer.put(exc)

    threading.Thread(target=ask, daemon=True, name="waimaolang-dns").start()
    try:
        found = answer.get(timeout=max(deadline.left(), 0.01))
    except queue.Empty:
        told = ownwords.say(ownwords.RESOLVING, host=host)
        raise MailServerError("timeout", told, "dns") from None
    if isinstance(found, Exception):
        raise classify(found, "dns", host)
    places = list(dict.fromkeys((info[0], info[4]) for info in found))
    if not address.allow_private:
        for _family, sockaddr in places:
            if is_private(sockaddr[0]):
                told = ownwords.say(
                    ownwords.PRIVATE_ADDRESS, host=host, address=sockaddr[0]
                )
                raise MailServerError("private_host", told, "dns")
    return places


def open_socket(
    address: ServerAddress, deadline: Deadline, lookup=None
) -> socket.socket:
    """``resolve`` and ``connect`` in one."""
    deadline = Deadline(CONNECT_SECONDS).cut(deadline)
    return connect(address, resolve(address, deadline, lookup), deadline)


def connect(
    address: ServerAddress, places: list[tuple], deadline: Deadline
) -> socket.socket:
    """A connected TCP socket to the first of the ``places`` that answers. They are
    what ``resolve`` checked: the name is not resolved a second time. With a proxy a
    tunnel through it, which is the mail server's own connection from there on."""
    deadline = Deadline(CONNECT_SECONDS).cut(deadline)
    if address.proxy:
        place = tunnel.proxy_of(address.proxy)
        with tunnel.blaming_proxy(address, "connect"):
            sock = connect(place, places, deadline)
        return tunnel.dig(sock, address, deadline)
    error = MailServerError("dns", ownwords.NO_ADDRESS, "dns")
    for family, sockaddr in places:
        left = min(ADDRESS_SECONDS, deadline.left())
        if left <= 0:
            break
        try:
            return _connect(family, sockaddr, left)
        except OSError as exc:
            error = classify(exc, "connect", address.host)
    raise error


def _connect(family, sockaddr, seconds) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(sockaddr)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def wrap_tls(sock: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    """Verified TLS 1.2 or later over the socket, which is closed on failure. The
    system's store counts, or SSL_CERT_FILE."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    tls = sock
    try:
        sock.settimeout(deadline.need())
        tls = context.wrap_socket(
            sock, server_hostname=host_ascii(host), do_handshake_on_connect=False
        )
        tls.settimeout(deadline.need())
        tls.do_handshake()
    except Exception as exc:
        error = classify(exc, "tls", host)
        if error.code == "protocol" and _speaks_clear_text(tls):
            error = MailServerError("tls_missing", error.detail, "tls")
        tls.close()
        raise error from None
    return tls


def certificate_names(
    sock: socket.socket, host: str, deadline: Deadline
) -> tuple[str, ...]:
    """The DNS names of the certificate, whose chain is verified, though not for this
    host: to tell whose server answers under a foreign name. Nothing is said over this
    connection: the socket is closed. Empty when anything fails."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False  # verify_mode stays CERT_REQUIRED
    tls = sock
    try:
        sock.settimeout(deadline.need())
        tls = context.wrap_socket(sock, server_hostname=host_ascii(host))
        names = tls.getpeercert().get("subjectAltName", ())
    except (OSError, ValueError, MailServerError):
        return ()
    finally:
        tls.close()
    return tuple(name.lower() for kind, name in names if kind == "DNS")


def _speaks_clear_text(sock) -> bool:
    """Whether what follows the five bytes that TLS took for a record is text, as
    the rest of ``* OK ready`` is."""
    try:
        sock.settimeout(0.2)
        rest = socket.socket.recv(sock, 64, socket.MSG_PEEK)
    except (OSError, ValueError):
        return False
    return bool(rest) and all(9 <= byte < 127 for byte in rest)


class DeadlineSocketReader(io.RawIOBase):
    """Reads a socket within the deadline and byte budget of its wire."""

    def __init__(self, wire: "Wire"):
        super().__init__()
        self._wire = wire

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._wire.receive_into(buffer)


class Wire:
    """A socket with buffered reading, a deadline and a budget of bytes.

    ``begin`` starts a command; everything until the next ``begin`` shares its
    deadline and budget. Raises OSError (TimeoutError), EOFError and Absurd."""

    def __init__(self, sock: socket.socket, *, read_timeout=10.0):
        self.read_timeout = read_timeout
        self.deadline = Deadline(read_timeout)
        self.received = 0
        self._budget = MAX_LINE
        self._silence = read_timeout
        self._use(sock)

    def _use(self, sock):
        self.sock = sock
        self._timeout = None
        # A new buffer: clear text sent ahead of the handshake must not be taken
        # for words of the encrypted server (STARTTLS injection, CVE-2011-0411).
        self._file = io.BufferedReader(DeadlineSocketReader(self), BUFFER_BYTES)

    def begin(
        self, deadline: Deadline, budget: int, silence: float | None = None
    ) -> None:
        """``silence``: seconds without a byte that are borne for this command."""
        self.deadline = deadline
        self._budget = budget
        self._silence = self.read_timeout if silence is None else silence

    def start_tls(self, host: str) -> None:
        self._use(wrap_tls(self.sock, host, self.deadline))

    def receive_into(self, buffer) -> int:
        self._arm()
        count = self.sock.recv_into(buffer)
        self.received += count
        self._budget -= count
        if self._budget < 0:
            raise Absurd("answer larger than anything expected")
        self.deadline.earn(count)
        return count

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit + 1)
        if len(line) > limit:
            raise Absurd(f"line longer than {limit} bytes")
        if not line.endswith(b"\n"):
            raise EOFError("connection closed by the server")
        return line

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise EOFError("connection closed by the server")
        return data

    def send(self, data: bytes) -> None:
        self._arm()
        self.sock.sendall(data)

    def _arm(self) -> None:
        timeout = min(self._silence, self.deadline.need())
        if self._timeout is None or abs(timeout - self._timeout) > TIMEOUT_SLACK:
            self.sock.settimeout(timeout)
            self._timeout = timeout

    def close(self) -> None:
        """Never raises."""
        try:
            self.sock.close()
        except OSError:
            pass
