# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is done about a folder, by what is known of it and what the server tells."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from engine import cursor
from engine.reasons import NONE, Reason
from engine.settings import FolderState
from transport.base import FolderTold

NOW = datetime(2026, 11, 26, 12)
KNOWN = FolderState(
    id=1,
    remote_name="INBOX",
    role="inbox",
    uidvalidity=7,
    uidnext=100,
    live_uid=90,
    outside="",
    epoch=0,
    agreed=50,
    modseq=40,
)
TOLD = FolderTold(7, 100, 50, 40)
NEW_NOTHING = Reason("nothing_new")
GREW = Reason("uidnext_grew", {"before": 100, "now": 103})


@pytest.mark.parametrize(
    ("known", "told", "step", "event", "compare", "flags", "reason"),
    [
        # (what is otherwise known, what else is told, ...)
        ({}, {}, "nothing", "", False, "", NEW_NOTHING),
        ({}, {"uidnext": 103, "count": 53}, "forward", "", False, "", GREW),
        ({"backfill": 30}, {}, "backfill", "", False, "",
         Reason("history_unlisted", {"uid": 30})),
        # new mail overtakes
        ({"backfill": 30}, {"uidnext": 103}, "forward", "", False, "", GREW),
        ({"uidvalidity": 0, "uidnext": 1}, {}, "first", "first", False, "",
         Reason("counted", {"count": 50})),
        ({"uidnext": 1}, {}, "first", "", False, "", Reason("cursor_forgotten")),
        # an empty folder stays empty
        ({"uidnext": 1, "agreed": 0}, {"uidnext": 1, "count": 0}, "nothing", "",
         False, "", NEW_NOTHING),
        ({}, {"uidvalidity": 8}, "renumbered", "renumbered", False, "",
         Reason("uidvalidity_changed", {"before": 7, "now": 8})),
        ({}, {"uidnext": 0}, "forward", "", False, "", Reason("no_uidnext")),
        ({}, {"uidnext": 60}, "nothing", "incomplete", True, "",
         Reason("uidnext_back", {"before": 100, "now": 60})),
        ({}, {"modseq": 41}, "nothing", "", False, "changed", NEW_NOTHING),
        ({}, {"modseq": 39}, "nothing", "modseq_back", True, "all",
         Reason("modseq_back", {"before": 40, "now": 39})),
        # it begins to count, and it stops
        ({"modseq": 0}, {"modseq": 9}, "nothing", "", False, "all", NEW_NOTHING),
        ({}, {"modseq": 0}, "nothing", "", False, "newest", NEW_NOTHING),
        ({"flags_at": NOW - timedelta(minutes=9)}, {"modseq": 0}, "nothing", "",
         False, "", NEW_NOTHING),
        ({"flags_at": NOW - timedelta(minutes=10)}, {"modseq": 0}, "nothing", "",
         False, "newest", NEW_NOTHING),
    ],
)  # fmt: skip
def test_decisions(known, told, step, event, compare, flags, reason):
    found = cursor.decide(replace(KNOWN, **known), TOLD._replace(**told), NOW)
    assert (found.step, found.event) == (step, event)
    assert (found.compare, found.flags) == (compare, flags)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("known", "count", "compare", "expected"),
    [
        ({}, 50, False, False),
        ({}, 50, True, True),
        # expunged, or shown again
        ({}, 49, False, True),
        ({}, 51, False, True),
        ({"agreed": cursor.NOT_AGREED}, 50, False, True),
        # what is not listed yet is no difference
        ({"backfill": 20, "agreed": cursor.NOT_AGREED}, 51, False, False),
    ],
)
def test_i7_all_keys_are_compared_where_the_numbers_differ(
    known, count, compare, expected
):
    decision = cursor.Decision("nothing", NONE, compare=compare)
    known = replace(KNOWN, **known)
    assert cursor.is_compared(known, count, decision) is expected


OLDEST = datetime(2026, 10, 27)


@pytest.mark.parametrize(
    ("missing", "oldest", "shows_older", "event"),
    [
        # the provider shows the last 30 days: what is missing is older than that
        ([OLDEST - timedelta(days=1)], OLDEST, False, "server_window"),
        ([OLDEST - timedelta(days=n) for n in (1, 9)], OLDEST, False, "server_window"),
        ([OLDEST - timedelta(days=1)], OLDEST, True, "gone"),
        ([OLDEST + timedelta(days=1)], OLDEST, False, "gone"),
        ([OLDEST - timedelta(1), OLDEST + timedelta(1)], OLDEST, False, "gone"),
        ([None, OLDEST - timedelta(1)], OLDEST, False, "gone"),
        ([OLDEST], None, False, "gone"),
    ],
)
def test_i7_a_window_that_shrinks_is_told_from_a_deletion(
    missing, oldest, shows_older, event
):
    reasons = {
        "server_window": Reason("older_than_shown", {"oldest": "2026-10-27T00:00:00"}),
        "gone": Reason("not_shown_twice"),
    }
    found = cursor.judge_missing(missing, oldest, shows_older)
    assert found == (event, reasons[event])


@pytest.mark.parametrize(
    ("uidnext", "highest", "again"),
    [(60, 59, True), (60, 0, True), (100, 99, False), (60, 80, False), (0, 59, False)],
)
def test_i1_numbers_are_given_again_only_where_none_is_shown_from_there_on(
    uidnext, highest, again
):
    assert cursor.are_numbers_given_again(KNOWN, uidnext, highest) is again
