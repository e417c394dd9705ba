# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one exception of this room, and what the servers' words mean.

``classify`` turns whatever a socket, TLS, imaplib, poplib or smtplib raised into a
``MailServerError`` with a code of the closed list ``CODES``; the known words of the
servers are data in ``errorwords.py``. This file opens no connection, and no secret may
enter a ``detail``.
"""

import errno
import imaplib
import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from . import ownwords
from .errorwords import RULES

DETAIL_LIMIT = 500
# Of a secret this many characters in a row are no accident.
PIECE = 6
SHORTEST_PIECED = 8
WORDS_LIMIT = 4096  # what the rules look at: an answer may be megabytes


@dataclass(frozen=True)
class Code:
    """``transient``: worth trying again without anybody doing anything.
    ``auth``: counts towards the three authentication failures (invariant I6)."""

    meaning: str
    transient: bool = False
    auth: bool = False


CODES = {
    "auth_bad": Code("wrong login or secret", auth=True),
    "auth_needs_code": Code("wants an authorization code or app password", auth=True),
    "imap_disabled": Code("IMAP or POP3 is switched off for the account", auth=True),
    "client_id_required": Code("refuses clients that do not identify themselves"),
    "oauth_required": Code("accepts no passwords, only OAuth", auth=True),
    "blocked_by_admin": Code("account or client forbidden", auth=True),
    "ip_blocked": Code("our network address is refused"),
    "login_frequency": Code("logged in too often", transient=True),
    "ambiguous": Code("one answer for several causes", auth=True),
    "wrong_host": Code("the domain is not served by this host"),
    "dns": Code("the host name cannot be resolved"),
    "refused": Code("nothing listens there", transient=True),
    "timeout": Code("no answer in time", transient=True),
    "reset": Code("the connection broke", transient=True),
    "protocol": Code("not the protocol expected, or broken", transient=True),
    "tls_missing": Code("no (acceptable) encryption offered"),
    "tls_untrusted": Code("certificate not trusted"),
    "tls_name": Code("certificate of another name"),
    "private_host": Code("host in a private network"),
    "too_many_connections": Code("too many connections", transient=True),
    "throttled": Code("asks to come back later", transient=True),
    "quota": Code("transfer quota used up", transient=True),
    "folder_gone": Code("folder cannot be opened"),
    "key_missing": Code("the secret cannot be decrypted"),
    "consent_needed": Code("the sign-in is no longer valid", auth=True),
    "consent_missing": Code("an administrator has to allow the app", auth=True),
    "app_broken": Code("the app that signs in is refused"),
    "storage": Code("our own server cannot store what came", transient=True),
    # What becomes of one mail that is sent: says nothing about the mailbox.
    "mail_refused": Code("sender or content refused"),
    "recipient_refused": Code("a recipient is refused"),
    "too_large": Code("larger than the server takes"),
    "mailbox_full": Code("no room for the Sent copy"),
}
# Never a mailbox's own error.
SENDING_CODES = frozenset(
    {"mail_refused", "recipient_refused", "too_large", "mailbox_full"}
)


# Attributes of an error that a copy of it has.
_KEPT = ("transient", "retry_after", "keys", "recipients")


class MailServerError(Exception):
    """What a server or the network did.

    ``detail`` holds the server's own words on one line; ``retry_after`` seconds;
    ``keys`` the mails that were being fetched when the connection broke: of several
    one may be the cause, so they are best asked for one by one; ``recipients`` the
    refused ones, each with the server's words; ``transcript`` the dialogue that led
    here, for support. Neither is part of the text, so that no log has it."""

    def __init__(self, code, detail="", phase="", *, transient=None, retry_after=None):
        if code not in CODES:
            raise ValueError(f"unknown error code {code!r}")
        self.code = code
        self.detail = one_line(detail)
        self.phase = phase
        self.transient = CODES[code].transient if transient is None else transient
        self.retry_after = retry_after
        self.keys: tuple[str, ...] = ()
        self.recipients: tuple[tuple[str, str], ...] = ()
        self.transcript: tuple[str, ...] = ()
        super().__init__(code, self.detail, phase)

    @property
    def auth(self) -> bool:
        return CODES[self.code].auth

    def __str__(self):
        return f"{self.code} [{self.phase}] {self.detail}".rstrip()

    def __reduce__(self):
        state = {k: getattr(self, k) for k in _KEPT}
        return type(self), (self.code, self.detail, self.phase), state


class Refused(Exception):
    """A server's tagged NO or BAD, or BYE; ``text`` are its bytes. Internal to this
    room: public methods raise MailServerError."""

    def __init__(self, status: str, text: bytes):
        super().__init__(status, text)
        self.status = status
        self.text = text


class Absurd(Exception):
    """The peer sends what no mail server sends: endless lines, giant literals."""


# What a refusal means when nobody knows the words. LATER is SMTP's 4yz.
_UNKNOWN_REFUSAL = {
    ("NO", "login"): "auth_bad",
    ("NO", "mail"): "mail_refused",
    ("NO", "rcpt"): "recipient_refused",
    ("NO", "data"): "mail_refused",
    ("NO", "answer"): "mail_refused",
    ("NO", "examine"): "folder_gone",
    ("BYE", "greeting"): "reset",
}

_NO_TLS = re.compile(
    r"UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|PROTOCOL_VERSION|HANDSHAKE_FAILURE"
    r"|NO_SHARED_CIPHER|DH_KEY_TOO_SMALL|UNSAFE_LEGACY"
)
_MILLISECONDS = re.compile(r"(\d{1,9})\s*(?:ms|milliseconds?)\b", re.I)
_SECONDS = re.compile(
    r"(?:again|retry|wait|backoff|after|in)\D{0,30}?(\d{1,6})\s*(second|minute|hour)",
    re.I,
)
_UNIT = {"second": 1.0, "minute": 60.0, "hour": 3600.0}


def decode_text(text: bytes | str) -> str:
    """A server's words: old Exmail answers in GBK (nicm/fdm#30)."""
    if isinstance(text, str):
        return text
    for encoding in ("utf-8", "gb18030"):
        try:
            return text.decode(encoding)
        except UnicodeDecodeError:
            continue
    return text.decode("latin-1")


def one_line(text: str) -> str:
    """Printable, on one line, bounded: it goes to a field and to logs."""
    text = "".join(c if c.isprintable() else " " for c in text[: DETAIL_LIMIT * 4])
    return " ".join(text.split())[:DETAIL_LIMIT]


def mask(text: str, secrets: Iterable[str]) -> str:
    """Some servers repeat the command in their answer."""
    secrets = [secret for secret in secrets if secret]
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    # cut, in capitals, in another encoding: then none of it is told
    told = text.lower()
    if any(piece in told for secret in secrets for piece in _pieces(secret)):
        return ownwords.REPEATED
    return text


def _pieces(secret: str) -> set[str]:
    if len(secret) < SHORTEST_PIECED:
        return set()
    return {secret[i : i + PIECE].lower() for i in range(len(secret) - PIECE + 1)}


def retry_after(text: str) -> float | None:
    """Seconds that a throttling answer asks for, e.g. Exchange's ``Suggested
    Backoff Time: 299910 milliseconds``."""
    found = _MILLISECONDS.search(text)
    if found:
        return int(found[1]) / 1000
    found = _SECONDS.search(text)
    return int(found[1]) * _UNIT[found[2].lower()] if found else None


def classify(
    exc: BaseException,
    phase: str,
    provider_hint: str = "",
    *,
    method: str = "password",
    secrets: Iterable[str] = (),
) -> MailServerError:
    """The typed error for any exception. ``provider_hint``: host name and provider
    code, since some answers mean different things at different providers."""
    if isinstance(exc, MailServerError):
        return exc
    if isinstance(exc, imaplib.IMAP4.error) and isinstance(exc.__context__, OSError):
        exc = exc.__context__  # imaplib wraps what send() raised
    status, text = _words(exc)
    text = mask(text, secrets)
    code = _code_of_type(exc, text)
    if code:
        # a resolver that is down, as against a name that does not exist
        transient = True if getattr(exc, "errno", 0) == socket.EAI_AGAIN else None
        return MailServerError(code, text, phase, transient=transient)
    code, after = code_of_text(status, text, phase, provider_hint, method)
    wait = retry_after(text)
    return MailServerError(
        code, text, phase, retry_after=after if wait is None else wait
    )


def code_of_text(status, text, phase, hint="", method="password"):
    """``(code, default retry_after)`` of a refusal's words."""
    for rule in RULES:
        if rule.matches(text, phase, hint, method):
            return rule.code, rule.retry_after
    if status == "BYE":
        return "reset", None
    if status == "LATER":
        return "throttled", None
    return _UNKNOWN_REFUSAL.get((status, phase), "protocol"), None


def _words(exc) -> tuple[str, str]:
    """Status and text: ours, poplib's (one bytes argument), smtplib's, others'."""
    if isinstance(exc, Refused):
        return exc.status, decode_text(exc.text[:WORDS_LIMIT])
    smtp_error = getattr(exc, "smtp_error", None)
    if smtp_error is not None:
        code = getattr(exc, "smtp_code", 0)
        status = "LATER" if 400 <= code < 500 else "NO"
        return status, f"{code} {decode_text(smtp_error[:WORDS_LIMIT])}"
    if exc.args and isinstance(exc.args[0], bytes):
        return "NO", decode_text(exc.args[0][:WORDS_LIMIT])
    return "", f"{type(exc).__name__}: {exc}"[:WORDS_LIMIT]


def _code_of_type(exc, text) -> str | None:
    if isinstance(exc, ssl.SSLError):
        return _code_of_tls(exc, text)
    if isinstance(exc, (socket.gaierror, socket.herror)):
        return "dns"
    if isinstance(exc, TimeoutError):
        return "timeout"
    if isinstance(exc, ConnectionRefusedError):
        return "refused"
    if isinstance(exc, (ConnectionError, EOFError)):
        return "reset"
    if isinstance(exc, Absurd):
        return "protocol"
    if isinstance(exc, OSError) and getattr(exc, "smtp_code", None) is None:
        unreachable = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES)
        return "refused" if exc.errno in unreachable else "reset"
    return None


def _code_of_tls(exc, text) -> str:
    if isinstance(exc, ssl.SSLCertVerificationError):
        # X509_V_ERR_HOSTNAME_MISMATCH 62, X509_V_ERR_IP_ADDRESS_MISMATCH 64
        return "tls_name" if exc.verify_code in (62, 64) else "tls_untrusted"
    if isinstance(exc, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "reset"
    if _NO_TLS.search(text):
        return "tls_missing"
    return "protocol"
