# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which of the rows that were just listed may be mails that the mailbox has already,
under other numbers: what ``rematch`` then looks at; and what a row takes over of such a
mail. SQL alone, for the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from . import folderlog

if TYPE_CHECKING:
    from ..transport.base import RemoteItem

# Nobody moves a mail two days before it arrives; clocks differ by less.
MOVED_AFTER = timedelta(days=2)
# Two rows that differ in any of it are not one outcome.
DECIDED = ("reason", "mail_id", "bcc", "raw")
# What a row takes over besides.
FOLLOWING = (
    "kept",
    "error",
    "error_kind",
    "tries",
    "next_try",
    "parser_version",
    "settled_at",
    "message_id_digest",
    "sender_digest",
    "subject_digest",
    "entry_digest",
    "header_key",
)
# The row ``old`` is settled, whatever the server shows of it now. A tombstone is an
# outcome; what lay before the window, waited, or was a draft is none.
OUTCOME = """
    CASE WHEN old.reason IS NOT NULL THEN CASE WHEN old.reason != 'window'
                                                AND old.reason != 'draft'
                                               THEN 'excluded' END
         WHEN old.mail_id IS NOT NULL THEN 'stored'
         WHEN old.raw IS NOT NULL THEN 'failed' END
"""
# The row ``old`` may be where the row ``fresh`` comes from.
EARLIER = f"""
    old.mailbox_id = fresh.mailbox_id AND old.size = fresh.size
    AND old.header_key IS NOT NULL
    AND (old.folder_id != fresh.folder_id OR old.uidvalidity != fresh.uidvalidity
         OR old.state = 'gone' OR old.missing > 0)
    AND {OUTCOME} IS NOT NULL
"""


def mark(
    cr,
    mailbox_id: int,
    folder_id: int,
    uidvalidity: int,
    wanted: Sequence[tuple[RemoteItem, bool]],
) -> None:
    """Of rows that were just listed, ``(item, live)``, those that the mailbox seems to
    have already; in the transaction that makes them. Keys without a time of arrival
    (POP3) are looked at where others are missing."""
    numbered = [item.key for item, _live in wanted if item.gm_msgid]
    _settle_numbered(cr, mailbox_id, folder_id, uidvalidity, numbered)
    since = _now() - MOVED_AFTER
    wanted = [(item, live) for item, live in wanted if not item.gm_msgid]
    dated = [
        item.key
        for item, live in wanted
        if item.internaldate and (not live or item.internaldate < since)
    ]
    undated = [
        item.key for item, live in wanted if not (item.uid or item.internaldate or live)
    ]
    for keys, condition in (
        (dated, "old.internaldate = fresh.internaldate"),
        (undated, "fresh.internaldate IS NULL"),
    ):
        if keys:
            cr.execute(
                f"""
                UPDATE waimaolang_mailbox_copy fresh SET rematch = TRUE
                 WHERE fresh.folder_id = %s AND fresh.uidvalidity = %s
                   AND fresh.remote_key = ANY(%s) AND fresh.state = 'pending'
                   AND fresh.mailbox_id = %s AND fresh.size > 0
                   AND EXISTS (SELECT 1 FROM waimaolang_mailbox_copy old
                                WHERE {EARLIER} AND {condition})
                """,
                (folder_id, uidvalidity, keys, mailbox_id),
            )


def _settle_numbered(
    cr, mailbox_id: int, folder_id: int, uidvalidity: int, keys: Sequence[str]
) -> None:
    """Gmail's number of a message is one in all folders and for ever, and nobody but
    Gmail gives it: what has the number of a settled row needs no header, and may be
    live."""
    if not keys:
        return
    found = take_over(
        cr,
        """
            JOIN waimaolang_mailbox_copy old
              ON old.mailbox_id = fresh.mailbox_id AND old.id != fresh.id
             AND old.gm_msgid = fresh.gm_msgid
           WHERE fresh.folder_id = %s AND fresh.uidvalidity = %s
             AND fresh.remote_key = ANY(%s)
        """,
        (folder_id, uidvalidity, keys),
    )
    if found:
        folderlog.note(cr, folder_id, mailbox_id, "rematched", found)


def take_over(cr, candidates: str, values: tuple) -> int:
    """Gives the waiting rows ``fresh`` the one outcome of their candidates ``old``. The
    bytes of a failed mail go along: what is gone is not tried again beside it."""
    decided = ", ".join(f"old.{name}" for name in DECIDED)
    taken = ", ".join(f"{name} = old.{name}" for name in (*DECIDED, *FOLLOWING))
    cr.execute(
        f"""
        WITH found AS (
            SELECT fresh.id, array_agg(old.id ORDER BY old.id DESC) AS old_ids
              FROM waimaolang_mailbox_copy fresh {candidates}
               AND fresh.state = 'pending' AND {OUTCOME} IS NOT NULL
             GROUP BY fresh.id
            HAVING count(DISTINCT ({OUTCOME}, {decided})) = 1),
        left_behind AS (
            UPDATE waimaolang_mailbox_copy old
               SET raw = NULL, kept = FALSE, next_try = NULL
              FROM found
             WHERE old.id = ANY(found.old_ids) AND old.state = 'gone'
               AND old.raw IS NOT NULL)
        UPDATE waimaolang_mailbox_copy fresh
           SET state = {OUTCOME}, missing = 0, {taken}
          FROM found JOIN waimaolang_mailbox_copy old ON old.id = found.old_ids[1]
         WHERE fresh.id = found.id
        """,
        values,
    )
    return cr.rowcount


def _now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)
