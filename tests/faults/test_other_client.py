# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Another client is at work all the while: what it adds, moves, expunges and flags
during an import and after it is followed, and nothing is read twice."""

import threading

import pytest
from servers.mailboxes import quoted

from .conftest import DEEP
from .office import FOLDER
from .truth import assert_truth

ROUNDS = 12 if DEEP else 2
DEEDS = 150 if DEEP else 30
FOLDERS = ("INBOX", FOLDER, "Sent")


class Busybody(threading.Thread):
    """Does ``deeds`` things to the mailbox; ``lost`` is what it expunged."""

    def __init__(self, office, deeds):
        super().__init__(daemon=True)
        self.office = office
        self.deeds = deeds
        self.lost = set()
        self.failure = None

    def run(self):
        try:
            connection = self.office.box.dovecot.imap(self.office.box.email)
            for _number in range(self.deeds):
                self._do(connection)
            connection.logout()
        except Exception as error:
            self.failure = error

    def _do(self, connection):
        chance = self.office.random
        folder = chance.choice(FOLDERS)
        deed = chance.choice((None, self._move, self._expunge, self._flag))
        connection.select(quoted(folder))
        found = connection.uid("SEARCH", "ALL")[1][0].split()
        if not found or not deed:
            self.office.fill(chance.randint(1, 4), folder)
            return
        some = chance.sample(found, min(len(found), chance.randint(1, 5)))
        deed(connection, folder, b",".join(some).decode())

    def _move(self, connection, folder, uids):
        other = self.office.random.choice([name for name in FOLDERS if name != folder])
        self._ok(connection.uid("MOVE", uids, quoted(other)))

    def _expunge(self, connection, folder, uids):
        headers = "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        parts = self._ok(connection.uid("FETCH", uids, headers))
        for part in parts:
            if isinstance(part, tuple):
                self.lost.add(part[1].decode().partition(":")[2].strip())
        self._ok(connection.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)"))
        self._ok(connection.uid("EXPUNGE", uids))

    def _flag(self, connection, folder, uids):
        chance = self.office.random
        sign, flag = chance.choice("+-"), chance.choice(("\\Seen", "\\Answered"))
        self._ok(connection.uid("STORE", uids, f"{sign}FLAGS", f"({flag})"))

    @staticmethod
    def _ok(answer):
        if answer[0] != "OK":
            raise AssertionError(answer)
        return answer[1]


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i1_i2_another_client_at_work_all_the_while(office, lanes):
    office.fill(400 if DEEP else 150)
    office.fill(20, "Sent")
    mailbox = office.bind()
    lost = set()
    for number in range(ROUNDS):
        other = Busybody(office, DEEDS)
        child = lanes.lane(mailbox)
        if number:
            lanes.wait_for_more(child, office.random.randint(1, 50))
        other.start()
        while other.is_alive():
            child.wait()
            child = lanes.lane(mailbox)
        child.wait()
        other.join(60)
        assert other.failure is None, other.failure
        lost |= other.lost
        lanes.finish(mailbox)
        assert_truth(office, lost)
