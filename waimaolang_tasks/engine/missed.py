# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a rule missed while it was paused, and what it failed with: shown to it when
somebody has mended and resumed it. Of a week at most: nobody wants the tasks of a
forgotten summer.

    missed_from: the first event, noted while the rule is paused or fails
    catch_up_from: the next event that a resumed rule looks at; 0: none
"""

from . import queue

MOST_DAYS = 7
# In the order of the events. What the rule has had its say about, it has not missed.
NEXT = f"""
    SELECT event.id, event.kind, event.actor, event.mailbox_id, event.bcc_mailbox_id,
           {queue.ABOUT}
      FROM waimaolang_mail_event event JOIN waimaolang_mail m ON m.id = event.mail_id
     WHERE event.id >= %(start)s AND event.ruled
       AND event.date > now() AT TIME ZONE 'UTC' - INTERVAL '{MOST_DAYS} days'
       AND NOT EXISTS (
            SELECT 1 FROM waimaolang_task_log log
             WHERE log.rule_id = %(rule)s AND log.mail_id = event.mail_id
               AND log.outcome != 'failed' AND log.reason IS DISTINCT FROM 'paused')
     ORDER BY event.id LIMIT %(limit)s
"""


def take(env, limit: int) -> list[tuple]:
    """(rule, happening), of one rule. Empty: none has missed anything any more."""
    for rule in env["waimaolang.task.rule"]._find_catching_up():
        found = _find(env.cr, rule, limit)
        rule.catch_up_from = found[-1].event_id + 1 if found else 0
        if found:
            return [(rule, happening) for happening in found]
    return []


def skip(env) -> int:
    """The first, which cannot be borne."""
    return len(take(env, 1))


def _find(cr, rule, limit: int):
    values = {"start": rule.catch_up_from, "rule": rule.id, "limit": limit}
    cr.execute(NEXT, values)
    return queue.describe_all(cr)
