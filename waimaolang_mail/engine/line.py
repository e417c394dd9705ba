# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The connection of a pass, from its place at the server to what becomes of it.

take (pool) --or--> reserve (slots) -> log in --> used --> kept (pool, slots.park)
                          |                        |
                     NoPlaceError              dropped (slots.free)
"""

from __future__ import annotations

import time
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as FutureTimeout

from ..transport.net import Deadline
from . import background, lease, logins, slots
from .pool import Connection, connections

# Shorter than the lease: it is extended while a slow server delivers.
HEARTBEAT_SECONDS = 4.0


class Line:
    """``work`` is the pass (``worker.Pass``). ``hard_end`` (monotonic clock) is when
    the server has been listened to long enough; ``by_hand``: a person waits;
    ``exceeds``: even where no place is left."""

    def __init__(self, work, hard_end: float, by_hand: bool, exceeds: bool):
        self.work = work
        self.hard_end = hard_end
        self.by_hand = by_hand
        self.exceeds = exceeds
        self.connection: Connection | None = None
        self._placed = False
        self._kept = False
        self._broke = False

    def open(self) -> bool:
        """Whether it was open before. Otherwise a login: NoPlaceError when that has to
        wait; MailServerError, StillWaitingError."""
        settings = self.work.settings
        pooled = connections.take(settings.connection_key, settings.connection_settings)
        if pooled and self.work.lease.kept:
            self._placed, self.connection = True, pooled
            pooled.transport.hard_deadline = self._limit()
            return True
        if pooled:  # its place was given to somebody else
            pooled.transport.close()
        self._log_in()
        return False

    def renew(self) -> None:
        """By a new login; servers close what is idle without a word."""
        self.drop(broke=True)
        ids = [self.work.lease.mailbox_id]
        self.work.fenced(lambda env: slots.free(env.cr, ids, broke=True))
        self._log_in()

    def _log_in(self) -> None:
        work, settings = self.work, self.work.settings
        decision = work.fenced(
            lambda env: slots.reserve(
                env.cr,
                work.lease,
                settings.host_key,
                any_time=self.by_hand or settings.protocol == "pop3",
                by_hand=self.by_hand,
                exceeds=self.exceeds,
            )
        )
        if not decision.given:
            raise slots.NoPlaceError(decision)
        self._placed = True
        if decision.kind == slots.SWAP:
            logins.forget_connection(work.registry, decision.mailbox_id)
        self.connection = logins.log_in(work.registry, settings, self._connect)

    def _connect(self, settings) -> Connection:
        future = background.start(logins.open_connection, settings, self._limit())
        try:
            return self.await_result(future)
        except BaseException:
            future.add_done_callback(_close_late)
            raise

    def _limit(self) -> Deadline:
        """For all that this pass says to the server."""
        return Deadline(max(0.1, self.hard_end - time.monotonic()))

    def await_result(self, future):
        """The lease is kept meanwhile."""
        while True:
            try:
                return future.result(HEARTBEAT_SECONDS)
            except FutureTimeout:
                self.work.fenced(lambda env: None)

    # -- what becomes of it ---------------------------------------------------------

    def drop(self, broke: bool = False) -> None:
        """``broke``: by the server or the network."""
        self._broke = self._broke or broke
        if self.connection:
            self.connection.transport.close()
            self.connection = None

    def keep(self) -> None:
        """For the next pass."""
        if self.connection:
            self.connection.transport.hard_deadline = None
            self._kept = logins.keep(self.work.settings, self.connection)

    def keep_after(self, fetching: Future | None) -> None:
        """The server is well, we are not: no new login for that. ``fetching`` still
        uses the connection."""
        if fetching and not fetching.done():
            wait([fetching], timeout=HEARTBEAT_SECONDS)
        if fetching and not fetching.done():
            self.drop()
        self.keep()

    def give_back(self, env) -> None:
        """The lease, and the place where the connection is not kept."""
        work = self.work
        if self._kept and slots.park(env.cr, work.lease, self.by_hand):
            return
        if not lease.release(env.cr, work.lease) or not self._placed:
            return
        mailbox_id = work.lease.mailbox_id
        logins.forget_connection(work.registry, mailbox_id)
        slots.free(env.cr, [mailbox_id], self._broke)


def _close_late(future):
    """Nobody waits for this connection any more."""
    if not future.exception():
        future.result().transport.close()
