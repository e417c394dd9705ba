# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Connections that outlive a slice, one for each mailbox and process.

An import of 30,000 mails in slices of seconds must not log in once a slice:
providers count logins. A connection is taken out while it is used and put back
after; what was not used for IDLE_SECONDS is closed (by keeper.py, which also says to
others that it is there). One that keeps other programs out of the mailbox (POP3) is
closed when it is put back.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.base import Transport

IDLE_SECONDS = 10 * 60
# Starts small so that the first mail shows at once, and grows on fast servers.
FIRST_CHUNK = 25


@dataclass
class Connection:
    """``settings`` is what it was opened with: another host or code makes it
    useless. ``chunk`` is how many mails the server delivers in about a second;
    ``epoch`` is the mailbox's when it was opened; ``until``: when the server cuts it,
    by the pool's clock, None for never."""

    transport: Transport
    settings: tuple = field(repr=False)
    chunk: int = FIRST_CHUNK
    used: float = 0.0
    epoch: int = 0
    until: float | None = None


class ConnectionPool:
    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, int], Connection] = {}

    def take(self, key: tuple[str, int], settings: tuple) -> Connection | None:
        with self._lock:
            connection = self._idle.pop(key, None)
        if not connection:
            return None
        over = connection.until is not None and connection.until <= self._clock()
        if over or connection.settings != settings:
            connection.transport.close()
            return None
        return connection

    def put(self, key: tuple[str, int], connection: Connection) -> bool:
        """Whether it waits here now."""
        if connection.transport.one_pass:
            connection.transport.close()
            return False
        connection.used = self._clock()
        with self._lock:
            previous = self._idle.pop(key, None)
            self._idle[key] = connection
        if previous:
            previous.transport.close()
        return True

    def discard(self, key: tuple[str, int]) -> bool:
        """Whether one waited here."""
        with self._lock:
            connection = self._idle.pop(key, None)
        if connection:
            connection.transport.close()
        return bool(connection)

    def databases(self) -> set[str]:
        with self._lock:
            return {key[0] for key in self._idle}

    def held(self, database: str) -> dict[int, int]:
        """{mailbox id: epoch} of the connections that wait here."""
        with self._lock:
            return {
                key[1]: c.epoch for key, c in self._idle.items() if key[0] == database
            }

    def close_idle(self, database: str) -> list[int]:
        """The mailboxes whose connection nobody used for long."""
        limit = self._clock() - IDLE_SECONDS
        with self._lock:
            stale = [
                key
                for key, c in self._idle.items()
                if c.used < limit and key[0] == database
            ]
            connections = [self._idle.pop(key) for key in stale]
        for connection in connections:
            connection.transport.close()
        return [key[1] for key in stale]

    def close_all(self) -> None:
        with self._lock:
            connections = list(self._idle.values())
            self._idle.clear()
        for connection in connections:
            connection.transport.close()


connections = ConnectionPool()
