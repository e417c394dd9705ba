# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When something is due, to the minute, by a team's working calendar."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

WORKING, DAYS, ELAPSED = "working", "days", "elapsed"
# Looked through for the next working day; public holidays are shorter everywhere.
LONGEST_PAUSE = timedelta(days=90)


def due(calendar, start: datetime, hours: float, counting: str) -> datetime:
    """``calendar``: a resource.calendar, or an empty one: all hours are working hours.
    ``start`` and the result in naive UTC. ``counting``:

    - working: only working hours count: 2 h from Friday 17:00 are Monday 10:00 where
      work is from 9 to 18;
    - days: all hours of days on which somebody works count, and it is due before that
      day's work ends: 24 h from Friday 11:00 are Monday 11:00;
    - elapsed: all hours count.
    """
    if counting == ELAPSED or not calendar:
        return start + timedelta(hours=hours)
    begin = start.replace(tzinfo=timezone.utc)
    if counting == WORKING:
        planned = calendar.plan_hours(hours, begin, compute_leaves=True)
    else:
        planned = _after_days(calendar, begin, hours)
    if not planned:  # nobody ever works
        return start + timedelta(hours=hours)
    return planned.astimezone(timezone.utc).replace(tzinfo=None)


def _after_days(calendar, begin: datetime, hours: float) -> datetime | None:
    """Not written yet: as working hours."""
    return calendar.plan_hours(hours, begin, compute_leaves=True)
