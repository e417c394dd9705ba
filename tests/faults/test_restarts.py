# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The mail server and the database end in mid-import and come back."""

from contextlib import closing

import pytest
from servers import template
from servers.odoo import Odoo
from servers.postgres import Postgres

from .conftest import DEEP
from .lanes import Lanes
from .office import Office
from .truth import assert_truth

RESTARTS = 20 if DEEP else 3
CRASHES = 30 if DEEP else 4
# A lane whose release was lost with the database waits for its own lease to end.
LEASE = 2


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i1_i2_the_mail_server_restarted_in_mid_import(office, lanes, dovecot):
    office.fill(60 * RESTARTS)
    mailbox = office.bind()
    child = lanes.lane(mailbox)
    for number in range(RESTARTS):
        lanes.wait_for_more(child, office.random.randint(1, 40))
        dovecot.restart()
        if number + 1 < RESTARTS and child.over:
            office.fill(60)
            child = lanes.lane(mailbox)
    child.wait()
    lanes.finish(mailbox)
    assert_truth(office)


@pytest.fixture
def own_lanes(run_folder, ca, forks, tmp_path):
    """On a cluster of the test's own."""
    folder = run_folder / "faults_cluster"
    template.copy_template(template.addons_template(), folder)
    with Postgres(folder / "pg") as postgres:
        odoo = Odoo(folder / "odoo", postgres, template.DATABASE, ca, forks=forks)
        with closing(odoo), closing(Lanes(odoo, tmp_path)) as lanes:
            yield lanes


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i1_i2_the_database_crashed_in_mid_import(own_lanes, dovecot, seed):
    office = Office(own_lanes, dovecot, seed)
    office.fill(60 * CRASHES)
    mailbox = office.bind()
    child = own_lanes.lane(mailbox, lease=LEASE)
    for _number in range(CRASHES):
        own_lanes.wait_for_more(child, office.random.randint(1, 60))
        own_lanes.odoo.postgres.crash()
        if child.over:
            office.fill(60)
            child = own_lanes.lane(mailbox, lease=LEASE)
    child.wait()
    own_lanes.finish(mailbox, lease=LEASE)
    assert_truth(office)
