# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a lane does when Odoo's scheduler calls it: a slice of work on whatever is due,
then the scheduler has its other jobs' turn (design, section 5)."""

import logging
import threading
import time
from concurrent.futures import TimeoutError as FutureTimeout

from . import background, clock, discreet, failures, lease, logins
from .lease import Lease
from .store import refresh_figures
from .transactions import transaction
from .worker import GRACE_SECONDS, SLICE_SECONDS, Pass

_logger = logging.getLogger(__name__)

# Between two looks for a mailbox that is not ready yet.
REST_SECONDS = 0.3
# For a pass that was cut off at the end of its grace to say so.
REPORT_SECONDS = 1.0
# So many passes of a process may outlast their slices: a large mail that leaves over a
# slow line takes minutes, and is not to be broken off.
MOST_BESIDE = 8
_beside = threading.BoundedSemaphore(MOST_BESIDE)


def run_slice(registry, seconds: float = SLICE_SECONDS) -> bool:
    """Works on due mailboxes for some seconds; true when more are waiting."""
    deadline = time.monotonic() + seconds
    logins.close_outdated(registry)
    clock.mind(registry)
    failures.retry_due(registry)
    worked = False
    while (left := deadline - time.monotonic()) > 0:
        claimed = transaction(registry, lambda env: lease.claim_due(env.cr))
        if not claimed:
            wait = transaction(registry, lambda env: lease.next_ready(env.cr))
            if wait is None or wait > left:
                break
            time.sleep(min(wait, REST_SECONDS))
            continue
        worked = True
        if claimed.slow:
            # others go on meanwhile, and the lane does not wait: there is only one of
            # this kind at a time, in all processes
            until = time.monotonic() + SLICE_SECONDS
            background.start(_run, registry, claimed, until)
        else:
            _run_patiently(registry, claimed, deadline)
    # what a pass that was killed left uncounted
    while transaction(registry, refresh_figures):
        pass
    return _is_more(registry, worked)


def _run_patiently(registry, claimed: Lease, deadline: float) -> None:
    """No longer than the slice and its grace: then the pass goes on beside the lane,
    which is the other mailboxes' (invariant I6)."""
    if not _beside.acquire(blocking=False):
        _run(registry, claimed, deadline)
        return
    future = background.start(_run, registry, claimed, deadline)
    future.add_done_callback(lambda _future: _beside.release())
    patience = deadline + GRACE_SECONDS + REPORT_SECONDS - time.monotonic()
    try:
        future.result(max(0.0, patience))
    except FutureTimeout:
        _logger.info("mailbox %s takes longer than a slice", claimed.mailbox_id)


def _run(registry, claimed: Lease, deadline: float) -> None:
    try:
        Pass(registry, claimed, deadline).run()
    except Exception as exc:
        # its lease keeps it out of the way for some seconds: others go on
        told = discreet.traced(exc)
        _logger.error("mailbox %s could not be finished: %s", claimed.mailbox_id, told)


def _is_more(registry, worked: bool) -> bool:
    """Whether a lane is to come back at once."""

    def look(env):
        soon = lease.next_ready(env.cr)
        return (
            lease.any_due(env.cr, ready=True)
            or soon is not None
            and soon < SLICE_SECONDS,
            lease.any_due(env.cr),
        )

    ours, theirs = transaction(registry, look)
    if theirs and not (ours or worked):
        # another process's turn, which hears of it when this lane ends
        time.sleep(REST_SECONDS)
    return ours or theirs


def bound(registry, mailbox_id: int | None = None) -> list[int]:
    """The ids of the mailboxes that are read, or the one that is asked for."""

    def search(env):
        domain = [("state", "in", lease.WORKING_STATES)]
        if mailbox_id:
            domain.append(("id", "=", mailbox_id))
        return env["waimaolang.mailbox"].search(domain).ids

    return transaction(registry, search)
