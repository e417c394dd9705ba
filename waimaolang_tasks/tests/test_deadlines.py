# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytz

from odoo import Command
from odoo.tests import TransactionCase, tagged

from ..engine.deadlines import DAYS, ELAPSED, WORKING, day_of_work, due

# 2026: clocks change in Berlin on 29 March and 25 October, in New York on 8 March and
# 1 November. 15 May is a Friday. "day hh:mm" is the calendar's local time.
CASES = [
    # -- working hours: Shanghai, 9 to 12 and 13 to 18
    ("within the morning", "shanghai", "05-11 10:00", 2, WORKING, "05-11 12:00"),
    ("over lunch", "shanghai", "05-11 10:00", 3, WORKING, "05-11 14:00"),
    ("from lunch", "shanghai", "05-11 12:30", 1, WORKING, "05-11 14:00"),
    ("before work", "shanghai", "05-11 07:00", 1, WORKING, "05-11 10:00"),
    ("until work ends", "shanghai", "05-15 17:00", 1, WORKING, "05-15 18:00"),
    ("over a weekend", "shanghai", "05-15 17:00", 2, WORKING, "05-18 10:00"),
    ("from a Saturday", "shanghai", "05-16 11:00", 4, WORKING, "05-18 14:00"),
    ("24 hours are three days", "shanghai", "05-15 11:00", 24, WORKING, "05-20 11:00"),
    (
        "200 hours are five weeks",
        "shanghai",
        "05-11 09:00",
        200,
        WORKING,
        "06-12 18:00",
    ),
    ("a week of holidays", "shanghai", "09-30 17:00", 2, WORKING, "10-09 10:00"),
    ("at once", "shanghai", "05-11 10:00", 0, WORKING, "05-11 10:00"),
    ("at once, in the evening", "shanghai", "05-11 20:00", 0, WORKING, "05-12 09:00"),
    ("before it began", "shanghai", "05-11 10:00", -5, WORKING, "05-11 10:00"),
    ("a quarter", "shanghai", "05-11 10:00", 0.25, WORKING, "05-11 10:15"),
    ("a third", "shanghai", "05-11 10:00", 1 / 3, WORKING, "05-11 10:20"),
    ("a tenth over night", "shanghai", "05-11 17:57", 0.1, WORKING, "05-12 09:03"),
    # -- Berlin, 8 to 12 and 13 to 17
    ("clocks forward", "berlin", "03-27 16:00", 2, WORKING, "03-30 09:00"),
    ("clocks back", "berlin", "10-23 16:00", 2, WORKING, "10-26 09:00"),
    ("Christmas of the company", "berlin", "12-24 16:00", 2, WORKING, "12-28 09:00"),
    ("half a holiday", "berlin", "12-31 11:00", 2, WORKING, "2027-01-04 09:00"),
    ("one employee's leave", "berlin", "06-01 16:00", 2, WORKING, "06-02 09:00"),
    ("another company's", "berlin", "06-02 16:00", 2, WORKING, "06-03 09:00"),
    ("a training", "berlin", "06-03 16:00", 2, WORKING, "06-04 09:00"),
    ("another calendar's", "berlin", "09-30 16:00", 2, WORKING, "10-01 09:00"),
    # -- New York, 9 to 17
    ("clocks forward", "new york", "03-06 16:00", 2, WORKING, "03-09 10:00"),
    ("clocks back", "new york", "10-30 16:00", 2, WORKING, "11-02 10:00"),
    ("overnight", "new york", "05-12 16:30", 1.5, WORKING, "05-13 10:00"),
    # -- day and night, Berlin
    ("23 hours that day", "always", "03-28 12:00", 24, WORKING, "03-29 13:00"),
    ("25 hours that day", "always", "10-24 12:00", 24, WORKING, "10-25 11:00"),
    ("a month", "always", "05-01 00:00", 24 * 31, WORKING, "06-01 00:00"),
    ("a holiday until 23:59:59", "always", "12-24 23:00", 2, WORKING, "12-26 01:00"),
    # -- every other Saturday, Shanghai: 16 May is one on which work is
    ("a Saturday on", "two weeks", "05-15 17:00", 2, WORKING, "05-16 10:00"),
    ("a Saturday off", "two weeks", "05-22 17:00", 2, WORKING, "05-25 10:00"),
    ("a Saturday on", "two weeks", "05-15 11:00", 24, DAYS, "05-16 11:00"),
    ("a Saturday off", "two weeks", "05-22 11:00", 24, DAYS, "05-25 11:00"),
    # -- without hours
    ("flexible", "flexible", "05-15 17:00", 20, WORKING, "05-16 13:00"),
    ("flexible, a holiday", "flexible", "12-24 20:00", 8, WORKING, "12-26 04:00"),
    ("flexible, a holiday", "flexible", "12-24 20:00", 8, DAYS, "12-26 04:00"),
    ("nobody works", "empty", "05-15 17:00", 20, WORKING, "05-16 13:00"),
    ("nobody works", "empty", "05-15 17:00", 20, DAYS, "05-16 13:00"),
    ("no calendar", "none", "05-15 17:00", 20, WORKING, "05-16 13:00"),
    # -- all hours
    ("all hours", "shanghai", "05-15 17:00", 24, ELAPSED, "05-16 17:00"),
    ("all hours, forward", "berlin", "03-28 12:00", 24, ELAPSED, "03-29 13:00"),
    ("all hours, back", "berlin", "10-24 12:00", 24, ELAPSED, "10-25 11:00"),
    ("all hours, below 0", "berlin", "10-24 12:00", -1, ELAPSED, "10-24 12:00"),
    # -- hours of working days
    ("the same day", "shanghai", "05-11 11:00", 5, DAYS, "05-11 16:00"),
    ("the next day", "shanghai", "05-11 11:00", 24, DAYS, "05-12 11:00"),
    ("over a weekend", "shanghai", "05-15 11:00", 24, DAYS, "05-18 11:00"),
    ("over a weekend, two days", "shanghai", "05-15 11:00", 48, DAYS, "05-19 11:00"),
    (
        "in the evening: as work ends",
        "shanghai",
        "05-11 11:00",
        10,
        DAYS,
        "05-11 18:00",
    ),
    ("work is over: tomorrow", "shanghai", "05-11 20:00", 2, DAYS, "05-12 09:00"),
    ("tomorrow evening", "shanghai", "05-11 20:00", 24, DAYS, "05-12 18:00"),
    ("work is over on a Friday", "shanghai", "05-15 20:00", 1, DAYS, "05-18 09:00"),
    ("from a Saturday", "shanghai", "05-16 11:00", 24, DAYS, "05-18 18:00"),
    ("from a Sunday, at night", "shanghai", "05-17 11:00", 4, DAYS, "05-18 09:00"),
    ("before work: as it begins", "shanghai", "05-14 07:00", 24, DAYS, "05-15 09:00"),
    ("at lunch", "shanghai", "05-11 10:00", 26.5, DAYS, "05-12 12:30"),
    ("half an hour", "shanghai", "05-15 11:00", 0.5, DAYS, "05-15 11:30"),
    ("at once, on a Saturday", "shanghai", "05-16 11:00", 0, DAYS, "05-18 09:00"),
    ("below 0", "shanghai", "05-11 11:00", -3, DAYS, "05-11 11:00"),
    ("a week of holidays", "shanghai", "09-30 11:00", 24, DAYS, "10-09 11:00"),
    ("clocks forward", "berlin", "03-27 11:00", 48, DAYS, "03-31 11:00"),
    ("clocks back", "berlin", "10-23 11:00", 24, DAYS, "10-26 11:00"),
    ("half a holiday", "berlin", "12-30 15:00", 24, DAYS, "12-31 12:00"),
    ("half a holiday, after", "berlin", "12-31 13:00", 1, DAYS, "2027-01-04 08:00"),
    ("clocks back", "new york", "10-30 11:00", 24, DAYS, "11-02 11:00"),
    ("23 hours that day", "always", "03-28 12:00", 24, DAYS, "03-29 13:00"),
    ("25 hours that day", "always", "10-24 12:00", 24, DAYS, "10-25 11:00"),
]
# Written in one zone, due in another.
ABROAD = [
    ("Europe/Berlin", "05-15 11:00", "shanghai", 2, WORKING, "05-18 10:00"),
    ("America/New_York", "05-17 22:00", "shanghai", 2, WORKING, "05-18 12:00"),
    ("Asia/Shanghai", "05-18 09:00", "new york", 2, WORKING, "05-18 11:00"),
    ("Asia/Shanghai", "03-29 09:00", "berlin", 2, WORKING, "03-30 10:00"),
    ("Asia/Shanghai", "05-16 03:00", "new york", 24, DAYS, "05-18 15:00"),
]


def parse(text, zone):
    text = text if text.startswith("20") else f"2026-{text}"
    local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(timezone.utc).replace(tzinfo=None)


@tagged("post_install", "-at_install")
class TestDeadlines(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # neither the user's zone nor the context's counts
        cls.env.user.tz = "Pacific/Auckland"
        lima = pytz.timezone("America/Lima")
        cls.env = cls.env(context={"tz": lima.zone, "employee_timezone": lima})
        week, split = range(5), [(8, 12), (13, 17)]
        cls.calendars = {
            "shanghai": cls.create("Asia/Shanghai", week, [(9, 12), (13, 18)]),
            "berlin": cls.create("Europe/Berlin", week, split),
            "new york": cls.create("America/New_York", week, [(9, 17)]),
            "always": cls.create("Europe/Berlin", range(7), [(0, 24)]),
            "empty": cls.create("Europe/Berlin", [], []),
            "flexible": cls.create("Europe/Berlin", week, split),
            "two weeks": cls.create_two_weeks(),
            "none": cls.env["resource.calendar"],
        }
        cls.calendars["flexible"].schedule_type = "flexible"
        cls.create_holidays()

    @classmethod
    def create(cls, zone, days, hours, **values):
        return cls.env["resource.calendar"].create(
            {
                "name": zone,
                "tz": zone,
                "attendance_ids": [
                    Command.clear(),
                    *(cls.attend(day, *shift) for day in days for shift in hours),
                ],
                **values,
            }
        )

    @classmethod
    def attend(cls, day, begin, end, **values):
        return Command.create(
            {
                "name": "Work",
                "dayofweek": str(day),
                "hour_from": begin,
                "hour_to": end,
                "day_period": "morning",
                **values,
            }
        )

    @classmethod
    def create_two_weeks(cls):
        on = str(
            cls.env["resource.calendar.attendance"].get_week_type(datetime(2026, 5, 16))
        )
        lines = []
        for number, week in enumerate("01"):
            section = {"week_type": week, "display_type": "line_section"}
            lines.append(cls.attend(0, 0, 0, sequence=number * 25, **section))
            lines += [
                cls.attend(day, 9, 18, week_type=week, sequence=number * 25 + 1)
                for day in range(6 if week == on else 5)
            ]
        return cls.create("Asia/Shanghai", [], []).copy(
            {"two_weeks_calendar": True, "attendance_ids": lines}
        )

    @classmethod
    def create_holidays(cls):
        other = cls.env["res.company"].create({"name": "Other"})
        shanghai, berlin = cls.calendars["shanghai"], cls.calendars["berlin"]
        employee = cls.env["resource.resource"].create(
            {"name": "Emil", "calendar_id": berlin.id, "tz": "Europe/Berlin"}
        )
        for begin, end, calendar, values in (
            ("10-01 00:00", "10-08 23:59", shanghai, {}),
            ("12-31 12:00", "12-31 23:59", berlin, {}),
            ("2027-01-01 00:00", "2027-01-01 23:59", berlin, {}),
            ("06-02 00:00", "06-02 23:59", berlin, {"resource_id": employee.id}),
            ("06-04 00:00", "06-04 23:59", berlin, {"time_type": "other"}),
        ):
            cls.leave(begin, end, calendar, **values)
        cls.leave("06-03 00:00", "06-03 23:59", None, other)
        christmas = cls.leave("12-25 00:00", "12-25 23:59", None)
        christmas.date_to = christmas.date_to.replace(second=59)

    @classmethod
    def leave(cls, begin, end, calendar, company=None, **values):
        zone = calendar.tz if calendar else "Europe/Berlin"
        leaves = cls.env["resource.calendar.leaves"]
        found = leaves.with_company(company or cls.env.company).create(
            {
                "name": "Holiday",
                "date_from": parse(begin, zone),
                "date_to": parse(end, zone),
                "calendar_id": calendar.id if calendar else False,
                **values,
            }
        )
        found.flush_recordset()  # in this company
        return found

    def test_deadlines(self):
        self.assertGreaterEqual(len(CASES), 60)
        for name, where, start, hours, counting, expected in CASES:
            with self.subTest(name, calendar=where, counting=counting):
                self.check(where, start, hours, counting, expected)

    def test_a_mail_from_another_zone(self):
        for zone, start, where, hours, counting, expected in ABROAD:
            with self.subTest(zone, calendar=where):
                self.check(where, start, hours, counting, expected, zone)

    def check(self, where, start, hours, counting, expected, written_in=None):
        calendar = self.calendars[where]
        zone = calendar.tz or "Europe/Berlin"
        result = due(calendar, parse(start, written_in or zone), hours, counting)
        self.assertEqual(result, parse(expected, zone))

    def test_when_work_is_on_a_day(self):
        berlin = self.calendars["berlin"]
        opens, closes = day_of_work(berlin, datetime(2026, 12, 31).date())
        self.assertEqual(opens, parse("12-31 08:00", berlin.tz))
        self.assertEqual(closes, parse("12-31 12:00", berlin.tz))
        self.assertIsNone(day_of_work(berlin, datetime(2026, 12, 25).date()))
        none = self.calendars["none"]
        self.assertIsNone(day_of_work(none, datetime(2026, 12, 31).date()))

    def test_holidays_of_the_company_whose_calendar_is_shared(self):
        shared = self.create("Europe/Berlin", range(5), [(8, 17)])
        shared.company_id = False
        other = self.env["res.company"].search([("name", "=", "Other")])
        for company, expected in (
            (self.env.company, "06-03 09:00"),
            (other, "06-04 09:00"),
        ):
            result = due(
                shared.with_company(company),
                parse("06-02 16:00", shared.tz),
                2,
                WORKING,
            )
            self.assertEqual(result, parse(expected, shared.tz))
