# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The line between us and the server breaks at random bytes, in clear text and within
TLS: an import goes on where it was."""

import pytest

from .conftest import DEEP
from .proxy import Fault
from .truth import assert_truth

# How often each is met in one import, by the way it is met.
FAULTS = (
    {"cut": 25, "reset": 25, "lose": 20} if DEEP else {"cut": 3, "reset": 3, "lose": 2}
)
STALLS = 5 if DEEP else 1
# Of one connection: from the greeting to the middle of a chunk.
BYTES = 150_000
# Than any of the mails.
SHORTER = 99
# What is waited for an answer, instead of ten seconds.
PATIENCE = 1.5


@pytest.mark.timeout(1800 if DEEP else 240)
@pytest.mark.parametrize("security", ["none", "ssl"])
def test_i1_i2_a_line_that_breaks_at_random_bytes(office, lanes, proxies, security):
    dovecot = office.box.dovecot
    port = dovecot.imaps_port if security == "ssl" else dovecot.imap_port
    proxy = proxies(port)
    office.fill(1500 if DEEP else 250)
    mailbox = office.bind(incoming_port=proxy.port, incoming_security=security)
    kinds = [kind for kind, times in FAULTS.items() for _n in range(times)]
    kinds += ["stall"] * STALLS
    office.random.shuffle(kinds)
    for kind in kinds:
        after = int(office.random.triangular(0, BYTES, 0))
        # TCP loses no bytes, far less exactly a mail or three: nobody would notice
        proxy.plan.append(Fault(kind, after, office.random.randint(1, SHORTER)))
    while proxy.plan:
        lanes.finish(mailbox, 600, timeout=PATIENCE)
        office.fill(40)  # it was over before the faults were
    lanes.finish(mailbox, 600, timeout=PATIENCE)
    # what was under way each time the line broke is thought to be what breaks it
    lanes.a_day_later()
    lanes.finish(mailbox, 600)
    assert len(proxy.struck) >= len(kinds) / 2, "too few of the faults were met"
    assert_truth(office)
