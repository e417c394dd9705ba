# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who works on a mailbox: a lease with an expiry and a fencing number.

    free --claim--> held(token+1) --hold--> held --release--> free
                        | holder killed: expires after LEASE_SECONDS

Claiming commits before the network is used, so that no row lock and no open
transaction lasts while a server is waited for. Every store transaction calls
``hold``: a holder whose lease was taken over cannot commit (invariant I13).
Plain SQL on a cursor; the clock is the database's, since hosts disagree.
"""

import os
import secrets
import socket
from dataclasses import dataclass, field

# Longer than any single step between two calls of ``hold``, so that only a
# dead holder loses its lease.
LEASE_SECONDS = 15
NOW = "(clock_timestamp() AT TIME ZONE 'UTC')"
# Mail is to be looked for, or there is something to do about a mail that leaves.
DUE = f"""(m.next_sync <= {NOW} OR EXISTS (
    SELECT 1 FROM waimaolang_outbox o
     WHERE o.mailbox_id = m.id AND o.due <= {NOW}))"""
# Its server, or the one that it sends through, did not answer in time.
SLOW = f"""(m.error_code = 'timeout' OR EXISTS (
    SELECT 1 FROM waimaolang_outbox o
     WHERE o.mailbox_id = m.id AND o.due <= {NOW}
       AND o.error_code = 'timeout')) IS TRUE"""
# How long a mailbox is left to the process that keeps a connection to it: who else took
# it would have to log in.
KEEPERS_TURN = 20
# A person who wants a new login does not wait for what a pass waited for.
RIPE = f"""(l.not_before IS NULL OR l.not_before <= {NOW}
         OR l.epoch IS DISTINCT FROM COALESCE(m.connection_epoch, 0))"""
# Sending needs no place at the incoming server.
READY = f"""(EXISTS (
    SELECT 1 FROM waimaolang_outbox o
     WHERE o.mailbox_id = m.id AND o.due <= {NOW}) OR (
    {RIPE} AND (
        l.keeper IS NULL OR l.keeper = %(me)s OR l.kept_until < {NOW}
        OR l.kept_since IS NULL
        OR m.next_sync < {NOW} - {KEEPERS_TURN} * INTERVAL '1 second')))"""
NOT_WAITING = f"""(EXISTS (
    SELECT 1 FROM waimaolang_outbox o
     WHERE o.mailbox_id = m.id AND o.due <= {NOW})
    OR {RIPE})"""
# A mailbox that may be taken, as ``m`` with its lease ``l``.
FREE = f"""m.active AND m.state IN %(states)s AND {DUE}
           AND (l.expires IS NULL OR l.expires < {NOW})"""
WORKING_STATES = ("connected", "error")
# The advisory lock of whoever takes a slow mailbox.
SLOW_LOCK = 7246610
# The holder of a lease that a person took away.
STOPPED = "stopped"


class StaleLeaseError(Exception):
    """Somebody else holds the mailbox now; what was done must not be kept."""


@dataclass(frozen=True)
class Lease:
    """``kept``: this process keeps a connection to the mailbox, and nobody took its
    place at the server since. ``slow``: its server did not answer in time."""

    mailbox_id: int
    token: int
    kept: bool = field(default=False, compare=False)
    slow: bool = field(default=False, compare=False)


# Numbers of processes are used again, also on other hosts of the same name.
_BOOT = secrets.token_hex(3)


def holder_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{_BOOT}"


def _take(cr, which: str, params: dict) -> Lease | None:
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease
           SET token = token + 1, holder = %(me)s, claimed_at = {NOW},
               expires = {NOW} + %(seconds)s * INTERVAL '1 second'
         WHERE id = ({which} FOR UPDATE OF l SKIP LOCKED)
        RETURNING mailbox_id, token, COALESCE(keeper = %(me)s AND kept_until > {NOW},
                                              FALSE)
        """,
        params
        | {"me": holder_name(), "seconds": LEASE_SECONDS, "states": WORKING_STATES},
    )
    row = cr.fetchone()
    return Lease(*row, slow=params.get("slow", False)) if row else None


def claim_due(cr) -> Lease | None:
    """The mailbox that has been due longest and is free; one whose server did not
    answer in time only where no other is left, and while no lane works on another one
    of this kind (invariant I6). The caller commits."""
    return _claim_due(cr, slow=False) or _claim_due(cr, slow=True)


def _claim_due(cr, slow: bool) -> Lease | None:
    if slow:
        cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (SLOW_LOCK,))
        if not cr.fetchone()[0] or _is_slow_one_held(cr):
            return None
    return _take(
        cr,
        f"""
            SELECT l.id
              FROM waimaolang_mailbox_lease l
              JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
             WHERE {FREE} AND {READY} AND {SLOW} = %(slow)s
             ORDER BY LEAST(m.next_sync, (
                          SELECT min(o.due) FROM waimaolang_outbox o
                           WHERE o.mailbox_id = m.id)), m.id
             LIMIT 1
        """,
        {"slow": slow},
    )


def _is_slow_one_held(cr) -> bool:
    cr.execute(
        f"""
        SELECT 1 FROM waimaolang_mailbox_lease l
          JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
         WHERE l.expires > {NOW} AND l.holder != %s AND {SLOW}
         LIMIT 1
        """,
        (STOPPED,),
    )
    return bool(cr.fetchone())


def claim(cr, mailbox_id: int) -> Lease | None:
    """This mailbox, due or not; None while somebody holds it."""
    return _take(
        cr,
        f"""
            SELECT l.id FROM waimaolang_mailbox_lease l
             WHERE l.mailbox_id = %(mailbox)s
               AND (l.expires IS NULL OR l.expires < {NOW})
               AND EXISTS (SELECT 1 FROM waimaolang_mailbox m
                            WHERE m.id = l.mailbox_id AND m.state IN %(states)s)
        """,
        {"mailbox": mailbox_id},
    )


def hold(cr, lease: Lease) -> None:
    """Extends the lease in the caller's transaction, or StaleLeaseError."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease
           SET expires = {NOW} + %(seconds)s * INTERVAL '1 second',
               kept_until = CASE WHEN keeper = %(me)s
                                 THEN {NOW} + %(seconds)s * INTERVAL '1 second'
                                 ELSE kept_until END
         WHERE mailbox_id = %(mailbox)s AND token = %(token)s
        """,
        {
            "seconds": LEASE_SECONDS,
            "me": holder_name(),
            "mailbox": lease.mailbox_id,
            "token": lease.token,
        },
    )
    if not cr.rowcount:
        raise StaleLeaseError(lease)


def release(cr, lease: Lease) -> bool:
    """False: somebody else holds it."""
    cr.execute(
        "UPDATE waimaolang_mailbox_lease SET expires = NULL, holder = NULL"
        " WHERE mailbox_id = %s AND token = %s",
        (lease.mailbox_id, lease.token),
    )
    return bool(cr.rowcount)


def seize(cr, mailbox_id: int, seconds: float) -> None:
    """Takes the lease from whoever holds it, and keeps everybody off for that long: a
    pass that is under way can store nothing more. The caller commits at once."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease
           SET token = token + 1, holder = %s,
               expires = {NOW} + %s * INTERVAL '1 second'
         WHERE mailbox_id = %s
        """,
        (STOPPED, seconds, mailbox_id),
    )


def read(cr, mailbox_id: int) -> tuple | None:
    """(fencing number, whether it is held): the same twice, and not held, means that no
    pass has stored anything in between."""
    cr.execute(
        f"SELECT token, COALESCE(expires > {NOW}, FALSE) FROM waimaolang_mailbox_lease"
        " WHERE mailbox_id = %s",
        (mailbox_id,),
    )
    return cr.fetchone()


def reopen(cr, mailbox_id: int) -> None:
    """Ends what ``seize`` keeps up."""
    cr.execute(
        "UPDATE waimaolang_mailbox_lease SET expires = NULL, holder = NULL"
        " WHERE mailbox_id = %s AND holder = %s",
        (mailbox_id, STOPPED),
    )


def now(cr):
    """By the database's clock, as naive UTC: by that of a host that is behind, nothing
    of what a lane was given for would be due, and the lane would come back at once."""
    cr.execute(f"SELECT {NOW}")
    return cr.fetchone()[0]


def epochs(cr, mailbox_ids: list[int]) -> dict[int, int]:
    """Of those that are read: ``MailboxSettings.epoch``."""
    cr.execute(
        "SELECT id, COALESCE(connection_epoch, 0) FROM waimaolang_mailbox"
        " WHERE id = ANY(%s) AND active AND state IN %s",
        (mailbox_ids, WORKING_STATES),
    )
    return dict(cr.fetchall())


def postpone_outbox(cr, mailbox_id: int, until, waiting: bool = True) -> None:
    """Nothing can be done before ``until`` (UTC) about what is due; ``waiting``: nor
    about mail that has not left. Else a lane would come back at once, and again."""
    cr.execute(
        "UPDATE waimaolang_outbox SET due = %s WHERE mailbox_id = %s AND due < %s"
        " AND (state != 'queued' OR %s)",
        (until, mailbox_id, until, waiting),
    )


def any_due(cr, ready: bool = False) -> bool:
    """Whether a free mailbox is waiting for a lane now; ``ready``: for one of this
    process."""
    slow = "" if not _is_slow_one_held(cr) else f"AND NOT ({SLOW})"
    cr.execute(
        f"""
        SELECT 1 FROM waimaolang_mailbox_lease l
          JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
         WHERE {FREE} AND {READY if ready else NOT_WAITING} {slow}
         LIMIT 1
        """,
        {"me": holder_name(), "states": WORKING_STATES},
    )
    return bool(cr.fetchone())


def wait(cr, lease: Lease, seconds: float) -> None:
    """Nothing can be read before: no failure. In the caller's transaction."""
    cr.execute(
        f"UPDATE waimaolang_mailbox_lease"
        f" SET not_before = {NOW} + %s * INTERVAL '1 second'"
        " WHERE mailbox_id = %s AND token = %s",
        (seconds, lease.mailbox_id, lease.token),
    )


def next_ready(cr) -> float | None:
    """In how many seconds the first mailbox is ready of those that wait for their place
    or time; None: none waits."""
    cr.execute(
        f"""
        SELECT EXTRACT(EPOCH FROM min(l.not_before) - {NOW})::float8
          FROM waimaolang_mailbox_lease l
          JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
         WHERE {FREE} AND NOT {RIPE}
        """,
        {"states": WORKING_STATES},
    )
    return cr.fetchone()[0]
