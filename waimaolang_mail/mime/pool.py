# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Parses mails in worker processes, so that no mail can harm the server.

    submit -> pending --feeder--> stdin  worker  stdout --reader--> future
                 ^                                          |
                 +------- re-submitted when one dies -------+

Each worker has two threads: the feeder writes while the reader reads, so full
pipes cannot block both sides, and several mails are under way at a time. A worker
answers in order: when it dies, the oldest mail under way is the one it died of.
Killed by the wall clock or from outside, a mail is tried once alone (the machine
may have been busy or short of memory); else, and after that, in reduced mode;
then it is an error. The others under way go back to the front of the queue.

Threads of a threaded server may call this; ``subprocess`` alone is used, never a
fork of this process. Workers end by themselves when this process does.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import datetime
from weakref import WeakSet

from .child import MAX_MAILS, Job, ParseOutcome, Worker, finish

# Workers that end before their hello, in a row, before giving up: a broken
# installation must not become a loop of starts.
MAX_FAILED_STARTS = 3


class NoWorkersError(OSError):
    """No worker starts: no memory, or a broken installation. Nothing is said about the
    mails, which are to be tried later."""


_POOLS: "WeakSet[ParserPool]" = WeakSet()


class ParserPool:
    """``size`` workers, started when needed. ``cpu_seconds`` and ``wall_seconds``
    bound one mail; ``memory_bytes`` one worker."""

    def __init__(
        self,
        size: int = 2,
        wall_seconds: float = 10.0,
        cpu_seconds: float = 2.0,
        memory_bytes: int = 1024 * 1024 * 1024,
    ) -> None:
        self.size = max(1, size)
        self.wall_seconds = wall_seconds
        self.cpu_seconds = cpu_seconds
        self.memory_bytes = memory_bytes
        self._closed = False
        self._reset()
        _POOLS.add(self)

    def _reset(self) -> None:
        self._lock = threading.Condition()
        self._pending: deque[Job] = deque()
        self._workers: list[Worker] = []
        self._failed_starts = 0

    def submit(self, raw: bytes, now: datetime | None = None) -> "Future[ParseOutcome]":
        """``now`` (naive UTC) bounds believable dates; default: the clock."""
        job = Job(bytes(raw), now)
        with self._lock:
            if self._closed:
                raise RuntimeError("the parser pool is closed")
            self._pending.append(job)
            self._start_worker_if_needed()
            self._lock.notify_all()
        return job.future

    def parse_many(
        self, mails: Iterable[bytes], now: datetime | None = None
    ) -> list[ParseOutcome]:
        """In the order given. Blocks until all are done; NoWorkersError."""
        futures = [self.submit(raw, now) for raw in mails]
        return [future.result() for future in futures]

    def close(self) -> None:
        """Ends the workers; what is under way fails with an error."""
        with self._lock:
            self._closed = True
            workers = list(self._workers)
            jobs = list(self._pending)
            self._pending.clear()
            self._lock.notify_all()
        for worker in workers:
            worker.kill("closed")
        for job in jobs:
            finish(job, ParseOutcome(None, "the parser pool was closed"))
        for worker in workers:
            worker.join()

    def __enter__(self) -> "ParserPool":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- for the workers' threads ------------------------------------------

    def _forget(self) -> None:
        """In a forked child: the threads are gone, the lock may be held by one of
        them, and the pipes are the parent's (kept open here, the workers would
        not see their parent's end)."""
        for worker in self._workers:
            worker.abandon()
        self._reset()

    def _start_worker_if_needed(self) -> None:
        # of a worker that died the feeder still waits: it takes no more work
        idle = sum(worker.idle and not worker.dead for worker in self._workers)
        if len(self._workers) < self.size and idle < len(self._pending):
            worker = Worker(self)
            self._workers.append(worker)
            worker.start()

    def _next_job(self, worker: "Worker") -> Job | None:
        """Waits for a job that the worker has room for; None: stop."""
        with self._lock:
            while not (self._closed or worker.dead):
                job = self._pending[0] if self._pending else None
                if job is not None and worker.has_room_for(job):
                    self._pending.popleft()
                    if not worker.in_flight and worker.ready:
                        worker.since = time.monotonic()
                    worker.in_flight.append(job)
                    worker.taken += 1
                    return job
                if worker.taken >= MAX_MAILS and not worker.in_flight:
                    return None
                worker.idle = True
                self._lock.wait()
                worker.idle = False
        return None

    def _said_hello(self, worker: "Worker") -> None:
        with self._lock:
            worker.ready = True
            worker.since = time.monotonic()
            self._failed_starts = 0

    def _answered(self, worker: "Worker") -> Job:
        with self._lock:
            job = worker.in_flight.popleft()
            worker.since = time.monotonic()
            self._lock.notify_all()
        return job

    def _buried(self, worker: "Worker", cause: str, error: str) -> None:
        """The worker is dead: its jobs go on elsewhere, the guilty one otherwise."""
        with self._lock:
            jobs = list(worker.in_flight)
            worker.in_flight.clear()
            if worker in self._workers:
                self._workers.remove(worker)
            failed: list[Job] = []
            untried: list[Job] = []
            if not worker.ready:
                self._failed_starts += 1
            elif jobs and not self._closed:
                if not self._try_again(jobs[0], cause, error):
                    failed.append(jobs.pop(0))
            self._pending.extendleft(reversed(jobs))
            if self._closed or self._failed_starts >= MAX_FAILED_STARTS:
                (failed if self._closed else untried).extend(self._pending)
                self._pending.clear()
                self._failed_starts = 0  # who comes again has as many
            elif self._pending:
                self._start_worker_if_needed()
            self._lock.notify_all()
        for job in failed:
            finish(job, ParseOutcome(None, error or job.error, job.killed))
        for job in untried:
            finish(job, NoWorkersError(f"no parser starts: {error}"))

    @staticmethod
    def _try_again(job: Job, cause: str, error: str) -> bool:
        """Sets how the job is tried next; false where it was the last try."""
        innocent = cause in ("wall", "crash") and not job.alone and not job.reduced
        exhausted = job.reduced
        job.killed = job.killed or cause
        job.error = error
        job.alone = True
        job.reduced = job.reduced or not innocent
        return not exhausted


def _forget_all() -> None:
    for pool in list(_POOLS):
        pool._forget()


os.register_at_fork(after_in_child=_forget_all)
