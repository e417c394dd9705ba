# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A chunk of mails that are slow to read does not hold a lane (I6)."""

from engine import fetch
from engine.ledger import PendingCopy
from mime.pool import ParseOutcome
from transport.base import FetchedMail


class Clock:
    def __init__(self, seconds_a_mail):
        self.now = 0.0
        self.seconds_a_mail = seconds_a_mail
        self.groups = []

    def monotonic(self):
        return self.now

    def parse_many(self, raws):
        self.groups.append(len(raws))
        self.now += len(raws) * self.seconds_a_mail
        return [ParseOutcome(None, "odd") for _raw in raws]


def parsed(monkeypatch, seconds_a_mail, deadline=10.0):
    clock = Clock(seconds_a_mail)
    monkeypatch.setattr(fetch, "time", clock)
    fetched = [
        (PendingCopy(n, 1, 7, str(n), n), FetchedMail(str(n), n, b"x"))
        for n in range(100)
    ]
    arrivals = [*fetch._parse(fetched, clock.parse_many, deadline)]
    return arrivals, clock


def test_i6_what_takes_too_long_to_parse_stays_pending(monkeypatch):
    arrivals, clock = parsed(monkeypatch, 1.5)
    assert 0 < len(arrivals) < 15 and clock.now < 10 + 4 * 1.5
    assert [arrival.copy.id for arrival in arrivals] == [*range(len(arrivals))]


def test_one_group_is_parsed_however_late_it_is(monkeypatch):
    assert len(parsed(monkeypatch, 60, deadline=0.0)[0]) == fetch.PARSED_FIRST


def test_fast_mails_are_parsed_in_ever_larger_groups(monkeypatch):
    arrivals, clock = parsed(monkeypatch, 0.001)
    assert len(arrivals) == 100 and clock.groups == [4, 8, 16, 32, 40]
