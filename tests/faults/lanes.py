# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Processes of a real Odoo that tests start by the dozen and kill."""

from pathlib import Path

from e2e.driver import SECONDS, Driver, Step
from servers.process import wait_until

# A mailbox is read until two passes in a row find nothing. Errors are borne: what the
# test breaks is meant to pass.
LANE = """
import resource, threading
from odoo.addons.waimaolang_mail.engine import lease, worker
from odoo.addons.waimaolang_mail.transport import session
env.cr.rollback()
most, hard = values["file_bytes"], resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (hard if most < 0 else most, hard))
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
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
"""


class Lane(Step):
    def parsers(self):
        """The ids of its parser workers."""
        found = []
        for task in Path(f"/proc/{self.pid}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
        return found


class Lanes(Driver):
    """A ``Driver`` that has many processes at work."""

    step = Lane

    def __init__(self, odoo, folder):
        super().__init__(odoo, folder)
        self._started = []

    def fork(self, *args, **values):
        self._started.append(super().fork(*args, **values))
        return self._started[-1]

    def close(self):
        for lane in self._started:
            lane.kill()
        super().close()

    def tail(self, size=4000):
        """The end of what all said, one after the other."""
        return "".join(lane.log[-size:] for lane in self._started)[-size:]

    def lane(self, mailbox, timeout=0, lease=0, passes=500, file_bytes=-1):
        """A process that reads the mailbox until nothing is left. ``timeout`` and
        ``lease``: shorter ones than ours, in seconds."""
        return self.fork(
            LANE,
            file_bytes=file_bytes,
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
            "result = failures.retry_due(env.registry)"
        )

    def free(self):
        """The leases of the dead, which end by themselves in 15 s, end now."""
        self.sql("UPDATE waimaolang_mailbox_lease SET expires = NULL")
