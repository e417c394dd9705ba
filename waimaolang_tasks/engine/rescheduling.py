# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A task that somebody moves to another day: at which minute of it is it due? Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timezone

LAST_MINUTE = time(23, 59)


def day_of(due: datetime, zone) -> date:
    """``due``, in naive UTC, is on this day in ``zone``."""
    return due.replace(tzinfo=timezone.utc).astimezone(zone).date()


def move(due: datetime, day: date, zone, work, now: datetime) -> datetime:
    """The same time of ``day`` in ``zone``, who has to do it; earlier or later where
    nobody works then. What is over by now is due at the end of work, else of the day.
    ``work``: (from, to) of the team on that day, or None. Naive UTC."""
    local = due.replace(tzinfo=timezone.utc).astimezone(zone)
    moved = _at(day, local.time(), zone)
    opens, closes = work or (None, None)
    if work:
        within = min(max(moved, opens), closes)
        if day_of(within, zone) == day:
            moved = within
    if moved > now or day < day_of(now, zone):
        return moved
    if closes and closes > now and day_of(closes, zone) == day:
        return closes
    return _at(day, LAST_MINUTE, zone)


def _at(day: date, hour: time, zone) -> datetime:
    local = datetime.combine(day, hour, tzinfo=zone)
    return local.astimezone(timezone.utc).replace(tzinfo=None)
