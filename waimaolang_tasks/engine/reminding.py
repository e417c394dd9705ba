# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is said about a task and when: before it is due, when it is due, and to the team
leader when it stays so. Each once; what was missed while nothing ran is said once, as
it stands now.

    nothing -> remind -> overdue -> escalated
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import queue

REMIND, OVERDUE, ESCALATED = "remind", "overdue", "escalated"
STEPS = (REMIND, OVERDUE, ESCALATED)

NEXT = """
    SELECT least(
        (SELECT min(waimaolang_next_at) FROM mail_activity
          WHERE active AND waimaolang_next_at > now() AT TIME ZONE 'UTC'),
        (SELECT min(due) FROM waimaolang_task_wait
          WHERE due > now() AT TIME ZONE 'UTC'))
"""
WOKEN = "SELECT 1 FROM ir_cron_trigger WHERE cron_id = %s AND call_at = %s"


@dataclass(frozen=True)
class Plan:
    """Times in naive UTC; None: that is not said."""

    remind: datetime | None = None
    overdue: datetime | None = None
    escalated: datetime | None = None


def plan(
    due: datetime | None,
    remind_minutes: int,
    overdue: bool,
    escalate_at: datetime | None,
) -> Plan:
    if not due:
        return Plan()
    before = timedelta(minutes=remind_minutes)
    return Plan(
        due - before if remind_minutes > 0 else None,
        due if overdue else None,
        escalate_at,
    )


def ahead(planned: Plan, told: str | None) -> list[tuple[str, datetime]]:
    """What is still to be said, in order."""
    after = STEPS.index(told) + 1 if told else 0
    times = [(step, getattr(planned, step)) for step in STEPS[after:]]
    return [(step, at) for step, at in times if at]


def reached(planned: Plan, told: str | None, now: datetime) -> list[str]:
    """What is to be said now. Of reminder and notice the later one alone."""
    steps = [step for step, at in ahead(planned, told) if at <= now]
    return [step for step in steps if step != REMIND or OVERDUE not in steps]


# -- in the engine's transactions ------------------------------------------------------


def take(env, limit: int) -> int:
    """The next of the tasks whose time has come; how many."""
    env.cr.execute("SELECT now() AT TIME ZONE 'UTC'")
    now = env.cr.fetchone()[0].replace(microsecond=0)
    tasks = env["mail.activity"].search(
        [("waimaolang_next_at", "<=", now)],
        order="waimaolang_next_at, id",
        limit=limit,
    )
    tasks._take_steps(now)
    return len(tasks)


def arrange(env) -> None:
    """The cron runs when the next wait or reminder is due, in the transaction that
    knows of it."""
    env.flush_all()
    env.cr.execute(NEXT)
    at = env.cr.fetchone()[0]
    cron = env.ref("waimaolang_tasks.ir_cron_rules", raise_if_not_found=False)
    if not at or not cron:
        return
    env.cr.execute(WOKEN, (cron.id, at))
    if not env.cr.fetchone():
        env["waimaolang.task.rule"]._wake(at)


def take_batch(env, limit: int) -> int:
    """As ``processing`` runs it: one process at a time."""
    if not queue.lock(env.cr):
        return 0
    done = take(env, limit)
    if done:
        arrange(env)
    return done
