# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Events that no rule has seen yet. A row of the event itself and not a cursor: events
are committed in another order than they are numbered, and a cursor would pass some by.
Plain SQL on a cursor."""

from collections.abc import Mapping

from . import whose
from .triggers import Happening

# Transactions of rules, one at a time in all processes: a reply must not overtake the
# mail that it answers.
LOCK = 7246611
WAITING = "ruled IS NOT TRUE"
# What rules ask of the mail ``m`` of an event.
ABOUT = """m.id AS mail_id, m.direction, m.date, m.conversation_id, m.company_id,
               m.returns_on, m.email_from, m.email_to, m.email_cc,
               EXISTS (SELECT 1 FROM waimaolang_conversation_private_rel p
                        WHERE p.conversation_id = m.conversation_id) AS private"""
ADDRESSES = """
    SELECT company_id, lower(address), id
      FROM waimaolang_mailbox,
           unnest(email_key || regexp_split_to_array(
               COALESCE(alias_emails, ''), '[\\s,;]+')) AS address
     WHERE active AND address <> ''
     ORDER BY id DESC
"""


def lock(cr) -> bool:
    """Until the end of the transaction."""
    cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
    return cr.fetchone()[0]


def forget_all(cr) -> None:
    cr.execute(f"UPDATE waimaolang_mail_event SET ruled = TRUE WHERE {WAITING}")


def take(cr, limit: int) -> list[Happening]:
    """The oldest that wait, marked as seen in this transaction."""
    cr.execute(
        f"""
        WITH taken AS (
            UPDATE waimaolang_mail_event SET ruled = TRUE
             WHERE id IN (SELECT id FROM waimaolang_mail_event
                           WHERE {WAITING} ORDER BY id LIMIT %s)
            RETURNING *)
        SELECT taken.id, taken.kind, taken.actor, taken.mailbox_id,
               taken.bcc_mailbox_id, {ABOUT}
          FROM taken JOIN waimaolang_mail m ON m.id = taken.mail_id
         ORDER BY taken.id
        """,
        (limit,),
    )
    return describe_all(cr)


def give_back(cr, event_ids: list[int]) -> None:
    cr.execute(
        "UPDATE waimaolang_mail_event SET ruled = NULL WHERE id = ANY(%s)", (event_ids,)
    )


def skip(env) -> int:
    """The oldest, which cannot be borne."""
    env.cr.execute(
        f"UPDATE waimaolang_mail_event SET ruled = TRUE WHERE id = ("
        f"SELECT min(id) FROM waimaolang_mail_event WHERE {WAITING})"
    )
    return env.cr.rowcount


def find(cr, mail_ids: list[int], kind: str) -> list[Happening]:
    """As if it had happened to these mails now."""
    cr.execute(
        f"""
        SELECT 0 AS id, %s AS kind, 'human' AS actor,
               (SELECT min(held.waimaolang_mailbox_id)
                  FROM waimaolang_mail_mailbox_rel held
                 WHERE held.waimaolang_mail_id = m.id) AS mailbox_id,
               NULL AS bcc_mailbox_id, {ABOUT}
          FROM waimaolang_mail m
         WHERE m.id = ANY(%s)
         ORDER BY m.date, m.id
        """,
        (kind, mail_ids),
    )
    return describe_all(cr)


def describe_all(cr) -> list[Happening]:
    """What was just selected."""
    rows = cr.dictfetchall()
    addresses: dict[int, dict[str, int]] = {}
    if rows:
        cr.execute(ADDRESSES)
        for company_id, address, mailbox_id in cr.fetchall():
            addresses.setdefault(company_id, {})[address] = mailbox_id
    return [_describe(row, addresses.get(row["company_id"], {})) for row in rows]


def _describe(row, addresses: Mapping[str, int]) -> Happening:
    mailbox_id = whose.choose(
        addresses,
        row["mailbox_id"] or 0,
        row["direction"],
        row["email_from"],
        row["email_to"],
        row["email_cc"],
    )
    return Happening(
        event_id=row["id"],
        kind=row["kind"],
        mail_id=row["mail_id"],
        direction=row["direction"],
        date=row["date"],
        actor=row["actor"],
        conversation_id=row["conversation_id"] or 0,
        mailbox_id=mailbox_id,
        company_id=row["company_id"],
        returns_on=row["returns_on"],
        private=row["private"],
        about_bcc=bool(row["bcc_mailbox_id"]),
    )
