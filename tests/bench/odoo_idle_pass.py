# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run in ``odoo shell``: binds mailboxes, fills the ledger as an import would leave it,
and times passes that find nothing new."""

import json
import os
import time
from statistics import median

from odoo import sql_db

values = json.loads(os.environ["BENCH_VALUES"])
env = env  # noqa: F821, PLW0127  (given by the shell)
env["ir.config_parameter"].set_param("waimaolang_mail.allow_private_hosts", "True")
ROWS = """
    INSERT INTO waimaolang_mailbox_copy
           (mailbox_id, folder_id, uidvalidity, remote_key, uid, state, reason,
            internaldate, size, attempts, missing)
    SELECT %s, %s, %s, uid::text, uid, 'excluded', 'bulk', '2026-03-02 09:00:00',
           70, 1, 0
      FROM generate_series(1, %s) AS uid
"""


def fresh():
    env.cr.rollback()
    env.invalidate_all()


def bind(login, count):
    """Bound, with the window closed: its first pass takes the folder and no mail."""
    box = env["waimaolang.mailbox"].create(
        {
            "name": login,
            "email": login,
            "password": values["secret"],
            "incoming_host": values["host"],
            "incoming_port": values["port"],
            "history_days": 0,
        }
    )
    env.cr.commit()
    box.action_connect()
    fresh()
    inbox = box.folder_ids.filtered(lambda folder: folder.role == "inbox")
    while not inbox.uidvalidity or inbox.backfill_uid:
        done = box._sync()
        if done["error"]:
            raise SystemExit(f"not listed: {done}")
        fresh()
    (box.folder_ids - inbox).synced = False
    inbox.sudo().write({"outside": False, "agreed_count": -1})
    env.flush_all()
    env.cr.execute(ROWS, (box.id, inbox.id, inbox.uidvalidity, count))
    env.cr.execute("ANALYZE waimaolang_mailbox_copy")
    env.cr.commit()
    return box


def run(box):
    before, started = sql_db.sql_counter, time.perf_counter()
    done = box._sync()
    took = 1000 * (time.perf_counter() - started)
    if done["error"] or done["listed"]:
        raise SystemExit(f"not idle: {done}")
    return took, sql_db.sql_counter - before


boxes = [bind(login, count) for login, count in values["boxes"].items()]
for _warm in range(4):
    for box in boxes:
        run(box)
passes = [[run(box) for box in boxes] for _round in range(values["rounds"])]
by_box = list(zip(*passes, strict=True))
result = {
    "ms": [round(median(took for took, _n in found), 3) for found in by_box],
    "queries": [max(n for _took, n in found) for found in by_box],
}
fresh()
if any(box.folder_ids.filtered("synced").mapped("difference") != [0] for box in boxes):
    raise SystemExit("the ledger does not hold what the server does")
print("MEASURED:" + json.dumps(result))  # noqa: T201
