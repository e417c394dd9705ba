# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules at work, top to bottom, each batch in one transaction: events that are taken,
what they cause, and its log are committed together, so that a kill loses nothing and
nothing fires twice.

    take -> close what is answered -> match -> judge -> fire, raise, wait -> log
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.waimaolang_mail.engine import discreet
from odoo.addons.waimaolang_mail.engine.transactions import transaction

from . import (
    closing,
    facts,
    judging,
    matching,
    missed,
    queue,
    reminding,
    triggers,
    waiting,
)
from .facts import Facts
from .firing import Firing, Hand
from .judging import Tally
from .triggers import Happening

_logger = logging.getLogger(__name__)

# Large enough for few questions to the database, small enough for a short transaction:
# it begins with few, and takes more as long as they are quick.
FIRST, BATCH = 500, 4000
QUICK_SECONDS, LONG_SECONDS = 5.0, 20.0


def process(registry, run=transaction) -> int:
    """All that waits; how many events, waits and notices were seen. False alarms cost
    a query each."""
    return sum(
        _take_all(registry, run, take, skip)
        for take, skip in (
            (_take_batch, queue.skip),
            (_take_missed, missed.skip),
            (_take_due, waiting.skip),
            (reminding.take_batch, None),
        )
    )


def _take_all(registry, run, take, skip) -> int:
    """What cannot be borne is found by halving, and left alone (invariant I5)."""
    total, size = 0, min(FIRST, BATCH)
    while True:
        began = time.monotonic()
        try:
            done = run(registry, lambda env, size=size: take(env, size))
        except Exception as exc:
            if size > 1:
                size = max(1, size // 8)
                continue
            if not skip or isinstance(exc, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                raise
            _logger.error("an event of a mail is left: %s", discreet.traced(exc))
            done = run(registry, skip)
        if not done:
            return total
        total += done
        size = _next_size(size, time.monotonic() - began)


def _next_size(size: int, seconds: float) -> int:
    if seconds < QUICK_SECONDS:
        return min(BATCH, size * 4)
    return max(1, size // 4) if seconds > LONG_SECONDS else size


def _take_batch(env, limit: int) -> int:
    if not queue.lock(env.cr):
        return 0  # another process is at it
    happenings = queue.take(env.cr, limit)
    if not happenings:
        return 0
    batch = Batch(env)
    batch.run(happenings)
    for _rule, first in batch.untaken[:1]:
        left = [one.event_id for one in happenings if one.event_id >= first.event_id]
        queue.give_back(env.cr, left)
    reminding.arrange(env)
    return len(happenings)


def _take_missed(env, limit: int) -> int:
    if not queue.lock(env.cr):
        return 0
    pairs = missed.take(env, limit)
    if not pairs:
        return 0
    batch = Batch(env)
    batch.run_missed(pairs)
    for rule, first in batch.untaken[:1]:
        rule.exists().catch_up_from = first.event_id
    reminding.arrange(env)
    return len(pairs)


def _take_due(env, limit: int) -> int:
    if not queue.lock(env.cr):
        return 0
    waits = waiting.find_due(env, limit)
    if not waits:
        return 0
    batch = Batch(env)
    batch.run_due(waiting.describe(waits))
    untaken = {(rule.id, happening.mail_id) for rule, happening in batch.untaken}
    waiting.end(waits, batch.left, untaken)
    reminding.arrange(env)
    return len(waits)


class Batch:
    def __init__(self, env):
        self.env = env
        self.rules = env["waimaolang.task.rule"]
        self.limits = self.rules._get_limits()
        # (rule, mail) of waits that could not be told
        self.left: set[tuple[int, int]] = set()
        # (rule, happening) for which there was no time
        self.untaken: list[tuple] = []
        self.began = time.monotonic()

    def run(self, happenings: list[Happening]) -> None:
        closing.close(self.env, happenings)
        self.fire(self.match(self.tell_first(happenings)))

    def run_missed(self, pairs) -> None:
        """``pairs``: of one rule, (rule, happening). What answered them since closes
        nothing: no task was made."""
        rule = pairs[0][0]
        happenings = self.tell_first([happening for _rule, happening in pairs])
        meant = of_company(happenings, rule.company_id.id)
        meant = [one for one in meant if rule.trigger in triggers.triggers_of(one)]
        self.fire(self.match_pairs([(rule, one) for one in meant]))

    def tell_first(self, happenings: list[Happening]) -> list[Happening]:
        received = [one.mail_id for one in happenings if one.kind == "received"]
        first = facts.find_first(self.env.cr, received)
        return [replace(one, is_first=one.mail_id in first) for one in happenings]

    def run_due(self, waits) -> None:
        """``waits``: (rule, happening). Conditions are asked anew: the deal may stand
        elsewhere by now."""
        self.fire(self.match_pairs(waits), due=True)

    def note_broken(self, rule, exc, happenings) -> None:
        """Its conditions cannot be asked of these."""
        rule._note_failure(exc, at_once=True)
        self.note_missed(rule, happenings)

    def note_missed(self, rule, happenings: Iterable[Happening]) -> None:
        """Shown to the rule when it is resumed; waits wait on."""
        for happening in happenings:
            if happening.event_id:
                rule._note_missed(happening.event_id)
            else:
                self.left.add((rule.id, happening.mail_id))

    # -- match --------------------------------------------------------------------

    def match(self, happenings: Iterable[Happening]) -> list[tuple]:
        """(rule, happening) in the order of the happenings."""
        by_trigger: dict[str, list[Happening]] = {}
        for happening in happenings:
            for trigger in triggers.triggers_of(happening):
                by_trigger.setdefault(trigger, []).append(happening)
        wanted = {}
        for rule in self.rules._find_looking(list(by_trigger)):
            meant = of_company(by_trigger[rule.trigger], rule.company_id.id)
            if rule.paused:
                self.note_missed(rule, meant)
            else:
                wanted[rule.id] = meant
        return self._match(wanted)

    def match_pairs(self, pairs) -> list[tuple]:
        wanted: dict[int, list[Happening]] = {}
        for rule, happening in pairs:
            wanted.setdefault(rule.id, []).append(happening)
        return self._match(wanted)

    def _match(self, wanted: dict[int, list[Happening]]) -> list[tuple]:
        """Lists that are the same object are looked at once."""
        rules = self.rules.browse(wanted)
        distinct = {id(some): some for some in wanted.values()}
        by_mail = {key: _by_mail(some) for key, some in distinct.items()}
        whose = {
            key: {mail: {one.mailbox_id for one in some} for mail, some in here.items()}
            for key, here in by_mail.items()
        }
        ids = {key: tuple(here) for key, here in by_mail.items()}
        questions = []
        for rule in rules:
            try:
                domain = rule._get_mail_domain()
                if matching.MAILBOX in (rule.mail_domain or ""):
                    boxes = whose[id(wanted[rule.id])]
                    domain = matching.by_whose(self.env, domain, boxes)
            except Exception as exc:
                self.note_broken(rule, exc, wanted[rule.id])
                continue
            mail_ids = ids[id(wanted[rule.id])]
            questions.append(matching.Question(rule.id, domain, mail_ids))
        answer = matching.ask(self.env["waimaolang.mail"], questions)
        for rule_id, exc in answer.broken.items():
            self.note_broken(self.rules.browse(rule_id), exc, wanted[rule_id])
        found = [
            (self.rules.browse(rule_id), happening)
            for rule_id, mail_id in answer.found
            for happening in by_mail[id(wanted[rule_id])][mail_id]
        ]
        order = {rule.id: place for place, rule in enumerate(rules)}
        return sorted(found, key=lambda pair: (pair[1].event_id, order[pair[0].id]))

    def match_records(self, pairs, known: Facts) -> list[tuple]:
        """(rule, happening, record), without those whose record is not meant."""
        domains = self._read_record_domains(pairs)
        placed = []
        questions: dict[str, dict[int, list[int]]] = {}
        for rule, happening in pairs:
            if rule.id not in domains:
                continue
            domain, fitting = domains[rule.id]
            record = known.record(happening.mail_id, fitting)
            if record and not domain.is_true():
                ids = questions.setdefault(record[0], {}).setdefault(rule.id, [])
                ids.append(record[1])
            placed.append((rule, happening, record))
        found: set[tuple[str, int, int]] = set()
        for model, by_rule in questions.items():
            answer = matching.ask(
                self.env[model],
                [
                    matching.Question(id_, domains[id_][0], list(dict.fromkeys(ids)))
                    for id_, ids in by_rule.items()
                ],
            )
            found.update((model, *pair) for pair in answer.found)
            for rule_id, exc in answer.broken.items():
                rule = self.rules.browse(rule_id)
                self.note_broken(rule, exc, _get_happenings(pairs, rule))
        return [
            (rule, happening, record or _get_place(rule, happening))
            for rule, happening, record in placed
            if domains[rule.id][0].is_true()
            or record
            and (record[0], rule.id, record[1]) in found
        ]

    def _read_record_domains(self, pairs) -> dict[int, tuple]:
        """{rule: (its condition on the record, the models that it can be asked of)}"""
        found = {}
        for rule in {rule for rule, _happening in pairs}:
            try:
                domain = rule._get_record_domain()
            except Exception as exc:
                self.note_broken(rule, exc, _get_happenings(pairs, rule))
                continue
            found[rule.id] = domain, rule._get_fitting_models(domain)
        return found

    # -- judge, fire --------------------------------------------------------------

    def fire(self, pairs, due=False) -> None:
        if not pairs:
            return
        known = self.load(pairs, due)
        triples = self.match_records(pairs, known)
        hand = Hand(self.env, triples)
        records = {record for _rule, _happening, record in triples if record}
        tally = Tally(facts.count_done(self.env.cr, records), known.talk)
        self.judge(triples, known, hand, tally, due)
        for rule, happening in hand.missed:
            if rule in hand.rules:  # no action has deleted it since
                self.note_missed(rule, [happening])
        hand.finish()

    def load(self, pairs, due: bool) -> Facts:
        """What is known of these mails, as far as these rules ask for it."""
        known = facts.load(self.env.cr, [happening for _rule, happening in pairs])
        whole = [h.mail_id for rule, h in pairs if due and rule._asks_of_customer()]
        known.followed = facts.find_followed(self.env.cr, whole)
        once = {rule.id for rule, _happening in pairs if rule._fires_once()}
        talks = {happening.conversation_id for _rule, happening in pairs}
        known.fired = facts.find_fired(self.env.cr, list(once), talks)
        return known

    def is_long(self) -> bool:
        """The server kills what takes long (limit_time_real), and with it what was done
        for all mails of the batch, again and again."""
        return time.monotonic() - self.began > LONG_SECONDS

    def judge(self, triples, known: Facts, hand, tally: Tally, due: bool) -> None:
        """One after the other: what ``hand`` does for one counts for the next."""
        before = None
        for place, (rule, happening, record) in enumerate(triples):
            if before and happening != before and self.is_long():
                self.untaken = [(rule, one) for rule, one, _record in triples[place:]]
                return
            before = happening
            if rule not in hand.rules:  # an action has deleted it
                continue
            decision = judging.judge(
                rule.id,
                happening,
                record,
                self.limits,
                tally,
                waits=rule.trigger in triggers.WAITING,
                answered=_is_answered(rule, happening, known),
                open_task=hand.has_task(rule, happening),
                open_here=partial(hand.has_task_on, rule, record, happening),
                makes_task=rule._is_closed_by_reply(),
                # they wait for us since their first mail
                open_wait=rule._waits_from_first() and hand.has_wait(rule, happening),
                fired=(rule.id, happening.conversation_id) in known.fired,
                due=due,
            )
            fired = hand.take(Firing(rule, happening, record, decision))
            if fired:
                tally.count(rule.id, record)


def _is_answered(rule, happening: Happening, known: Facts) -> bool:
    """Only where a task or a wait would be about an answer that is there already."""
    if happening.mail_id in known.followed and rule._asks_of_customer():
        return True
    ends = triggers.ENDED_BY_US + triggers.ENDED_BY_THEM
    return (
        happening.mail_id in known.answered
        and rule.trigger in ends
        and (rule.trigger in triggers.WAITING or rule._is_closed_by_reply())
    )


def of_company(happenings: list[Happening], company_id: int) -> list[Happening]:
    """0: of all."""
    if not company_id:
        return happenings
    return [one for one in happenings if one.company_id == company_id]


def _get_happenings(pairs, rule) -> list[Happening]:
    return [happening for one, happening in pairs if one == rule]


def _by_mail(happenings: list[Happening]) -> dict[int, list[Happening]]:
    found: dict[int, list[Happening]] = {}
    for happening in happenings:
        found.setdefault(happening.mail_id, []).append(happening)
    return found


def _get_place(rule, happening: Happening) -> tuple[str, int] | None:
    """Of mail that stands on no record: whose mailbox it came to."""
    if rule._needs_record() or not happening.mailbox_id:
        return None
    return facts.MAILBOX, happening.mailbox_id
