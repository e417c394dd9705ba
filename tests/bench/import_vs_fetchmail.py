# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An import of 3,000 mails, ours and Odoo's own fetchmail.

Both read from the same server over TLS into fresh databases with the same 300
customers and open opportunities. Fetchmail reads INBOX only and takes minutes: it
gets an even sample of the same mails (FETCHMAIL_MAILS, 0: all), in INBOX. Three
rounds, ours and fetchmail's in turn; the median counts.
"""

import json
import os
from pathlib import Path
from statistics import median

from bench.corpus import CUSTOMERS, OWNER, build, customer

HERE = Path(__file__).parent
MAILS = 3000
SAMPLE = int(os.environ.get("FETCHMAIL_MAILS", "450")) or MAILS
ROUNDS = 3
PEER = "fetchmail@lanyue-trade.example"
SECRET = "bench-code"
MARK = "MEASURED:"


def measure(stage, say):
    mails = list(build(MAILS))
    say(f"{MAILS} mails, {sum(len(m.raw) for m in mails) / 1e6:.0f} MB")
    _fill(stage.dovecot, OWNER, mails)
    ours, peers = [], []
    for number in range(ROUNDS):
        ours.append(_run(stage, f"ours{number}", "odoo_import.py", OWNER))
        say(f"ours: {ours[-1]}")
        step = MAILS // SAMPLE
        _fill(stage.dovecot, f"{number}.{PEER}", mails[::step], flat=True)
        peers.append(
            _run(stage, f"peer{number}", "odoo_fetchmail.py", f"{number}.{PEER}")
        )
        say(f"fetchmail: {peers[-1]}")
    rate = median(run["mails"] / run["seconds"] for run in ours)
    peer = median(run["mails"] / run["seconds"] for run in peers)
    yield "import_mails_per_second", round(rate, 1), "mails/s"
    yield "fetchmail_mails_per_second", round(peer, 1), "mails/s"
    yield "import_vs_fetchmail", round(rate / peer, 1), "x"


def _fill(dovecot, login, mails, flat=False):
    dovecot.add_user(login, SECRET)
    folders = {}
    for mail in mails:
        folder = "INBOX" if flat else mail.folder
        folders.setdefault(folder, []).append((mail.raw, (), mail.internaldate))
    for folder, messages in folders.items():
        dovecot.append_many(login, folder, messages)


def _run(stage, name, script, login):
    odoo = stage.database(name)
    values = {
        "login": login,
        "secret": SECRET,
        "host": stage.dovecot.host,
        "port": stage.dovecot.imaps_port,
        "customers": [customer(number) for number in range(CUSTOMERS)],
    }
    done = odoo.shell(
        HERE / script, env={"BENCH_VALUES": json.dumps(values)}, check=False
    )
    lines = [x for x in done.stdout.splitlines() if x.startswith(MARK)]
    if not lines:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    return json.loads(lines[-1][len(MARK) :])
