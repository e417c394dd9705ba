# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What judged rules do: tasks, waits and server actions, and the log of all of it. A
rule that raises rolls back alone (invariant I5 for rules): neither the others nor the
import see it."""

import logging
from contextlib import contextmanager
from typing import NamedTuple

from odoo.addons.waimaolang_mail.engine import discreet

from . import bearing, judging, waiting
from .judging import Decision
from .triggers import Happening

_logger = logging.getLogger(__name__)


@contextmanager
def undivided(cr):
    """Actions that commit, as some of Odoo's own do, would commit the events of the
    batch without what they cause: their work is committed with it."""
    own = {name: vars(cr).get(name) for name in ("commit", "rollback")}
    cr.commit, cr.rollback = cr.flush, _refuse
    try:
        yield
    finally:
        for name, before in own.items():
            if before is None:
                delattr(cr, name)
            else:
                setattr(cr, name, before)


def _refuse():
    raise RuntimeError("A rule's action cannot roll back more than itself")


class Firing(NamedTuple):
    rule: object
    happening: Happening
    record: tuple[str, int] | None
    decision: Decision


class Hand:
    """Carries out the firings of one batch."""

    def __init__(self, env, triples):
        self.env = env
        self.firings: list[Firing] = []
        self.logs: list[dict] = []
        # (rule, happening): it broke, before these or with them
        self.missed: list[tuple] = []
        self.made = env["mail.activity"]
        rules = {rule.id for rule, _happening, _record in triples}
        self.rules = env["waimaolang.task.rule"].browse(rules)
        talks = {h.conversation_id for _rule, h, _record in triples} - {0}
        self.tasks = self._find_tasks(list(rules), list(talks))
        self.waits = waiting.find_open(env, list(rules), list(talks))
        records = {record for _rule, _happening, record in triples if record}
        # (rule, record): its open tasks there
        self.tasks_on = self._find_tasks_on(list(rules), records)

    def _find_tasks(self, rule_ids, conversation_ids) -> dict:
        found = self.env["mail.activity"].search(
            [
                ("waimaolang_rule_id", "in", rule_ids),
                ("waimaolang_conversation_id", "in", conversation_ids),
            ]
        )
        return found.grouped(
            lambda one: (one.waimaolang_rule_id.id, one.waimaolang_conversation_id.id)
        )

    def _find_tasks_on(self, rule_ids, records) -> dict:
        ids = [res_id for _model, res_id in records]
        found = self.env["mail.activity"].search(
            [("waimaolang_rule_id", "in", rule_ids), ("res_id", "in", ids)], order="id"
        )
        return found.grouped(
            lambda one: (one.waimaolang_rule_id.id, (one.res_model, one.res_id))
        )

    def has_task_on(self, rule, record, happening) -> bool:
        return bool(self._find_task_on(rule, record, happening))

    def has_task(self, rule, happening) -> bool:
        return bool(self._find_task(rule, happening))

    def _find_task(self, rule, happening):
        """A rule that asks what mails say would tell it by raising another's task."""
        tasks = self.tasks.get((rule.id, happening.conversation_id), ())
        return self._choose(tasks, rule, happening, rule._may_know)

    def _find_task_on(self, rule, record, happening):
        """Nobody's task stands for mail that she does not read."""
        tasks = self.tasks_on.get((rule.id, record), ())
        return self._choose(tasks, rule, happening, rule._reads)

    def _choose(self, tasks, rule, happening, knows):
        """The newest whose user may know of the mail (invariant I8)."""
        mailbox = self.env["waimaolang.mailbox"].browse(happening.mailbox_id)
        mail = self.env["waimaolang.mail"].browse(happening.mail_id)
        known: dict[int, bool] = {}  # a question for each user, not for each task
        for task in sorted(tasks, key=lambda one: -one.id):
            user = task.user_id
            if user.id not in known:
                nobodys = not user and not rule.asks_content
                known[user.id] = nobodys or knows(user, mailbox, mail)
            if known[user.id]:
                return task
        return None

    def has_wait(self, rule, happening) -> bool:
        return (rule.id, happening.conversation_id) in self.waits

    def take(self, firing: Firing) -> bool:
        """Whether it fired. In the order in which they are judged: what one does the
        next one sees."""
        rule, _happening, _record, decision = firing
        if decision.outcome == judging.SKIP:
            self._log(firing)
            return False
        if rule.paused:  # since it broke in this batch
            self.missed.append((rule, firing.happening))
            self._skip(firing, judging.PAUSED)
            return False
        acts = decision.outcome == judging.FIRE and rule.server_action_ids
        made = []
        with undivided(self.env.cr):
            exc = bearing.attempt(
                self.env, lambda: made.append(self._carry_out(firing))
            )
        if isinstance(exc, judging.NobodyError):
            self._skip(firing, judging.NO_USER)
            return False
        if exc:
            if self._is_there(firing):
                self._bear(firing, exc)
            else:  # another rule's action has deleted it: no fault of this one
                self._skip(firing, judging.NO_RECORD)
            return False
        if acts:
            self.rules = self.rules.exists()
        self._remember(firing, made[0])
        waits = decision.outcome == judging.WAIT
        self._log(firing, activity_id=False if waits else made[0].id)
        return decision.outcome == judging.FIRE

    def _carry_out(self, firing: Firing):
        """In a savepoint. The task that is made or raised, or an empty one; or the
        wait."""
        rule, happening, record, decision = firing
        if decision.outcome == judging.FIRE:
            return rule._act(happening, record)
        if decision.outcome == judging.RAISE:
            if decision.reason == judging.TOO_MANY:
                task = self._find_task_on(rule, record, happening).exists()
                task._raise_for_another(happening.mail_id)
                return task
            task = self._find_task(rule, happening).exists()
            task._raise_for_mail(happening.mail_id)
            return task
        known = self.waits.get(_key(firing))
        return waiting.start(self.env, rule, happening, known and known.exists())

    def _remember(self, firing: Firing, made) -> None:
        """What one does the next one sees."""
        rule, happening, _record, decision = firing
        if decision.outcome == judging.FIRE and rule in self.rules:
            rule._note_success()
            self.made += made
        if not made:
            return
        talk = happening.conversation_id
        if decision.outcome == judging.WAIT:
            if talk:
                self.waits[_key(firing)] = made
            return
        self._add(self.tasks_on, (rule.id, firing.record), made)
        if talk and decision.reason != judging.TOO_MANY:
            self._add(self.tasks, _key(firing), made)

    @staticmethod
    def _add(known: dict, key, task) -> None:
        known[key] = known.get(key, task) | task

    def _is_there(self, firing: Firing) -> bool:
        """What the rule is about."""
        about = [("waimaolang.mail", firing.happening.mail_id), firing.record]
        return all(self.env[one[0]].browse(one[1]).exists() for one in about if one)

    def _skip(self, firing: Firing, reason: str) -> None:
        self._log(firing._replace(decision=Decision(judging.SKIP, reason)))

    def _bear(self, firing: Firing, exc: Exception) -> None:
        rule = firing.rule
        _logger.warning("rule %s failed: %s", rule.id, discreet.traced(exc))
        rule._note_failure(exc)
        self.missed.append((rule, firing.happening))
        broke = firing._replace(decision=Decision("failed", judging.BROKE))
        self._log(broke, error=rule._describe_error(exc))

    def _log(self, firing: Firing, activity_id=False, error=False) -> None:
        record = firing.record or (False, False)
        self.logs.append(
            {
                "rule_id": firing.rule.id,
                "mail_id": firing.happening.mail_id,
                "res_model": record[0],
                "res_id": record[1],
                "outcome": firing.decision.outcome,
                "reason": firing.decision.reason,
                "activity_id": activity_id,
                "error": error,
            }
        )

    def finish(self) -> None:
        """Actions may have deleted what they were run for, and rules."""
        # one query for each user, not for each task
        self.made.exists()._hide_from_others()
        self.logs = [log for log in self.logs if log["rule_id"] in self.rules._ids]
        for name, model in (
            ("mail_id", "waimaolang.mail"),
            ("activity_id", "mail.activity"),
        ):
            records = self.env[model].browse({log[name] for log in self.logs} - {False})
            there = set(records.exists()._ids)
            for log in self.logs:
                log[name] = log[name] in there and log[name]
        self.env["waimaolang.task.log"].create(self.logs)
        self.logs = []


def _key(firing: Firing) -> tuple[int, int]:
    return firing.rule.id, firing.happening.conversation_id
