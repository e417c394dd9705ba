# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which new folder is a renamed one; as tables of cases."""

import unicodedata
from datetime import datetime

import pytest
from engine.renames import Fresh, Lost, agrees, is_inbox, pair
from transport.base import RemoteItem

THEN = datetime(2026, 5, 4, 8, 30)


def lost(number, path, validity=1700000000, uidnext=10):
    return Lost(number, path, validity, uidnext)


def fresh(path, validity=1700000000, uidnext=10):
    return Fresh(path, path, validity, uidnext)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([lost(1, "A")], [fresh("B")], {1: "B"}, id="renamed"),
        pytest.param([lost(1, "A")], [fresh("B", uidnext=40)], {1: "B"}, id="and fed"),
        pytest.param(
            [lost(1, "A")], [fresh("B", uidnext=0)], {1: "B"}, id="no UIDNEXT"
        ),
        pytest.param([lost(1, "A")], [fresh("B", 17)], {}, id="another UIDVALIDITY"),
        pytest.param([lost(1, "A")], [fresh("B", uidnext=9)], {}, id="UIDNEXT fell"),
        pytest.param([lost(1, "A", 1)], [fresh("B", 1)], {}, id="UIDVALIDITY 1"),
        pytest.param([lost(1, "A", 0)], [fresh("B", 0)], {}, id="never listed"),
        pytest.param([lost(1, "Ab", 1)], [fresh("aB", 1)], {1: "aB"}, id="capitals"),
        pytest.param(
            [lost(1, "Café", 1)],
            [fresh(unicodedata.normalize("NFD", "Café"), 1)],
            {1: unicodedata.normalize("NFD", "Café")},
            id="NFC and NFD",
        ),
        pytest.param(
            [lost(1, "A/客户"), lost(2, "A/工厂"), lost(3, "A")],
            [fresh("B/工厂"), fresh("B"), fresh("B/客户")],
            {1: "B/客户", 2: "B/工厂"},
            id="made in the same second: by the last part of the name",
        ),
        pytest.param(
            [lost(1, "A/x", 5), lost(2, "A/y", 6), lost(3, "A", 7)],
            [fresh("B/y", 6), fresh("B", 7), fresh("B/x", 5)],
            {1: "B/x", 2: "B/y", 3: "B"},
            id="a parent with all below it",
        ),
        pytest.param(
            [lost(1, "A")], [fresh("B"), fresh("C")], {}, id="one of two: not known"
        ),
        pytest.param(
            [lost(1, "A"), lost(2, "B")], [fresh("C")], {}, id="two for one: not known"
        ),
    ],
)
def test_a_folder_with_the_uidvalidity_of_one_that_vanished(old, new, expected):
    assert {one.id: other.key for one, other in pair(old, new)} == expected


def item(key, size=100, arrived=THEN):
    return RemoteItem(key, int(key), size, arrived)


SAMPLE = {"1": (100, THEN), "2": (100, THEN)}


@pytest.mark.parametrize(
    ("sample", "told", "same"),
    [
        (SAMPLE, [item("1"), item("2")], True),
        (SAMPLE, [item("1"), RemoteItem("2", 2)], True),  # expunged meanwhile
        (SAMPLE, [item("1"), item("2", 101)], False),
        (SAMPLE, [item("1"), item("2", 100, THEN.replace(second=1))], False),
        (SAMPLE, [RemoteItem("1", 1), RemoteItem("2", 2)], False),
        ({}, [], True),
    ],
)
def test_i1_its_mails_must_be_the_same_under_the_same_numbers(sample, told, same):
    assert agrees(Lost(1, "A", 5, 5, sample), told) is same


def test_the_inbox_has_one_name_in_all_spellings():
    assert is_inbox("InBox") and not is_inbox("INBOX/a")
