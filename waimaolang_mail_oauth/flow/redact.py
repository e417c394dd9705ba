# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Takes tokens, secrets and codes out of texts, above all out of log records: the
access log of werkzeug holds the callback's query, msal logs what it was answered.

Words that are also ordinary (code, state) go only where they are a parameter of a URL
or the value looks like a secret, for a log that hides ``state=connected`` is of no
use."""

from __future__ import annotations

import logging
import re

GONE = "[redacted]"
LOGGERS = ("google", "msal", "odoo", "requests", "urllib3", "werkzeug")

_NAMES = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier"
)
_ORDINARY = "code|state|nonce|assertion|token"
_QUOTE = r"""\\?["']"""
_PATTERNS = (
    # XOAUTH2's own form, and headers
    (re.compile(r"(?i)\b(Bearer|XOAUTH2|OAUTHBEARER)(\s+)[^\s\"'\\,;]+"), r"\1\2"),
    (re.compile(r"(?i)\b(Authorization\W{1,6}Basic)(\s+)[^\s\"'\\,;]+"), r"\1\2"),
    # a query or a form: what=value
    (re.compile(rf"(?i)(?<![\w-])({_NAMES})=(?!\s)[^&\s\"'<>\\]+"), r"\1="),
    (re.compile(rf"(?i)([?&]|%3F|%26)({_ORDINARY})=[^&\s\"'<>\\]+"), r"\1\2="),
    # JSON, the repr of a dict, keyword arguments
    (
        re.compile(
            rf"(?i)(?<![\w-])({_NAMES})({_QUOTE})?(\s*[:=]\s*)b?({_QUOTE})"
            rf"(?:(?!\4).)*"
        ),
        r"\1\2\3\4",
    ),
    (
        re.compile(
            rf"(?i)({_QUOTE})({_ORDINARY})\1(\s*:\s*)({_QUOTE})[\w\-./+=~%!*]{{20,}}"
        ),
        r"\1\2\1\3\4",
    ),
    # known by their look: JWT, Google's access and refresh tokens and client secrets
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*"), ""),
    (re.compile(r"\bya29\.[\w.-]+|\b1//0[\w-]{10,}|\bGOCSPX-[\w-]+"), ""),
)
_installed = []  # the factory, once there is one
_prefixes = set()
# Nothing above matches without one of these; most records end here.
_WORTH = re.compile(
    r"(?i)token|secret|assertion|verifier|bearer|oauth|basic|code|state|nonce"
    r"|eyJ|ya29|1//0|GOCSPX"
)


def text(value: str) -> str:
    """The text without its secrets; what is between them stays."""
    if not _WORTH.search(value):
        return value
    for pattern, kept in _PATTERNS:
        value = pattern.sub(kept + GONE, value)
    return value


def scrub(record: logging.LogRecord) -> None:
    """Takes the secrets out of a record, its arguments and its traceback."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        # logging itself will complain about the arguments; better without them
        message = str(record.msg)
        record.args = ()
    clean = text(message)
    if clean != message:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[0] and not record.exc_text:
        trace = logging.Formatter().formatException(record.exc_info)
        clean = text(trace)
        if clean != trace:
            # formatters take a text that is there already
            record.exc_text = clean


def install(names: tuple[str, ...] = LOGGERS) -> None:
    """From now on the records of these loggers, and of those below them, are scrubbed
    as they are made. A second call changes nothing, unless somebody has set another
    factory meanwhile, as Odoo does when it starts.

    At the factory: the filter of a logger does not see its children's records, and a
    handler's does not see the handlers that are added later.
    """
    _prefixes.update(names)
    current = logging.getLogRecordFactory()
    if current in _installed:
        return

    def factory(name, *args, **options):
        record = current(name, *args, **options)
        if str(name).partition(".")[0] in _prefixes:
            scrub(record)
        return record

    _installed[:] = [factory]
    logging.setLogRecordFactory(factory)
