# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""History is taken from the newest on, so answers are stored before what they answer.
Whoever wrote only later in a conversation is nobody's contact yet: her mail stands on
the conversation's opportunity once the mail that brought it is here."""

from collections.abc import Mapping
from datetime import datetime

from .matching import CONVERSATION, LEAD


def find_rows(
    cr, brought: Mapping[int, tuple[int, datetime]]
) -> list[tuple[int, int, str, int, datetime, str, None]]:
    """Links as ``draft.link_rows`` gives them. ``brought``: by conversation, the
    opportunity and the date of the mail that brought it; later mails are meant.
    What somebody linked or took off by hand stays as it is."""
    if not brought:
        return []
    cr.execute(
        """
        SELECT m.id, m.mail_message_id, brought.lead_id, m.date
          FROM unnest(%s::int4[], %s::int4[], %s::timestamp[])
               AS brought(id, lead_id, date)
          JOIN waimaolang_mail m ON m.conversation_id = brought.id
               AND m.date >= brought.date AND m.mail_message_id IS NOT NULL
         WHERE NOT EXISTS (
            SELECT 1 FROM waimaolang_mail_link l
             WHERE l.mail_id = m.id
               AND (l.origin = 'manual' OR l.removed OR l.res_model = %s))
        """,
        (
            list(brought),
            [lead_id for lead_id, _date in brought.values()],
            [date for _lead_id, date in brought.values()],
            LEAD,
        ),
    )
    return [
        (mail_id, message_id, LEAD, lead_id, date, CONVERSATION, None)
        for mail_id, message_id, lead_id, date in cr.fetchall()
    ]
