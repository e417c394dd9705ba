# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import pytest
from tasks_engine.whose import choose

LIN, CHEN, BOSS = 1, 2, 3
ADDRESSES = {"lin@a.example": LIN, "chen@a.example": CHEN, "boss@a.example": BOSS}


@pytest.mark.parametrize(
    ("known", "direction", "from_", "to", "cc", "whose"),
    [
        (LIN, "in", "x@b.example", "Lin <LIN@a.example>", None, LIN),
        (BOSS, "in", "x@b.example", "Lin <lin@a.example>", None, LIN),
        (BOSS, "in", "x@b.example", "y@b.example", "chen@a.example", CHEN),
        (BOSS, "in", "x@b.example", "chen@a.example", "boss@a.example", BOSS),
        (CHEN, "in", "x@b.example", "lin@a.example, chen@a.example", None, CHEN),
        (BOSS, "in", "x@b.example", "list@b.example", None, BOSS),
        (BOSS, "in", "x@b.example", "berlin@a.example", None, BOSS),
        (BOSS, "out", '"Lin" <lin@a.example>', "x@b.example", None, LIN),
        (LIN, "out", "lin@a.example", "chen@a.example", None, LIN),
        (0, "in", None, None, None, 0),
    ],
)
def test_mail_is_that_of_the_mailbox_that_it_names(
    known, direction, from_, to, cc, whose
):
    assert choose(ADDRESSES, known, direction, from_, to, cc) == whose
