# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The ledger's rows, in SQL: written in the transaction that moves the folder's
cursor (invariant I1). A folder may bring 100,000 rows at once, so they go in as
arrays, not one by one through the ORM.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from . import gmail, lease, marks

if TYPE_CHECKING:
    from ..mime.child import ParseOutcome
    from ..transport.base import RemoteItem

MOST_ATTEMPTS = 3
MOST_RETURNS = 2
# Tried this often without coming whole, a mail is asked for in reduced form.
REDUCE_AFTER = 2
# When a failed mail is tried again by itself: after the first, second ... failure. Then
# by a newer parser or by hand alone.
WAITS = ("1 hour", "6 hours", "1 day", "3 days")
# What cannot be read today cannot be read tomorrow, but for a parser that was stopped.
WAITS_UNREADABLE = WAITS[:1]
# Why a mail failed: its parser found no way, or was killed over it; Odoo or another
# addon refused it (in words written for people); the server refused it, never delivered
# it, or broke the connection over it.
KINDS = (
    "unreadable",
    "slow",
    "store",
    "refused",
    "withheld",
    "undelivered",
    "broken",
)


# Both halves of what waits are read by an index of their own.
_PENDING = """
    SELECT c.id, c.folder_id, c.uidvalidity, c.remote_key, c.uid, c.size,
           c.internaldate, COALESCE(c.live, FALSE) AS live, c.attempts,
           c.rematch IS TRUE
      FROM waimaolang_mailbox_copy c
      JOIN waimaolang_mailbox_folder f ON f.id = c.folder_id
     WHERE c.mailbox_id = %(mailbox)s AND c.state = 'pending' AND f.synced
       AND f.selectable AND NOT c.folder_id = ANY(%(without)s)
"""


class Added(NamedTuple):
    """Rows that are new or count again, and the latter alone."""

    count: int = 0
    returned: int = 0


@dataclass(frozen=True)
class PendingCopy:
    """A row that waits to be fetched; for a transport it is a ``RemoteItem``."""

    id: int
    folder_id: int
    uidvalidity: int
    key: str
    uid: int
    size: int = 0
    internaldate: datetime | None = None
    live: bool = False
    attempts: int = 0
    rematch: bool = False
    flags: frozenset[str] = frozenset()


def add_pending(
    cr,
    mailbox_id: int,
    folder_id: int,
    uidvalidity: int,
    wanted: Sequence[tuple[RemoteItem, bool]],
) -> Added:
    """Rows for what the server listed; those known already stay as they are, but
    for those that were thought gone and are shown again: what was decided of them
    counts again, and nothing is downloaded."""
    if not wanted:
        return Added()
    cr.execute(
        """
        INSERT INTO waimaolang_mailbox_copy AS copy
               (mailbox_id, folder_id, uidvalidity, state, attempts, missing,
                remote_key, uid, size, internaldate, live, seen, answered)
        SELECT %s, %s, %s, 'pending', 0, 0, item.*
          FROM unnest(%s::text[], %s::int8[], %s::int8[], %s::timestamp[],
                      %s::bool[], %s::bool[], %s::bool[]) AS item
            ON CONFLICT (folder_id, uidvalidity, remote_key) DO UPDATE
           SET missing = 0, attempts = 0, returned = COALESCE(copy.returned, 0) + 1,
               state = CASE WHEN copy.reason IS NOT NULL THEN 'excluded'
                            WHEN copy.mail_id IS NOT NULL THEN 'stored'
                            ELSE 'pending' END
         WHERE copy.state = 'gone'
        RETURNING COALESCE(returned, 0) > 0
        """,
        (
            mailbox_id,
            folder_id,
            uidvalidity,
            [item.key for item, _live in wanted],
            [item.uid for item, _live in wanted],
            [min(item.size, 2**31 - 1) for item, _live in wanted],
            [item.internaldate for item, _live in wanted],
            [live for _item, live in wanted],
            ["\\Seen" in item.flags for item, _live in wanted],
            ["\\Answered" in item.flags for item, _live in wanted],
        ),
    )
    rows = [row[0] for row in cr.fetchall()]
    items = [item for item, _live in wanted]
    gmail.keep(cr, mailbox_id, folder_id, uidvalidity, items)
    marks.mark(cr, mailbox_id, folder_id, uidvalidity, wanted)
    return Added(len(rows), sum(rows))


def void_others(cr, folder_id: int, uidvalidity: int) -> int:
    """After a change of UIDVALIDITY the old numbers mean nothing any more."""
    cr.execute(
        "UPDATE waimaolang_mailbox_copy SET state = 'gone'"
        " WHERE folder_id = %s AND uidvalidity != %s AND state != 'gone'",
        (folder_id, uidvalidity),
    )
    return cr.rowcount


def pending(
    cr, mailbox_id: int, limit: int, without: Iterable[int] = (), history: bool = True
) -> list[PendingCopy]:
    """New mail first, in the order in which it came, then history from the newest on,
    unless it is paused; not of the folders ``without``, which cannot be opened now. Of
    those marked as ``rematch`` the header comes first. What was tried before comes
    last: on a line that breaks again and again it would be taken for the cause."""
    values = {
        "mailbox": mailbox_id,
        "without": list(without),
        "limit": limit,
        "older": limit if history else 0,
    }
    cr.execute(
        f"""
        SELECT * FROM (
            ({_PENDING} AND c.live ORDER BY c.internaldate, c.id LIMIT %(limit)s)
            UNION ALL
            ({_PENDING} AND c.live IS NOT TRUE
              ORDER BY c.internaldate DESC NULLS LAST, c.id LIMIT %(older)s)
        ) waiting
         ORDER BY live DESC, attempts > 0, CASE WHEN live THEN internaldate END,
                  CASE WHEN NOT live THEN internaldate END DESC NULLS LAST, id
         LIMIT %(limit)s
        """,
        values,
    )
    return [PendingCopy(*row) for row in cr.fetchall()]


def count_pending(cr, mailbox_id: int, history: bool = True) -> int:
    cr.execute(
        """
        SELECT count(*) FROM waimaolang_mailbox_copy c
          JOIN waimaolang_mailbox_folder f ON f.id = c.folder_id
         WHERE c.mailbox_id = %s AND c.state = 'pending' AND f.synced
           AND f.selectable AND (c.live OR %s)
        """,
        (mailbox_id, history),
    )
    return cr.fetchone()[0]


@dataclass(frozen=True)
class Settled:
    """A row that is decided; ``bcc`` is what this copy alone tells. ``internaldate``
    counts where the listing told none. ``kind``: of a failure, see ``KINDS``, with the
    parser's version. Digests as ``traces`` makes them, "" where there is nothing."""

    id: int
    state: str
    reason: str | None = None
    error: str | None = None
    mail_id: int | None = None
    bcc: str | None = None
    internaldate: datetime | None = None
    kind: str | None = None
    parser_version: int | None = None
    message_id_digest: str = ""
    sender_digest: str = ""
    subject_digest: str = ""
    entry_digest: str = ""
    header_key: str | None = None


def kind_of(outcome: ParseOutcome) -> str:
    """Of a failed parse."""
    return "slow" if outcome.killed else "unreadable"


def decode_raw(value) -> bytes:
    """As the ORM keeps a Binary field in its column."""
    return base64.b64decode(bytes(value)) if value else b""


def settle(cr, rows: Iterable[Settled]) -> None:
    rows = list(rows)
    if not rows:
        return
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_copy copy
           SET state = done.state, reason = done.reason, error = done.error,
               mail_id = done.mail_id, bcc = NULLIF(done.bcc, ''), missing = 0,
               attempts = copy.attempts + 1,
               internaldate = COALESCE(copy.internaldate, done.internaldate),
               error_kind = done.kind, settled_at = {lease.NOW},
               message_id_digest = COALESCE(NULLIF(done.message_id, ''),
                                            copy.message_id_digest),
               sender_digest = COALESCE(NULLIF(done.sender, ''), copy.sender_digest),
               subject_digest = COALESCE(NULLIF(done.subject, ''),
                                         copy.subject_digest),
               entry_digest = NULLIF(done.entry, ''),
               tries = CASE WHEN done.kind IS NULL THEN copy.tries
                            ELSE COALESCE(copy.tries, 0) + 1 END,
               parser_version = done.parser_version,
               next_try = {lease.NOW} + (
                   CASE WHEN done.kind IS NULL THEN NULL
                        WHEN done.kind = 'unreadable' THEN %s::interval[]
                        ELSE %s::interval[] END)[COALESCE(copy.tries, 0) + 1],
               -- of what is not to be kept, nothing that can be read stays
               raw = CASE WHEN done.state = 'excluded' THEN NULL ELSE copy.raw END,
               kept = done.state != 'excluded' AND copy.raw IS NOT NULL,
               header_key = NULLIF(done.header_key, '')
          FROM unnest(%s::int4[], %s::text[], %s::text[], %s::text[], %s::int4[],
                      %s::text[], %s::timestamp[], %s::text[], %s::int4[],
                      %s::text[], %s::text[], %s::text[], %s::text[],
                      %s::text[])
               AS done(id, state, reason, error, mail_id, bcc, internaldate, kind,
                       parser_version, message_id, sender, subject, entry, header_key)
         WHERE copy.id = done.id
        """,
        (
            [*WAITS_UNREADABLE],
            [*WAITS],
            [row.id for row in rows],
            [row.state for row in rows],
            [row.reason for row in rows],
            [row.error for row in rows],
            [row.mail_id for row in rows],
            [row.bcc for row in rows],
            [row.internaldate for row in rows],
            [row.kind for row in rows],
            [row.parser_version for row in rows],
            [row.message_id_digest for row in rows],
            [row.sender_digest for row in rows],
            [row.subject_digest for row in rows],
            [row.entry_digest for row in rows],
            [row.header_key for row in rows],
        ),
    )


def absent(cr, copy_ids: Sequence[int]) -> None:
    """The server listed them and does not deliver them: expunged meanwhile. Three
    times makes it certain; what is listed again and again all the same, and never
    comes, is failed. Of what had failed the bytes are at hand: they are read next."""
    if not copy_ids:
        return
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_copy SET state = 'gone', next_try = {lease.NOW}
         WHERE id = ANY(%s) AND kept AND mail_id IS NULL
        """,
        (list(copy_ids),),
    )
    cr.execute(
        """
        UPDATE waimaolang_mailbox_copy
           SET attempts = attempts + 1,
               error = CASE WHEN attempts + 1 >= %(most)s
                            THEN 'listed, and not delivered' ELSE error END,
               state = CASE WHEN attempts + 1 < %(most)s THEN state
                            WHEN returned >= %(returns)s THEN 'failed'
                            ELSE 'gone' END
         WHERE id = ANY(%(ids)s) AND state != 'gone'
        RETURNING id, state
        """,
        {"most": MOST_ATTEMPTS, "returns": MOST_RETURNS, "ids": list(copy_ids)},
    )
    failed = [id_ for id_, state in cr.fetchall() if state == "failed"]
    _fail(cr, failed, "undelivered")
    doubt(cr, copy_ids)


def doubt(cr, copy_ids: Sequence[int]) -> None:
    """Rows changed without the server's saying so: their folders are counted anew."""
    cr.execute(
        "UPDATE waimaolang_mailbox_folder SET agreed_count = -1"
        " WHERE agreed_count != -1 AND id IN ("
        " SELECT folder_id FROM waimaolang_mailbox_copy WHERE id = ANY(%s))",
        (list(copy_ids),),
    )


def count_attempts(cr, copy_ids: Sequence[int], error: str) -> None:
    """The connection broke over them. One that breaks it again and again, even
    alone and reduced, is failed: it may not block the others (invariant I5)."""
    cr.execute(
        """
        UPDATE waimaolang_mailbox_copy
           SET attempts = attempts + 1, error = %s,
               state = CASE WHEN attempts + 1 > %s THEN 'failed' ELSE state END
         WHERE id = ANY(%s)
        RETURNING id, state
        """,
        (error[:500], MOST_ATTEMPTS + 1, list(copy_ids)),
    )
    failed = [id_ for id_, state in cr.fetchall() if state == "failed"]
    _fail(cr, failed, "broken")


def _fail(cr, copy_ids: Sequence[int], kind: str) -> None:
    if copy_ids:
        cr.execute(
            f"""
            UPDATE waimaolang_mailbox_copy copy
               SET error_kind = %s, tries = COALESCE(copy.tries, 0) + 1,
                   settled_at = {lease.NOW},
                   next_try = {lease.NOW}
                            + (%s::interval[])[COALESCE(copy.tries, 0) + 1]
             WHERE id = ANY(%s)
            """,
            (kind, [*WAITS], list(copy_ids)),
        )


def known_uids(cr, folder_id: int, uidvalidity: int, uids: Sequence[int]) -> set[int]:
    """Those of the UIDs that have a row, in whatever state."""
    if not uids:
        return set()
    cr.execute(
        "SELECT uid FROM waimaolang_mailbox_copy"
        " WHERE folder_id = %s AND uidvalidity = %s AND uid = ANY(%s)",
        (folder_id, uidvalidity, list(uids)),
    )
    return {row[0] for row in cr.fetchall()}


def unknown_keys(
    cr, folder_id: int, uidvalidity: int, keys: Sequence[str]
) -> list[str]:
    """Those of the keys that have no row, or are thought gone; in their order."""
    cr.execute(
        """
        SELECT told.key FROM unnest(%s::text[]) WITH ORDINALITY AS told(key, place)
         WHERE NOT EXISTS (
            SELECT 1 FROM waimaolang_mailbox_copy c
             WHERE c.folder_id = %s AND c.uidvalidity = %s AND c.remote_key = told.key
               AND c.state != 'gone')
         ORDER BY told.place
        """,
        (list(keys), folder_id, uidvalidity),
    )
    return [row[0] for row in cr.fetchall()]


def leave_history(cr, mailbox_id: int, history_from: datetime) -> None:
    """Waiting history that a smaller window leaves out: without its row the next
    listing counts it with what lies outside. Where keys are no numbers the row stays,
    for an unknown key would be new mail."""
    cr.execute(
        "DELETE FROM waimaolang_mailbox_copy WHERE mailbox_id = %s"
        " AND state = 'pending' AND live IS NOT TRUE AND internaldate < %s"
        " AND uid != 0",
        (mailbox_id, history_from),
    )
    cr.execute(
        "UPDATE waimaolang_mailbox_copy SET state = 'excluded', reason = 'window'"
        " WHERE mailbox_id = %s AND state = 'pending' AND live IS NOT TRUE"
        " AND internaldate < %s AND uid = 0",
        (mailbox_id, history_from),
    )


def take_history(cr, mailbox_id: int, history_from: datetime | None) -> None:
    """Rows that were outside the window and are within it now; None: all of them."""
    cr.execute(
        "UPDATE waimaolang_mailbox_copy"
        " SET state = 'pending', reason = NULL, attempts = 0"
        " WHERE mailbox_id = %s AND state = 'excluded' AND reason = 'window'"
        " AND (%s::timestamp IS NULL OR internaldate >= %s)",
        (mailbox_id, history_from, history_from),
    )


def oldest(cr, mailbox_id: int) -> tuple[datetime | None, int]:
    """When the oldest message that the server shows arrived, and how many it shows.
    Where a server tells no arrival the mail's own date serves."""
    cr.execute(
        """
        SELECT min(COALESCE(copy.internaldate, mail.date)), count(*)
          FROM waimaolang_mailbox_copy copy
          LEFT JOIN waimaolang_mail mail
            ON mail.id = copy.mail_id AND copy.internaldate IS NULL
         WHERE copy.mailbox_id = %s AND copy.state != 'gone'
        """,
        (mailbox_id,),
    )
    return cr.fetchone()


def count_known(cr, folder_id: int, uidvalidity: int) -> int:
    cr.execute(
        "SELECT count(*) FROM waimaolang_mailbox_copy"
        " WHERE folder_id = %s AND uidvalidity = %s AND state != 'gone'",
        (folder_id, uidvalidity),
    )
    return cr.fetchone()[0]
