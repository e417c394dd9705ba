# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from tasks_engine.rescheduling import day_of, move

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
TUESDAY, WEDNESDAY = date(2026, 5, 12), date(2026, 5, 13)


def utc(text):
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M")


# In Berlin it is two hours later than in UTC; work is from 8 to 17 there.
WORK = (utc("05-12 06:00"), utc("05-12 15:00"))
MORNING = utc("05-12 05:00")


@pytest.mark.parametrize(
    ("due", "work", "now", "expected"),
    [
        # the same time of day
        (utc("05-15 09:30"), WORK, MORNING, utc("05-12 09:30")),
        (utc("05-15 09:30"), None, MORNING, utc("05-12 09:30")),
        # nobody works then
        (utc("05-15 19:00"), WORK, MORNING, utc("05-12 15:00")),
        (utc("05-15 04:00"), WORK, MORNING, utc("05-12 06:00")),
        (utc("05-15 19:00"), None, MORNING, utc("05-12 19:00")),
        # that is over today: until work ends, else until the day does
        (utc("05-11 09:30"), WORK, utc("05-12 10:00"), utc("05-12 15:00")),
        (utc("05-11 09:30"), WORK, utc("05-12 16:00"), utc("05-12 21:59")),
        (utc("05-11 09:30"), None, utc("05-12 16:00"), utc("05-12 21:59")),
        # somebody wants it to be late
        (utc("05-15 09:30"), WORK, utc("05-14 10:00"), utc("05-12 09:30")),
    ],
)
def test_moved_to_a_tuesday(due, work, now, expected):
    assert move(due, TUESDAY, BERLIN, work, now) == expected
    assert day_of(expected, BERLIN) == TUESDAY


def test_the_wall_clock_counts_when_clocks_were_changed():
    due = utc("03-27 08:00")  # 9:00 in winter
    assert move(due, date(2026, 3, 30), BERLIN, None, due) == utc("03-30 07:00")


def test_the_day_is_the_users_not_the_teams():
    """Work in New York is at night in Shanghai: the chosen day is kept."""
    due = utc("05-14 13:30")  # 21:30 in Shanghai
    work = (utc("05-13 13:00"), utc("05-13 21:00"))
    assert move(due, WEDNESDAY, SHANGHAI, work, MORNING) == utc("05-13 13:30")
    early = utc("05-14 02:00")  # 10:00 there, long before
    assert (
        day_of(move(early, WEDNESDAY, SHANGHAI, work, MORNING), SHANGHAI) == WEDNESDAY
    )
    over = move(early, WEDNESDAY, SHANGHAI, work, utc("05-13 14:00"))
    assert over == utc("05-13 15:59")
