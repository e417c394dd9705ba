# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# ruff: noqa: F821
# pylint: disable=undefined-variable
"""Run in `odoo shell` by demo.py: waits until no mail is pending, prints a table, exits
0 if nothing is missing.
"""

import os
import sys
import time
import unicodedata

COLUMNS = ("remote", "stored", "excluded", "failed", "pending", "difference")
LOOK_SECONDS = 2


def read(env):
    env.cr.rollback()  # a new snapshot
    env.invalidate_all()
    rows = []
    for folder in env["waimaolang.mailbox.folder"].search(
        [("synced", "=", True)], order="mailbox_id, path"
    ):
        counts = [folder[f"{name}_count"] for name in COLUMNS[:5]]
        counts.append(counts[0] - sum(counts[1:]))
        rows.append((folder.mailbox_id, folder, counts))
    return rows


def is_done(env, rows):
    """Every mailbox has folders, each was listed, nothing is pending or lost."""
    mailboxes = env["waimaolang.mailbox"].search([("state", "!=", "draft")])
    if not mailboxes or mailboxes - env["waimaolang.mailbox"].union(
        *(row[0] for row in rows)
    ):
        return False
    return all(
        folder.uidvalidity and not counts[4] and not counts[5]
        for _mailbox, folder, counts in rows
    )


def pad(text, width):
    """Chinese characters are two columns wide."""
    return text + " " * (
        width - sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
    )


def show(env, rows):
    print(f"{'mailbox':<34}{'folder':<22}" + "".join(f"{name:>11}" for name in COLUMNS))
    for mailbox, folder, counts in rows:
        print(
            pad(mailbox.email, 34)
            + pad(folder.path, 22)
            + "".join(f"{count:>11}" for count in counts)
        )
    for mailbox in env["waimaolang.mailbox"].search([("error_code", "!=", False)]):
        print(f"{mailbox.email}: {mailbox.error_code} {mailbox.error_message or ''}")
    linked = env["waimaolang.mail"].search_count([("state", "=", "linked")])
    total = env["waimaolang.mail"].search_count([])
    print(
        f"{total} mails, {linked} of them in chatters, {total - linked} of people whom"
        " nobody knows, kept for the mailbox's owner alone"
    )


end = time.monotonic() + float(os.environ.get("WAIMAOLANG_DEMO_WAIT", 0))
found = read(env)
if not env["waimaolang.mailbox"].search_count([]):
    sys.exit("no mailbox is bound")
while not is_done(env, found) and time.monotonic() < end:
    time.sleep(LOOK_SECONDS)
    found = read(env)
show(env, found)
sys.stdout.flush()
sys.exit(0 if is_done(env, found) else 1)
