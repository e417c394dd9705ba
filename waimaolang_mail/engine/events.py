# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened to a mail, for rules and figures: written in the transaction in which
it became true, so that neither is there without the other. Of live mail only: history
triggers nothing (invariant I4).

    arrived  --> received | auto_reply        left --> sent | auto_reply
    either, after a mail of the other side  --> replied, on that mail
    a report that names our recipients      --> bounced, on the mail that we sent
"""

from collections.abc import Iterable
from typing import NamedTuple

RECEIVED, SENT, REPLIED = "received", "sent", "replied"
BOUNCED, AUTO_REPLY = "bounced", "auto_reply"
# A mail has one of each: whoever meets it again tells nothing new.
ONCE = (RECEIVED, SENT, REPLIED, AUTO_REPLY)
HUMAN = "human"
# Reasons.
BULK, REPORT = "bulk", "report"
NOW = "clock_timestamp() AT TIME ZONE 'UTC'"


class Event(NamedTuple):
    """``actor``: None is a machine; ``bcc_mailbox_id``: it is about a Bcc of it."""

    mail_id: int
    kind: str
    actor: str | None = None
    reason: str | None = None
    mailbox_id: int | None = None
    bcc_mailbox_id: int | None = None


def judge(
    direction: str, is_auto: bool, is_bulk: bool, is_bounce: bool, answers: bool
) -> tuple[str, str | None, str | None]:
    """``(kind, actor, reason)`` of a mail that came or left. ``answers``: by itself, as
    an out-of-office note. No person wrote bulk mail, delivery reports and automatic
    answers: they are no replies."""
    if is_bounce:
        return AUTO_REPLY, None, REPORT
    kind = RECEIVED if direction == "in" else SENT
    # newsletters are called automatic too
    if is_bulk and not answers:
        return kind, None, BULK
    return (AUTO_REPLY, None, None) if is_auto else (kind, HUMAN, None)


def note(cr, events: Iterable[Event]) -> None:
    """The mails that they are about must be flushed."""
    events = list(events)
    if not events:
        return
    cr.execute(
        f"""
        INSERT INTO waimaolang_mail_event
               (mail_id, kind, actor, reason, mailbox_id, bcc_mailbox_id, date)
        SELECT event.*, {NOW}
          FROM unnest(%s::int4[], %s::text[], %s::text[], %s::text[], %s::int4[],
                      %s::int4[]) AS event
            ON CONFLICT DO NOTHING
        """,
        tuple(map(list, zip(*events, strict=True))),
    )
    answers = [event.mail_id for event in events if event.actor == HUMAN]
    if answers:
        _note_replied(cr, answers)


def _note_replied(cr, answers: list[int]) -> None:
    """The last mail of the other side before each answer, in its conversation."""
    cr.execute(
        f"""
        INSERT INTO waimaolang_mail_event (mail_id, kind, actor, date)
        SELECT before.id, %s, %s, {NOW}
          FROM waimaolang_mail answer
          JOIN LATERAL (
                SELECT m.id FROM waimaolang_mail m
                 WHERE m.conversation_id = answer.conversation_id
                   AND m.direction != answer.direction AND m.date <= answer.date
                   AND NOT (m.is_auto OR m.is_bulk OR m.is_bounce)
                 ORDER BY m.date DESC, m.id DESC
                 LIMIT 1) before ON TRUE
         WHERE answer.id = ANY(%s)
            ON CONFLICT DO NOTHING
        """,
        (REPLIED, HUMAN, answers),
    )


def note_arrivals(cr, drafts, mailbox_id: int) -> list[int]:
    """The live ones of drafts that were stored as new mails."""
    live = [draft for draft in drafts if draft.arrival.copy.live]
    told = []
    for draft in live:
        mail = draft.mail
        judged = judge(
            draft.verdict.direction,
            mail.is_auto,
            mail.is_bulk,
            mail.is_bounce,
            bool(mail.auto_reply),
        )
        told.append(Event(draft.mail_id, *judged, mailbox_id))
    note(cr, told)
    return [draft.mail_id for draft in live]


def note_left(outbox) -> None:
    """Rows of the outbox that the server took; those that are indexed."""
    indexed = outbox.filtered("mail_id")
    outbox.env["waimaolang.mail"].flush_model()
    told = []
    for row in indexed:
        mail = row.mail_id
        judged = judge("out", mail.is_auto, mail.is_bulk, False, bool(mail.auto_kind))
        told.append(Event(mail.id, *judged, row.mailbox_id.id))
    note(outbox.env.cr, told)


def note_returned(bounces, mailbox_id: int) -> None:
    """Recipients whom a mail did not reach: one event each. ``mailbox_id``: through
    which it was sent."""
    note(
        bounces.env.cr,
        [
            Event(
                row.mail_id.id,
                BOUNCED,
                reason=row.cause,
                mailbox_id=mailbox_id,
                bcc_mailbox_id=row.sudo().bcc_mailbox_id.id or None,
            )
            for row in bounces
        ],
    )
