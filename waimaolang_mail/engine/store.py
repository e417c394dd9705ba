# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stores chunks of a mailbox, each in one transaction (design, section 2, step 7):
all of a chunk at once, else mail by mail. What is in the transaction: ``batch.py``.
"""

import logging
import time
from collections.abc import Sequence

from odoo.exceptions import UserError

from . import discreet, lease, ledger, trouble
from .batch import Batch
from .fetch import Arrival, Chunk
from .lease import Lease, StaleLeaseError
from .outcome import Outcome
from .settings import MailboxSettings

_logger = logging.getLogger(__name__)

# Nobody reads figures that change more often.
TELL_SECONDS = 1.0


class Store:
    """Stores chunks of one mailbox under its lease."""

    def __init__(self, registry, settings: MailboxSettings, held: Lease, transaction):
        self.registry = registry
        self.settings = settings
        self.lease = held
        self.transaction = transaction
        self.untold: dict[str, set[int]] = {}
        self.live: list[int] = []
        self.told_at = 0.0

    def store(self, chunk: Chunk) -> dict[str, int]:
        """All at once, else one by one: a mail that PostgreSQL or Odoo refuses is
        kept as failed with its bytes, and blocks nobody (invariant I5). What is our
        own server's trouble leaves all as it was: OwnTroubleError."""
        try:
            return self._store(chunk.arrivals, chunk.absent, chunk.outside)
        except StaleLeaseError:
            raise
        except Exception as exc:
            _raise_own(exc)
            _logger.warning(
                "a batch of mailbox %s was refused, storing one by one: %s",
                self.settings.id,
                discreet.traced(exc),
            )
        total = self._store((), chunk.absent, chunk.outside)
        for arrival in chunk.arrivals:
            counts = self._store_one(arrival)
            total = {key: total[key] + counts[key] for key in total}
        return total

    def _store_one(self, arrival: Arrival) -> dict[str, int]:
        try:
            return self._store((arrival,))
        except StaleLeaseError:
            raise
        except Exception as exc:
            _raise_own(exc)
            row = arrival.copy.id
            _logger.warning("message row %s failed: %s", row, discreet.traced(exc))
            kind, error = "store", discreet.describe(exc)
            if isinstance(exc, UserError):  # written for people
                kind, error = "refused", _first_line(str(exc)) or error
            failed = Arrival(arrival.copy, arrival.fetched, None, error, kind)
            return self._store((failed,))

    def _store(
        self, arrivals: Sequence[Arrival], absent=(), outside=()
    ) -> dict[str, int]:
        def work(env):
            lease.hold(env.cr, self.lease)
            ledger.absent(env.cr, absent)
            key = env["waimaolang.vault"]._get_digest_key()
            outcome = Outcome(self.settings.id, key)
            with discreet.queries(env.cr):
                Batch(env, self.settings, outcome).run(arrivals)
                env.flush_all()
            for copy, arrived in outside:
                outcome.leave(copy, arrived)
            ledger.settle(env.cr, outcome.rows)
            return outcome

        outcome = self.transaction(self.registry, work)
        for model, ids in outcome.touched.items():
            self.untold.setdefault(model, set()).update(ids)
        self.live += outcome.live
        if time.monotonic() - self.told_at > TELL_SECONDS:
            self.tell()
        return outcome.counts()

    def tell(self) -> None:
        """After the commit (step 8). What goes wrong here is made good by the next
        pass, and must not make the batch look refused."""
        touched, self.untold = self.untold, {}
        live, self.live = self.live, []
        self.told_at = time.monotonic()

        def work(env):
            refresh_figures(env)
            env["waimaolang.mail"]._tell_chatters(touched)
            env["waimaolang.mail"].browse(live)._after_store()

        if not touched and not live:
            return
        try:
            self.transaction(self.registry, work)
        except Exception as exc:
            _logger.warning(
                "mailbox %s: figures are refreshed later: %s",
                self.settings.id,
                discreet.traced(exc),
            )


def _first_line(text: str) -> str:
    """As PostgreSQL takes it; "" where somebody refused without a word."""
    return next(iter(text.replace("\0", "").strip().splitlines()), "")[:500]


def _raise_own(exc: Exception) -> None:
    found = trouble.of(exc)
    if found:
        raise found from exc


def refresh_figures(env) -> bool:
    """Conversations that are one become one; what is shown of records and
    conversations is counted anew. True when more is left."""
    return env["waimaolang.statistics"]._refresh_dirty()
