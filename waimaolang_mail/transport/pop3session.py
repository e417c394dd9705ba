# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The life of a POP3 connection: from the first packet to QUIT.

    not connected --connect()--> transaction --close()--> not connected

Most servers lock the mailbox for as long as it lasts, and show what arrived meanwhile
to the next connection only.
"""

from __future__ import annotations

from . import ownwords
from .base import SECURITY_STARTTLS
from .errors import MailServerError, Refused, decode_text, one_line
from .net import Deadline
from .pop3wire import Client
from .session import Session

# Between two logins: the user's own mail program must find the mailbox unlocked, and
# providers count logins.
PAUSE_SECONDS = 10.0
LONGEST_PAUSE = 3600.0


class Pop3Session(Session):
    # the list of mails stands for the list of folders
    STEPS = ("dns", "tcp", "tls", "login", "folders")
    one_pass = True
    _client: Client | None

    @property
    def pause(self) -> float:
        """Seconds to wait before the next login: ours, or the server's (LOGIN-DELAY,
        RFC 2449)."""
        return max(PAUSE_SECONDS, self._login_delay)

    _login_delay = 0.0

    def _begin(self, limit: Deadline) -> None:
        self._greet(limit)
        self._login(limit)

    def _ask_alive(self) -> None:
        self._client.noop()

    def _take_leave(self) -> None:
        self._client._shortcmd("QUIT")

    def _greet(self, limit: Deadline) -> None:
        with self._step("greeting", limit=limit):
            client = Client(self._wire, self.address.host)
            self._client = client
            client.capa()
        self._note("greeting: " + one_line(decode_text(client.welcome)))
        if self.address.security == SECURITY_STARTTLS:
            with self._step("tls", limit=limit):
                self._start_tls()
        told = [" ".join([name, *words]) for name, words in client.capabilities.items()]
        self._note("capabilities: " + ", ".join(told))
        self._login_delay = _login_delay(client)

    def _start_tls(self) -> None:
        if not self._client.has("STLS"):
            raise MailServerError("tls_missing", ownwords.NO_STARTTLS, "tls")
        try:
            self._client.start_tls()
        except Refused as exc:
            detail = decode_text(exc.text)
            raise MailServerError("tls_missing", detail, "tls") from None

    def _login(self, limit: Deadline) -> None:
        with self._step("login", limit=limit):
            self._authenticate()

    def _authenticate(self) -> None:
        client, credentials = self._client, self._credentials
        login, secret = credentials.login, credentials.secret
        if any(c in login + secret for c in "\0\r\n"):
            raise MailServerError("auth_bad", ownwords.CONTROL_CHARACTER, "login")
        if credentials.method != "password":
            token = f"user={login}\x01auth=Bearer {secret}\x01\x01"
            client.sasl("XOAUTH2", token.encode())
        elif client.has_sasl("PLAIN") and self._needs_sasl(login + secret):
            client.sasl("PLAIN", f"\0{login}\0{secret}".encode())
        else:
            client.user(login)
            client.pass_(secret)

    def _needs_sasl(self, text: str) -> bool:
        """USER and PASS are what every server knows and tests; what they cannot say is
        other characters than ASCII (RFC 6856 section 2.2) and blanks at the ends."""
        no_user = bool(self._client.capabilities) and not self._client.has("USER")
        return no_user or not text.isascii() or text != text.strip()


def _login_delay(client: Client) -> float:
    words = client.capabilities.get("LOGIN-DELAY") or [""]
    told = float(words[0]) if words[0].isdigit() and len(words[0]) < 9 else 0.0
    return min(told, LONGEST_PAUSE)
