# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a store transaction decided of each arrival."""

from dataclasses import dataclass, field
from datetime import datetime

from ..mime.headerkey import header_key
from .fetch import Arrival
from .ledger import PendingCopy, Settled


@dataclass
class Outcome:
    """Rows for the ledger, counts for the pass, and the records that have new mail:
    {model: ids}."""

    rows: list[Settled] = field(default_factory=list)
    touched: dict[str, set[int]] = field(default_factory=dict)
    stored: int = 0
    excluded: int = 0
    failed: int = 0

    def add(self, arrival: Arrival, state: str, **details) -> None:
        arrived = arrival.fetched.internaldate
        row = Settled(
            arrival.copy.id,
            state,
            internaldate=arrived,
            header_key=header_key(arrival.fetched.raw),
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
