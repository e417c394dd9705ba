# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a store transaction decided of each arrival."""

from dataclasses import dataclass, field
from datetime import datetime

from ..mime.headerkey import header_key
from ..mime.version import PARSER_VERSION
from . import traces
from .fetch import Arrival
from .ledger import PendingCopy, Settled


@dataclass
class Outcome:
    """Rows for the ledger, counts for the pass, the records that have new mail:
    {model: ids}, and the live mails among the new ones. ``key``: of the digests by
    which a mail is found again."""

    mailbox_id: int = 0
    key: bytes = field(default=b"", repr=False)
    rows: list[Settled] = field(default_factory=list)
    touched: dict[str, set[int]] = field(default_factory=dict)
    live: list[int] = field(default_factory=list)
    stored: int = 0
    excluded: int = 0
    failed: int = 0

    def add(self, arrival: Arrival, state: str, entry: str = "", **details) -> None:
        """``entry``: of the never-log list, for which the mail is excluded."""
        mail, raw = arrival.mail, arrival.fetched.raw
        words = traces.of_mail(mail) if mail else traces.of_bytes(raw)
        digests = traces.digests(self.key, self.mailbox_id, words)
        row = Settled(
            arrival.copy.id,
            state,
            internaldate=arrival.fetched.internaldate,
            kind=arrival.kind if state == "failed" else None,
            parser_version=PARSER_VERSION if state == "failed" else None,
            message_id_digest=digests.message_id,
            sender_digest=digests.sender,
            subject_digest=digests.subject,
            entry_digest=traces.entry_digest(self.key, self.mailbox_id, entry),
            header_key=header_key(raw),
            **details,
        )
        self.rows.append(row)
        setattr(self, state, getattr(self, state) + 1)

    def leave(self, copy: PendingCopy, arrived: datetime) -> None:
        """Older than the history window, as its headers told."""
        row = Settled(copy.id, "excluded", reason="window", internaldate=arrived)
        self.rows.append(row)
        self.excluded += 1

    def counts(self) -> dict[str, int]:
        return {
            "stored": self.stored,
            "excluded": self.excluded,
            "failed": self.failed,
        }
