# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Any number of processes and hosts are one system (invariant I13): two on one mailbox
at the same moment, and two hosts of which either is killed at will."""

import time
from contextlib import closing

import pytest
from servers.odoo import Odoo
from servers.process import wait_until

from .conftest import DEEP
from .lanes import Lanes
from .truth import assert_truth

ROUNDS = 40 if DEEP else 3
KILLS = 60 if DEEP else 4
# A dead holder's lease is free within (design, section 2) ...
LEASE_SECONDS = 15
# ... and here, where it is not the lease that is tested.
SHORT_LEASE = 1
# From a free lease to the first mail: connecting, listing, a chunk.
TO_THE_FIRST_MAIL = 5


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i2_i13_two_lanes_forced_onto_one_mailbox_again_and_again(office, lanes):
    office.fill(80)
    mailbox = office.bind()
    for _number in range(ROUNDS):
        both = [lanes.lane(mailbox) for _n in range(2)]
        told = [child.wait() for child in both]
        assert all(one["quiet"] for one in told), told
        assert_truth(office)
        office.fill(40)
    lanes.finish(mailbox)
    assert_truth(office)


@pytest.fixture
def other(lanes, forks, tmp_path):
    """A second host: its own data folder, where the filestore is mounted."""
    odoo = lanes.odoo
    host = Odoo(
        tmp_path / "host",
        odoo.postgres,
        odoo.database,
        odoo.ca,
        forks=forks,
        **odoo.options,
    )
    host.write_config()
    store = host.data_folder / "filestore"
    store.symlink_to(odoo.data_folder / "filestore")
    with closing(host), closing(Lanes(host, tmp_path)) as started:
        yield started


def holder(lanes):
    """The process that holds the mailbox's lease, 0: nobody."""
    told = lanes.sql(
        "SELECT split_part(holder, ':', 2) FROM waimaolang_mailbox_lease"
        " WHERE expires > timezone('UTC', clock_timestamp())"
    )
    return int(told[0][0]) if told else 0


def test_i13_a_dead_hosts_mailbox_is_taken_over_within_15_seconds(office, lanes, other):
    office.fill(400)
    mailbox = office.bind()
    first = lanes.lane(mailbox)
    lanes.wait_for_more(first, 20)
    second = other.lane(mailbox)
    wait_until(lambda: holder(lanes) == first.pid, 10, "the first to hold it")
    assert first.kill()
    died, had = time.monotonic(), lanes.stored()
    wait_until(
        lambda: lanes.stored() > had, LEASE_SECONDS + TO_THE_FIRST_MAIL, "takeover"
    )
    print(f"taken over after {time.monotonic() - died:.1f} s")
    assert second.wait()["quiet"]
    assert_truth(office)


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i1_i2_i13_two_hosts_either_killed_at_will(office, lanes, other):
    office.fill(150)
    mailbox = office.bind()
    hosts = [lanes, other]
    working = [host.lane(mailbox, lease=SHORT_LEASE) for host in hosts]
    kills = 0
    while kills < KILLS:
        chosen = office.random.randrange(2)
        lanes.wait_for_more(working[chosen], office.random.randint(0, 40))
        kills += working[chosen].kill()
        working[chosen] = hosts[chosen].lane(mailbox, lease=SHORT_LEASE)
        if working[1 - chosen].over:
            office.fill(40)
            working[1 - chosen] = hosts[1 - chosen].lane(mailbox, lease=SHORT_LEASE)
    for child in working:
        child.wait()
    lanes.finish(mailbox)
    assert_truth(office)
