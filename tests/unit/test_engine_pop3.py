# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The engine's decisions where keys are no numbers, without Odoo and a server."""

import time
from datetime import datetime

import pytest
from engine import fetch, window
from engine.ledger import PendingCopy
from engine.pool import Connection, ConnectionPool
from transport.base import FetchedMail, RemoteItem

WINDOW = datetime(2026, 6, 1)
OLD, NEW = datetime(2026, 1, 1), datetime(2026, 7, 1)


class Transport:
    """``dates`` by key: what TOP tells; ``late``: what the mail alone tells."""

    lists_whole = True
    one_pass = True

    def __init__(self, dates=None, late=None):
        self.dates = dates or {}
        self.late = late or {}
        self.described, self.fetched = [], []
        self.closed = False

    def describe(self, _folder, keys):
        self.described += keys
        return tuple(RemoteItem(k, 0, 0, self.dates.get(k)) for k in keys)

    def fetch(self, _folder, items, _max_bytes, _uidvalidity):
        for item in items:
            self.fetched.append(item.key)
            date = self.late.get(item.key) or self.dates.get(item.key)
            yield FetchedMail(item.key, 0, b"raw", internaldate=date)

    def close(self):
        self.closed = True


def copy(number, live=False, date=None):
    return PendingCopy(number, 1, 2**32, f"u{number}", 0, 10, date, live)


def run(transport, copies, history_from=WINDOW, seconds=60.0):
    def parse(raws):
        return [
            type("Outcome", (), {"mail": raw, "error": "", "killed": False})
            for raw in raws
        ]

    return fetch.fetch_chunk(
        Connection(transport, ()),
        copies,
        {1: "INBOX"},
        parse,
        time.monotonic() + seconds,
        history_from,
    )


def outside(chunk):
    return [(copy.key, date) for copy, date in chunk.outside]


def arrived(chunk):
    return [arrival.copy.key for arrival in chunk.arrivals]


def test_headers_decide_before_anything_is_downloaded():
    transport = Transport({"u1": OLD, "u2": NEW, "u3": OLD})
    chunk = run(transport, [copy(1), copy(2), copy(3), copy(4)])
    assert transport.fetched == ["u2", "u4"] == arrived(chunk)
    assert outside(chunk) == [("u1", OLD), ("u3", OLD)]
    assert chunk.absent == ()


def test_live_mail_and_mail_whose_date_is_known_cost_no_header():
    transport = Transport({"u1": OLD, "u4": OLD})
    copies = [copy(1, live=True), copy(2, date=NEW), copy(3, date=OLD), copy(4)]
    chunk = run(transport, copies)
    assert transport.described == ["u4"]
    assert arrived(chunk) == ["u1", "u2"]
    assert outside(chunk) == [("u3", OLD), ("u4", OLD)]


def test_without_a_window_no_header_is_asked_for():
    transport = Transport({"u1": OLD})
    assert arrived(run(transport, [copy(1)], None)) == ["u1"]
    assert transport.described == []


def test_what_the_mail_alone_tells_decides_as_well():
    transport = Transport(late={"u1": OLD, "u2": NEW, "u3": OLD})
    chunk = run(transport, [copy(1), copy(2), copy(3, live=True)])
    assert arrived(chunk) == ["u2", "u3"] and outside(chunk) == [("u1", OLD)]


def test_what_the_clock_leaves_no_time_for_stays_pending():
    chunk = run(Transport({"u1": OLD}), [copy(1)], seconds=-1)
    assert (chunk.arrivals, chunk.absent, chunk.outside) == ((), (), ())


def test_headers_are_asked_for_in_steps(monkeypatch):
    monkeypatch.setattr(fetch, "HEADERS", 2)
    transport = Transport({f"u{n}": OLD for n in range(5)})
    assert len(outside(run(transport, [copy(n) for n in range(5)]))) == 5


@pytest.mark.parametrize(
    ("known", "told", "fresh", "renewed"),
    [
        (500, 500, 500, True),
        (500, 300, 300, True),
        (500, 501, 500, False),  # one of them is known
        (500, 2, 2, False),  # emptied by a mail program, and two new ones
        (5, 30, 30, False),
        (0, 500, 500, False),
        (500, 0, 0, False),
    ],
)
def test_mails_that_have_other_keys_are_not_new(known, told, fresh, renewed):
    assert window.are_keys_renewed(known, told, fresh) is renewed


@pytest.mark.parametrize("one_pass", [True, False])
def test_a_connection_that_keeps_others_out_is_not_kept(one_pass):
    transport = Transport()
    transport.one_pass = one_pass
    pool = ConnectionPool()
    pool.put(("db", 1), Connection(transport, ()))
    assert transport.closed is one_pass
    assert (pool.take(("db", 1), ()) is None) is one_pass
