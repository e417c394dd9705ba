# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A pass that finds nothing new: its queries, and how its time grows with the folder.

Two mailboxes on one Dovecot, of 1,000 and of 100,000 tiny mails that the ledger holds
already. Passes over both in turn; the medians' ratio is the figure. Each pass is the
whole way from the claim to the release on a connection that is kept.

The mailboxes are sdbox, not Maildir: with that one Dovecot itself reads the whole list
of a folder again for each STATUS or EXAMINE (0.1 s at 100,000 mails), as long as the
process lives that saw the last mail arrive.
"""

import json
from datetime import datetime, timezone
from pathlib import Path

from servers.dovecot import Dovecot

HERE = Path(__file__).parent
MARK = "MEASURED:"
SECRET = "bench-code"
SMALL, LARGE = 1_000, 100_000
ROUNDS = 41
SDBOX = "mail_location = sdbox:~/sdbox"
RAW = b"Subject: x\r\nFrom: a@buyer.example\r\nTo: b@rep.example\r\n\r\nx\r\n"
ARRIVED = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)


def measure(stage, say):
    with Dovecot(stage.folder / "sdbox", stage.ca, extra=SDBOX) as dovecot:
        found = _run(stage, dovecot, say)
    say(f"idle pass: {found}")
    small, large = found["ms"]
    yield "idle_pass_queries", max(found["queries"]), "queries"
    yield "idle_pass_scaling", round(large / small, 2), "x"


def _run(stage, dovecot, say):
    boxes = {}
    for count in (SMALL, LARGE):
        login = f"idle{count}@lanyue-trade.example"
        dovecot.add_user(login, SECRET)
        dovecot.append_many(login, "INBOX", [(RAW, (), ARRIVED)] * count)
        boxes[login] = count
        say(f"{count} mails are there")
    values = {
        "boxes": boxes,
        "secret": SECRET,
        "host": dovecot.host,
        "port": dovecot.imaps_port,
        "rounds": ROUNDS,
    }
    done = stage.database("idle").shell(
        HERE / "odoo_idle_pass.py",
        env={"BENCH_VALUES": json.dumps(values)},
        check=False,
    )
    lines = [x for x in done.stdout.splitlines() if x.startswith(MARK)]
    if not lines:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    return json.loads(lines[-1][len(MARK) :])


def measure_queries(stage, say):
    return [figure for figure in measure(stage, say) if figure[2] == "queries"]


def measure_scaling(stage, say):
    return [figure for figure in measure(stage, say) if figure[2] == "x"]
