# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Killed without warning at random moments of an import: nothing lost, none twice."""

import os
import signal
import time

import pytest
from servers.process import wait_until

from .conftest import DEEP
from .truth import assert_truth

KILLS = 200 if DEEP else 12
PARSERS = 60 if DEEP else 6
# An import's start takes as long: kills fall before, into and after it.
MOMENT = 1.2


def later(office, longest, child):
    """A random moment, unless it ended before."""
    moment = time.monotonic() + office.random.uniform(0, longest)
    wait_until(
        lambda: time.monotonic() >= moment or child.over, 60, "a moment", poll=0.01
    )


@pytest.mark.timeout(3000 if DEEP else 240)
def test_i1_i2_a_lane_killed_at_random_moments_loses_nothing(office, lanes):
    office.fill(3000 if DEEP else 300)
    mailbox = office.bind()
    kills = 0
    while kills < KILLS:
        child = lanes.lane(mailbox)
        later(office, MOMENT, child)
        if not child.kill():
            office.fill(100)  # it was over before: there is more to do
            continue
        kills += 1
        lanes.free()
    lanes.finish(mailbox, 600)
    assert_truth(office)


@pytest.mark.timeout(3000 if DEEP else 240)
def test_i5_a_parser_killed_at_random_moments_loses_nothing(office, lanes):
    office.fill(1000 if DEEP else 200)
    mailbox = office.bind()
    kills = 0
    while kills < PARSERS:
        child = lanes.lane(mailbox)
        while not child.over and kills < PARSERS:
            later(office, 0.5, child)
            for pid in child.parsers()[:1]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                kills += 1
        assert child.wait()["quiet"]
        if kills < PARSERS:
            office.fill(100)
    lanes.finish(mailbox, 600)
    assert_truth(office)
