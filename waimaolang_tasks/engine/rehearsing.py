# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a rule would have done with mails of the past, as if it had been on then. Judged
as by ``processing``, but the answers that came later play themselves: a task is open
until the mail that did it. Nothing is written.

Mails, records and answers are those that the user of the environment may read
(invariant I8); the rule itself is in sudo, since its actions are not shown to her.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from . import deadlines, facts, judging, queue, triggers
from .judging import Decision, Tally
from .processing import Batch, of_company
from .triggers import Happening

# As what a mail counts for rules of these triggers; for others as what they are called.
KIND = {
    triggers.FIRST_CONTACT: "received",
    triggers.NO_REPLY_FROM_US: "received",
    triggers.NO_REPLY_FROM_THEM: "sent",
    triggers.OUT_OF_OFFICE_ENDED: "auto_reply",
}
MOVED = "moved"
# Of these its other readers are not told (invariant I8).
HUSHED = (judging.PRIVATE, judging.ABOUT_BCC)
# With these a wait that is there stays.
LEAVES_WAIT = (judging.OPEN_WAIT, judging.FIRED, MOVED)


class Step(NamedTuple):
    """``at``: when it was, or will be; ``due``: the task's end; ``over``: when a mail
    did the task or made the wait needless. All in naive UTC."""

    happening: Happening
    record: tuple[str, int] | None
    decision: Decision
    at: datetime
    due: datetime | None = None
    user: object = None
    over: datetime | None = None


def rehearse(env, rule, mails) -> tuple[list[Step], Exception | None]:
    """``rule`` in sudo; ``mails`` as the user. The steps of those that the rule's
    condition on the mail finds, and what is wrong with its conditions."""
    stage = Rehearsal(env, rule)
    return stage.play(mails.ids), stage.broken


class Rehearsal(Batch):
    def __init__(self, env, rule):
        super().__init__(env)
        self.rule = rule
        self.rules = rule.browse()
        self.limits.loop = 0  # of how many mails there were in an hour it tells nothing
        self.now = env.cr.now().replace(tzinfo=None)
        self.broken = None
        self.together = defaultdict(set)  # {model: ids}, read at once
        self.talks: dict[int, list] = {}
        self.tallies = defaultdict(Tally)
        # of the conversation: (since, until)
        self.tasks: dict[int, tuple] = {}
        # of the record
        self.spans: dict[tuple, list[tuple]] = defaultdict(list)
        self.waits: dict[int, tuple] = {}
        self.fired: dict[int, datetime] = {}

    def note_broken(self, _rule, exc, _happenings) -> None:
        self.broken = exc

    def play(self, mail_ids: list[int]) -> list[Step]:
        pairs = [(self.rule, one) for one in self._find(mail_ids)]
        pairs = sorted(self.match_pairs(pairs), key=lambda pair: pair[1].date)
        known = self.load(pairs, due=True)
        self._keep_readable(known)
        self._read_talks([happening for _rule, happening in pairs])
        placed = self.match_records(pairs, known)
        for _rule, happening, record in placed:
            self.together["waimaolang.mail"].add(happening.mail_id)
            self.together["waimaolang.mailbox"].add(happening.mailbox_id)
            if record:
                self.together[record[0]].add(record[1])
        steps = [
            self._step(happening, record, known) for _rule, happening, record in placed
        ]
        return [step for step in steps if step.decision.reason not in HUSHED]

    def _find(self, mail_ids: list[int]) -> Iterable[Happening]:
        kind = KIND.get(self.rule.trigger, self.rule.trigger)
        found = queue.find(self.env.cr, mail_ids, kind)
        if self.rule.trigger == triggers.FIRST_CONTACT:
            first = facts.find_first(self.env.cr, mail_ids)
            found = [replace(one, is_first=one.mail_id in first) for one in found]
        return [
            one
            for one in of_company(found, self.rule.company_id.id)
            if self.rule.trigger in triggers.triggers_of(one)
        ]

    def _keep_readable(self, known) -> None:
        ids = defaultdict(set)
        for here in known.stands_on.values():
            for model, found in here.items():
                ids[model].update(found)
        for model, found in ids.items():
            records = self.env[model].browse(found).exists()
            readable = set(records._filtered_access("read")._ids)
            for here in known.stands_on.values():
                here[model] = [id_ for id_ in here.get(model, ()) if id_ in readable]

    def _read_talks(self, happenings) -> None:
        """People's mails of these conversations, oldest first."""
        ids = list({one.conversation_id for one in happenings} - {0})
        mails = self.env["waimaolang.mail"].search_fetch(
            [
                ("conversation_id", "in", ids),
                ("is_auto", "=", False),
                ("is_bulk", "=", False),
                ("is_bounce", "=", False),
            ],
            ["conversation_id", "date", "direction"],
            order="date, id",
        )
        for mail in mails:
            talk = self.talks.setdefault(mail.conversation_id.id, [])
            talk.append((mail.date, "received" if mail.direction == "in" else "sent"))

    # -- judge --------------------------------------------------------------------

    def _step(self, happening: Happening, record, known) -> Step:
        rule, talk = self.rule, happening.conversation_id
        waits = rule.trigger in triggers.WAITING
        at = rule._get_wait_end(happening) if waits else happening.date
        if record is None:
            return Step(happening, record, Decision("skipped", judging.NO_RECORD), at)
        ended = self._first_after(happening, triggers.ended_triggers) if waits else None
        due = waits and at <= self.now
        decision = judging.judge(
            rule.id,
            happening,
            record,
            self.limits,
            self.tallies[at.date()],
            waits=waits,
            answered=self._is_answered(happening, ended, at, known),
            open_task=_is_during(self.tasks.get(talk), at),
            open_here=partial(self._is_open, record, at),
            makes_task=rule._is_closed_by_reply(),
            open_wait=rule._waits_from_first()
            and _is_during(self.waits.get(talk), happening.date),
            fired=rule._fires_once() and self._has_fired(happening),
            due=due,
        )
        if due and decision.outcome == judging.FIRE:
            decision = self._look_back(happening, at, decision)
        if waits and talk and decision.reason not in LEAVES_WAIT:
            self.waits[talk] = (happening.date, min(at, ended or at))
        if decision.outcome != judging.FIRE:
            return Step(happening, record, decision, at, over=ended)
        return self._fire(happening, record, decision, at)

    def _is_open(self, record, at) -> bool:
        return any(_is_during(span, at) for span in self.spans[record])

    def _is_answered(self, happening, ended, at, known) -> bool:
        """Before its time came; what comes after does the task."""
        if self.rule._asks_of_customer():
            return happening.mail_id in known.followed
        return bool(ended and ended <= at)

    def _look_back(self, happening, at, decision) -> Decision:
        """Waits that are over: what stood in their way when they began."""
        rule, talk = self.rule, happening.conversation_id
        if rule._waits_from_first():
            if _is_during(self.waits.get(talk), happening.date):
                return Decision(judging.SKIP, judging.OPEN_WAIT)
            if rule._fires_once() and self._has_fired(happening):
                return Decision(judging.SKIP, judging.FIRED)
        elif rule.trigger == triggers.NO_REPLY_FROM_THEM and any(
            kind == "sent" and happening.date < date <= at
            for date, kind in self.talks.get(talk, ())
        ):
            return Decision(judging.SKIP, MOVED)
        return decision

    def _has_fired(self, happening) -> bool:
        since = self.fired.get(happening.conversation_id)
        return since is not None and not any(
            kind == "received" and since < date < happening.date
            for date, kind in self.talks.get(happening.conversation_id, ())
        )

    def _first_after(self, happening, ends) -> datetime | None:
        """The first mail of the conversation that ends what this one began."""
        for date, kind in self.talks.get(happening.conversation_id, ()):
            told = replace(happening, kind=kind, actor="human")
            if date > happening.date and self.rule.trigger in ends(told):
                return date
        return None

    def _fire(self, happening, record, decision, at) -> Step:
        rule, talk = self.rule, happening.conversation_id
        if record:
            self.tallies[at.date()].count(rule.id, record)
        if talk:
            self.fired[talk] = happening.date
        if not (rule.activity_type_id and record):
            return Step(happening, record, decision, at)
        over = None
        if rule._is_closed_by_reply():
            begun = replace(happening, date=at)
            over = self._first_after(begun, triggers.done_triggers)
            self.spans[record].append((at, over))
            if talk:
                self.tasks[talk] = (at, over)
        mail = self._browse("waimaolang.mail", happening.mail_id)
        mailbox = self._browse("waimaolang.mailbox", happening.mailbox_id)
        target = rule._get_target(record)
        due = deadlines.due(
            rule._get_calendar(mailbox, target, mail.company_id),
            at,
            rule.deadline_hours,
            rule.deadline_counting,
        )
        user = rule._choose_user(mail, mailbox, target)
        return Step(happening, record, decision, at, due, user, over)

    def _browse(self, model, id_):
        """In sudo, with those that are read for the other steps."""
        found = self.rule.env[model].browse(id_)
        return found.with_prefetch(list(self.together[model]))


def _is_during(span, moment: datetime) -> bool:
    return bool(span) and (span[1] is None or moment < span[1])
