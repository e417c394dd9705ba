# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The ledger against what a server shows: which rows it no longer shows, and how their
flags changed. In SQL, like ``ledger.py``; nothing in the CRM changes by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from . import cursor, folderlog, moves
from .reasons import because

# A message that two complete listings in a row do not show is gone; one empty
# or partial answer is not a deletion (invariant I7).
GONE_AFTER = 2


class Missing(NamedTuple):
    """What a complete listing did not show. ``suspected``: so many, for the first
    time; ``gone``: when those arrived that are gone by now; ``oldest``: when the
    oldest arrived of those that are shown."""

    suspected: int
    gone: tuple[datetime | None, ...]
    oldest: datetime | None
    gone_ids: tuple[int, ...] = ()


def reconcile(cr, folder_id: int, uidvalidity: int, keys: Sequence[str]) -> Missing:
    """``keys`` are all that a complete listing showed. What it did not show is
    counted as missing, and as gone the second time; nothing in the CRM changes."""
    cr.execute(
        """
        UPDATE waimaolang_mailbox_copy copy
           SET missing = CASE WHEN shown THEN 0 ELSE COALESCE(missing, 0) + 1 END,
               state = CASE WHEN NOT shown AND COALESCE(missing, 0) + 1 >= %s
                            THEN 'gone' ELSE state END
          FROM (SELECT c.id, k.key IS NOT NULL AS shown
                  FROM waimaolang_mailbox_copy c
                  LEFT JOIN unnest(%s::text[]) AS k(key) ON k.key = c.remote_key
                 WHERE c.folder_id = %s AND c.uidvalidity = %s
                   AND c.state != 'gone') known
         WHERE known.id = copy.id AND (NOT shown OR missing > 0)
        RETURNING copy.state = 'gone', copy.missing, copy.internaldate, copy.id
        """,
        (GONE_AFTER, list(keys), folder_id, uidvalidity),
    )
    rows = cr.fetchall()
    gone = tuple(date for is_gone, _missing, date, _id in rows if is_gone)
    gone_ids = tuple(id_ for is_gone, _missing, _date, id_ in rows if is_gone)
    suspected = sum(
        not is_gone and missing > 0 for is_gone, missing, _date, _id in rows
    )
    oldest = _oldest_shown(cr, folder_id, uidvalidity) if gone else None
    return Missing(suspected, gone, oldest, gone_ids)


def note(
    cr, folder_id: int, mailbox_id: int, missing: Missing, shows_older: bool = False
) -> None:
    """In the folder's log. ``shows_older``: see ``cursor.judge_missing``."""
    if missing.suspected:
        reason = because("not_shown_once")
        folderlog.note(cr, folder_id, mailbox_id, "missing", missing.suspected, reason)
    moved = moves.note(cr, folder_id, missing.gone_ids)
    gone = len(missing.gone) - moved
    if gone:
        event, reason = cursor.judge_missing(missing.gone, missing.oldest, shows_older)
        folderlog.note(cr, folder_id, mailbox_id, event, gone, reason)


def _oldest_shown(cr, folder_id: int, uidvalidity: int) -> datetime | None:
    cr.execute(
        "SELECT min(internaldate) FROM waimaolang_mailbox_copy"
        " WHERE folder_id = %s AND uidvalidity = %s AND state != 'gone'"
        " AND COALESCE(missing, 0) = 0",
        (folder_id, uidvalidity),
    )
    return cr.fetchone()[0]


def give_back(cr, folder_id: int, uidvalidity: int, uidnext: int) -> bool:
    """The server will give the numbers from ``uidnext`` on again: what is gone lays no
    claim to them any more, so that another mail is not taken for it. False while some
    are not known to be gone."""
    cr.execute(
        "UPDATE waimaolang_mailbox_copy SET remote_key = remote_key || '~' || id"
        " WHERE folder_id = %s AND uidvalidity = %s AND uid >= %s AND state = 'gone'"
        " AND remote_key = uid::text",
        (folder_id, uidvalidity, uidnext),
    )
    cr.execute(
        "SELECT 1 FROM waimaolang_mailbox_copy WHERE folder_id = %s"
        " AND uidvalidity = %s AND uid >= %s AND state != 'gone' LIMIT 1",
        (folder_id, uidvalidity, uidnext),
    )
    return not cr.fetchone()


def save_flags(
    cr, folder_id: int, uidvalidity: int, flags: Mapping[int, Collection[str]]
) -> int:
    """What was read or answered elsewhere; of the copies that are known."""
    cr.execute(
        """
        UPDATE waimaolang_mailbox_copy copy
           SET seen = told.seen, answered = told.answered
          FROM unnest(%s::text[], %s::bool[], %s::bool[])
               AS told(key, seen, answered)
         WHERE copy.folder_id = %s AND copy.uidvalidity = %s
           AND copy.remote_key = told.key
           AND (copy.seen, copy.answered)
               IS DISTINCT FROM (told.seen, told.answered)
        """,
        (
            [str(uid) for uid in flags],
            ["\\Seen" in one for one in flags.values()],
            ["\\Answered" in one for one in flags.values()],
            folder_id,
            uidvalidity,
        ),
    )
    return cr.rowcount
