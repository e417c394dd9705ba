# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a mail server really stands where somebody said: proved by TLS with its name.

Speaks just enough of IMAP, POP3 and SMTP to get to the handshake; no login."""

from . import ownwords
from .base import SECURITY_SSL, SECURITY_STARTTLS, ServerAddress
from .errors import Absurd, MailServerError, Refused, classify
from .net import Deadline, Wire, certificate_names, open_socket, wrap_tls
from .presets import Server

MAX_LINE = 2048
MOST_LINES = 50
_BUDGET = 16 * 1024


def confirm(
    server: Server,
    protocol: str,
    deadline: Deadline,
    *,
    allow_private=False,
    lookup=None,
) -> Server:
    """The server itself, or MailServerError. Clear text is never confirmed."""
    if server.security not in (SECURITY_SSL, SECURITY_STARTTLS):
        raise MailServerError("tls_missing", ownwords.NO_ENCRYPTION, "tls")
    sock = open_socket(_address(server, allow_private), deadline, lookup)
    if server.security == SECURITY_SSL:
        wrap_tls(sock, server.host, deadline).close()
        return server
    wire = Wire(sock, read_timeout=max(deadline.left(), 0.01))
    wire.begin(deadline, _BUDGET)
    try:
        _STARTERS[protocol](wire)
        wire.start_tls(server.host)
    except Refused as exc:  # whatever the words: it offers no encryption
        raise MailServerError("tls_missing", exc.status, "tls") from None
    except (OSError, EOFError, Absurd) as exc:
        raise classify(exc, "tls", server.host) from None
    finally:
        wire.close()
    return server


def names_at(server: Server, deadline: Deadline, *, allow_private=False, lookup=None):
    """The names in the (otherwise good) certificate of a server with implicit TLS."""
    sock = open_socket(_address(server, allow_private), deadline, lookup)
    return certificate_names(sock, server.host, deadline)


def _address(server, allow_private):
    return ServerAddress(server.host, server.port, server.security, allow_private)


def _imap(wire):
    _expect(wire.readline(MAX_LINE), b"* OK")
    wire.send(b"a STARTTLS\r\n")
    for _number in range(MOST_LINES):
        line = wire.readline(MAX_LINE)
        if not line.startswith(b"*"):
            return _expect(line, b"a OK")
    raise Absurd("no end of untagged answers")


def _pop3(wire):
    _expect(wire.readline(MAX_LINE), b"+OK")
    wire.send(b"STLS\r\n")
    _expect(wire.readline(MAX_LINE), b"+OK")


def _smtp(wire):
    _reply(wire, b"220")
    wire.send(b"EHLO [127.0.0.1]\r\n")  # tells nothing of our network
    _reply(wire, b"250")
    wire.send(b"STARTTLS\r\n")
    _reply(wire, b"220")


def _reply(wire, code):
    """An SMTP reply: its last line has no dash after the code."""
    for _number in range(MOST_LINES):
        line = wire.readline(MAX_LINE)
        _expect(line, code)
        if line[3:4] != b"-":
            return
    raise Absurd("no end of the reply")


def _expect(line, start):
    if line[: len(start)].upper() != start.upper():
        raise Refused(line[:40].decode("ascii", "replace"), b"")


_STARTERS = {"imap": _imap, "pop3": _pop3, "smtp": _smtp}
