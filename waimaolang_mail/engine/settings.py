# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What one pass needs to know of its mailbox, read once and carried along, so
that no cursor stays open while a server is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .sending import Limits

if TYPE_CHECKING:
    from ..transport.base import Credentials, ServerAddress
    from .judge import Policy

# Where and how the authorization code is sent.
SECRET_WAY = (
    "incoming_host",
    "incoming_port",
    "incoming_security",
    "outgoing_host",
    "outgoing_port",
    "outgoing_security",
    "login",
)


@dataclass(frozen=True)
class FolderState:
    """What is known of a folder. ``agreed``: the server's number of mails at which the
    ledger was found equal (``cursor.NOT_AGREED``: not known)."""

    id: int
    remote_name: str
    role: str
    uidvalidity: int
    uidnext: int
    live_uid: int
    outside: str
    epoch: int
    taken_at: datetime | None = None
    recounted_at: datetime | None = None
    backfill: int = 0
    modseq: int = 0
    agreed: int = -1
    flags_at: datetime | None = None
    troubled: bool = False


@dataclass(frozen=True)
class Attempt:
    """A login: ``side`` is "incoming" or "outgoing"."""

    side: str
    host: str
    login: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, side: str, address: ServerAddress, credentials: Credentials) -> Attempt:
        # neither capitals nor blanks make another account
        host = address.host.strip().rstrip(".").casefold()
        login = credentials.login.strip().casefold()
        return cls(side, host, login, credentials.secret)


@dataclass(frozen=True)
class MailboxSettings:
    """``authors``: whose partner writes from an address of a bound mailbox. It,
    ``policy`` and ``owner_partner_id`` are what only storing needs: ``people_known``
    tells whether they were read. ``leaves``: there is mail to send; ``wants_copies``:
    copies in Sent are due; ``now``: the database's clock when this was read.
    ``provider`` is the provider's code, "" for a server of one's own; ``way``: whose
    code it is, and where it goes, as the mailbox says it; ``epoch`` grows when a person
    wants a new login. ``outgoing`` None: it only receives; ``sync_due``: it is time to
    look for mail, not only to send some."""

    id: int
    database: str
    state: str
    protocol: str
    address: ServerAddress
    credentials: Credentials = field(repr=False)
    provider: str
    needs_id: bool
    company_id: int
    owner_id: int
    owner_partner_id: int
    team_id: int
    authors: Mapping[str, int]
    policy: Policy
    history_from: datetime | None
    interval_seconds: int
    folders_known: bool
    resume_folder: int
    folders: tuple[FolderState, ...]
    way: tuple
    email: str = ""
    outgoing: ServerAddress | None = None
    limits: Limits = Limits()
    sync_due: bool = True
    people_known: bool = True
    leaves: bool = True
    wants_copies: bool = True
    now: datetime | None = None
    epoch: int = 0
    history_paused: bool = False

    @property
    def connection_key(self) -> tuple[str, int]:
        return self.database, self.id

    @property
    def connection_settings(self) -> tuple:
        return self.protocol, self.address, self.credentials, self.epoch

    @property
    def host_key(self) -> str:
        """The incoming server as others call it too, for counting connections."""
        return self.attempt.host

    @property
    def outgoing_attempt(self) -> Attempt:
        return Attempt.of("outgoing", self.outgoing, self.credentials)

    @property
    def attempt(self) -> Attempt:
        return Attempt.of("incoming", self.address, self.credentials)
