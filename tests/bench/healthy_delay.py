# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long a healthy mailbox's new mail takes into Odoo, with one lane: alone, and
beside a mailbox whose server hangs and one whose code is refused (invariant I6)."""

import socket
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path

from e2e.driver import Driver, trade_mail
from servers.process import wait_until

MAILS = 12
SECONDS = MAILS + 16

BIND = """
made = {}
for name, box in values["boxes"].items():
    box = bind(name=name, **box)
    box.sudo()._move("bound", next_sync="2020-01-01", history_from=False)
    made[name] = box.id
env.cr.commit()
result = made
"""
LANE = """
import time
from odoo.addons.waimaolang_mail.engine import lanes
end = time.monotonic() + values["seconds"]
mails = env["waimaolang.mail"]
while time.monotonic() < end and mails.search_count([]) < values["mails"]:
    if not lanes.run_slice(env.registry):
        time.sleep(0.05)
    fresh()
env.cr.execute("SELECT subject, EXTRACT(EPOCH FROM create_date AT TIME ZONE 'UTC')"
               "::float8 FROM waimaolang_mail")
result = dict(env.cr.fetchall())
"""
# What the listener or a push does when mail comes.
DUE = "UPDATE waimaolang_mailbox SET next_sync = '2020-01-01' WHERE id = {}"
# The lane has met all of them.
MET = """SELECT count(*) FROM waimaolang_mailbox
          WHERE last_sync IS NULL AND error_code IS NULL"""


@contextmanager
def hanging_server():
    """Accepts (the system does) and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


def delays(odoo, dovecot, beside):
    """Seconds from the arrival of each mail until it stands in Odoo. ``beside``: with
    the two sick mailboxes, which the lane has met before."""
    email = "healthy@lanyue.example"
    dovecot.add_user(email, "code-7Hq2")
    common = {"incoming_port": dovecot.imaps_port, "password": "code-7Hq2"}
    boxes = {"healthy": {**common, "email": email}}
    with (
        tempfile.TemporaryDirectory() as folder,
        hanging_server() as port,
        closing(Driver(odoo, Path(folder))) as driver,
    ):
        if beside:
            dovecot.add_user("refused@lanyue.example", "another")
            boxes["refused"] = {**common, "email": "refused@lanyue.example"}
            boxes["hangs"] = {
                **common,
                "email": "hangs@lanyue.example",
                "incoming_port": port,
            }
        made = driver.run(BIND, boxes=boxes)
        with ThreadPoolExecutor(1) as pool:
            lane = pool.submit(
                driver.run, LANE, None, seconds=SECONDS + 25, mails=MAILS
            )
            wait_until(lambda: driver.sql(MET) == [["0"]], 60, "all to be met")
            sent = dict(_deliver(driver, dovecot, email, made))
            came = lane.result()
    return [came[subject] - at for subject, at in sent.items() if subject in came]


def _deliver(driver, dovecot, email, made):
    """A mail each second; the sick mailboxes are due as often as can be."""
    for number in range(MAILS):
        raw = trade_mail(
            number, "buyer@customer.example", email, datetime.now(timezone.utc)
        )
        dovecot.append_many(email, "INBOX", [(raw, (), None)])
        yield f"Order {number}", time.time()
        for mailbox_id in made.values():
            driver.sql(DUE.format(mailbox_id))
        time.sleep(1)


def measure(stage, say):
    medians = {}
    for name, beside in (("alone", False), ("beside", True)):
        found = delays(stage.database(f"delay_{name}"), stage.dovecot, beside)
        say(f"{name}: {len(found)} of {MAILS} mails, at most {max(found):.2f} s")
        medians[name] = statistics.median(found)
        yield f"healthy_delay_{name}", medians[name], "s"
    yield "healthy_delay", medians["beside"] / medians["alone"], "x"
