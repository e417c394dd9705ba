# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What was concluded about a folder, and why: read by people who ask what became of
their mail. Written in the transaction of the decision, so that the one is never there
without the other; names nothing that a mail says (invariant I8).
"""

from __future__ import annotations

import json

from .reasons import NONE, Reason

# A server that misbehaves writes on every pass: the newest tell enough.
KEPT = 100
# A server that never tells the whole truth is told of once, not in each pass.
REPEATED = ("incomplete",)

EVENTS = (
    ("first", "Listed for the first time"),
    ("renumbered", "The server numbered its mails anew"),
    ("rematched", "Known mails recognised under new numbers"),
    ("renamed", "Renamed on the server"),
    ("missing", "Mails not shown, looked at once more before it counts"),
    ("gone", "Mails no longer on the server"),
    ("server_window", "The server hides its oldest mails"),
    ("returned", "Mails shown again"),
    ("late", "Mails that the server showed late"),
    ("incomplete", "An answer that was not believed"),
    ("modseq_back", "The server's change counter went back"),
    ("resync", "Listed again at a person's wish"),
    ("window", "The history window was changed"),
    ("recount", "Counted: nothing differs"),
    ("recount_differs", "Counted: the numbers differ"),
    ("removed", "No longer on the server"),
    ("moved", "Mails moved to or from another folder"),
)


def note(
    cr,
    folder_id: int,
    mailbox_id: int,
    event: str,
    count: int = 0,
    reason: Reason = NONE,
) -> None:
    """``event`` is one of EVENTS; ``count``: of mails."""
    if event in REPEATED and _is_newest(cr, folder_id, event, reason):
        return
    cr.execute(
        """
        INSERT INTO waimaolang_mailbox_folder_log
               (folder_id, mailbox_id, date, event, count, reason, args)
        VALUES (%s, %s, now() AT TIME ZONE 'UTC', %s, %s, NULLIF(%s, ''), %s::jsonb)
        """,
        (folder_id, mailbox_id, event, count, reason.code, json.dumps(reason.args)),
    )
    cr.execute(
        """
        DELETE FROM waimaolang_mailbox_folder_log
         WHERE folder_id = %(folder)s AND id < (
            SELECT id FROM waimaolang_mailbox_folder_log
             WHERE folder_id = %(folder)s
             ORDER BY id DESC LIMIT 1 OFFSET %(last)s)
        """,
        {"folder": folder_id, "last": KEPT - 1},
    )


def _is_newest(cr, folder_id: int, event: str, reason: Reason) -> bool:
    cr.execute(
        "SELECT event, COALESCE(reason, ''), args FROM waimaolang_mailbox_folder_log"
        " WHERE folder_id = %s ORDER BY id DESC LIMIT 1",
        (folder_id,),
    )
    return cr.fetchone() == (event, reason.code, reason.args)
