# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mails that the server numbers anew, moves, or shows in a folder of another name:
known again without a download."""

import textwrap
from datetime import datetime, timedelta, timezone

import pytest
from servers.mailboxes import quoted
from servers.process import wait_until

from .box import START

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
                  done["stored"], log("renumbered")]
        """,
    )
    assert found[0] == {"INBOX": [301, 301, 0, 0, 0]}
    assert found[1] == {"bodies": 1, "headers": 300}
    assert found[2] == [301, 301]
    assert sum(entry[2] for entry in found[3]) == 300
    assert found[5] == 1
    assert found[6] == [["INBOX", "renumbered", 300]]
    assert found[4]["listed"] == 0
    assert driver.states() == {"gone": 300, "stored": 301}


def rename(box, old, new):
    connection = box.dovecot.imap(box.email)
    answer = connection.rename(quoted(old), quoted(new))
    connection.logout()
    assert answer[0] == "OK", answer


def test_a_renamed_folder_is_the_same_folder(driver, box):
    box.fill(3)
    box.fill(5, folder="客户/Old", first=10)
    box.fill(4, folder="客户/Other", first=20)
    driver.run(BIND, **box.values())
    code = """
        env["waimaolang.mailbox.folder"].search([("path", "like", "Other")]).write(
            {"role": "archive", "role_chosen": True})
        box.last_listed = False
        env.cr.commit()
        drain(box)
        result = [sorted(coverage(box).items()), asked, truth(), log("renamed"),
                  {f.path: [f.role, bool(f.error)] for f in box.folder_ids}]
        """
    # the parent takes both along; a new mail comes into one of them
    rename(box, "客户", "Kunden")
    box.fill(1, folder="Kunden/Old", first=50, start=datetime.now(timezone.utc))
    found = watched(driver, code)
    assert found[0] == [
        ["INBOX", [3, 3, 0, 0, 0]],
        ["Kunden/Old", [6, 6, 0, 0, 0]],
        ["Kunden/Other", [4, 4, 0, 0, 0]],
    ]
    assert found[1] == {"bodies": 1, "headers": 0}
    assert found[2] == [13, 13]
    assert sorted(found[3]) == [
        ["Kunden/Old", "renamed", 0],
        ["Kunden/Other", "renamed", 0],
    ]
    assert found[4]["Kunden/Other"] == ["archive", False]


def test_i7_a_removed_folder_s_mails_stay_and_it_comes_back(driver, box):
    box.fill(2)
    box.fill(5, folder="Old", first=10)
    driver.run(BIND, **box.values())
    mails = box.dovecot.messages(box.email, "Old")
    connection = box.dovecot.imap(box.email)
    assert connection.delete("Old")[0] == "OK"
    connection.logout()
    code = """
        for _number in range(3):
            box.last_listed = False
            env.cr.commit()
            done = drain(box)
        result = [coverage(box), asked, truth(), log("removed"), done["error"]]
        """
    found = watched(driver, code)
    assert found[0] == {"INBOX": [2, 2, 0, 0, 0], "Old": [0, 0, 0, 0, 0]}
    assert found[1:] == [
        {"bodies": 0, "headers": 0},
        [7, 7],
        [["Old", "removed", 5]],
        "",
    ]
    # another one of that name, with the same mails and a new one
    when = [START + timedelta(hours=number) for number in range(10, 15)]
    box.dovecot.append_many(
        box.email, "Old", [(raw, (), at) for raw, at in zip(mails, when, strict=True)]
    )
    box.fill(1, folder="Old", first=60)
    again = watched(driver, code)
    assert again[0] == {"INBOX": [2, 2, 0, 0, 0], "Old": [6, 6, 0, 0, 0]}
    assert again[1:3] == [{"bodies": 1, "headers": 5}, [8, 8]]


def test_a_moved_mail_is_the_same_mail(driver, box):
    box.fill(10)
    box.fill(1, folder="Archiv", first=20)
    driver.run(BIND, **box.values())
    connection = box.dovecot.imap(box.email)
    connection.select("INBOX")
    assert connection.uid("MOVE", "3:7", "Archiv")[0] == "OK"
    connection.logout()
    box.fill(1, first=50, start=datetime.now(timezone.utc))
    found = watched(
        driver,
        """
        before = env["waimaolang.mail"].search([]).ids
        for _number in range(3):
            drain(box)
        now = env["waimaolang.mail"].search([])
        result = [coverage(box), asked, truth(), log("moved", "rematched"),
                  [len(before), set(before) <= set(now.ids)]]
        """,
    )
    assert found[0] == {"INBOX": [6, 6, 0, 0, 0], "Archiv": [6, 6, 0, 0, 0]}
    assert found[1] == {"bodies": 1, "headers": 5}
    assert found[2] == [12, 12]
    assert found[3] == [
        ["Archiv", "rematched", 5],
        ["INBOX", "moved", 5],
        ["Archiv", "moved", 5],
    ]
    assert found[4] == [11, True]


DIES = """
import signal
from odoo.addons.waimaolang_mail.engine import rematch
def dies(real, calls, after):
    def call(*args):
        result = real(*args) if after else None
        calls.pop()
        if not calls:
            os.kill(os.getpid(), signal.SIGKILL)
        return result if after else real(*args)
    return call
"""
FREE = "SELECT 1 FROM waimaolang_mailbox_lease WHERE expires < timezone('UTC', now())"


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(  # not committed
            "rematch.settle = dies(rematch.settle, [1] * 2, True)",
            id="before a commit",
            marks=pytest.mark.deep,
        ),
        pytest.param(
            "rematch.read = dies(rematch.read, [1] * 450, False)", id="between"
        ),
        pytest.param(
            "rematch.Rematcher._tell = dies(rematch.Rematcher._tell, [1], False)",
            id="after the last",
            marks=pytest.mark.deep,
        ),
    ],
)
def test_i1_i13_killed_while_mails_are_known_again(driver, box, moment):
    total = 500
    box.fill(total)
    driver.run(BIND, **box.values())
    box.dovecot.renumber(box.email)
    with pytest.raises(AssertionError):  # no answer of the dead
        watched(driver, DIES + moment + "\nresult = drain(box)")
    states = driver.states()
    assert states["gone"] == total == states.get("stored", 0) + states.get("pending", 0)
    wait_until(lambda: driver.sql(FREE), 20, "the lease of the dead to end")
    found = watched(
        driver, "drain(box)\nresult = [coverage(box), asked['bodies'], truth()]"
    )
    assert found == [{"INBOX": [total, total, 0, 0, 0]}, 0, [total, total]]
