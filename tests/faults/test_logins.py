# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the server sees of us: logins during an import (invariant I6), and what a pass
that finds nothing asks."""

import pytest

from .conftest import DEEP
from .truth import assert_truth, on_server

MAILS = 30_000 if DEEP else 2_000
FOLDERS = 6
# Of a folder: one of these and no other.
LOOKS = (b"EXAMINE", b"STATUS", b"UID", b"SEARCH", b"FETCH", b"SELECT", b"NOOP")


@pytest.mark.timeout(3000 if DEEP else 240)
def test_i6_an_import_logs_in_once(office, lanes, dovecot):
    office.fill(MAILS, tiny=True)
    mailbox = office.bind()
    before = dovecot.logins(office.box.email)
    told = lanes.finish(mailbox, 2400)
    assert told["stored"] == MAILS
    assert told["passes"] > 2, "one slice is no import"
    assert dovecot.logins(office.box.email) - before == 1
    assert_truth(office)


def words(commands):
    return [command.split()[1].upper() for command in commands if b" " in command]


def test_a_pass_that_finds_nothing_asks_once_for_each_folder(office, lanes, proxies):
    box = office.box
    names = [f"客户/{number}" for number in range(FOLDERS - 3)]
    box.dovecot.create_folders(box.email, names)
    for folder in ("INBOX", "Sent", *names):
        office.fill(5, folder)
    proxy = proxies(box.dovecot.imap_port)
    mailbox = office.bind(incoming_port=proxy.port, incoming_security="none")
    lanes.finish(mailbox)
    proxy.commands.clear()
    told = lanes.finish(mailbox)
    assert told["passes"] == 2
    asked = [word for word in words(proxy.commands) if word in LOOKS]
    synced = lanes.sql(
        "SELECT count(*) FROM waimaolang_mailbox_folder"
        f" WHERE synced AND selectable AND mailbox_id = {mailbox}"
    )
    assert len(asked) <= 2 * int(synced[0][0]), proxy.commands
    assert words(proxy.commands).count(b"LIST") <= 1
    assert_truth(office)
    assert on_server(box, "INBOX").ids
