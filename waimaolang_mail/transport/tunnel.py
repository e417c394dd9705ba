# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""To a mail server through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6): servers in
mainland China reach Google by one.

    we -- TCP -- proxy -- TCP -- mail server
     `------------- TLS -------------'

The proxy carries bytes and is not trusted (invariant I10): TLS is with the mail server,
by its name, and nothing goes through in clear text. What goes wrong before is told of
the proxy, in our words; it is transient always, for the administrator repairs it for
all mailboxes at once. Called by ``net.py`` alone.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import ownwords
from .base import SECURITY_NONE, ServerAddress
from .errors import Absurd, MailServerError, classify
from .hosts import check_port, host_ascii, is_private

if TYPE_CHECKING:
    from .net import Deadline

MOST_BYTES = 16 * 1024  # of the head of an answer; squid's have 500
_PROXY = re.compile(r"http://([^@/?#:\[\]]+|\[[0-9a-f:.]+\]):([0-9]{1,5})/?", re.I)
_START = b"HTTP/1."
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: [^\n]*)?\r?\n")
# The last label begins with a letter: what ends in a number is an address to some.
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]*")
# Names that no public DNS has (RFC 6761, 6762, 8375, ICANN's "internal", hosts files).
_LOCAL_NAME = re.compile(
    r"[^.]+|.*\.(?:localhost|localdomain[46]?|local|internal|home\.arpa)"
)
_WORDS = {
    "dns": ownwords.PROXY_UNKNOWN,
    "refused": ownwords.PROXY_CLOSED,
    "timeout": ownwords.PROXY_SILENT,
    "reset": ownwords.PROXY_BROKE,
    "protocol": ownwords.PROXY_ABSURD,
}
_REFUSALS = {
    403: ("refused", ownwords.PROXY_FORBIDS),
    407: ("refused", ownwords.PROXY_LOGIN),
    500: ("refused", ownwords.PROXY_FAILS),
    502: ("refused", ownwords.PROXY_FAILS),
    503: ("refused", ownwords.PROXY_FAILS),
    504: ("timeout", ownwords.PROXY_FAILS),
}


def proxy_of(url: str) -> ServerAddress:
    """Where the proxy stands: in a private network, mostly. MailServerError for
    whatever is not ``http://host:port``; a login in it is not repeated."""
    found = _PROXY.fullmatch(url)
    try:
        host, port = host_ascii(found[1]), int(found[2])
        check_port(port)
    except (TypeError, MailServerError):
        raise MailServerError("dns", ownwords.INVALID_PROXY, "dns") from None
    return ServerAddress(host, port, allow_private=True)


def target_of(address: ServerAddress) -> str:
    """The mail server as the proxy is told it, ``host:port``. MailServerError where
    none may be told.

    What a name leads to is for the proxy to find out, and we do not ask ourselves: our
    answer may be another one (in mainland China it is forged on purpose), and a name's
    owner could give each of us his own. So of names only those are refused that are
    local by themselves; where people type names of hosts, the proxy has to forbid its
    own network. Addresses are judged as ever, and told as they were judged: a proxy
    may read 010.0.0.1 in another way."""
    if address.security == SECURITY_NONE:
        raise MailServerError("tls_missing", ownwords.PROXY_CLEAR_TEXT, "dns")
    host = host_ascii(address.host)
    check_port(address.port)
    literal = _literal(host)
    if literal is None and not _NAME.fullmatch(host):
        raise MailServerError("dns", ownwords.INVALID_HOST, "dns")
    if not address.allow_private:
        _refuse_local(host, literal)
    host = literal or host
    return f"[{host}]:{address.port}" if ":" in host else f"{host}:{address.port}"


def _literal(host: str) -> str | None:
    """The address that the host is, in whichever of the old spellings; None: a name."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return None
    # a scope means something on one machine only, and Python lets any bytes be one
    return None if getattr(ip, "scope_id", None) else str(ip)


def _refuse_local(host: str, literal: str | None) -> None:
    if literal is not None and is_private(literal):
        told = ownwords.say(ownwords.PRIVATE_ADDRESS, host=host, address=literal)
        raise MailServerError("private_host", told, "dns")
    if literal is None and _LOCAL_NAME.fullmatch(host):
        told = ownwords.say(ownwords.LOCAL_NAME, host=host)
        raise MailServerError("private_host", told, "dns")


def dig(sock: socket.socket, address: ServerAddress, deadline: Deadline):
    """The socket, connected to the proxy, as one to the mail server. Not a byte of the
    server's is read. It is closed on failure."""
    try:
        target = target_of(address)
        request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"
        with blaming_proxy(address, "connect"):
            sock.settimeout(deadline.need())
            sock.sendall(request.encode("ascii"))
            status = _read_status(sock, deadline)
        if not 200 <= status < 300:
            code, words = _REFUSALS.get(status, ("protocol", ownwords.PROXY_ANSWERS))
            raise _error(address, code, words, "connect", status)
    except BaseException:
        sock.close()
        raise
    return sock


def _read_status(sock: socket.socket, deadline: Deadline) -> int:
    """Byte by byte: behind the empty line the mail server speaks."""
    head = b""
    while not head.endswith((b"\n\r\n", b"\n\n")):
        if len(head) == MOST_BYTES:
            raise Absurd("no end of the answer's head")
        sock.settimeout(deadline.need())
        byte = sock.recv(1)
        if not byte:
            raise EOFError("connection closed by the proxy")
        head += byte
        # whatever else listens there may say no more, and wait
        if not _START.startswith(head[: len(_START)]):
            raise Absurd("no answer of HTTP")
    found = _STATUS.match(head)
    if not found:
        raise Absurd("no status in the answer")
    return int(found[1])


@contextmanager
def blaming_proxy(address: ServerAddress, phase: str):
    """What the network does in between is told of the proxy."""
    try:
        yield
    except (OSError, EOFError, Absurd, MailServerError) as exc:
        code = classify(exc, phase).code
        raise _error(address, code, _WORDS[code], phase) from None


def _error(address, code, words, phase, status=0):
    place = proxy_of(address.proxy)
    figures = {"host": host_ascii(address.host), "status": status}
    told = ownwords.say(words, proxy=f"{place.host}:{place.port}", **figures)
    return MailServerError(code, told, phase, transient=True)
