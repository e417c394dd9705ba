# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a rule that matches fires: pure, with the reason for the log.

private, about a Bcc, answered, loop -> skipped
a task of the rule is open for the conversation -> raised, not a second one
too many today -> an open task of the rule on the record is raised: nobody's inquiry is
                  forgotten; without one skipped, but for rules that make tasks, up to
                  HARD times as many
else fires; what waits fires when its time has come
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .facts import MAILBOX

FIRE, RAISE, WAIT, SKIP = "done", "raised", "waiting", "skipped"
# Reasons of the log.
MATCHED, DUE = "matched", "due"
OPEN_TASK, OPEN_WAIT, FIRED = "open_task", "open_wait", "fired"
PRIVATE, ABOUT_BCC, NO_RECORD = "private", "about_bcc", "no_record"
ANSWERED, LOOP, TOO_MANY = "answered", "loop", "too_many"
# So many times the limit at most, where all tasks of a rule are done already.
HARD = 4
PAUSED, BROKE, NO_USER = "paused", "broke", "no_user"


class NobodyError(Exception):
    """There is nobody whose task it could be."""


@dataclass(frozen=True)
class Decision:
    outcome: str
    reason: str


@dataclass
class Limits:
    """``per_record``: a rule's actions on one record in a day; ``unlinked``: about mail
    of one mailbox that stands on no record; ``loop``: mails of one conversation in an
    hour from which on programs are assumed to talk to each other. 0: none."""

    per_record: int = 5
    loop: int = 20
    unlinked: int = 30

    def of(self, record: tuple[str, int]) -> int:
        return self.unlinked if record[0] == MAILBOX else self.per_record


@dataclass
class Tally:
    """What was done already. ``done``: by (rule, record), records as (model, id)."""

    done: dict[tuple[int, tuple[str, int]], int] = field(default_factory=dict)
    talk: dict[int, int] = field(default_factory=dict)

    def count(self, rule_id: int, record: tuple[str, int]) -> None:
        self.done[rule_id, record] = self.get(rule_id, record) + 1

    def get(self, rule_id: int, record: tuple[str, int]) -> int:
        return self.done.get((rule_id, record), 0)


def judge(
    rule_id: int,
    happening,
    record: tuple[str, int] | None,
    limits: Limits,
    tally: Tally,
    *,
    waits: bool,
    answered: bool,
    open_task: bool,
    open_wait: bool = False,
    open_here: Callable[[], bool],
    makes_task: bool = False,
    fired: bool = False,
    due: bool = False,
) -> Decision:
    """``record``: None where the rule needs one and there is none. ``waits``: it fires
    only after a time; ``due``: that has passed. ``open_task``, ``open_wait``: of this
    rule, for this conversation; ``open_here``: whether a task of it is open on this
    record, asked beyond the limit alone; ``fired``: it did already, and they have not
    written since."""
    if happening.private:
        return Decision(SKIP, PRIVATE)
    if happening.about_bcc:
        return Decision(SKIP, ABOUT_BCC)
    if answered:
        return Decision(SKIP, ANSWERED)
    if record is None:
        return Decision(SKIP, NO_RECORD)
    if limits.loop and tally.talk.get(happening.conversation_id, 0) > limits.loop:
        return Decision(SKIP, LOOP)
    if waits and not due:
        if open_wait:
            return Decision(SKIP, OPEN_WAIT)
        if fired:
            return Decision(SKIP, FIRED)
        return Decision(WAIT, MATCHED)
    if open_task:
        return Decision(RAISE, OPEN_TASK)
    most, done = limits.of(record), tally.get(rule_id, record)
    if most and done >= most:
        # a stranger's is for that one
        if record[0] != MAILBOX and open_here():
            return Decision(RAISE, TOO_MANY)
        if not makes_task or record[0] == MAILBOX or done >= HARD * most:
            return Decision(SKIP, TOO_MANY)
    return Decision(FIRE, DUE if due else MATCHED)
