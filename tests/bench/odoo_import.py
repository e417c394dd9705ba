# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run in ``odoo shell``: binds a mailbox and imports it; prints what it took."""

import json
import os
import time

values = json.loads(os.environ["BENCH_VALUES"])
env = env  # noqa: F821, PLW0127  (given by the shell)
env["ir.config_parameter"].set_param("waimaolang_mail.allow_private_hosts", "True")
partners = env["res.partner"].create(
    [{"name": email, "email": email} for email in values["customers"]]
)
env["crm.lead"].create(
    [
        {"name": f"Deal {p.id}", "type": "opportunity", "partner_id": p.id}
        for p in partners
    ]
)
mailbox = env["waimaolang.mailbox"].create(
    {
        "name": "Bench",
        "email": values["login"],
        "password": values["secret"],
        "incoming_host": values["host"],
        "incoming_port": values["port"],
        "history_days": -1,
    }
)
env.cr.commit()
started = time.monotonic()
mailbox.action_connect()
while True:
    done = mailbox._sync()
    if done["error"] or not done["pending"]:
        break
seconds = time.monotonic() - started
env.cr.rollback()
counts = {
    name: sum(mailbox.folder_ids.mapped(f"{name}_count"))
    for name in ("remote", "stored", "excluded", "failed", "pending")
}
linked = env["waimaolang.mail"].search_count([("state", "=", "linked")])
if counts["stored"] != counts["remote"] or linked != counts["stored"]:
    raise SystemExit(f"not all mail was stored and linked: {counts}, {linked}")
print(  # noqa: T201
    "MEASURED:" + json.dumps({"mails": counts["stored"], "seconds": round(seconds, 2)})
)
