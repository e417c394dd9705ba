# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta

import pytest
from tasks_engine import reminding
from tasks_engine.reminding import ESCALATED, OVERDUE, REMIND, ahead, plan, reached

DUE = datetime(2026, 5, 15, 10, 0)
BEFORE, LATER = DUE - timedelta(minutes=30), DUE + timedelta(hours=4)
ALL = plan(DUE, 30, True, LATER)


@pytest.mark.parametrize(
    ("planned", "told", "expected"),
    [
        (ALL, None, [(REMIND, BEFORE), (OVERDUE, DUE), (ESCALATED, LATER)]),
        (ALL, REMIND, [(OVERDUE, DUE), (ESCALATED, LATER)]),
        (ALL, OVERDUE, [(ESCALATED, LATER)]),
        (ALL, ESCALATED, []),
        (plan(DUE, 0, True, None), None, [(OVERDUE, DUE)]),
        (plan(DUE, -5, True, None), None, [(OVERDUE, DUE)]),
        (plan(DUE, 30, False, None), None, [(REMIND, BEFORE)]),
        (plan(DUE, 0, False, LATER), None, [(ESCALATED, LATER)]),
        (plan(None, 30, True, LATER), None, []),
    ],
)
def test_what_is_still_to_be_said(planned, told, expected):
    assert ahead(planned, told) == expected


@pytest.mark.parametrize(
    ("told", "now", "expected"),
    [
        (None, BEFORE - timedelta(seconds=1), []),
        (None, BEFORE, [REMIND]),
        (REMIND, DUE - timedelta(seconds=1), []),
        (REMIND, DUE, [OVERDUE]),
        (OVERDUE, LATER, [ESCALATED]),
        (ESCALATED, LATER, []),
        # nothing ran for a while: no reminder of what is over
        (None, DUE, [OVERDUE]),
        (None, LATER, [OVERDUE, ESCALATED]),
        (REMIND, LATER, [OVERDUE, ESCALATED]),
    ],
)
def test_each_is_said_once_and_nothing_stale(told, now, expected):
    assert reached(ALL, told, now) == expected


def test_without_a_notice_the_reminder_is_said_even_late():
    assert reached(plan(DUE, 30, False, None), None, LATER) == [REMIND]


def test_the_steps_are_in_order():
    assert reminding.STEPS == (REMIND, OVERDUE, ESCALATED)
