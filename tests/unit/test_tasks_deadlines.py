# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What follows from shifts; with calendars of Odoo: waimaolang_tasks'
test_deadlines."""

from datetime import datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from tasks_engine.deadlines import after_days, after_work, to_seconds

UTC = ZoneInfo("UTC")


def at(day, hour=0, minute=0):
    return datetime(2026, 5, day, hour, minute, tzinfo=timezone.utc)


def hours(count):
    return timedelta(hours=count)


WEEK = [(at(day, 9), at(day, 18)) for day in (11, 12, 13, 14, 15, 18, 19)]


@pytest.mark.parametrize(
    ("begin", "span", "expected"),
    [
        (at(11, 9), 9, at(11, 18)),
        (at(11, 9), 9.5, at(12, 9, 30)),
        (at(11, 18), 0, at(11, 18)),
        (at(11, 18), 1, at(12, 10)),
        (at(16, 12), 0, at(18, 9)),
        (at(19, 17), 2, None),
    ],
)
def test_only_shifts_count(begin, span, expected):
    assert after_work(WEEK, begin, hours(span)) == expected


@pytest.mark.parametrize(
    ("begin", "span", "expected"),
    [
        (at(11, 10), 24, at(12, 10)),
        (at(15, 10), 24, at(18, 10)),
        (at(15, 19), 5, at(18, 9)),
        (at(15, 19), 6, at(18, 9)),
        (at(16, 10), 24, at(18, 18)),
        (at(11, 18), 0, at(11, 18)),
        # the shifts that are known end here
        (at(19, 19), 1, at(19, 20)),
        (at(19, 10), 24, None),
    ],
)
def test_whole_days_with_a_shift_count(begin, span, expected):
    shifts = [shift for shift in WEEK if shift[0].date() >= begin.date()]
    assert after_days(shifts, begin, hours(span), UTC) == expected


def test_no_more_shifts_are_asked_for_than_are_needed():
    asked = []

    def shifts():
        for shift in WEEK:
            asked.append(shift)
            yield shift

    after_work(shifts(), at(11, 10), hours(2))
    assert asked == list(islice(WEEK, 1))


def test_fractions_of_an_hour_end_on_a_second():
    third = at(11, 10) + hours(1 / 3)
    assert to_seconds(third - timedelta(microseconds=1)) == at(11, 10, 20)
