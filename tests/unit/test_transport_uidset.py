# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""UID sets: ascending, compact, bounded."""

import random

import pytest
from transport import uidset


@pytest.mark.parametrize(
    "uids, text",
    [
        ([], ""),
        ([5], "5"),
        ([1, 2, 3], "1:3"),
        ([3, 2, 1], "1:3"),
        ([1, 3, 5], "1,3,5"),
        ([9, 10, 1, 7, 2, 2], "1:2,7,9:10"),
        ([4294967295], "4294967295"),
    ],
)
def test_compact(uids, text):
    assert uidset.compact(uids) == text


@pytest.mark.parametrize("density", [0.05, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("max_chars, max_uids", [(1000, 1000), (40, 7), (12, 1)])
def test_chunks_hold_every_uid_once_within_the_limits(density, max_chars, max_uids):
    rand = random.Random(1)
    uids = [uid for uid in range(1, 3000) if rand.random() < density]
    found = list(uidset.chunks(uids, max_chars, max_uids))
    assert [uid for _text, members in found for uid in members] == uids
    for text, members in found:
        assert len(text) <= max_chars and len(members) <= max_uids
        assert text == uidset.compact(members)
