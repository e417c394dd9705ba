# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A clock that stepped back (NTP, a restored virtual machine): what was to be done in
five minutes must not wait for an hour and five minutes.

All stored times come from the database's clock. Each kind of row has a witness, a time
that was the present when it was written: one in the future tells of the step, and the
row's waits are counted from now on instead. What a person chose by the clock on the
wall (send at 15:00) stays.
"""

import logging

from .backoff import AMBIGUOUS_WAIT, LONGEST_WAIT
from .lease import NOW
from .transactions import transaction

_logger = logging.getLogger(__name__)

# Hosts and transactions differ by less.
SLACK = "INTERVAL '1 minute'"
# No lease is given for longer (an erasure takes ten minutes).
LONGEST_LEASE = "INTERVAL '15 minutes'"
# A mail whose departure differs from its last change by less was to leave at once.
AT_ONCE = "INTERVAL '5 minutes'"

_FUTURE = f"{NOW} + {SLACK}"
_LEASES = f"""(l.claimed_at > {_FUTURE} OR l.login_at > {_FUTURE}
    OR l.kept_since > {_FUTURE} OR l.expires > {NOW} + {LONGEST_LEASE})"""
_MAILBOXES = f"(m.last_sync > {_FUTURE} OR l.claimed_at > {_FUTURE})"
_OUTBOX = f"(o.due IS NOT NULL AND o.write_date > {_FUTURE})"
_WAITS = f"w.until > {_FUTURE} + {LONGEST_WAIT} * INTERVAL '1 second'"


def has_stepped(cr) -> bool:
    """One query, of few rows."""
    cr.execute(
        f"""
        SELECT EXISTS (SELECT 1 FROM waimaolang_mailbox_lease l WHERE {_LEASES})
            OR EXISTS (SELECT 1 FROM waimaolang_mailbox_lease l
                         JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
                        WHERE {_MAILBOXES})
            OR EXISTS (SELECT 1 FROM waimaolang_outbox o WHERE {_OUTBOX})
            OR EXISTS (SELECT 1 FROM waimaolang_login_wait w WHERE {_WAITS})
        """
    )
    return cr.fetchone()[0]


def repair(cr) -> bool:
    """Whether there was anything to repair. Mailboxes come first: their witness is in
    the leases, too."""
    if not has_stepped(cr):
        return False
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox m
           SET next_sync = {NOW} + {_left("m.next_sync", "seen.at")},
               wait_until = {NOW} + {_left("m.wait_until", "seen.at")},
               last_sync = LEAST(m.last_sync, {NOW}),
               last_listed = LEAST(m.last_listed, {NOW})
          FROM (SELECT m.id, GREATEST(m.last_sync, l.claimed_at) AS at
                  FROM waimaolang_mailbox_lease l
                  JOIN waimaolang_mailbox m ON m.id = l.mailbox_id
                 WHERE {_MAILBOXES}) seen
         WHERE seen.id = m.id
        """
    )
    cr.execute(
        f"""
        UPDATE waimaolang_mailbox_lease l
           SET expires = NULL, claimed_at = LEAST(claimed_at, {NOW}),
               login_at = LEAST(login_at, {NOW}), not_before = NULL,
               kept_since = LEAST(kept_since, {NOW}),
               kept_until = LEAST(kept_until, {NOW} + INTERVAL '15 seconds')
         WHERE {_LEASES}
        """
    )
    cr.execute(
        f"""
        UPDATE waimaolang_outbox o
           SET due = CASE WHEN o.send_at > o.write_date + {AT_ONCE} THEN o.due
                          ELSE {NOW} + {_left("o.due", "o.write_date")} END,
               sent_at = LEAST(o.sent_at, {NOW}), write_date = {NOW}
         WHERE {_OUTBOX}
        """
    )
    cr.execute(
        f"""
        UPDATE waimaolang_login_wait w
           SET until = {NOW} + {AMBIGUOUS_WAIT} * INTERVAL '1 second'
         WHERE {_WAITS}
        """
    )
    return True


def _left(time: str, witness: str) -> str:
    """What was left of a wait when it was written."""
    return f"GREATEST({time} - {witness}, INTERVAL '0')"


def mind(registry) -> None:
    if transaction(registry, lambda env: repair(env.cr)):
        _logger.warning("the clock stepped back: what waits is counted from now on")
