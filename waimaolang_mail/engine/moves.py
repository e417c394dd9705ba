# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is gone from one folder and stands in another one was moved: told in the log
of both, in the transaction that found it. Nothing else comes of it: the mail in Odoo is
the same, and its new row was known again when it was listed (``rematch.py``)."""

from __future__ import annotations

from collections.abc import Sequence

from . import folderlog
from .reasons import because


def note(cr, folder_id: int, gone_ids: Sequence[int]) -> int:
    """``gone_ids``: copies of the folder that were just found to be gone; how many of
    them were moved."""
    if not gone_ids:
        return 0
    cr.execute(
        """
        SELECT target.id, target.path, source.path, source.mailbox_id, count(*)
          FROM (SELECT DISTINCT ON (gone.id) gone.id, here.folder_id
                  FROM waimaolang_mailbox_copy gone
                  JOIN waimaolang_mailbox_copy here
                    ON here.mailbox_id = gone.mailbox_id AND here.size = gone.size
                   AND here.internaldate = gone.internaldate
                   AND here.header_key = gone.header_key
                   AND here.folder_id != gone.folder_id AND here.state != 'gone'
                 WHERE gone.id = ANY(%s)
                 ORDER BY gone.id, here.id DESC) moved
          JOIN waimaolang_mailbox_folder target ON target.id = moved.folder_id
          JOIN waimaolang_mailbox_folder source ON source.id = %s
         GROUP BY target.id, target.path, source.path, source.mailbox_id
        """,
        (list(gone_ids), folder_id),
    )
    moved = 0
    for target_id, target, source, mailbox_id, count in cr.fetchall():
        for here, reason in (
            (folder_id, because("moved_to", folder=target)),
            (target_id, because("moved_from", folder=source)),
        ):
            folderlog.note(cr, here, mailbox_id, "moved", count, reason)
        moved += count
    return moved
