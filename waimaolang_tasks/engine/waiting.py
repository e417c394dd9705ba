# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules that fire only when something did not happen for a time."""

from dataclasses import replace
from datetime import datetime

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
    """(rule, happening) whose time has come; the waits are over."""
    waits = env["waimaolang.task.wait"].search(
        [("due", "<=", _now(env.cr))], order="due, id", limit=limit
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


def _now(cr) -> datetime:
    cr.execute("SELECT now() AT TIME ZONE 'UTC'")
    return cr.fetchone()[0]
