# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The daily proof: which folder is next, and what a comparison of keys comes to."""

from datetime import datetime, timedelta

import pytest
from engine import recount
from engine.reasons import Reason
from engine.settings import FolderState
from transport.base import FolderKeys

NOW = datetime(2026, 5, 6, 12)


def folder(id_, hours_ago=None, uidvalidity=7):
    at = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    return FolderState(
        id_, f"F{id_}", "other", uidvalidity, 1, 1, "", 0, recounted_at=at
    )


@pytest.mark.parametrize(
    ("folders", "chosen"),
    [
        ([], None),
        ([folder(1, 23)], None),
        ([folder(1, 25)], 1),
        ([folder(1, 25), folder(2, 30)], 2),
        ([folder(1, 99), folder(2)], 2),
        ([folder(1, uidvalidity=0)], None),
        # the clock stepped back by two hours
        ([folder(1, -2)], 1),
        # it cannot be opened
        ([folder(9)], None),
    ],
)
def test_the_oldest_proof_is_made_anew_once_a_day(folders, chosen):
    found = recount.choose(folders, NOW, without={9})
    assert (found and found.id) == chosen


def told(*keys, count=None, uidvalidity=7, uidnext=10):
    return FolderKeys(uidvalidity, uidnext, len(keys) if count is None else count, keys)


def prove(keys, unknown=(), known=None, **states):
    known = known or recount.Known(7, 10, ())
    return recount.judge(keys, known, unknown, states)


def test_all_is_accounted_for():
    known = recount.Known(7, 10, {1, 2})
    proof = prove(told(*"123456"), ["1", "2"], known, stored=2, failed=1, excluded=1)
    assert proof == recount.Proof("complete", 6, stored=2, excluded=3, failed=1)


def test_i1_a_key_that_nobody_knows_is_unaccounted():
    proof = prove(told(*"123"), ["2"], stored=2)
    assert (proof.verdict, proof.unaccounted) == ("unaccounted", 1)


def test_what_arrived_since_the_listing_is_not_listed_yet():
    proof = prove(told("1", "10", "11", uidnext=12), ["10", "11"], stored=1)
    assert (proof.verdict, proof.unlisted) == ("complete", 2)


def test_history_that_is_still_being_listed_is_no_difference():
    known = recount.Known(7, 10, (), backfill_uid=5)
    proof = prove(told(*"123456"), ["1", "2", "3", "4"], known, stored=2)
    assert (proof.verdict, proof.unlisted) == ("complete", 4)


def test_keys_that_are_no_numbers_are_never_yet_to_be_listed():
    known = recount.Known(1, 1, ())
    proof = prove(told("12", "ab", uidvalidity=1, uidnext=0), ["12"], known, stored=1)
    assert (proof.verdict, proof.unaccounted) == ("unaccounted", 1)


def test_i7_what_the_server_does_not_show_is_told_apart():
    assert prove(told("1"), stored=1, vanished=2).verdict == "vanished"
    assert prove(told("1", "2"), ["2"], stored=1, vanished=1).verdict == "both"


def test_i7_half_an_answer_proves_nothing():
    assert prove(told("1", count=5), vanished=4).verdict == "incomplete"
    assert prove(told("1", uidvalidity=8)).verdict == "renumbered"


@pytest.mark.parametrize("unknown", [(), ("2",), ("2", "12")])
def test_the_figures_add_up(unknown):
    states = {"stored": 3 - len(unknown), "pending": 1}
    keys = told("1", "2", "12", "4", uidnext=13)
    proof = prove(keys, unknown, **states)
    parts = ("stored", "excluded", "failed", "pending", "unlisted", "unaccounted")
    assert proof.remote == sum(getattr(proof, name) for name in parts)


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ("complete", Reason("complete")),
        ("unaccounted", Reason("unaccounted", {"count": 2})),
        ("vanished", Reason("vanished", {"count": 3})),
        ("both", Reason("unaccounted_and_vanished", {"new": 2, "lost": 3})),
        ("incomplete", Reason("listed_short", {"count": 9})),
        ("renumbered", Reason("renumbered")),
    ],
)
def test_each_verdict_has_its_reason(verdict, reason):
    assert verdict in dict(recount.VERDICTS)
    assert recount.explain(verdict, remote=9, unaccounted=2, vanished=3) == reason
