# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mails that the server numbers anew, moves, or shows in a folder of another name:
known again without a download."""

import textwrap
from datetime import datetime, timezone

# Counts the mails whose bytes are asked for.
WATCH = """
from odoo.addons.waimaolang_mail.transport.imap import ImapTransport
asked = {"bodies": 0, "headers": 0}
real = ImapTransport.uid_fetch
def uid_fetch(self, uid_set, attributes, *args, **kwargs):
    found = real(self, uid_set, attributes, *args, **kwargs)
    asked["bodies"] += len(found[0]) * ("BODY.PEEK[]" in attributes)
    asked["headers"] += len(found[0]) * ("HEADER.FIELDS" in attributes)
    return found
ImapTransport.uid_fetch = uid_fetch
box = env["waimaolang.mailbox"].search([])
def log(*events):
    return [[entry.folder_id.path, entry.event, entry.count]
            for entry in env["waimaolang.mailbox.folder.log"].search([], order="id")
            if entry.event in events]
def truth():
    mails = env["waimaolang.mail"].search_count([])
    return [mails, env["mail.message"].search_count(
        [("waimaolang_mail_id", "!=", False)])]
"""
BIND = "box = bind(**values); box.action_connect(); result = drain(box)"


def watched(driver, code, **values):
    return driver.run(WATCH + textwrap.dedent(code), **values)


def test_i2_i7_a_new_uidvalidity_downloads_nothing_but_what_is_new(driver, box):
    box.fill(300)
    assert driver.run(BIND, **box.values())["stored"] == 300
    # between the last pass and the change
    box.fill(1, first=900, start=datetime.now(timezone.utc))
    box.dovecot.renumber(box.email)
    found = watched(
        driver,
        """
        done = drain(box)
        again = drain(box)
        result = [coverage(box), asked, truth(), log("rematched"), again,
                  done["stored"], len(log("renumbered"))]
        """,
    )
    assert found[0] == {"INBOX": [301, 301, 0, 0, 0]}
    assert found[1] == {"bodies": 1, "headers": 300}
    assert found[2] == [301, 301]
    assert sum(entry[2] for entry in found[3]) == 300
    assert found[5] == 1
    assert found[4]["listed"] == 0
    assert driver.states() == {"gone": 300, "stored": 301}
