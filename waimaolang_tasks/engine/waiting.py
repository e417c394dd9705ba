# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules that fire only when something did not happen for a time."""

from dataclasses import replace

from . import queue
from .triggers import NO_REPLY_FROM_US, OUT_OF_OFFICE_ENDED, SENT

# As what a mail counts whose time has come.
KIND = {NO_REPLY_FROM_US: "received", OUT_OF_OFFICE_ENDED: "auto_reply"}


def find_open(env, rule_ids, conversation_ids) -> set[tuple[int, int]]:
    """(rule, conversation)"""
    found = env["waimaolang.task.wait"].search(
        [("rule_id", "in", rule_ids), ("conversation_id", "in", conversation_ids)]
    )
    return {(one.rule_id.id, one.conversation_id.id) for one in found}


def start(env, rule, happening) -> None:
    """Of a conversation a rule waits once, from the newest mail on: after another
    reminder the customer has her time again."""
    values = {
        "rule_id": rule.id,
        "mail_id": happening.mail_id,
        "mailbox_id": happening.mailbox_id,
        "conversation_id": happening.conversation_id,
        "due": rule._get_wait_end(happening),
    }
    waits = env["waimaolang.task.wait"]
    known = waits.search(
        [
            ("rule_id", "=", rule.id),
            ("conversation_id", "=", happening.conversation_id),
        ]
    )
    if known:
        known.write(values)
    else:
        waits.create(values)


def take_due(env, limit: int) -> list[tuple]:
    """(rule, happening) whose time has come; the waits are over. Those of rules that
    are paused wait on."""
    waits = env["waimaolang.task.wait"].search(
        [("id", "in", _find_due(env.cr, limit))], order="due, id"
    )
    found = []
    for kind, some in waits.grouped(
        lambda one: KIND.get(one.rule_id.trigger, SENT)
    ).items():
        happenings = {h.mail_id: h for h in queue.find(env.cr, some.mail_id.ids, kind)}
        for wait in some:
            happening = happenings[wait.mail_id.id]
            found.append(
                (wait.rule_id, replace(happening, mailbox_id=wait.mailbox_id.id))
            )
    waits.unlink()
    return found


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


def skip(cr) -> int:
    """The first that is due, which cannot be borne."""
    cr.execute(
        "DELETE FROM waimaolang_task_wait WHERE id = ANY(%s)", (_find_due(cr, 1),)
    )
    return cr.rowcount
