# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Places at a mail server: how many connections there may be to it, and who gives one
up for whom (invariant I6).

    free --reserve--> used --park--> kept --(wanted, 10 minutes, keeper dead)--> free
                       ^               |
                       +---- claim ----+      the keeper's own lane goes on with it

Counted in the lease rows, over all lanes, processes and hosts: a row with a ``host``
and a ``kept_until`` to come is a connection. ``decide`` is pure; the rest is SQL on the
caller's cursor, which commits before the network is used. A person's try is exempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .lease import DUE, LEASE_SECONDS, NOW, Lease, holder_name

# Providers allow 5 to 15 to an account or an address; the owner's own programs and
# phones have theirs.
MOST_CONNECTIONS = 5
# Between two logins that nobody asked for, and so the turn of a mailbox that gets a
# place where others wait for one.
LOGIN_GAP = 120
# When to look again for a place that somebody was asked to give up.
PLACE_WAIT = 3
# A keeper that does not renew for so long is dead, and so is its connection.
KEEP_SECONDS = LEASE_SECONDS

FREE = "free"
SWAP = "swap"
ASK = "ask"
WAIT = "wait"
SOON = "soon"


@dataclass(frozen=True)
class Place:
    """A connection that is there. ``held``: a pass uses it; ``due``: its mailbox has
    more to do; ``login_age`` and ``idle`` in seconds."""

    mailbox_id: int
    mine: bool
    held: bool
    due: bool
    login_age: float
    idle: float


@dataclass(frozen=True)
class Decision:
    """``kind``: FREE and SWAP give the place (SWAP: this process closes the connection
    of ``mailbox_id`` first); ASK, WAIT and SOON do not, for ``seconds``."""

    kind: str
    mailbox_id: int = 0
    seconds: float = 0.0
    reason: str = ""

    @property
    def given(self) -> bool:
        return self.kind in (FREE, SWAP)


def may_log_in(login_age: float | None, broke: bool, any_time: bool) -> float:
    """Seconds to wait for the next login; 0: now. Of what breaks again and again the
    backoff takes care."""
    if any_time or broke or login_age is None:
        return 0.0
    return max(0.0, LOGIN_GAP - login_age)


def decide(places: Sequence[Place], most: int = MOST_CONNECTIONS) -> Decision:
    """``places`` are those of the other mailboxes at the same server."""
    if len(places) < most:
        return Decision(FREE, reason="there is room")
    # one that has more to do keeps its place for a turn: else two mailboxes would log
    # in by turns
    idle = [p for p in places if not p.held and (not p.due or p.login_age > LOGIN_GAP)]
    if not idle:
        return Decision(WAIT, 0, PLACE_WAIT, "all connections are in use")
    victim = min(idle, key=lambda p: (p.due, not p.mine, -p.idle))
    if victim.mine:
        return Decision(SWAP, victim.mailbox_id, 0.0, "one of ours is idle")
    return Decision(ASK, victim.mailbox_id, PLACE_WAIT, "another process has one idle")


# -- SQL ------------------------------------------------------------------------------


class NoPlaceError(Exception):
    """Not now: no failure of the mailbox."""

    def __init__(self, decision: Decision):
        self.decision = decision
        super().__init__(decision.reason)


def reserve(
    cr,
    lease: Lease,
    host: str,
    any_time: bool = False,
    by_hand: bool = False,
    exceeds: bool = False,
) -> Decision:
    """A place for the holder of the lease, or why there is none. ``any_time``: however
    short ago the last login is; ``by_hand``: though another process keeps a connection
    to the mailbox; ``exceeds``: though there is no room."""
    cr.execute(
        f"""
        SELECT EXTRACT(EPOCH FROM {NOW} - l.login_at)::float8,
               COALESCE(l.broke OR l.kept_until <= {NOW}, FALSE),
               COALESCE(l.keeper != %s AND l.kept_until > {NOW}
                        AND l.kept_since IS NOT NULL, FALSE),
               l.epoch IS DISTINCT FROM COALESCE(m.connection_epoch, 0)
          FROM waimaolang_mailbox_lease l
          JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
         WHERE l.mailbox_id = %s
        """,
        (holder_name(), lease.mailbox_id),
    )
    login_age, broke, elsewhere, asked = cr.fetchone()
    wait = may_log_in(login_age, broke, any_time or asked)
    if wait:
        return Decision(SOON, 0, wait, "logged in a moment ago")
    if elsewhere and not by_hand:
        ask(cr, lease.mailbox_id)
        return Decision(ASK, lease.mailbox_id, PLACE_WAIT, "kept by another process")
    # two that count at the same time would both find room
    cr.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (host,))
    decision = decide(_places(cr, host, lease.mailbox_id))
    if decision.kind == ASK:
        ask(cr, decision.mailbox_id)
    if exceeds and not decision.given:
        decision = Decision(FREE, reason="whatever there is")
    if not decision.given:
        return decision
    if decision.kind == SWAP:
        free(cr, [decision.mailbox_id])
    occupy(cr, lease.mailbox_id, host, by_hand)
    return decision


def _places(cr, host: str, without: int) -> list[Place]:
    cr.execute(
        f"""
        SELECT l.mailbox_id, l.keeper = %s, COALESCE(l.expires > {NOW}, FALSE),
               m.active AND {DUE},
               COALESCE(EXTRACT(EPOCH FROM {NOW} - l.login_at), 1e9)::float8,
               COALESCE(EXTRACT(EPOCH FROM {NOW} - l.kept_since), 1e9)::float8
          FROM waimaolang_mailbox_lease l
          JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
         WHERE l.host = %s AND l.kept_until > {NOW} AND l.mailbox_id != %s
        """,
        (holder_name(), host, without),
    )
    return [Place(*row) for row in cr.fetchall()]


def ask(cr, mailbox_id: int) -> None:
    """Its keeper closes the connection within seconds."""
    cr.execute(
        "UPDATE waimaolang_mailbox_lease SET wanted = TRUE WHERE mailbox_id = %s",
        (mailbox_id,),
    )


def occupy(cr, mailbox_id: int, host: str, by_hand: bool) -> None:
    """From before the login on: a place is counted before it is taken."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease
           SET host = %(host)s, keeper = %(me)s,
               kept_since = CASE WHEN %(by_hand)s THEN NULL ELSE {NOW} END,
               kept_until = {NOW} + %(seconds)s * INTERVAL '1 second',
               login_at = CASE WHEN %(by_hand)s THEN login_at ELSE {NOW} END,
               wanted = FALSE, broke = FALSE, not_before = NULL,
               epoch = (SELECT COALESCE(m.connection_epoch, 0)
                          FROM waimaolang_mailbox m WHERE m.id = %(mailbox)s)
         WHERE mailbox_id = %(mailbox)s
        """,
        {
            "host": host,
            "me": holder_name(),
            "seconds": KEEP_SECONDS,
            "by_hand": by_hand,
            "mailbox": mailbox_id,
        },
    )


def park(cr, lease: Lease, by_hand: bool = False) -> bool:
    """Gives the lease back; the connection waits for the next pass. False: somebody
    needs the place, or has it. ``by_hand``: this process may never run a lane, so that
    any other may take it over at once."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease
           SET expires = NULL, holder = NULL,
               kept_since = CASE WHEN %s THEN NULL ELSE {NOW} END,
               kept_until = {NOW} + %s * INTERVAL '1 second'
         WHERE mailbox_id = %s AND token = %s AND keeper = %s AND wanted IS NOT TRUE
        """,
        (by_hand, KEEP_SECONDS, lease.mailbox_id, lease.token, holder_name()),
    )
    return bool(cr.rowcount)


def free(cr, mailbox_ids: Iterable[int], broke: bool = False) -> None:
    """Closed; only what this process keeps. ``broke``: not by us."""
    cr.execute(
        """
        UPDATE waimaolang_mailbox_lease
           SET host = NULL, keeper = NULL, kept_until = NULL, kept_since = NULL,
               wanted = FALSE, broke = %s
         WHERE mailbox_id = ANY(%s) AND keeper = %s
        """,
        (broke, list(mailbox_ids), holder_name()),
    )


def renew(cr, mailbox_ids: Sequence[int]) -> set[int]:
    """Those of this process's kept connections that it may go on keeping. A row that is
    locked is being worked on."""
    cr.execute(
        f"""
        WITH mine AS (
            SELECT id FROM waimaolang_mailbox_lease
             WHERE mailbox_id = ANY(%(ids)s) AND keeper = %(me)s
               AND kept_until > {NOW} AND wanted IS NOT TRUE
               FOR UPDATE SKIP LOCKED)
        UPDATE waimaolang_mailbox_lease l
           SET kept_until = {NOW} + %(seconds)s * INTERVAL '1 second'
          FROM mine WHERE mine.id = l.id
        """,
        {"ids": list(mailbox_ids), "me": holder_name(), "seconds": KEEP_SECONDS},
    )
    cr.execute(
        f"""
        SELECT mailbox_id FROM waimaolang_mailbox_lease
         WHERE mailbox_id = ANY(%s) AND keeper = %s AND kept_until > {NOW}
           AND wanted IS NOT TRUE
        """,
        (list(mailbox_ids), holder_name()),
    )
    return {row[0] for row in cr.fetchall()}
