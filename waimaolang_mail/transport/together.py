# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Several slow questions at once, none of which may hold the asker.

Daemon threads, not an executor: a question that hangs is left behind, and must not
keep the process from ending. Each has a deadline of its own and ends soon after."""

import logging
import queue
import threading
import time
from dataclasses import dataclass

from .errors import MailServerError
from .net import Deadline

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    value: object = None
    error: Exception | None = None


class Together:
    """``jobs`` is ``{key: function without arguments}``; all start at once. To be used
    by one thread."""

    def __init__(self, jobs):
        self._done = queue.SimpleQueue()
        self._outcomes: dict = {}
        self._pending = set(jobs)
        for key, job in jobs.items():
            threading.Thread(
                target=self._run, args=(key, job), daemon=True, name="waimaolang-find"
            ).start()

    def _run(self, key, job):
        try:
            outcome = Outcome(job())
        except Exception as exc:  # handed to the thread that asked
            if not isinstance(exc, MailServerError):
                _logger.warning("%r failed", key, exc_info=True)
            outcome = Outcome(error=exc)
        self._done.put((key, outcome))

    def value(self, key):
        """What the job returned; None while it runs, and when it raised."""
        outcome = self._outcomes.get(key)
        return outcome.value if outcome else None

    def error(self, key):
        outcome = self._outcomes.get(key)
        return outcome.error if outcome else None

    def wait(self, keys, deadline: Deadline, enough=lambda: False) -> bool:
        """Until all of the keys are done, or ``enough()``; False: the time is over."""
        keys = set(keys)
        while keys & self._pending and not enough():
            left = deadline.left()
            if left <= 0 or not self._take(left):
                return False
        return True

    def first(self, keys, deadline: Deadline, grace: float):
        """The value of the first of the keys, in their order, that has a true one.
        Those that come earlier in the order are waited for ``grace`` seconds once
        there is a value."""
        keys = list(keys)
        since = None
        while True:
            for key in keys:
                if key in self._pending:
                    break
                if self.value(key):
                    return self.value(key)
            any_value = next((v for v in map(self.value, keys) if v), None)
            if not set(keys) & self._pending:
                return any_value
            if any_value and since is None:
                since = time.monotonic()
            left = deadline.left()
            if since is not None:
                left = min(left, since + grace - time.monotonic())
            if left <= 0 or not self._take(left):
                return any_value

    def _take(self, seconds) -> bool:
        try:
            key, outcome = self._done.get(timeout=seconds)
        except queue.Empty:
            return False
        self._pending.discard(key)
        self._outcomes[key] = outcome
        return True
