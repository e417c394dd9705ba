# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What we say of a server ourselves, where an error's ``detail`` is not the server's
own words: a closed list, so that people read it in their language
(``models/own_words.py``). In logs, and where it is kept, it stands in English."""

from __future__ import annotations

import re

NO_ENCRYPTION = "no encryption"
NO_STARTTLS = "STARTTLS is not offered"
LOGIN_DISABLED = "LOGINDISABLED"
NO_LOGIN = "no login is offered"
OTHER_LOGINS = "offered: {names}"
CONTROL_CHARACTER = "control character in login"
INVALID_HOST = "invalid host name"
INVALID_PORT = "invalid port {port}"
NO_ADDRESS = "no address"
RESOLVING = "resolving {host}"
PRIVATE_ADDRESS = "private address {address} of {host}"
LOCAL_NAME = "name of a local network {host}"
INVALID_PROXY = "invalid address of a proxy"
PROXY_CLEAR_TEXT = "no clear text through a proxy"
PROXY_UNKNOWN = "proxy {proxy}: its name is not found"
PROXY_CLOSED = "proxy {proxy}: nothing listens there"
PROXY_SILENT = "proxy {proxy}: no answer in time"
PROXY_BROKE = "proxy {proxy}: it cut the connection"
PROXY_ABSURD = "proxy {proxy}: not the answer of a proxy"
PROXY_FORBIDS = "proxy {proxy}: it does not allow {host}"
PROXY_LOGIN = "proxy {proxy}: it wants a login"
PROXY_FAILS = "proxy {proxy}: it cannot reach {host} ({status})"
PROXY_ANSWERS = "proxy {proxy}: it answers {status}"
NO_FOLDERS = "no folders listed"
UNUSABLE_NAME = "unusable name"
RENUMBERED = "UIDVALIDITY changed"
OTHER_KEYS = "keys of another protocol"
INBOX_ONLY = "POP3 knows INBOX only"
NO_UIDL = "the server knows no UIDL, by which mails are told apart; use IMAP"
TOO_MANY = "more than {most} mails are too many for POP3; use IMAP"
NOT_CONNECTED = "not connected"
NOT_THERE = "not there after {seconds} s: {folders}"
NO_RECIPIENT = "no recipient"
NOT_AN_ADDRESS = "not an address"
NO_SMTPUTF8 = "no SMTPUTF8"
TOO_LARGE = "{size} bytes, the server takes {limit}"
INTERNAL = "internal error"
# errno.ENOSPC and the like, as the C library spells them (``engine/trouble.py``)
NO_SPACE = "No space left on device"
NO_QUOTA = "Disk quota exceeded"
READ_ONLY = "Read-only file system"
NO_RIGHTS = "Permission denied"
LATE = "a chunk was not ready in time"
REPEATED = "(the server repeats what it was sent)"

TEMPLATES = frozenset(
    value for name, value in list(globals().items()) if name.isupper()
)
_FIELD = re.compile(r"\\\{(\w+)\\\}")
_PATTERNS = {
    template: re.compile(_FIELD.sub(r"(?P<\1>.+)", re.escape(template)))
    for template in sorted(TEMPLATES)
}


def say(template: str, **figures) -> str:
    return template.format(**figures)


def find(text: str) -> tuple[str, dict[str, str]] | None:
    """``(template, its figures)`` where a detail is one of ours."""
    for template, pattern in _PATTERNS.items():
        found = pattern.fullmatch(text)
        if found:
            return template, found.groupdict()
    return None
