# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What judged rules do: tasks, waits and server actions, and the log of all of it. A
rule that raises rolls back alone (invariant I5 for rules): neither the others nor the
import see it."""

import logging
from typing import NamedTuple

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.waimaolang_mail.engine import discreet

from . import judging, waiting
from .judging import Decision
from .triggers import Happening

_logger = logging.getLogger(__name__)


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
        rules = {rule.id for rule, _happening, _record in triples}
        talks = {h.conversation_id for _rule, h, _record in triples} - {0}
        self.tasks = self._find_tasks(list(rules), list(talks))
        self.waits = waiting.find_open(env, list(rules), list(talks))

    def _find_tasks(self, rule_ids, conversation_ids) -> dict:
        found = self.env["mail.activity"].search(
            [
                ("waimaolang_rule_id", "in", rule_ids),
                ("waimaolang_conversation_id", "in", conversation_ids),
            ]
        )
        return {
            (one.waimaolang_rule_id.id, one.waimaolang_conversation_id.id): one
            for one in found
        }

    def has_task(self, rule, happening) -> bool:
        return (rule.id, happening.conversation_id) in self.tasks

    def has_wait(self, rule, happening) -> bool:
        return (rule.id, happening.conversation_id) in self.waits

    def take(self, firing: Firing) -> bool:
        """Whether it fired. In the order in which they are judged: what one does the
        next one sees."""
        rule, happening, _record, decision = firing
        key = (rule.id, happening.conversation_id)
        if decision.outcome == judging.WAIT:
            if happening.conversation_id:
                self.waits.add(key)
            waiting.start(self.env, rule, happening)
        elif decision.outcome == judging.RAISE:
            self._raise(self.tasks[key], firing)
            return False
        elif decision.outcome == judging.FIRE:
            return self._fire(firing, key)
        self._log(firing)
        return False

    def _raise(self, task, firing: Firing) -> None:
        task._raise_for_mail(firing.happening.mail_id)
        self._log(firing, activity_id=task.id)

    def _fire(self, firing: Firing, key) -> bool:
        rule = firing.rule
        if rule.paused:  # since it broke in this batch
            self._log(firing._replace(decision=Decision("skipped", judging.PAUSED)))
            return False
        try:
            with self.env.cr.savepoint():
                task = rule._act(firing.happening, firing.record)
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as exc:
            self.env.invalidate_all()
            _logger.warning(
                "rule %s failed: %s\n%s",
                rule.id,
                discreet.describe(exc),
                discreet.stack(exc),
            )
            rule._note_failure(exc)
            broke = firing._replace(decision=Decision("failed", judging.BROKE))
            self._log(broke, error=rule.last_error)
            return False
        rule._note_success()
        if task and firing.happening.conversation_id and rule._is_closed_by_reply():
            self.tasks[key] = task
        self._log(firing, activity_id=task.id if task else False)
        return True

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
        self.env["waimaolang.task.log"].create(self.logs)
        self.logs = []
