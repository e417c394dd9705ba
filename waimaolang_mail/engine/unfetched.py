# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many mails are in the folders that are not fetched, so that nobody wonders where
they are: the server's own number, by one round trip for each folder and day, at the end
of a pass that proved a folder or asked for all of them. Such mail is no part of the
proof.
"""

from __future__ import annotations

import time
from datetime import timedelta

from . import lease

COUNT_EVERY = timedelta(hours=24)
# Folders are asked for every half hour: that is 240 of these a day.
MOST_COUNTED = 5
# The server does not tell, or has not been asked yet.
UNKNOWN = -1


def run(work) -> None:
    """``work`` is the pass: its connection, deadline and transactions."""
    transport = work.connection.transport
    # POP3 has one folder, which is fetched
    if transport.lists_whole or time.monotonic() > work.deadline:
        return
    mailbox_id = work.settings.id
    counts = {}
    try:
        for folder_id, name in work.fenced(lambda env: _take(env.cr, mailbox_id)):
            if time.monotonic() > work.deadline:
                break
            counts[folder_id] = work.patiently(transport.count, name)
    finally:
        if counts:
            work.fenced(lambda env: _keep(env.cr, counts))


def _take(cr, mailbox_id: int) -> list[tuple[int, str]]:
    """Those whose turn it is, longest ago first. Their turn is over whatever becomes of
    it: a folder that breaks the connection does not do so in each pass (I5)."""
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_folder
           SET counted_at = {lease.NOW}, unfetched_count = %s
         WHERE id IN (
            SELECT id FROM waimaolang_mailbox_folder
             WHERE mailbox_id = %s AND selectable AND synced IS NOT TRUE
               AND (counted_at IS NULL OR counted_at < {lease.NOW} - %s)
             ORDER BY counted_at NULLS FIRST, id LIMIT %s)
        RETURNING id, remote_name
        """,
        (UNKNOWN, mailbox_id, COUNT_EVERY, MOST_COUNTED),
    )
    return cr.fetchall()


def _keep(cr, counts: dict[int, int | None]) -> None:
    told = {id_: count for id_, count in counts.items() if count is not None}
    cr.execute(
        "UPDATE waimaolang_mailbox_folder folder SET unfetched_count = told.count"
        " FROM unnest(%s::int4[], %s::int4[]) AS told(id, count)"
        " WHERE folder.id = told.id",
        ([*told], [*told.values()]),
    )
