# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Processes of a real Odoo that tests start by the dozen and kill: see
``odoo_lanes.py``."""

import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path

from e2e.driver import PRELUDE, Driver
from servers.process import ServerError, started_at, wait_until

FORKS = Path(__file__).with_name("odoo_lanes.py")
SECONDS = 120
# A mailbox is read until two passes in a row find nothing. Errors are borne: what the
# test breaks is meant to pass.
LANE = """
import threading
from odoo.addons.waimaolang_mail.engine import lease, worker
from odoo.addons.waimaolang_mail.transport import session
env.cr.rollback()
if values["timeout"]:
    session.Session.__init__.__kwdefaults__["read_timeout"] = values["timeout"]
if values["lease"]:
    lease.LEASE_SECONDS = values["lease"]
pace = threading.Event()
result = {"passes": 0, "errors": [], "stored": 0, "busy": 0}
quiet = 0
while quiet < 2 and result["passes"] < values["passes"]:
    try:
        done = worker.sync(env.registry, values["mailbox"])
    except Exception as error:
        result["errors"].append(type(error).__name__)
        pace.wait(0.2)
        continue
    result["passes"] += 1
    result["stored"] += done.stored
    if done.busy:
        result["busy"] += 1
        pace.wait(0.2)
    if done.error:
        result["errors"].append(done.error)
        pace.wait(0.2)
    idle = not (done.pending or done.listed or done.stored or done.busy or done.error)
    quiet = quiet + 1 if idle else 0
result["quiet"] = quiet == 2
"""


class Child:
    """A forked Odoo process at work; its result once it ended by itself."""

    def __init__(self, pid, out):
        self.pid = pid
        self.out = out
        self.started = started_at(pid)

    @property
    def alive(self):
        return self.started is not None and started_at(self.pid) == self.started

    @property
    def over(self):
        return self.out.exists() or not self.alive

    def kill(self):
        """Without warning, with all it started; whether it was alive."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        wait_until(lambda: not self.alive, 10, "the killed to end")
        return not self.out.exists()

    def parsers(self):
        """The ids of its parser workers."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        tasks = listed.parent.parent.glob("*/children")
        found = []
        for task in tasks:
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
        return found

    def wait(self, seconds=SECONDS):
        wait_until(lambda: self.over, seconds, "a process")
        if not self.out.exists():
            raise ServerError("the process ended without a result")
        told = json.loads(self.out.read_text())
        if "broke" in told:
            raise AssertionError(told["broke"])
        return told["result"]


class Lanes(Driver):
    """A ``Driver`` whose every call is a forked process of one Odoo."""

    def __init__(self, odoo, folder):
        super().__init__(odoo, Path(folder))
        self.children = []
        self._numbers = itertools.count(1)
        self._log = self.folder / "lanes.log"
        self._server = None

    def start(self):
        self.odoo.write_config()
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(  # pylint: disable=consider-using-with
                [sys.executable, str(FORKS)],
                env=self.odoo.env(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        if self._server.stdout.readline() != "ready\n":
            raise ServerError(f"Odoo does not start:\n{self.tail()}")
        return self

    def stop(self):
        for child in self.children:
            child.kill()
        self._server.stdin.close()
        self._server.wait(20)
        self._server.stdout.close()

    def tail(self, size=4000):
        return self._log.read_text(errors="replace")[-size:]

    def fork(self, code, file_bytes=-1, **values):
        out = self.folder / f"out{next(self._numbers)}.json"
        order = {
            "code": PRELUDE + textwrap.dedent(code),
            "environment": {"DRIVER_VALUES": json.dumps(values)},
            "file_bytes": file_bytes,
            "out": str(out),
        }
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        child = Child(int(self._server.stdout.readline()), out)
        self.children.append(child)
        return child

    def run(self, code, **values):
        """What the code leaves in ``result``."""
        return self.fork(code, **values).wait()

    def lane(self, mailbox, timeout=0, lease=0, passes=500, file_bytes=-1):
        """A process that reads the mailbox until nothing is left. ``timeout`` and
        ``lease``: shorter ones than ours, in seconds."""
        return self.fork(
            LANE,
            file_bytes,
            mailbox=mailbox,
            timeout=timeout,
            lease=lease,
            passes=passes,
        )

    def finish(self, mailbox, seconds=SECONDS, **options):
        """The mailbox is read to its end; what the lane tells."""
        told = self.lane(mailbox, **options).wait(seconds)
        assert told["quiet"], f"not finished: {told}\n{self.tail()}"
        return told

    def wait_for_more(self, child, mails):
        """So many mails more are stored, or the lane is at its end."""
        goal = self.stored() + mails
        wait_until(lambda: self.stored() >= goal or child.over, SECONDS, "more mail")

    def a_day_later(self):
        """Failed mails are tried again, as the first lane would, and folders compared
        key by key."""
        self.sql(
            "UPDATE waimaolang_mailbox_copy SET next_try = next_try - INTERVAL '1 day';"
            " UPDATE waimaolang_mailbox_folder"
            " SET recounted_at = recounted_at - INTERVAL '1 day'"
        )
        self.run(
            "from odoo.addons.waimaolang_mail.engine import failures\n"
            "failures.retry_due(env.registry)"
        )

    def free(self):
        """The leases of the dead, which end by themselves in 15 s, end now."""
        self.sql("UPDATE waimaolang_mailbox_lease SET expires = NULL")


@contextmanager
def lanes_of(odoo, folder):
    lanes = Lanes(odoo, folder).start()
    try:
        yield lanes
    finally:
        lanes.stop()
