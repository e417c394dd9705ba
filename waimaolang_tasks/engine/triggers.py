# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an event of a mail means for rules: pure.

    received by a person -> received, first_contact, no_reply_from_us (waits)
    sent by a person     -> sent, no_reply_from_them (waits)
    automatic answer with a date of return -> out_of_office_ended (waits for it)
    bounced, opened, clicked -> as they are named

Bulk mail and automatic answers start nothing and answer nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

RECEIVED, SENT, FIRST_CONTACT = "received", "sent", "first_contact"
NO_REPLY_FROM_US, NO_REPLY_FROM_THEM = "no_reply_from_us", "no_reply_from_them"
BOUNCED, OUT_OF_OFFICE_ENDED = "bounced", "out_of_office_ended"
OPENED, CLICKED = "opened", "clicked"
# Those that fire only after a time in which something did not happen.
WAITING = (NO_REPLY_FROM_US, NO_REPLY_FROM_THEM, OUT_OF_OFFICE_ENDED)
# An answer of the other side makes these pointless.
ENDED_BY_US = (RECEIVED, FIRST_CONTACT, NO_REPLY_FROM_US)
ENDED_BY_THEM = (SENT, NO_REPLY_FROM_THEM, OUT_OF_OFFICE_ENDED, OPENED, CLICKED)
# Tasks to write to them once more: ours does that, theirs makes it needless.
WRITE_AGAIN = (NO_REPLY_FROM_THEM, OUT_OF_OFFICE_ENDED, OPENED, CLICKED)


@dataclass(frozen=True)
class Happening:
    """An event with what is asked of its mail. Times in naive UTC; ``date`` is the
    mail's. ``private``: its conversation is kept by an owner to herself."""

    event_id: int
    kind: str
    mail_id: int
    direction: str
    date: datetime
    actor: str | None = None
    conversation_id: int = 0
    mailbox_id: int = 0
    company_id: int = 0
    is_first: bool = False
    returns_on: datetime | None = None
    private: bool = False
    about_bcc: bool = False


def triggers_of(happening: Happening) -> tuple[str, ...]:
    """Of what happened, those that rules can wait for."""
    human = happening.actor == "human"
    if happening.kind == "received" and human:
        first = (FIRST_CONTACT,) if happening.is_first else ()
        return (RECEIVED, *first, NO_REPLY_FROM_US)
    if happening.kind == "sent" and human:
        return (SENT, NO_REPLY_FROM_THEM)
    if happening.kind == "auto_reply" and happening.returns_on:
        return (OUT_OF_OFFICE_ENDED,) if happening.direction == "in" else ()
    if happening.kind == "bounced":
        return (BOUNCED,)
    if happening.kind in (OPENED, CLICKED) and human:
        return (happening.kind,)
    return ()


def ended_triggers(happening: Happening) -> tuple[str, ...]:
    """The waits of the conversation that this mail answers."""
    if happening.actor != "human":
        return ()
    return {"received": ENDED_BY_THEM, "sent": ENDED_BY_US}.get(happening.kind, ())


def done_triggers(happening: Happening) -> tuple[str, ...]:
    """The tasks of the conversation that nobody has to do after this mail."""
    ended = ended_triggers(happening)
    return (*ended, *WRITE_AGAIN) if ended == ENDED_BY_US else ended
