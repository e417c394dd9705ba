# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run in ``odoo shell``: the same with Odoo's own incoming mail server."""

import json
import logging
import os
import time

values = json.loads(os.environ["BENCH_VALUES"])
env = env  # noqa: F821, PLW0127  (given by the shell)
partners = env["res.partner"].create(
    [{"name": email, "email": email} for email in values["customers"]]
)
env["crm.lead"].create(
    [
        {"name": f"Deal {p.id}", "type": "opportunity", "partner_id": p.id}
        for p in partners
    ]
)
server = env["fetchmail.server"].create(
    {
        "name": "Bench",
        "server_type": "imap",
        "server": values["host"],
        "port": values["port"],
        "is_ssl": True,
        "user": values["login"],
        "password": values["secret"],
        "object_id": env["ir.model"]._get_id("crm.lead"),
        "state": "done",
    }
)
env.cr.commit()
logging.getLogger("odoo.addons.mail").setLevel(logging.ERROR)


def count():
    env.cr.rollback()
    return env["mail.message"].search_count([("message_type", "=", "email")])


before = count()
started = time.monotonic()
while True:
    known = count()
    server._fetch_mail(batch_limit=50)
    env.cr.commit()
    if count() == known:
        break
seconds = time.monotonic() - started
print(  # noqa: T201
    "MEASURED:" + json.dumps({"mails": count() - before, "seconds": round(seconds, 2)})
)
