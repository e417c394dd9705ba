# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A human answer ends the tasks and waits of its conversation: from Odoo or from the
phone, whoever's mailbox it went through. A task to write again is done by writing
again. Automatic answers and delivery reports end nothing."""

from __future__ import annotations

from . import bearing, facts
from .triggers import Happening, done_triggers, ended_triggers


def close(env, happenings: list[Happening]) -> None:
    answers: dict[int, list[Happening]] = {}
    for happening in happenings:
        if ended_triggers(happening) and happening.conversation_id:
            answers.setdefault(happening.conversation_id, []).append(happening)
    if not answers:
        return
    ours = [
        ("waimaolang_conversation_id", "in", list(answers)),
        ("waimaolang_rule_id", "!=", False),
    ]
    for task in env["mail.activity"].search(ours):
        rule = task.waimaolang_rule_id
        answer = _find_answer(
            answers[task.waimaolang_conversation_id.id],
            rule.trigger,
            task.waimaolang_last_mail_id or task.waimaolang_mail_id,
            done_triggers,
        )
        if answer and rule._is_closed_by_reply():
            _close(env, task, answer)
    waits = env["waimaolang.task.wait"].search(
        [("conversation_id", "in", list(answers))]
    )
    over = waits.filtered(
        lambda one: _find_answer(
            answers[one.conversation_id.id],
            one.rule_id.trigger,
            one.mail_id,
            ended_triggers,
        )
    )
    over._cancel()
    latest = [one for some in answers.values() for one in some]
    _close_talking(env, latest)
    _close_shared(env, list(answers), latest)


def _close_talking(env, answers: list[Happening]) -> None:
    """A silent customer is silent no more, in another conversation."""
    by_mail = {answer.mail_id: answer for answer in answers}
    found = facts.find_talking(env.cr, list(by_mail))
    for task in env["mail.activity"].browse(found):
        if task.waimaolang_rule_id._is_closed_by_reply():
            _close(env, task, by_mail[found[task.id]])


def _close_shared(env, conversation_ids, answers: list[Happening]) -> None:
    """Tasks that stand for several conversations, when all of them are answered."""
    shared = facts.find_shared(env.cr, conversation_ids)
    if not shared:
        return
    mail_ids = [mail_id for some in shared.values() for mail_id in some]
    answered = facts.find_answered(env.cr, mail_ids)
    for task in env["mail.activity"].browse(shared):
        over = answered.issuperset(shared[task.id])
        if over and task.waimaolang_rule_id._is_closed_by_reply():
            _close(env, task, answers[-1])


def _close(env, task, answer: Happening) -> None:
    bearing.bear(
        env,
        f"task {task.id} is answered and cannot be closed",
        lambda: task._close_by_mail(answer.mail_id, answer.mailbox_id),
    )


def _find_answer(answers, trigger: str, mail, ends) -> Happening | None:
    """To this mail, for which a rule of this trigger made something."""
    for answer in answers:
        later = not mail.date or answer.date >= mail.date
        if trigger in ends(answer) and later and answer.mail_id != mail.id:
            return answer
    return None
