# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The first page of a contact's chatter with 5,000 mails, as a rep sees it who reads
her own documents only: what the server works for /mail/thread/messages, without HTTP.

Half of the mails lie in her mailbox, a quarter in her team's, a quarter in one that is
not shown to her; a third have their home on a colleague's opportunity.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent
MARK = "MEASURED:"
MAILS = 5000


def measure(stage, say):
    odoo = stage.database("chatter")
    done = odoo.shell(
        HERE / "odoo_chatter.py",
        env={"BENCH_VALUES": json.dumps({"mails": MAILS})},
        check=False,
    )
    lines = [x for x in done.stdout.splitlines() if x.startswith(MARK)]
    if not lines:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    found = json.loads(lines[-1][len(MARK) :])
    say(f"chatter: {found}")
    yield f"chatter_{MAILS}_ms", found["ms"], "ms"
    yield f"chatter_{MAILS}_queries", found["queries"], "queries"


def measure_ms(stage, say):
    return [figure for figure in measure(stage, say) if figure[2] == "ms"]


def measure_queries(stage, say):
    return [figure for figure in measure(stage, say) if figure[2] == "queries"]
