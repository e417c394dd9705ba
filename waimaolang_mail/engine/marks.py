# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which of the rows that were just listed may be mails that the mailbox has already,
under other numbers: what ``rematch`` then looks at. SQL alone, for the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.base import RemoteItem

# Nobody moves a mail two days before it arrives; clocks differ by less.
MOVED_AFTER = timedelta(days=2)
# The row ``old`` is settled, whatever the server shows of it now. A tombstone is an
# outcome; what lay before the window, or waited, is none.
OUTCOME = """
    CASE WHEN old.reason IS NOT NULL THEN CASE WHEN old.reason != 'window'
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
    since = _now() - MOVED_AFTER
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


def _now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)
