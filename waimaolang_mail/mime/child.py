# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One worker process of ``pool`` as its parent sees it: two threads and a clock.

The feeder writes frames while the reader reads answers, so full pipes cannot block
both sides. The worker answers in order, hence its clock is that of the oldest mail
under way. Its jobs belong to the pool, whose lock guards them.
"""

import io
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .frames import load_mail, pack, read_exactly, read_header
from .parsed import ParsedMail

if TYPE_CHECKING:
    from .pool import ParserPool

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
# Under way per worker: enough that it never waits for the parent, few enough that
# a death costs little work.
MAX_IN_FLIGHT = 8
MAX_BYTES_IN_FLIGHT = 8 * 1024 * 1024
# A worker is replaced after this many mails, against slow leaks.
MAX_MAILS = 20_000
# Starting Python and nh3 on a busy machine.
START_SECONDS = 20.0
# An overdue mail is noticed after at most this long, if the worker was idle.
IDLE_SECONDS = 1.0
# Of the environment: neither the key of secrets nor the database's password (I9).
PASSED = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
)
_CPU_SIGNALS = {-signal.SIGPROF, -signal.SIGXCPU}


@dataclass(frozen=True)
class ParseOutcome:
    """``mail`` is None where even the reduced parse failed; ``error`` says why.
    ``killed`` says by what a worker died of it: "cpu", "wall", "crash",
    "memory", also where a later try succeeded."""

    mail: ParsedMail | None
    error: str = ""
    killed: str = ""


@dataclass(eq=False)
class Job:
    raw: bytes
    now: datetime | None
    future: "Future[ParseOutcome]" = field(default_factory=Future)
    reduced: bool = False
    alone: bool = False
    killed: str = ""
    error: str = ""


class Worker:
    """One process and its two threads."""

    def __init__(self, pool: "ParserPool") -> None:
        self.pool = pool
        self.in_flight: deque[Job] = deque()
        self.taken = 0
        self.dead = False
        self.idle = False  # its feeder waits for work
        self.cause = ""
        self.error = ""
        self.ready = False
        # when the oldest mail under way began; before the hello, when Python did
        self.since = time.monotonic()
        self.process: subprocess.Popen | None = None
        self._threads = (
            threading.Thread(target=self._feed, daemon=True, name="mail-parser-feed"),
            threading.Thread(target=self._read, daemon=True, name="mail-parser-read"),
        )
        self._started = threading.Event()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=5)

    def has_room_for(self, job: Job) -> bool:
        if not self.in_flight:
            return True
        if job.alone or self.in_flight[-1].alone or self.taken >= MAX_MAILS:
            return False
        size = sum(len(one.raw) for one in self.in_flight) + len(job.raw)
        return len(self.in_flight) < MAX_IN_FLIGHT and size <= MAX_BYTES_IN_FLIGHT

    def kill(self, cause: str) -> None:
        self.cause = self.cause or cause
        self.dead = True
        if self.process is not None:
            self.process.kill()

    def abandon(self) -> None:
        """After a fork: drops the inherited pipe ends, touches nothing else."""
        for stream in (self.process.stdin, self.process.stdout) if self.process else ():
            try:
                os.close(stream.fileno())
            except (OSError, ValueError):
                pass

    # -- feeder ------------------------------------------------------------

    def _feed(self) -> None:
        try:
            self.process = subprocess.Popen(
                [sys.executable, WORKER, str(self.pool.memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                close_fds=True,
                bufsize=0,
                env={name: os.environ[name] for name in PASSED if name in os.environ},
            )
        except OSError as exc:
            self.cause, self.dead = "crash", True
            self.error = str(exc)
            self._started.set()
            return
        self._started.set()
        try:
            while (job := self.pool._next_job(self)) is not None:
                self._write(job)
        except OSError:
            pass  # the worker died; the reader sees it too
        finally:
            try:
                self.process.stdin.close()
            except OSError:
                pass

    def _write(self, job: Job) -> None:
        header = {
            "id": self.taken,
            "size": len(job.raw),
            "now": job.now.isoformat() if job.now else None,
            "reduced": job.reduced,
            "cpu": self.pool.cpu_seconds,
        }
        view = memoryview(pack(header) + job.raw if len(job.raw) < 65536 else job.raw)
        if len(job.raw) >= 65536:
            self._write_all(memoryview(pack(header)))
        self._write_all(view)

    def _write_all(self, view: memoryview) -> None:
        while view:
            written = self.process.stdin.write(view)
            view = view[written:]

    # -- reader ------------------------------------------------------------

    def _read(self) -> None:
        self._started.wait()
        if self.process is not None:
            stream = io.BufferedReader(_Watched(self), 256 * 1024)
            try:
                if read_header(stream):
                    self.pool._said_hello(self)
                    while self._read_answer(stream):
                        pass
            except Exception as exc:  # a stuck reader would be a stuck pool
                self.error = str(exc)
            self._end()
        with self.pool._lock:
            self.dead = True
        self.pool._buried(self, self.cause, self.error)

    def _read_answer(self, stream: io.BufferedReader) -> bool:
        header = read_header(stream)
        if header is None:
            return False
        blobs = [read_exactly(stream, size) for size in header.get("sizes", ())]
        mail = load_mail(header["mail"], blobs) if "mail" in header else None
        job = self.pool._answered(self)
        if header["killed"]:
            self._retry_answered(job, header["killed"], header["error"])
            return True
        error = header.get("error", "")
        finish(job, ParseOutcome(mail, error, job.killed))
        return True

    def _retry_answered(self, job: Job, cause: str, error: str) -> None:
        """Out of memory, and the worker lives to tell."""
        pool = self.pool
        with pool._lock:
            again = pool._try_again(job, cause, error) and not pool._closed
            if again:
                pool._pending.appendleft(job)
                pool._lock.notify_all()
        if not again:
            finish(job, ParseOutcome(None, error, job.killed))

    def _end(self) -> None:
        self.process.kill()
        code = self.process.wait()
        self.process.stdout.close()
        if not self.cause:
            self.cause = "cpu" if code in _CPU_SIGNALS else "crash"
        self.error = f"worker ended ({self.cause}, {code}) {self.error}".strip()

    def remaining(self) -> float:
        """Seconds that the oldest mail under way, or the start, may still take."""
        if self.ready and not self.in_flight:
            return IDLE_SECONDS
        bound = self.pool.wall_seconds if self.ready else START_SECONDS
        return self.since + bound - time.monotonic()


class _Watched(io.RawIOBase):
    """The worker's stdout; kills the worker whose answer is overdue."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._fd = worker.process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN | select.POLLHUP)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._wait()
        data = os.read(self._fd, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _wait(self) -> None:
        worker = self._worker
        while True:
            remaining = worker.remaining()
            if remaining <= 0:
                worker.kill("wall")
            if self._poll.poll(min(max(remaining, 0.05), IDLE_SECONDS) * 1000):
                return


def finish(job: Job, outcome: ParseOutcome | Exception) -> None:
    """An exception where the mail was not even tried."""
    try:
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)
    except InvalidStateError:
        pass  # cancelled by the caller
