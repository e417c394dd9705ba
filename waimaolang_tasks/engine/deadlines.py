# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When something is due, to the minute, by a team's working calendar.

A calendar is asked for its shifts alone (from, to: when somebody works, public holidays
taken out); what follows from them is decided here, in UTC, so that an hour is an hour
on the days on which clocks are changed too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytz

WORKING, DAYS, ELAPSED = "working", "days", "elapsed"
# Looked through for the next working day; public holidays are shorter everywhere.
LONGEST_PAUSE = timedelta(days=90)
# Asked of a calendar at once: most deadlines end in it.
WINDOW = timedelta(days=14)
# Of what is due in no time that there is.
LAST = datetime(9999, 12, 31)
DAY = timedelta(days=1)
# What a holiday "until 23:59:59" leaves of a day is no work.
SHORTEST = timedelta(minutes=1)

Shift = tuple[datetime, datetime]


def due(calendar, start: datetime, hours: float, counting: str) -> datetime:
    """``calendar``: a resource.calendar, or an empty one: all hours are working hours.
    ``start`` and the result in naive UTC, to the second; ``hours`` below 0 count as 0.
    ``counting``:

    - working: only working hours count: 2 h from Friday 17:00 are Monday 10:00 where
      work is from 9 to 18;
    - days: all hours of days on which somebody works count, and it is due within the
      work of its day: 24 h from Friday 11:00 are Monday 11:00. What would be due in the
      evening is so when work ends, and where that is over, when it begins again;
    - elapsed: all hours count.

    A flexible calendar has no hours of work but holidays: these alone do not count.
    """
    try:
        return _count(calendar, start, hours, counting)
    except OverflowError:
        return LAST


def _count(calendar, start: datetime, hours: float, counting: str) -> datetime:
    span = timedelta(hours=max(hours, 0))
    begin = start.replace(tzinfo=timezone.utc)
    found = None
    if counting != ELAPSED and calendar:
        flexible = calendar.flexible_hours
        shifts = _between_holidays if flexible else _at_work
        if counting == WORKING or flexible:
            found = after_work(shifts(calendar, begin), begin, span)
        else:
            zone = zone_of(calendar.tz)
            midnight = _midnight(begin.astimezone(zone).date(), zone)
            found = after_days(shifts(calendar, midnight), begin, span, zone)
    # without: nobody ever works
    return to_seconds(found or begin + span).replace(tzinfo=None)


def after_work(shifts: Iterable[Shift], begin: datetime, span: timedelta):
    """``span`` of the shifts after ``begin``; None if they end before."""
    for opens, closes in shifts:
        opens = max(opens, begin)
        if opens > closes:
            continue
        if span <= closes - opens:
            return opens + span
        span -= closes - opens
    return None


def after_days(shifts: Iterable[Shift], begin: datetime, span: timedelta, zone):
    """``span`` of whole days that have a shift, in ``zone``. ``shifts`` start with the
    day of ``begin``."""
    found = None
    for day, opens, closes in _by_day(shifts, zone):
        if found:  # work was over: the next day's begins
            return opens
        midnight = _midnight(day + DAY, zone)
        counts_from = max(_midnight(day, zone), begin)
        if span > midnight - counts_from:
            span -= midnight - counts_from
            continue
        found = counts_from + span
        if found <= opens:
            return opens
        if closes >= begin:
            return min(found, closes)
    return found


def day_of_work(calendar, day: date) -> Shift | None:
    """From when to when work is on this day, in naive UTC."""
    if not calendar or calendar.flexible_hours:
        return None
    zone = zone_of(calendar.tz)
    begin, end = _midnight(day, zone), _midnight(day + DAY, zone)
    shifts = _ask(calendar, begin, end)
    if not shifts:
        return None
    return shifts[0][0].replace(tzinfo=None), shifts[-1][1].replace(tzinfo=None)


def zone_of(name: str | None):
    """Also of zones that the machine has by a newer name alone, as Odoo finds them
    ("Asia/Calcutta"); UTC for none and for those that nobody knows."""
    try:
        return ZoneInfo(pytz.timezone(name or "UTC").zone)
    except (pytz.UnknownTimeZoneError, ZoneInfoNotFoundError):
        return timezone.utc


def to_seconds(moment: datetime) -> datetime:
    """Hours that are fractions end some microseconds beside."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _midnight(day: date, zone) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(timezone.utc)


def _by_day(shifts, zone) -> Iterator[tuple[date, datetime, datetime]]:
    """(day, its first shift's begin, its last one's end); a night shift counts for the
    day on which it begins."""
    current = None
    for opens, closes in shifts:
        day = opens.astimezone(zone).date()
        if current and current[0] == day:
            current = (day, current[1], max(current[2], closes))
            continue
        if current:
            yield current
        current = (day, opens, closes)
    if current:
        yield current


# -- what a resource.calendar is asked -------------------------------------------------


def _at_work(calendar, begin: datetime) -> Iterator[Shift]:
    """In order, as long as there is no pause that is no holiday any more."""
    seen = begin
    while begin - seen <= LONGEST_PAUSE:
        for opens, closes in _ask(calendar, begin, begin + WINDOW):
            seen = closes
            yield opens, closes
        begin += WINDOW


def _ask(calendar, begin: datetime, end: datetime) -> list[Shift]:
    found = calendar._work_intervals_batch(
        begin, end, domain=_holidays(calendar), tz=pytz.timezone(calendar.tz)
    )
    shifts = [_to_utc(opens, closes) for opens, closes, _meta in found[False]]
    return [shift for shift in shifts if shift[1] - shift[0] >= SHORTEST]


def _between_holidays(calendar, begin: datetime) -> Iterator[Shift]:
    seen = begin
    while begin - seen <= LONGEST_PAUSE:
        end = begin + WINDOW
        found = calendar._leave_intervals_batch(begin, end, domain=_holidays(calendar))
        opens = begin
        for closes, again, _meta in found[False]:
            closes, again = _to_utc(closes, again)
            if closes - opens >= SHORTEST:
                seen = closes
                yield opens, closes
            opens = max(opens, _full_minute(again))
        if opens < end:
            seen = end
            yield opens, end
        begin = end


def _full_minute(moment: datetime) -> datetime:
    """After a holiday until 23:59:59 it is midnight."""
    return moment + timedelta(seconds=1) if moment.second == 59 else moment


def _holidays(calendar) -> list:
    """Of everybody there. Odoo would count those of other companies too where it is
    not asked for a certain employee's."""
    company = calendar.company_id or calendar.env.company
    return [
        ("time_type", "=", "leave"),
        ("resource_id", "=", False),
        "|",
        ("calendar_id", "=", calendar.id),
        ("company_id", "in", [False, company.id]),
    ]


def _to_utc(opens: datetime, closes: datetime) -> Shift:
    return opens.astimezone(timezone.utc), closes.astimezone(timezone.utc)
