# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The life of an IMAP connection: from the first packet to LOGOUT. What is asked once
logged in is ``imap.py``'s matter.

    not connected --connect()--> authenticated --EXAMINE--> folder open
         ^                            |                        |
         +---- close(), any error but a tagged NO or BAD ------+
"""

from __future__ import annotations

import re

from . import ownwords, sasl
from .base import SECURITY_STARTTLS, Credentials, ServerAddress
from .errors import MailServerError, Refused, decode_text, one_line
from .imapwire import Client, quote
from .net import Deadline
from .session import Session

DEFAULT_CLIENT_ID = {"name": "waimaolang", "version": "19.0", "vendor": "waimaolang"}

# Refuse every command until the client sends ID, some without announcing it.
_WANTS_ID = re.compile(
    r"coremail|netease|\b(163|126|188)\.com|\byeah\.net|mxmail", re.I
)


class ImapSession(Session):
    """``client_id``: what the ID command tells, by field name."""

    STEPS = ("dns", "tcp", "tls", "login", "id", "folders")

    _client: Client | None

    def __init__(
        self,
        address: ServerAddress,
        credentials: Credentials,
        *,
        client_id: dict[str, str] | None = None,
        **options,
    ):
        self._client_id = DEFAULT_CLIENT_ID if client_id is None else client_id
        super().__init__(address, credentials, **options)

    # -- life -------------------------------------------------------------------

    def _begin(self, limit: Deadline) -> None:
        self._greet(limit)
        self._login(limit)
        if self._wants_id():
            self._identify(limit)

    def _ask_alive(self) -> None:
        self._client.run("NOOP")

    def _take_leave(self) -> None:
        self._client.run("LOGOUT")

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
            raise MailServerError("tls_missing", ownwords.NO_STARTTLS, "tls")
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
            raise MailServerError("auth_bad", ownwords.CONTROL_CHARACTER, "login")
        if credentials.method != "password":
            offered = {c.removeprefix("AUTH=") for c in client.imap.capabilities}
            client.sasl(*sasl.oauth(login, secret, offered, self.address))
        elif not (client.has("AUTH=PLAIN") and self._plain(login, secret)):
            if client.has("LOGINDISABLED"):
                told = ownwords.LOGIN_DISABLED
                raise MailServerError("tls_missing", told, "login")
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
        if self._needs_id or self._client.has("ID"):
            return True
        said = decode_text(self._client.greeting) + " " + self.address.host
        return bool(_WANTS_ID.search(said))

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
            self._timeline.skip("id")


def _ascii(value: str) -> bytes:
    """ID values must be ASCII (imapflow), without line ends, at most 1024 long."""
    text = value.encode("ascii", "ignore").decode()
    return "".join(c for c in text if c.isprintable())[:1024].encode()
