# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a server shows changes without a mail being deleted: new numbers, empty answers,
UIDs that appear late, a window that shrinks and grows (invariant I7)."""

import re

import pytest

from . import maildir
from .conftest import DEEP
from .office import FOLDER
from .truth import assert_truth, on_server

ROUNDS = 8 if DEEP else 2


def count_mails(office):
    """Those of the office in Odoo."""
    told = office.lanes.sql(
        "SELECT count(*) FROM waimaolang_mail_mailbox_rel"
        f" WHERE waimaolang_mailbox_id = {office.id}"
    )
    return int(told[0][0])


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i7_uidvalidity_changed_in_mid_import(office, lanes):
    office.fill(120)
    mailbox = office.bind()
    for _number in range(ROUNDS):
        child = lanes.lane(mailbox)
        lanes.wait_for_more(child, office.random.randint(1, 60))
        before = on_server(office.box, "INBOX").uidvalidity
        maildir.renumber(office.box)
        child.wait()
        assert on_server(office.box, "INBOX").uidvalidity != before
        lanes.finish(mailbox)
        assert_truth(office)
        office.fill(60)
    lanes.finish(mailbox)
    assert_truth(office)


def test_i7_a_folder_made_anew_in_mid_import(office, lanes):
    """As "Export, then import" of a webmail does it."""
    fresh = office.fill(80, FOLDER)
    mailbox = office.bind()
    child = lanes.lane(mailbox)
    lanes.wait_for_more(child, 10)
    connection = office.box.dovecot.imap(office.box.email)
    name = maildir.quoted(FOLDER)
    connection.delete(name)
    connection.create(name)
    connection.logout()
    messages = [(made.raw, (), None) for made in reversed(fresh)]
    office.box.dovecot.append_many(office.box.email, FOLDER, messages)
    child.wait()
    lanes.finish(mailbox)
    assert_truth(office)


LIES = {
    "no SEARCH result": (rb"^\* SEARCH .*", b"* SEARCH"),
    "no answer to SEARCH": (rb"^\* SEARCH .*\r\n", b""),
    "half of the SEARCH result": (rb"^(\* SEARCH(?: \d+){5}).*", rb"\1"),
    "an empty folder": (rb"^\* (\d+ EXISTS|SEARCH .*)", b"* 0 EXISTS"),
    "nothing but an empty folder": (
        rb"^\* (\d+ EXISTS|SEARCH .*|\d+ FETCH .*)\r\n",
        b"* 0 EXISTS\r\n",
    ),
}
SHORT_LIES = ("half of the SEARCH result", "nothing but an empty folder")


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lie, marks=() if lie in SHORT_LIES else pytest.mark.deep)
        for lie in LIES
    ],
)
def test_i7_empty_and_partial_answers_delete_nothing(office, lanes, proxies, lie):
    """From the first listing on, then after a complete one, then no more."""
    lying = [True]

    def rewrite(line):
        return re.sub(*LIES[lie], line) if lying[0] else line

    proxy = proxies(office.box.dovecot.imap_port, rewrite)
    office.fill(40)
    mailbox = office.bind(incoming_port=proxy.port, incoming_security="none")
    lanes.lane(mailbox, passes=3, timeout=2).wait()
    lying[0] = False
    lanes.finish(mailbox)
    assert_truth(office)
    known = count_mails(office)
    office.fill(5)
    lying[0] = True
    lanes.lane(mailbox, passes=4, timeout=2).wait()
    if "empty folder" not in lie:
        # the server's own count tells that its list is not the whole truth
        assert "gone" not in states_of(office)
    lying[0] = False
    assert count_mails(office) >= known
    lanes.finish(mailbox)
    assert_truth(office)


def states_of(office):
    told = office.lanes.sql(
        "SELECT state, count(*) FROM waimaolang_mailbox_copy"
        f" WHERE mailbox_id = {office.id} GROUP BY 1"
    )
    return dict(told)


def test_i1_uids_that_appear_late_are_read(office, lanes):
    """Lower ones show after higher ones."""
    office.fill(30)
    maildir.save(office.box, "all")
    maildir.expunge(office.box, "INBOX", (4, 5, 17, 29))
    mailbox = office.bind()
    lanes.finish(mailbox)
    maildir.restore(office.box, "all")
    lanes.finish(mailbox)
    assert_truth(office)


def test_i1_late_uids_that_make_up_for_expunged_ones_are_read_within_a_day(
    office, lanes
):
    """Number, UIDNEXT and modification sequence are as they were: all that can tell is
    the daily proof."""
    office.fill(30)
    maildir.save(office.box, "all")
    maildir.expunge(office.box, "INBOX", (4, 5))
    mailbox = office.bind()
    lanes.finish(mailbox)
    maildir.restore(office.box, "all")
    maildir.expunge(office.box, "INBOX", (20, 21))
    lanes.a_day_later()
    lanes.finish(mailbox)
    assert_truth(office)


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i7_the_servers_window_shrinks_to_the_newest_and_grows_back(office, lanes):
    office.fill(60)
    mailbox = office.bind()
    lanes.finish(mailbox)
    known = count_mails(office)
    for _number in range(ROUNDS):
        maildir.save(office.box, "whole")
        oldest = sorted(on_server(office.box, "INBOX").ids)[:50]
        maildir.expunge(office.box, "INBOX", oldest)
        lanes.finish(mailbox)
        assert count_mails(office) == known
        maildir.restore(office.box, "whole")
        told = lanes.finish(mailbox)
        assert told["stored"] == 0, "read again"
        assert_truth(office)
