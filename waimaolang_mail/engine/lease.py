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
import socket
from dataclasses import dataclass

# Longer than any single step between two calls of ``hold``, so that only a
# dead holder loses its lease.
LEASE_SECONDS = 15
NOW = "(clock_timestamp() AT TIME ZONE 'UTC')"
# Mail is to be looked for, or there is something to do about a mail that leaves.
DUE = f"""(m.next_sync <= {NOW} OR EXISTS (
    SELECT 1 FROM waimaolang_outbox o
     WHERE o.mailbox_id = m.id AND o.due <= {NOW}))"""
WORKING_STATES = ("connected", "error")
# The holder of a lease that a person took away.
STOPPED = "stopped"


class StaleLeaseError(Exception):
    """Somebody else holds the mailbox now; what was done must not be kept."""


@dataclass(frozen=True)
class Lease:
    mailbox_id: int
    token: int


def holder_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def claim_due(cr) -> Lease | None:
    """The mailbox that has been due longest and is free. The caller commits."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease lease
           SET token = token + 1, holder = %s,
               expires = {NOW} + %s * INTERVAL '1 second'
         WHERE id = (
            SELECT l.id
              FROM waimaolang_mailbox_lease l
              JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
             WHERE m.active AND m.state IN %s AND {DUE}
               AND (l.expires IS NULL OR l.expires < {NOW})
             ORDER BY (m.error_code = 'timeout' OR EXISTS (
                           SELECT 1 FROM waimaolang_outbox o
                            WHERE o.mailbox_id = m.id AND o.due <= {NOW}
                              AND o.error_code = 'timeout')) IS TRUE,
                      LEAST(m.next_sync, (
                          SELECT min(o.due) FROM waimaolang_outbox o
                           WHERE o.mailbox_id = m.id)), m.id
             LIMIT 1
               FOR UPDATE OF l SKIP LOCKED)
        RETURNING mailbox_id, token
        """,
        (holder_name(), LEASE_SECONDS, WORKING_STATES),
    )
    row = cr.fetchone()
    return Lease(*row) if row else None


def claim(cr, mailbox_id: int) -> Lease | None:
    """This mailbox, due or not; None while somebody holds it."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease
           SET token = token + 1, holder = %s,
               expires = {NOW} + %s * INTERVAL '1 second'
         WHERE id = (
            SELECT id FROM waimaolang_mailbox_lease
             WHERE mailbox_id = %s AND (expires IS NULL OR expires < {NOW})
               AND EXISTS (SELECT 1 FROM waimaolang_mailbox m
                            WHERE m.id = mailbox_id AND m.state IN %s)
               FOR UPDATE SKIP LOCKED)
        RETURNING mailbox_id, token
        """,
        (holder_name(), LEASE_SECONDS, mailbox_id, WORKING_STATES),
    )
    row = cr.fetchone()
    return Lease(*row) if row else None


def hold(cr, lease: Lease) -> None:
    """Extends the lease in the caller's transaction, or StaleLeaseError."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease
           SET expires = {NOW} + %s * INTERVAL '1 second'
         WHERE mailbox_id = %s AND token = %s
        """,
        (LEASE_SECONDS, lease.mailbox_id, lease.token),
    )
    if not cr.rowcount:
        raise StaleLeaseError(lease)


def release(cr, lease: Lease) -> None:
    cr.execute(
        "UPDATE waimaolang_mailbox_lease SET expires = NULL, holder = NULL"
        " WHERE mailbox_id = %s AND token = %s",
        (lease.mailbox_id, lease.token),
    )


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
        "SELECT id, connection_epoch FROM waimaolang_mailbox"
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


def any_due(cr) -> bool:
    """Whether a free mailbox is waiting."""
    cr.execute(
        f"""
        SELECT 1 FROM waimaolang_mailbox_lease l
          JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
         WHERE m.active AND m.state IN %s AND {DUE}
           AND (l.expires IS NULL OR l.expires < {NOW})
         LIMIT 1
        """,
        (WORKING_STATES,),
    )
    return bool(cr.fetchone())
