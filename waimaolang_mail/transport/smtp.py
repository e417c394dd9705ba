# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Submitting mail by SMTP (RFC 6409): verified TLS first, then AUTH, then the mail.

    connect() -> send(...) -> send(...) -> close()

A mail goes through the phases ``mail``, ``rcpt``, ``data`` and ``answer``; the phase of
the MailServerError tells how far it came. All recipients or none: a refused one ends
the attempt before the content is sent, and the error's ``recipients`` name it. Whoever
must never send twice looks at ``was_data_ended`` and ``was_answered``: whole content
whose answer was lost may have been taken.
"""

from __future__ import annotations

import base64
import re
import smtplib
from collections.abc import Callable, Sequence

from . import ownwords
from .base import SECURITY_STARTTLS
from .errors import Absurd, MailServerError, Refused, decode_text, one_line
from .net import Deadline, Wire
from .sasl import answer_of
from .session import Session

# What others see of us in Received: neither our host's name nor its address.
EHLO_NAME = "[127.0.0.1]"
MAX_ANSWER_LINE = 4096
MAX_ANSWER_LINES = 100
# Without the line end (RFC 5321 4.5.3.1.4): some refuse longer ones.
MAX_COMMAND = 510
CHUNK_BYTES = 64 * 1024
DATA_SECONDS = 30.0
# 50 MB over a line of 1 MBit/s take seven minutes.
LONGEST_DATA = 600.0
# Content is looked through by the provider before the answer comes (RFC 5321 4.5.3.2
# asks for ten minutes).
ANSWER_SECONDS = 60.0
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")


class Client(smtplib.SMTP):
    """smtplib's dialogue on a ``net.Wire``: deadlines, byte budgets, refusals as
    ``Refused``. It keeps and prints nothing of what was sent (invariant I9)."""

    ehlo_msg = "EHLO"

    def __init__(self, wire: Wire):
        self._wire = wire
        self.greeting = b""
        super().__init__(local_hostname=EHLO_NAME)
        self.sock = wire.sock

    # what smtplib calls
    def send(self, s):
        self._wire.send(s.encode("ascii") if isinstance(s, str) else bytes(s))

    def getreply(self):
        """``(code, text)``, the lines of the text joined by line feeds."""
        lines, code = [], b""
        while True:
            line = self._wire.readline(MAX_ANSWER_LINE).rstrip(b"\r\n")
            code = line[:3]
            if not code.isdigit() or line[3:4] not in (b"", b" ", b"-"):
                raise Absurd("not an answer of SMTP: " + decode_text(line[:80]))
            lines.append(line[4:].strip(b" \t"))
            if line[3:4] != b"-":
                break
            if len(lines) >= MAX_ANSWER_LINES:
                raise Absurd("an answer of endless lines")
        return int(code), b"\n".join(lines)

    def close(self):
        self._wire.close()

    # what we call
    def expect(self, *codes: int) -> bytes:
        """The text of an answer with one of the codes; else Refused."""
        code, text = self.getreply()
        if code not in codes:
            raise refusal(code, text)
        return text

    def greet(self) -> None:
        self.greeting = self.expect(220)

    def hello(self) -> None:
        code, text = self.ehlo()
        if code != 250:
            code, text = self.helo()
        if code != 250:
            raise refusal(code, text)

    def start_tls(self, host: str) -> None:
        self.putcmd("STARTTLS")
        self.expect(220)
        self._wire.start_tls(host)
        self.sock = self._wire.sock
        # RFC 3207 4.2: what was told in clear text is void
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self.hello()

    def mechanisms(self) -> set[str]:
        return set(self.esmtp_features.get("auth", "").upper().split())

    def size_limit(self) -> int:
        """Bytes, 0 for none told."""
        told = self.esmtp_features.get("size", "")
        return int(told) if told.isdigit() else 0


def refusal(code: int, text: bytes) -> Refused:
    """4yz is said for now, 5yz for good."""
    status = "LATER" if 400 <= code < 500 else "NO"
    return Refused(status, b"%d %s" % (code, text))


class SmtpTransport(Session):
    """``send`` takes any number of mails, one after the other."""

    protocol = "smtp"
    STEPS = ("dns", "tcp", "tls", "login", "send")

    def __init__(self, address, credentials, **options):
        super().__init__(address, credentials, **options)
        self.was_data_ended = False
        self.was_answered = False

    # -- life -------------------------------------------------------------------

    def _begin(self, limit: Deadline) -> None:
        with self._step("greeting", limit=limit):
            self._client = Client(self._wire)
            self._client.greet()
        self._note("greeting: " + one_line(decode_text(self._client.greeting)))
        with self._step("greeting", limit=limit):
            self._client.hello()
        if self.address.security == SECURITY_STARTTLS:
            with self._step("tls", limit=limit):
                self._start_tls()
        self._note("capabilities: " + " ".join(self._client.esmtp_features))
        with self._step("login", limit=limit):
            self._authenticate()

    def _start_tls(self) -> None:
        if not self._client.has_extn("starttls"):
            raise MailServerError("tls_missing", ownwords.NO_STARTTLS, "tls")
        try:
            self._client.start_tls(self.address.host)
        except Refused as exc:
            raise MailServerError("tls_missing", decode_text(exc.text), "tls") from None

    def _authenticate(self) -> None:
        """One mechanism, once: a second try counts as a second failure with providers
        that lock accounts."""
        client, credentials = self._client, self._credentials
        offered = client.mechanisms()
        if not offered:
            missing = ownwords.NO_LOGIN
            raise MailServerError(self._code_without_login(), missing, "login")
        mechanism, answers = answer_of(credentials, offered, self.address)
        first = f"{mechanism} {base64.b64encode(answers[0]).decode()}"
        # a token is often too long for the command (RFC 4954 4)
        if mechanism == "LOGIN" or len(f"AUTH {first}") > MAX_COMMAND:
            client.putcmd("AUTH", mechanism)
        else:
            client.putcmd("AUTH", first)
            answers = answers[1:]
        code, text = client.getreply()
        while code == 334 and answers:
            client.putcmd(base64.b64encode(answers[0]).decode())
            answers = answers[1:]
            code, text = client.getreply()
        if code == 334:
            # XOAUTH2 and OAUTHBEARER tell their error so, and want an empty line
            client.putcmd("")
            code, text = client.getreply()
        if code not in (235, 503):  # 503: already logged in
            raise refusal(code, text)

    def _code_without_login(self) -> str:
        encrypted = hasattr(self._wire.sock, "cipher")
        return "protocol" if encrypted else "tls_missing"

    def _ask_alive(self) -> None:
        self._client.putcmd("NOOP")
        self._client.expect(250)

    def _take_leave(self) -> None:
        self._client.putcmd("QUIT")
        self._client.getreply()

    # -- a mail -----------------------------------------------------------------

    def send(
        self,
        mail_from: str,
        recipients: Sequence[str],
        raw: bytes,
        before_content: Callable[[], None] | None = None,
    ) -> None:
        """``recipients`` are addresses without names. Returns when the server has
        taken the mail for all of them. ``before_content`` is called once it knows
        sender and recipients; what it raises ends the attempt, and nothing has left."""
        self.was_data_ended = self.was_answered = False
        client = self._connected("mail")
        content = _LINE_ENDS.sub(b"\r\n", raw)
        self._envelope(client, mail_from, recipients, content)
        if before_content:
            try:
                before_content()
            except BaseException:
                self._reset()
                raise
        with self._step("data"):
            client.putcmd("DATA")
            client.expect(354)
        self._content(client, content)
        with self._step("answer", ANSWER_SECONDS, silence=ANSWER_SECONDS):
            code, text = client.getreply()
            self.was_answered = True
            if code != 250:
                raise refusal(code, text)

    def _envelope(self, client, mail_from, recipients, content) -> None:
        addresses = [_address(mail_from, "mail")]
        addresses += [_recipient(one) for one in recipients]
        if len(addresses) < 2:
            raise MailServerError("recipient_refused", ownwords.NO_RECIPIENT, "rcpt")
        limit = client.size_limit()
        if limit and len(content) > limit:
            told = ownwords.say(ownwords.TOO_LARGE, size=len(content), limit=limit)
            raise MailServerError("too_large", told, "mail")
        options = self._options(client, addresses, content)
        try:
            with self._step("mail"):
                client.putcmd("MAIL", f"FROM:<{addresses[0]}>{options}")
                client.expect(250)
            self._name_recipients(client, addresses[1:])
        except MailServerError:
            self._reset()
            raise

    def _name_recipients(self, client, addresses) -> None:
        """After a refusal for good the others are asked about too: who sends wants to
        know all that must go. ``recipients`` of the error tells them."""
        refused: list[MailServerError] = []
        for address in addresses:
            try:
                with self._step("rcpt"):
                    client.putcmd("RCPT", f"TO:<{address}>")
                    client.expect(250, 251, 252)
            except MailServerError as error:
                error.recipients = ((address, error.detail),)
                if self._client is None or error.code != "recipient_refused":
                    if not refused:
                        raise
                    break
                refused.append(error)
        if refused:
            first = refused[0]
            first.recipients = tuple(one.recipients[0] for one in refused)
            raise first

    def _options(self, client, addresses, content) -> str:
        options = ""
        if client.has_extn("size"):
            options += f" SIZE={len(content)}"
        if client.has_extn("8bitmime") and not content.isascii():
            options += " BODY=8BITMIME"
        foreign = [address for address in addresses if not address.isascii()]
        if foreign:
            if not client.has_extn("smtputf8"):
                error = MailServerError("recipient_refused", foreign[0], "rcpt")
                error.recipients = tuple((one, ownwords.NO_SMTPUTF8) for one in foreign)
                raise error
            client.command_encoding = "utf-8"
            options += " SMTPUTF8"
        return options

    def _reset(self) -> None:
        """So that the next mail starts anew; a broken connection stays broken."""
        if self._client is None:
            return
        try:
            with self._step("rset"):
                self._client.putcmd("RSET")
                self._client.expect(250)
        except MailServerError:
            self._drop()

    def _content(self, client, content: bytes) -> None:
        """With dots doubled, ended by one of its own (RFC 5321 4.5.2)."""
        content = re.sub(rb"(?m)^\.", b"..", content)
        content += b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            with self._step("data", DATA_SECONDS, patient=True, longest=LONGEST_DATA):
                for start in range(0, len(content), CHUNK_BYTES):
                    chunk = content[start : start + CHUNK_BYTES]
                    # what has no end is no mail (RFC 5321 4.1.1.4)
                    self.was_data_ended = start + CHUNK_BYTES >= len(content)
                    self._send_chunk(client, chunk)
                    self._wire.deadline.earn(len(chunk))
        except MailServerError:
            self._drop()  # without an end
            raise

    def _send_chunk(self, client, chunk: bytes) -> None:
        try:
            client.send(chunk)
        except (BrokenPipeError, ConnectionResetError) as exc:
            # a server that has enough says why before it hangs up
            try:
                code, text = client.getreply()
            except (OSError, EOFError, Absurd):
                raise exc from None
            self.was_answered = True
            raise refusal(code, text) from None


def _address(address: str, phase: str) -> str:
    """Bare, without anything that would end the command."""
    address = address.strip()
    if not address or re.search(r"[\x00-\x20<>\x7f]", address):
        code = "mail_refused" if phase == "mail" else "recipient_refused"
        raise MailServerError(code, ownwords.NOT_AN_ADDRESS, phase)
    return address


def _recipient(address: str) -> str:
    try:
        return _address(address, "rcpt")
    except MailServerError as error:
        error.recipients = ((address, error.detail),)
        raise
