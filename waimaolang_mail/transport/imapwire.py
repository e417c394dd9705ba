# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""IMAPClient over our own wire: deadlines, byte budgets, refusals as bytes.

Only the layer below the commands that ``imap.py`` uses. It keeps no log of what was
sent: imaplib and IMAPClient would both keep the LOGIN line (invariant I9).
"""

import base64
import imaplib
import re

from imapclient import IMAPClient

from .errors import Absurd, Refused
from .imapparse import bytes_of_key
from .net import Wire

# A SEARCH answer of a million UIDs is 8 MB in one line.
MAX_LINE = 16 * 1024 * 1024
MAX_LITERAL = 200 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
# What LITERAL- allows to send without asking.
UNASKED_LITERAL = 4096
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
# imaplib takes ``[UIDNEXT 6] text [more]`` for one code up to the last bracket.
_NUMBER = re.compile(rb"\s*(\d{1,19})\b")
# HIGHESTMODSEQ goes up to here (RFC 7162), and so do the database's integers.
_LARGEST = 2**63 - 1


class _Imap4(imaplib.IMAP4):
    """imaplib's engine on a ``net.Wire``."""

    def __init__(self, wire: Wire, host: str):
        self._wire = wire
        try:
            super().__init__(host)
        except imaplib.IMAP4.error:
            self._check_bye()
            raise

    # imaplib's "overridable methods"
    def open(self, host="", port=0, timeout=None):
        self.host, self.port = host, port
        self.sock = self._wire.sock

    def read(self, size):
        if size > MAX_LITERAL:
            raise Absurd(f"literal of {size} bytes")
        return self._wire.read(size)

    def readline(self):
        return self._wire.readline(MAX_LINE)

    def send(self, data):
        self._wire.send(data)

    def shutdown(self):
        self._wire.close()

    def _log(self, line):
        """imaplib keeps the last ten lines, the password among them: not here."""

    def _check_bye(self):
        bye = self.untagged_responses.get("BYE")
        if bye:
            raise Refused("BYE", bye[-1])

    def _get_capabilities(self):
        self.capabilities = self.take_capabilities() or self.ask_capabilities()

    def take_capabilities(self) -> tuple[str, ...]:
        """What the server told unasked, in its greeting or after the login."""
        told = self.untagged_responses.pop("CAPABILITY", None)
        return (
            tuple(told[-1].decode("ascii", "replace").upper().split()) if told else ()
        )

    def ask_capabilities(self) -> tuple[str, ...]:
        self.run("CAPABILITY")
        return self.take_capabilities()

    def run(self, name: str, *args, literal=None) -> bytes:
        """Send a command and return the text of its OK; the untagged answers stand
        in ``untagged_responses``. Refused for NO, BAD and BYE."""
        self._check_bye()
        self.untagged_responses.clear()
        self.literal = literal
        tag = self._command(name, *args)
        status, data = self._get_tagged_response(tag, expect_bye=name == "LOGOUT")
        text = _last_text(data)
        if status != "OK" and name != "LOGOUT":
            raise Refused(status, text)
        return text

    def begin_append(self, arguments: list[bytes], content: bytes, begun) -> bytes:
        """Everything up to the answer; the command's tag. ``begun()`` is called ahead
        of the content. Refused where the server does not want it."""
        self._check_bye()
        self.untagged_responses.clear()
        self.literal = None
        unasked = self._takes_unasked(len(content))
        literal = b"{%d%s}" % (len(content), b"+" if unasked else b"")
        tag = self._command("APPEND", *arguments, literal)
        if not unasked:
            while self._get_response():
                self._check_bye()
                if self.tagged_commands[tag]:
                    return tag  # refused: ``end_append`` says how
        begun()
        try:
            self._upload(content)
        except (BrokenPipeError, ConnectionResetError) as exc:
            # a server that has enough says why before it hangs up
            try:
                status, data = self._get_tagged_response(tag)
            except (OSError, EOFError, imaplib.IMAP4.error):
                raise exc from None
            raise Refused(status, _last_text(data)) from None
        return tag

    def _takes_unasked(self, size: int) -> bool:
        """RFC 7888. Of large content a refusal is worth more than a round trip."""
        plus = any(one in self.capabilities for one in ("LITERAL+", "LITERAL-"))
        return plus and size <= UNASKED_LITERAL

    def _upload(self, content: bytes) -> None:
        view = memoryview(content)
        for start in range(0, len(view), CHUNK_BYTES):
            chunk = view[start : start + CHUNK_BYTES]
            self._wire.send(chunk)
            self._wire.deadline.earn(len(chunk))
        self._wire.send(b"\r\n")

    def end_append(self, tag: bytes, answered) -> bytes:
        """The text of the OK; ``answered()`` is called once the server has said what
        it did."""
        status, data = self._get_tagged_response(tag)
        answered()
        if status != "OK":
            raise Refused(status, _last_text(data))
        return _last_text(data)


class Client(IMAPClient):
    """IMAPClient's dialogue on our wire."""

    def __init__(self, wire: Wire, host: str):
        self._wire = wire
        super().__init__(host, ssl=False)
        # IMAPClient logs each line through imaplib's debug hook: secrets, and the
        # repr of every mail.
        self._imap.debug = 0
        self._imap._mesg = lambda *args: None

    def _create_IMAP4(self):
        return _Imap4(self._wire, self.host)

    def _set_read_timeout(self):
        """The wire sets its own."""

    @property
    def imap(self) -> _Imap4:
        return self._imap

    @property
    def greeting(self) -> bytes:
        return self._imap.welcome or b""

    def run(self, name: str, *args, literal=None) -> bytes:
        return self._imap.run(name, *args, literal=literal)

    def untagged(self, name: str) -> list:
        """The untagged answers of that kind, as imaplib keeps them."""
        answers = self._imap.untagged_responses.get(name)
        return [] if answers in (None, [None]) else answers

    def numbers(self, name: str) -> int | None:
        """The last number told under that name (UIDNEXT, EXISTS ...), or None."""
        for answer in reversed(self.untagged(name)):
            match = _NUMBER.match(answer) if isinstance(answer, bytes) else None
            if match:
                number = int(match[1])
                return number if number <= _LARGEST else None
        return None

    def start_tls(self, host: str) -> None:
        self.run("STARTTLS")
        self._wire.start_tls(host)
        self._imap.sock = self._wire.sock
        self._imap.untagged_responses.clear()
        # RFC 3501 6.2.1: what was told in clear text is void
        self._imap.capabilities = self._imap.ask_capabilities()

    def has(self, capability: str) -> bool:
        return capability in self._imap.capabilities

    def sasl(self, mechanism: str, answer: bytes) -> None:
        """AUTHENTICATE with one client message; a further challenge (XOAUTH2 tells
        its error so) is answered by an empty line."""
        encoded = base64.b64encode(answer)
        if self.has("SASL-IR"):
            arguments, answers = (mechanism, encoded), _Answers([])
        else:
            arguments, answers = (mechanism,), _Answers([answer])
        self.run("AUTHENTICATE", *arguments, literal=answers.next)

    def login_command(self, login: bytes, secret: bytes) -> None:
        """LOGIN: quoted when the secret is ASCII, else as a literal."""
        if secret.isascii():
            self.run("LOGIN", quote(login), quote(secret))
        else:
            self.run("LOGIN", quote(login), literal=secret)


def _last_text(data) -> bytes:
    return data[-1] if data and isinstance(data[-1], bytes) else b""


class _Answers:
    """What AUTHENTICATE answers to the challenges; imaplib wants a bound method."""

    def __init__(self, lines):
        self._lines = [base64.b64encode(line) for line in lines]

    def next(self, _challenge) -> bytes:
        return self._lines.pop(0) if self._lines else b""


def quote(value: bytes) -> bytes:
    """An IMAP quoted string. Control characters would end the command."""
    if _CONTROL.search(value):
        raise ValueError("control character in a command argument")
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def folder_argument(key: str) -> bytes:
    return quote(bytes_of_key(key))
