# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mails that could not be stored, and when they are tried again.

    failed --next_try, a newer parser, by hand--> pending --fetch--> stored, excluded
       |                                             |
       | the server has it no more                   | not delivered
       +-----------------> its bytes, kept here <----+

Those that the server still has are fetched anew, since it may have been the fetching
that went wrong. The bytes that were kept serve where it has them no more, and need no
connection. Nothing here holds up the import of the others (invariant I5).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ..mime.version import PARSER_VERSION
from ..transport.base import FetchedMail
from . import discreet, lease, ledger, loading, parsers
from .fetch import Arrival, Chunk
from .lease import StaleLeaseError
from .store import Store
from .transactions import transaction

_logger = logging.getLogger(__name__)

# Rows that a slice takes up again, over all mailboxes.
MOST_RETRIED = 200
# Of kept bytes, what is held in memory at once; a mail has at most 25 MB.
KEPT_AT_ONCE = 4


def retry_due(registry) -> None:
    """All that is due, of all mailboxes."""
    transaction(registry, lambda env: requeue(env.cr))
    for mailbox_id in transaction(registry, lambda env: kept_due(env.cr)):
        try:
            parse_kept(registry, mailbox_id)
        except Exception as exc:
            # new mail comes first, whatever is wrong with the old
            told = discreet.traced(exc)
            _logger.error("failed mail of mailbox %s was left: %s", mailbox_id, told)


def requeue(cr) -> None:
    """Those whose time has come, or that an older parser could not read, are fetched
    again; those that cannot be fetched wait for ``parse_kept``. One indexed query when
    there is nothing to do."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_copy SET parser_version = %(version)s,
               next_try = {lease.NOW}
         WHERE state = 'failed' AND parser_version < %(version)s
        """,
        {"version": PARSER_VERSION},
    )
    cr.execute(
        f"""
        WITH again AS (
            SELECT copy.id FROM waimaolang_mailbox_copy copy
              JOIN waimaolang_mailbox_folder folder ON folder.id = copy.folder_id
              JOIN waimaolang_mailbox box ON box.id = copy.mailbox_id
             WHERE copy.state = 'failed' AND copy.next_try <= {lease.NOW}
               AND folder.uidvalidity = copy.uidvalidity
               AND folder.synced AND folder.selectable
               AND box.active AND box.state IN %s
             ORDER BY copy.next_try
             LIMIT %s
               FOR UPDATE OF copy SKIP LOCKED
        ), waiting AS (
            UPDATE waimaolang_mailbox_copy copy
               SET state = 'pending', attempts = 0, next_try = NULL
              FROM again WHERE again.id = copy.id
            RETURNING copy.mailbox_id
        )
        UPDATE waimaolang_mailbox box SET next_sync = LEAST(next_sync, {lease.NOW})
         WHERE id IN (SELECT mailbox_id FROM waiting)
        """,
        (lease.WORKING_STATES, MOST_RETRIED),
    )


def kept_due(cr) -> list[int]:
    """Mailboxes with mail that is to be read from the bytes that were kept."""
    cr.execute(
        f"""
        SELECT DISTINCT copy.mailbox_id
          FROM waimaolang_mailbox_copy copy
          JOIN waimaolang_mailbox_folder folder ON folder.id = copy.folder_id
          JOIN waimaolang_mailbox box ON box.id = copy.mailbox_id
         WHERE copy.next_try <= {lease.NOW} AND copy.kept
           AND box.active AND box.state IN %s
           AND (copy.state = 'gone' AND copy.mail_id IS NULL
                OR copy.state = 'failed' AND NOT (
                   folder.uidvalidity = copy.uidvalidity
                   AND folder.synced AND folder.selectable))
        """,
        (lease.WORKING_STATES,),
    )
    return [row[0] for row in cr.fetchall()]


def parse_kept(registry, mailbox_id: int) -> None:
    """Reads again what was kept of a mailbox's failed mail, without its server. Leaves
    it when somebody else works on the mailbox: the next slice finds it still due."""
    held = transaction(registry, lambda env: lease.claim(env.cr, mailbox_id))
    if not held:
        return
    try:
        settings = transaction(registry, lambda env: loading.load(env, mailbox_id))
        store = Store(registry, settings, held, transaction)
        while rows := transaction(registry, lambda env: _take_kept(env, mailbox_id)):
            store.store(Chunk(_parse(rows)))
        store.tell()
    except StaleLeaseError:
        _logger.info("mailbox %s is worked on elsewhere", mailbox_id)
    finally:
        transaction(registry, lambda env: lease.release(env.cr, held))


def _take_kept(env, mailbox_id: int) -> list[tuple[ledger.PendingCopy, bytes]]:
    """The next ones with their bytes; their turn is over, whatever becomes of them."""
    cr = env.cr
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_copy SET next_try = NULL
         WHERE id IN (
            SELECT id FROM waimaolang_mailbox_copy
             WHERE mailbox_id = %s AND next_try <= {lease.NOW} AND kept
               AND state IN ('failed', 'gone') AND mail_id IS NULL
             ORDER BY id LIMIT %s)
        RETURNING id, folder_id, uidvalidity, remote_key, uid, size, internaldate, raw
        """,
        (mailbox_id, KEPT_AT_ONCE),
    )
    return [
        (ledger.PendingCopy(*row[:7]), ledger.decode_raw(row[7]))
        for row in cr.fetchall()
    ]


def _parse(rows: Sequence[tuple[ledger.PendingCopy, bytes]]) -> tuple[Arrival, ...]:
    outcomes = parsers.get_pool().parse_many([raw for _copy, raw in rows])
    return tuple(
        Arrival(
            copy,
            FetchedMail(copy.key, copy.uid, raw, copy.size, copy.internaldate),
            outcome.mail,
            outcome.error,
            ledger.kind_of(outcome),
        )
        for (copy, raw), outcome in zip(rows, outcomes, strict=True)
    )
