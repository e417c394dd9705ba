# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules that fire only when something did not happen for a time."""

from dataclasses import replace

from odoo.fields import Datetime

from . import queue
from .triggers import NO_REPLY_FROM_US, OUT_OF_OFFICE_ENDED, SENT

# As what a mail counts whose time has come.
KIND = {NO_REPLY_FROM_US: "received", OUT_OF_OFFICE_ENDED: "auto_reply"}
RETRY_HOURS = 1


def find_open(env, rule_ids, conversation_ids) -> dict:
    """{(rule, conversation): wait}"""
    found = env["waimaolang.task.wait"].search(
        [("rule_id", "in", rule_ids), ("conversation_id", "in", conversation_ids)]
    )
    return {(one.rule_id.id, one.conversation_id.id): one for one in found}


def start(env, rule, happening, known):
    """Of a conversation a rule waits once, from the newest mail on: after another
    reminder the customer has her time again. ``known``: the wait that is there, if
    any; the result is the one that is."""
    if known and known.mail_id.date > happening.date:  # mail may come late
        return known
    values = {
        "rule_id": rule.id,
        "mail_id": happening.mail_id,
        "mailbox_id": happening.mailbox_id,
        "conversation_id": happening.conversation_id,
        "due": rule._get_wait_end(happening),
    }
    if not known:
        return env["waimaolang.task.wait"].create(values)
    known.write(values)
    return known


def find_due(env, limit: int):
    """Waits whose time has come. Those of rules that are paused wait on."""
    found = _find_due(env.cr, limit)
    return env["waimaolang.task.wait"].search([("id", "in", found)], order="due, id")


def describe(waits) -> list[tuple]:
    """(rule, happening)"""
    found = []
    by_kind = waits.grouped(lambda one: KIND.get(one.rule_id.trigger, SENT))
    for kind, some in by_kind.items():
        about = queue.find(waits.env.cr, some.mail_id.ids, kind)
        happenings = {happening.mail_id: happening for happening in about}
        for wait in some:
            happening = happenings[wait.mail_id.id]
            mailbox_id = wait.mailbox_id.id or happening.mailbox_id
            found.append((wait.rule_id, replace(happening, mailbox_id=mailbox_id)))
    return found


def end(waits, left: set[tuple[int, int]], untaken: set[tuple[int, int]]) -> None:
    """``left``: (rule, mail) that the rule broke with. They wait on, for the rule to be
    mended, else for another try; ``untaken`` come next."""
    waits = waits.exists().filtered(lambda one: _key(one) not in untaken)
    kept = waits.filtered(lambda one: _key(one) in left)
    kept.due = Datetime.add(Datetime.now(), hours=RETRY_HOURS)
    (waits - kept).unlink()


def _key(wait) -> tuple[int, int]:
    return wait.rule_id.id, wait.mail_id.id


def _find_due(cr, limit: int) -> list[int]:
    cr.execute(
        """
        SELECT wait.id FROM waimaolang_task_wait wait
          JOIN waimaolang_task_rule rule ON rule.id = wait.rule_id
         WHERE wait.due <= now() AT TIME ZONE 'UTC'
           AND rule.active AND rule.paused IS NOT TRUE
         ORDER BY wait.due, wait.id
         LIMIT %s
        """,
        (limit,),
    )
    return [row[0] for row in cr.fetchall()]


def skip(env) -> int:
    """The first that is due, which cannot be borne."""
    waits = find_due(env, 1)
    waits.unlink()
    return len(waits)
