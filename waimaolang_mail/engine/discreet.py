# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes wrong with a mail is told without what is in it: the log and the ledger
have other readers than the mail (invariant I8)."""

import re
import traceback
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

# What a server says before it is asked about folders, mails and recipients.
_TOLD = frozenset("dns connect greeting capabilities tls login id noop logout".split())
_LINE = re.compile(r"(?P<phase>\w+): (?P<code>\w+)(?P<words>.*?)(?P<spent> \(.*ms\))?")


@contextmanager
def queries(cr):
    """Odoo logs a query that PostgreSQL refuses, with its values: whole mails."""
    execute = cr.execute
    cr.execute = lambda query, params=None, log_exceptions=False: execute(
        query, params, log_exceptions=False
    )
    try:
        yield
    finally:
        del cr.execute


def describe(exc: BaseException) -> str:
    """In one line. An exception's own text may quote the value that it is about."""
    diagnosis = getattr(exc, "diag", None)
    about = [
        name
        for field in ("table_name", "column_name", "constraint_name")
        if (name := getattr(diagnosis, field, None))
    ]
    frames = traceback.extract_tb(exc.__traceback__)
    at = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-1:]]
    return ", ".join([type(exc).__name__, *about, *at])


def stack(exc: BaseException) -> str:
    """Where it was raised: files and lines of code, no values."""
    return "".join(traceback.format_tb(exc.__traceback__))


def traced(exc: BaseException) -> str:
    """Both, for a log."""
    return f"{describe(exc)}\n{stack(exc)}"


def for_support(transcript: Iterable[str]) -> str:
    """A transport's transcript as others than the mail's readers may see it: of what
    was asked about folders and mails only that it was asked, and how it ended."""
    return "\n".join(map(_discreet_line, transcript))


def _discreet_line(line: str) -> str:
    if line.partition(": ")[0] in _TOLD:
        return line
    match = _LINE.fullmatch(line)
    if not match:
        return "..."
    return f"{match['phase']}: {match['code']}{match['spent'] or ''}"
