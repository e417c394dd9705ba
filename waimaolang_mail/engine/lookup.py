# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person's question wants of the ledger, in SQL. Nothing here is for a pass."""

from . import lease

MOST_FOUND = 50
# How fast a mailbox is fetched is told by its last minutes.
RATE_MINUTES = 5


def find(cr, mailbox_id: int, digests) -> list[int]:
    """Ids of rows by those of the digests (``traces.Traces``) that are not "", newest
    first."""
    given = {
        "message_id_digest": digests.message_id,
        "sender_digest": digests.sender,
        "subject_digest": digests.subject,
    }
    given = {name: value for name, value in given.items() if value}
    if not given:
        return []
    conditions = " AND ".join(f"{name} = %s" for name in given)
    cr.execute(
        f"SELECT id FROM waimaolang_mailbox_copy WHERE mailbox_id = %s"
        f" AND {conditions} ORDER BY internaldate DESC NULLS LAST, id DESC LIMIT %s",
        (mailbox_id, *given.values(), MOST_FOUND),
    )
    return [row[0] for row in cr.fetchall()]


def place_in_queue(cr, mailbox_id: int, copy_id: int) -> int:
    """How many are fetched before it, at most."""
    cr.execute(
        """
        SELECT count(*) FROM waimaolang_mailbox_copy copy, waimaolang_mailbox_copy asked
         WHERE asked.id = %s AND copy.mailbox_id = %s AND copy.state = 'pending'
           AND copy.id != asked.id
           AND (copy.live OR NOT asked.live IS TRUE
                AND (copy.internaldate >= asked.internaldate) IS NOT FALSE)
        """,
        (copy_id, mailbox_id),
    )
    return cr.fetchone()[0]


def recent_rate(cr, mailbox_id: int) -> float:
    """Mails a minute that were decided in the last minutes; 0.0: none."""
    cr.execute(
        f"SELECT count(*) FROM waimaolang_mailbox_copy WHERE mailbox_id = %s"
        f" AND settled_at > {lease.NOW} - %s * INTERVAL '1 minute'",
        (mailbox_id, RATE_MINUTES),
    )
    return cr.fetchone()[0] / RATE_MINUTES
