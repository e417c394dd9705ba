# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the ledger keeps of Gmail's own attributes: the message's number, the user's
labels, and which of the mails in All Mail are drafts. In SQL, as all of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.base import RemoteItem

_DRAFT = frozenset({"\\draft", "\\drafts"})


def keep(
    cr, mailbox_id: int, folder_id: int, uidvalidity: int, items: Sequence[RemoteItem]
) -> int:
    """Of rows that there are; called when they are listed, and whenever the server
    tells their flags again. Where it tells no labels nothing changes.

    A draft is excluded as long as it is one; what is sent of it is fetched: how many
    wait now that were drafts."""
    told = [item for item in items if item.labels is not None]
    if not told:
        return 0
    ids, sent = _keep_rows(cr, folder_id, uidvalidity, told)
    pairs = [
        (ids[item.key], name)
        for item in told
        if item.key in ids
        for name in sorted(own(item.labels))
    ]
    _keep_labels(cr, mailbox_id, [*ids.values()], pairs)
    return sent


def _keep_rows(cr, folder_id: int, uidvalidity: int, told) -> tuple[dict, int]:
    cr.execute(
        """
        UPDATE waimaolang_mailbox_copy copy
           SET gm_msgid = COALESCE(NULLIF(told.number, 0), copy.gm_msgid),
               state = CASE WHEN told.draft AND copy.state = 'pending' THEN 'excluded'
                            WHEN NOT told.draft AND copy.state = 'excluded'
                                 AND copy.reason = 'draft' THEN 'pending'
                            ELSE copy.state END,
               reason = CASE WHEN told.draft AND copy.state = 'pending' THEN 'draft'
                             WHEN NOT told.draft AND copy.reason = 'draft' THEN NULL
                             ELSE copy.reason END
          FROM unnest(%s::text[], %s::int8[], %s::bool[]) AS told(key, number, draft)
          JOIN waimaolang_mailbox_copy before ON before.remote_key = told.key
         WHERE before.folder_id = %s AND before.uidvalidity = %s
           AND copy.id = before.id
     RETURNING copy.remote_key, copy.id, copy.state != before.state
               AND copy.state = 'pending'
        """,
        (
            [item.key for item in told],
            [item.gm_msgid for item in told],
            [is_draft(item.labels) for item in told],
            folder_id,
            uidvalidity,
        ),
    )
    rows = cr.fetchall()
    return {key: id_ for key, id_, _sent in rows}, sum(sent for *_row, sent in rows)


def _keep_labels(cr, mailbox_id: int, copy_ids, pairs) -> None:
    names = sorted({name for _id, name in pairs})
    if names:
        cr.execute(
            "INSERT INTO waimaolang_label (mailbox_id, name)"
            " SELECT %s, name FROM unnest(%s::text[]) AS name"
            " ON CONFLICT (mailbox_id, name) DO NOTHING",
            (mailbox_id, names),
        )
    cr.execute(
        """
        WITH told AS (
            SELECT pair.copy_id, label.id AS label_id
              FROM unnest(%(copies)s::int4[], %(names)s::text[]) AS pair(copy_id, name)
              JOIN waimaolang_label label
                ON label.mailbox_id = %(mailbox)s AND label.name = pair.name),
        dropped AS (
            DELETE FROM waimaolang_copy_label_rel rel
             WHERE rel.copy_id = ANY(%(all)s)
               AND (rel.copy_id, rel.label_id) NOT IN (SELECT * FROM told))
        INSERT INTO waimaolang_copy_label_rel (copy_id, label_id)
        SELECT copy_id, label_id FROM told
            ON CONFLICT DO NOTHING
        """,
        {
            "mailbox": mailbox_id,
            "all": list(copy_ids),
            "copies": [id_ for id_, _name in pairs],
            "names": [name for _id, name in pairs],
        },
    )


def is_draft(labels: Iterable[str]) -> bool:
    return any(label.casefold() in _DRAFT for label in labels)


def own(labels: Iterable[str]) -> set[str]:
    """Those that the user made; Gmail's own begin with a backslash."""
    return {label for label in labels if not label.startswith("\\")}
