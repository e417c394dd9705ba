"""Processes of Odoo that start in milliseconds: forked from one that was imported once,
see ``programs/odoo_forks.py``. Each is an ``odoo`` command as on a command line, in a
session and with an environment, files and database connections of its own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from .process import ROOT, Process, ServerError

PROGRAM = Path(__file__).parent / "programs" / "odoo_forks.py"
START_SECONDS = 120
KILLED = -signal.SIGKILL


class Forked:
    """A process, known by what ``subprocess.Popen`` offers. ``returncode``: None while
    it runs, negative when a signal ended it."""

    def __init__(self, args, life):
        self.args = args
        self.returncode = None
        self._life = life
        self._told = b""
        self.pid = int(self.hear("began", START_SECONDS))

    def hear(self, word, seconds):
        """What the process tells with this word; None within the time."""
        self._life.settimeout(seconds)
        while b"\n" not in self._told:
            try:
                more = self._life.recv(100)
            except (BlockingIOError, TimeoutError):
                return None
            # nobody is left who knows how it ended
            self._told += more or f"ended {KILLED}\n".encode()
        line, _newline, self._told = self._told.partition(b"\n")
        said, _space, rest = line.decode().partition(" ")
        if said == "ended":
            self.returncode = int(rest)
            self._life.close()
        if said != word:
            raise ServerError(f"{self.args} ended early: {self.returncode}")
        return rest

    def poll(self):
        if self.returncode is None:
            self.hear("ended", 0)
        return self.returncode

    def wait(self, timeout=None):
        if self.returncode is None and self.hear("ended", timeout) is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode

    def kill(self):
        """Without warning, with all that it started; whether it was alive."""
        if self.poll() is not None:
            return False
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return self.wait(10) == KILLED


class Room:
    """An Odoo that is forked: it has the registry of its database."""

    def __init__(self, orders, process):
        self._orders = orders
        self._process = process

    def spawn(self, args, env, stdin, stdout, stderr, cwd=ROOT):
        """``odoo`` with these arguments, as a ``Forked``. All three files are open."""
        order = {"args": list(map(str, args)), "env": env, "cwd": str(cwd)}
        return self.order(order, stdin, stdout, stderr)

    def order(self, order, *files):
        life, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(
                self._orders,
                [json.dumps(order).encode()],
                [file.fileno() for file in (*files, theirs)],
            )
        return Forked(order.get("args", "a room"), life)

    def close(self):
        """All that it forked ends, too."""
        self._orders.close()
        self._process.wait(20)


class Forks:
    """The Odoo of which rooms are forked, imported with the first. It and all it forked
    end with the process that has this."""

    def __init__(self, log):
        self._log = Path(log)
        self._first = None

    def room(self, env):
        """Of the database in the configuration that ``ODOO_RC`` names in ``env``."""
        with self._log.open("ab") as log:
            self._first = self._first or self._load(env, log)
            orders, theirs = _orders()
            with theirs:
                process = self._first.order({"env": env}, theirs, log, log)
            self._expect(process.hear("ready", START_SECONDS) is not None)
        return Room(orders, process)

    def _load(self, env, log):
        orders, theirs = _orders()
        with theirs:
            process = subprocess.Popen(  # pylint: disable=consider-using-with
                [sys.executable, str(PROGRAM)],
                env=env,
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        with process.stdout as said:
            self._expect(said.readline() == b"ready\n")
        return Room(orders, process)

    def _expect(self, ready):
        if not ready:
            log = self._log.read_text(errors="replace")
            raise ServerError(f"Odoo does not load:\n{log[-4000:]}")

    def close(self):
        if self._first:
            self._first.close()


class ForkedProcess(Process):
    """``room()``: of which it is forked."""

    def __init__(self, room, *args, **options):
        super().__init__(*args, **options)
        self._room = room

    def _spawn(self, log):
        with open(os.devnull, "rb") as nothing:
            return self._room().spawn(self.argv[3:], self.env, nothing, log, log)


def _orders():
    return socket.socketpair(type=socket.SOCK_SEQPACKET)
