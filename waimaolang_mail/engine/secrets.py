# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the secret of a login comes from, at the moment it is needed.

A code is kept with the mailbox and loaded with it. Other ways to log in have secrets
that live for an hour: their addon registers a source, which may ask a server of its own
and therefore is never called inside a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..transport.base import Credentials, ServerAddress
from ..transport.errors import MailServerError

PASSWORD = "password"
T = TypeVar("T")


@dataclass(frozen=True)
class Ticket:
    """``until``: when a session opened with it had better end (``time.monotonic()``),
    None for never: servers cut the sessions of a token that has expired."""

    credentials: Credentials
    until: float | None = None


# (database, mailbox id, credentials without a secret, server, refused secret or "")
Source = Callable[[str, int, Credentials, ServerAddress, str], Ticket]
_SOURCES: dict[str, Source] = {}


def register(method: str, source: Source) -> None:
    """``method`` is a mailbox's ``auth_method``. The source raises MailServerError when
    it has no secret to give. With a refused secret it gives another one, or the same
    where there is no other."""
    _SOURCES[method] = source


def issue(
    database: str,
    mailbox_id: int,
    credentials: Credentials,
    address: ServerAddress,
    refused: str = "",
) -> Ticket:
    if credentials.method == PASSWORD or credentials.secret:
        return Ticket(credentials)
    try:
        source = _SOURCES[credentials.method]
    except KeyError:  # the addon that offered it is not loaded
        raise MailServerError("oauth_required", "", phase="login") from None
    return source(database, mailbox_id, credentials, address, refused)


def use(
    database: str,
    mailbox_id: int,
    credentials: Credentials,
    address: ServerAddress,
    log_in: Callable[[Credentials], T],
) -> tuple[T, Ticket]:
    """What ``log_in(credentials)`` returns. A secret of a source that is refused is
    renewed once: it may have been withdrawn before its time."""
    ticket = issue(database, mailbox_id, credentials, address)
    try:
        return log_in(ticket.credentials), ticket
    except MailServerError as error:
        if ticket.credentials == credentials or error.phase != "login":
            raise
        if not error.auth:
            raise
        refused = ticket.credentials.secret
        ticket = issue(database, mailbox_id, credentials, address, refused)
        if ticket.credentials.secret == refused:
            raise
    return log_in(ticket.credentials), ticket
