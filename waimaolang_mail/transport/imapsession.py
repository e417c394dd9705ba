# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The life of an IMAP connection: from the first packet to LOGOUT.

Every exchange runs in a ``_step``: a deadline, a budget of bytes, a line in the
transcript, and MailServerError for whatever goes wrong. What is asked once logged in
is ``imap.py``'s matter.

    not connected --connect()--> authenticated --EXAMINE--> folder open
         ^                            |                        |
         +---- close(), any error but a tagged NO or BAD ------+
"""

from __future__ import annotations

import base64
import re
import time
from collections import deque
from contextlib import contextmanager
from urllib.parse import quote as url_quote

from . import net
from .base import SECURITY_SSL, SECURITY_STARTTLS, Credentials, ServerAddress
from .errors import (
    MailServerError,
    Refused,
    classify,
    decode_text,
    mask,
    one_line,
)
from .imapwire import Client, quote
from .net import Deadline

CONNECT_SECONDS = 15.0
COMMAND_SECONDS = 12.0
LOGOUT_SECONDS = 2.0
ALIVE_SECONDS = 3.0
# A fetch that delivers at least this many bytes a second may take longer.
SLOWEST_RATE = 64 * 1024
LONGEST_FETCH = 60.0
# Answers that carry no list and no mail.
ANSWER_BYTES = 1024 * 1024
TRANSCRIPT_LINES = 60
DEFAULT_CLIENT_ID = {"name": "waimaolang", "version": "19.0", "vendor": "waimaolang"}

# Refuse every command until the client sends ID, some without announcing it.
_WANTS_ID = re.compile(
    r"coremail|netease|\b(163|126|188)\.com|\byeah\.net|mxmail", re.I
)


class ImapSession:
    """``hard_deadline`` (a ``net.Deadline`` or None) bounds all commands together,
    e.g. for a slice."""

    def __init__(
        self,
        address: ServerAddress,
        credentials: Credentials,
        *,
        read_timeout: float = 10.0,
        client_id: dict[str, str] | None = None,
    ):
        self.address = address
        self.hard_deadline: Deadline | None = None
        self._credentials = credentials
        self._read_timeout = read_timeout
        self._client_id = DEFAULT_CLIENT_ID if client_id is None else client_id
        self._transcript: deque[str] = deque(maxlen=TRANSCRIPT_LINES)
        self._last = ("", 0, 0)  # phase, count, milliseconds of the last line
        self._client: Client | None = None
        self._wire: net.Wire | None = None
        self._forget_folder()

    def __repr__(self):
        return f"<{type(self).__name__} {self.address.host}:{self.address.port}>"

    # -- life -------------------------------------------------------------------

    def connect(self) -> None:
        self.close()
        limit = Deadline(CONNECT_SECONDS).cut(self.hard_deadline)
        try:
            self._open_wire(limit)
            self._greet(limit)
            self._login(limit)
            if self._wants_id():
                self._identify(limit)
        except MailServerError:
            self._drop()
            raise

    def _open_wire(self, limit: Deadline) -> None:
        with self._step("connect", limit=limit):
            sock = net.open_socket(self.address, limit)
        if self.address.security == SECURITY_SSL:
            with self._step("tls", limit=limit):
                sock = net.wrap_tls(sock, self.address.host, limit)
        self._wire = net.Wire(sock, read_timeout=self._read_timeout)

    def _greet(self, limit: Deadline) -> None:
        with self._step("greeting", limit=limit):
            self._client = Client(self._wire, self.address.host)
        self._note("greeting: " + one_line(decode_text(self._client.greeting)))
        if self.address.security == SECURITY_STARTTLS:
            with self._step("tls", limit=limit):
                self._start_tls()
        self._note("capabilities: " + " ".join(self._client.imap.capabilities))

    def _start_tls(self) -> None:
        # PREAUTH ahead of TLS would skip it (CVE-2014-2567 and its kin)
        if self._client.imap.state != "NONAUTH" or not self._client.has("STARTTLS"):
            raise MailServerError("tls_missing", "STARTTLS is not offered", "tls")
        try:
            self._client.start_tls(self.address.host)
        except Refused as exc:
            detail = decode_text(exc.text)
            raise MailServerError("tls_missing", detail, "tls") from None

    def _login(self, limit: Deadline) -> None:
        client = self._client
        if client.imap.state == "NONAUTH":
            with self._step("login", limit=limit):
                self._authenticate()
            client.imap.state = "AUTH"
        with self._step("login", limit=limit):
            # they change with the login (Exchange, Gmail)
            told = client.imap.take_capabilities() or client.imap.ask_capabilities()
            client.imap.capabilities = told or client.imap.capabilities
        self._note("capabilities: " + " ".join(client.imap.capabilities))

    def _authenticate(self) -> None:
        client, credentials = self._client, self._credentials
        login, secret = credentials.login.encode(), credentials.secret.encode()
        if any(c in login + secret for c in b"\0\r\n"):
            raise MailServerError("auth_bad", "control character in login", "login")
        if credentials.method != "password":
            client.sasl(*_oauth(client, login, secret, self.address))
        elif not (client.has("AUTH=PLAIN") and self._plain(login, secret)):
            if client.has("LOGINDISABLED"):
                raise MailServerError("tls_missing", "LOGINDISABLED", "login")
            client.login_command(login, secret)

    def _plain(self, login: bytes, secret: bytes) -> bool:
        """False where AUTHENTICATE is announced and not understood."""
        try:
            self._client.sasl("PLAIN", b"\0" + login + b"\0" + secret)
        except Refused as exc:
            if exc.status != "BAD" or self._client.has("LOGINDISABLED"):
                raise
            return False
        return True

    def _wants_id(self) -> bool:
        said = decode_text(self._client.greeting) + " " + self.address.host
        return self._client.has("ID") or bool(_WANTS_ID.search(said))

    def _identify(self, limit: Deadline | None = None) -> None:
        """Tell who we are (RFC 2971). A refusal does not matter."""
        fields = [_ascii(part) for pair in self._client_id.items() for part in pair]
        argument = b"(" + b" ".join(quote(field) for field in fields) + b")"
        try:
            with self._step("id", limit=limit):
                self._client.run("ID", argument)
        except MailServerError:
            if self._client is None:
                raise

    def alive(self) -> bool:
        """Whether the connection still answers, within three seconds."""
        if self._client is None:
            return False
        try:
            with self._step("noop", ALIVE_SECONDS):
                self._client.run("NOOP")
        except MailServerError:
            self._drop()
        return self._client is not None

    def close(self) -> None:
        if self._client is not None:
            try:
                with self._step("logout", LOGOUT_SECONDS):
                    self._client.run("LOGOUT")
            except MailServerError:
                pass
        self._drop()

    def transcript(self) -> list[str]:
        return [*self._transcript]

    # -- one command ------------------------------------------------------------

    @contextmanager
    def _step(self, phase, seconds=None, *, limit=None, budget=None, patient=False):
        """One exchange with the server: deadline, budget, errors, transcript. Any
        failure but a tagged NO or BAD ends the connection, since nobody knows where
        in the dialogue it is."""
        seconds = COMMAND_SECONDS if seconds is None else seconds
        rate, longest = (SLOWEST_RATE, LONGEST_FETCH) if patient else (None, None)
        deadline = Deadline(seconds, rate=rate, longest=longest)
        deadline.cut(limit).cut(self.hard_deadline)
        if self._wire is not None:
            self._wire.begin(deadline, budget or ANSWER_BYTES)
        started = time.monotonic()
        try:
            yield
        except Exception as exc:
            error = self._classify(exc, phase)
            if not isinstance(exc, Refused) or exc.status == "BYE":
                self._drop()
            self._note_step(phase, f"{error.code} {error.detail}", started)
            # from None: the chain would hold what the server echoed
            raise error from None
        except BaseException:
            self._drop()  # a worker's time limit, in the middle of an answer
            raise
        self._note_step(phase, "ok", started)

    def _classify(self, exc: Exception, phase: str) -> MailServerError:
        return classify(
            exc,
            phase,
            self.address.host,
            method=self._credentials.method,
            secrets=self._secrets(),
        )

    def _secrets(self) -> list[str]:
        login, secret = self._credentials.login, self._credentials.secret
        pair = f"\0{login}\0{secret}".encode()
        forms = [secret.encode(), pair]
        quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
        encoded = [base64.b64encode(form).decode().rstrip("=") for form in forms]
        return [secret, quoted, secret.encode().hex(), url_quote(secret), *encoded]

    def _note_step(self, phase: str, outcome: str, started: float) -> None:
        spent = int((time.monotonic() - started) * 1000)
        count = 1
        if outcome == "ok" and self._last[0] == phase:
            # a thousand fetches are one line
            self._transcript.pop()
            count, spent = self._last[1] + 1, self._last[2] + spent
        times = f"{count} times, " if count > 1 else ""
        self._note(f"{phase}: {outcome} ({times}{spent} ms)")
        self._last = (phase, count, spent) if outcome == "ok" else ("", 0, 0)

    def _note(self, line: str) -> None:
        self._last = ("", 0, 0)
        self._transcript.append(one_line(mask(line, self._secrets())))

    def _connected(self, phase: str) -> Client:
        if self._client is None:
            raise MailServerError("reset", "not connected", phase)
        return self._client

    def _forget_folder(self) -> None:
        """Hook: no folder is open any more."""

    def _drop(self) -> None:
        """Forget the connection without a word."""
        if self._wire is not None:
            self._wire.close()
        self._wire = self._client = None
        self._forget_folder()


def _ascii(value: str) -> bytes:
    """ID values must be ASCII (imapflow), without line ends, at most 1024 long."""
    text = value.encode("ascii", "ignore").decode()
    return "".join(c for c in text if c.isprintable())[:1024].encode()


def _oauth(client: Client, login: bytes, token: bytes, address) -> tuple[str, bytes]:
    """``(mechanism, answer)``: XOAUTH2, or OAUTHBEARER (RFC 7628) where only that is
    offered."""
    if client.has("AUTH=OAUTHBEARER") and not client.has("AUTH=XOAUTH2"):
        host = net.host_ascii(address.host).encode()
        place = b"\x01host=%s\x01port=%d" % (host, address.port)
        return "OAUTHBEARER", b"n,a=%s,%s\x01auth=Bearer %s\x01\x01" % (
            login,
            place,
            token,
        )
    return "XOAUTH2", b"user=%s\x01auth=Bearer %s\x01\x01" % (login, token)
