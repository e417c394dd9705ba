# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""poplib over our own wire: deadlines, byte budgets, refusals as bytes, lines of any
length, answers that are cut to what is wanted while they are read.

Nothing that changes a mailbox can be sent: what is not in ``ALLOWED`` is refused here,
DELE first of all (invariant I3).
"""

from __future__ import annotations

import base64
import poplib
from collections.abc import Iterator
from dataclasses import dataclass

from . import ownwords
from .errors import Absurd, MailServerError, Refused
from .net import Wire

ALLOWED = frozenset(
    "CAPA STLS USER PASS AUTH STAT UIDL LIST TOP RETR NOOP QUIT".split()
)
# poplib allows 2,048; whole pages of HTML stand in one line. The budget of the command
# bounds all lines together.
MAX_LINE = 16 * 1024 * 1024
# ... but of a list: RFC 1939 section 7 allows 70 characters for a UIDL.
MAX_LISTED = 4096
# RFC 2449 section 4: a command is no longer than 255 octets, its CRLF included.
MAX_COMMAND = 253
_CONTROL = frozenset(b"\0\r\n")


@dataclass(frozen=True)
class Payload:
    """``data`` is what was kept of an answer of ``size`` bytes."""

    data: bytes
    size: int

    @property
    def cut(self) -> bool:
        return self.size > len(self.data)


def too_many(most: int) -> MailServerError:
    """Each session tells all mails there are."""
    detail = ownwords.say(ownwords.TOO_MANY, most=f"{most:,}")
    return MailServerError("protocol", detail, "list", transient=False)


class Client(poplib.POP3):
    """poplib's dialogue on a ``net.Wire``. Refused for ``-ERR``, Absurd for what is no
    POP3."""

    def __init__(self, wire: Wire, host: str):
        # not poplib's: it would open a socket and a second buffer
        self._wire = wire
        self.host = host
        self._debugging = 0
        self.capabilities: dict[str, list[str]] = {}
        self.welcome = self._getresp()

    # -- what poplib calls ------------------------------------------------------

    def _putline(self, line):
        """Without poplib's audit event, which would hold the secret."""
        self._wire.send(line + b"\r\n")

    def _putcmd(self, line):
        words = line.encode("utf-8", "surrogateescape")
        if words.split(b" ", 1)[0].decode("ascii", "replace") not in ALLOWED:
            raise ValueError("not a command that is ever sent")
        if _CONTROL.intersection(words):
            raise ValueError("control character in a command")
        self._putline(words)

    def _getline(self):
        line = self._wire.readline(MAX_LINE)
        return line.rstrip(b"\r\n"), len(line)

    def _getresp(self):
        line, _octets = self._getline()
        if line[:4].upper() == b"-ERR":
            raise Refused("NO", line[4:].strip())
        if not line.startswith(b"+"):
            raise Absurd("no answer of POP3: " + line[:80].decode("latin-1"))
        return line

    # -- commands ---------------------------------------------------------------

    def capa(self):
        """{name: arguments}; empty where the server knows no CAPA."""
        try:
            _response, lines, _octets = self._longcmd("CAPA")
        except Refused:
            lines = []
        words = [line.decode("ascii", "replace").upper().split() for line in lines]
        self.capabilities = {line[0]: line[1:] for line in words if line}
        return self.capabilities

    def has(self, capability: str) -> bool:
        return capability in self.capabilities

    def has_sasl(self, mechanism: str) -> bool:
        return mechanism in self.capabilities.get("SASL", ())

    def start_tls(self) -> None:
        self._shortcmd("STLS")
        self._wire.start_tls(self.host)
        # RFC 2595 section 4: what was told in clear text is void
        self.capa()

    def sasl(self, mechanism: str, answer: bytes) -> None:
        """AUTH with one client message (RFC 5034). What is too long for one command is
        sent when asked for; a further challenge (XOAUTH2 tells its error so) is
        answered by an empty line."""
        encoded = base64.b64encode(answer)
        command = f"AUTH {mechanism}"
        left = [encoded]
        if len(command) + 1 + len(encoded) <= MAX_COMMAND:
            command, left = f"{command} {encoded.decode()}", []
        response = self._shortcmd(command)
        while not response.startswith(b"+OK"):
            self._putline(left.pop() if left else b"")
            response = self._getresp()

    def numbered(self, command: str, most: int) -> Iterator[tuple[int, bytes]]:
        """``(message number, rest of the line)`` of UIDL and LIST, as they come; lines
        that are neither are left out. MailServerError for more than ``most`` lines."""
        self._putcmd(command)
        self._getresp()
        lines = 0
        while (line := self._wire.readline(MAX_LISTED).rstrip(b"\r\n")) != b".":
            lines += 1
            if lines > most:
                raise too_many(most)
            number, _space, rest = line.strip().partition(b" ")
            if number.isdigit() and len(number) < 10 and rest.strip():
                yield int(number), rest.strip()

    def ask(self, *commands: str) -> None:
        """Sent at once: only what a server that announces PIPELINING takes."""
        for command in commands:
            self._putcmd(command)

    def payload(self, keep: int) -> Payload:
        """The mail that was asked for, or the first ``keep`` bytes of it, in whole
        lines. What is beyond is read and dropped."""
        self._getresp()
        kept, size, room = bytearray(), 0, keep
        while (line := self._getline()[0]) != b".":
            if line.startswith(b".."):
                line = line[1:]
            size += len(line) + 2
            if size <= room:
                kept += line
                kept += b"\r\n"
            else:
                room = -1  # no later, shorter line either
        return Payload(bytes(kept), size)
