# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which rules match which mails and records: one question to the database for many
rules, never one for each rule and mail."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

# PostgreSQL plans each of them: more at once would take long to plan.
RULES_AT_ONCE = 60
MAILBOX, IN_OR_ANY = "mailbox_ids", ("in", "not in", "any", "not any")
# Compiling takes longer than the query.
NO_JIT = "SET LOCAL jit = off"


class Question(NamedTuple):
    """Which of the ids does the domain find? ``key`` comes back with them."""

    key: int
    domain: Domain
    ids: Sequence[int]


class Answer(NamedTuple):
    """``found``: (key, id); ``broken``: {key: what is wrong with its domain}."""

    found: set[tuple[int, int]]
    broken: dict[int, Exception]


def by_whose(env, domain: Domain, mailboxes: Mapping[int, set[int]]) -> Domain:
    """A condition on the mailbox asks whose mail it is: that some other holds it may
    come of a Bcc, and the task would tell (invariant I8). ``mailboxes``: {mail: whose
    it is; 0: nobody's}."""

    def fit(condition):
        operator, value = condition.operator, condition.value
        if condition.field_expr != MAILBOX or operator not in IN_OR_ANY:
            return condition
        if operator.endswith("any"):
            value = env["waimaolang.mailbox"].search(Domain(value)).ids
        wanted = {id_ or 0 for id_ in value}
        mails = [mail for mail, boxes in mailboxes.items() if boxes & wanted]
        found = Domain("id", "in", mails)
        return ~found if operator.startswith("not") else found

    return domain.optimize(env["waimaolang.mail"]).map_conditions(fit)


def ask(model, questions: Iterable[Question]) -> Answer:
    """``model``: an empty recordset, in sudo: whoever a mail is for, rules see it."""
    answer = Answer(set(), {})
    model.env.cr.execute(NO_JIT)
    asked: dict[tuple, list[Question]] = {}
    for question in questions:
        if question.ids:
            # many rules ask the same of the same mails
            key = (repr(question.domain), tuple(question.ids))
            asked.setdefault(key, []).append(question)
    open_ones = []
    for same in asked.values():
        if same[0].domain.is_true():
            answer.found.update((q.key, id_) for q in same for id_ in q.ids)
        else:
            open_ones.append(same)
    for start in range(0, len(open_ones), RULES_AT_ONCE):
        _ask_some(model, open_ones[start : start + RULES_AT_ONCE], answer)
    return answer


def _ask_some(model, some: list[list[Question]], answer: Answer) -> None:
    """One round trip; where PostgreSQL refuses it, one for each domain."""
    parts = []
    crowds: dict[tuple[int, ...], int] = {}
    for number, same in enumerate(some):
        crowd = crowds.setdefault(tuple(same[0].ids), len(crowds))
        try:
            parts.append((same, _select(model, number, same[0], crowd)))
        except Exception as exc:
            answer.broken.update((question.key, exc) for question in same)
    if not parts:
        return
    try:
        with model.env.cr.savepoint():
            rows = _run(model, crowds, [part for _same, part in parts])
    except Exception as exc:
        if len(parts) == 1:
            answer.broken.update((question.key, exc) for question in parts[0][0])
            return
        for same, _part in parts:
            _ask_some(model, [same], answer)
        return
    for number, id_ in rows:
        answer.found.update((question.key, id_) for question in some[number])


def _select(model, number: int, question: Question, crowd: int) -> SQL:
    here = SQL("(SELECT id FROM asked WHERE crowd = %s)", crowd)
    query = model._search(Domain("id", "in", here) & question.domain)
    return query.select(
        SQL("%s::int4 AS number", number), SQL.identifier(model._table, "id")
    )


def _run(model, crowds, parts: list[SQL]):
    numbers, ids = [], []
    for crowd, number in crowds.items():
        numbers += [number] * len(crowd)
        ids += crowd
    asked = SQL("SELECT * FROM unnest(%s::int4[], %s::int4[])", numbers, ids)
    return model.env.execute_query(
        SQL(
            "WITH asked(crowd, id) AS MATERIALIZED (%s) %s",
            asked,
            SQL(" UNION ALL ").join(parts),
        )
    )
