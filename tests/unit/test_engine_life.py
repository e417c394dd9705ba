# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The states of a mailbox: every pair of state and event, said once more by hand."""

import pytest
from engine import life

# One column for each of life.STATES; "." where the event means nothing.
CASES = """
                draft        connected    reauth       error        paused       disconnected
    bound       connected    connected    connected    connected    connected    connected
    answered    .            connected    .            connected    .            .
    refused     .            error        .            error        .            .
    locked_out  .            reauth       .            reauth       .            .
    sent        .            connected    .            error        .            .
    sending_refused .        connected    .            error        .            .
    paused      .            paused       .            paused       paused       .
    owner_left  .            paused       .            paused       .            .
    resumed     .            connected    .            .            connected    .
    wiped       draft        reauth       reauth       reauth       reauth       disconnected
    disconnected disconnected disconnected disconnected disconnected disconnected disconnected
"""  # noqa: E501
HEAD, *ROWS = (line.split() for line in CASES.strip().splitlines())
PAIRS = [
    (state, row[0], target)
    for row in ROWS
    for state, target in zip(HEAD, row[1:], strict=True)
]


@pytest.mark.parametrize(("state", "event", "target"), PAIRS)
def test_each_pair(state, event, target):
    found = life.step(state, event)
    if target == ".":
        assert found is None
    else:
        assert (found.state, found.reason) == (target, life.REASONS[event])


def test_no_pair_is_left_out():
    assert tuple(HEAD) == life.STATES
    assert {row[0] for row in ROWS} == set(life.REASONS)
    assert len(PAIRS) == len(life.STATES) * len(life.REASONS)


def test_no_pass_of_the_engine_wakes_what_a_person_stopped():
    by_engine = set(life.REASONS) - life.BY_PERSON
    for state in ("draft", "reauth", "paused", "disconnected"):
        for event in by_engine:
            found = life.step(state, event)
            assert not found or found.state not in ("connected", "error")


def test_every_state_can_be_left_by_a_person():
    for state in life.STATES:
        assert life.step(state, life.BOUND) and life.step(state, life.DISCONNECTED)
