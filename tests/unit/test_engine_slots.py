# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who gets a place at a mail server, and who gives one up (I6)."""

import pytest
from engine import slots
from engine.slots import Place


def place(number, mine=False, held=False, due=False, login_age=1000.0, idle=10.0):
    return Place(number, mine, held, due, login_age, idle)


IDLE = [place(number, idle=number) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("places", "kind", "mailbox_id"),
    [
        ([], slots.FREE, 0),
        (IDLE[:4], slots.FREE, 0),
        # the one that is idle longest
        (IDLE, slots.ASK, 5),
        # our own at once, though another is idle longer
        ([*IDLE[:3], place(8, mine=True, idle=1), place(9, idle=90)], slots.SWAP, 8),
        # whoever has nothing to do before whoever has had its turn
        ([*[place(n, held=True) for n in range(4)], place(7, due=True)], slots.ASK, 7),
        (
            [*[place(n, mine=True, due=True) for n in range(1, 5)], place(7)],
            slots.ASK,
            7,
        ),
        # a turn lasts two minutes: else two mailboxes would log in by turns
        ([place(n, due=True, login_age=100) for n in range(5)], slots.WAIT, 0),
        ([place(n, held=True) for n in range(5)], slots.WAIT, 0),
        # more than there may be: somebody tried by hand
        ([place(n, held=True) for n in range(7)], slots.WAIT, 0),
    ],
)
def test_i6_at_most_five_connections_to_a_host(places, kind, mailbox_id):
    decision = slots.decide(places)
    assert (decision.kind, decision.mailbox_id) == (kind, mailbox_id)
    assert decision.given == (kind in (slots.FREE, slots.SWAP))
    assert decision.reason and bool(decision.seconds) != decision.given


@pytest.mark.parametrize(
    ("login_age", "broke", "any_time", "wait"),
    [
        (None, False, False, 0),
        (30, False, False, 90),
        (120, False, False, 0),
        (30, True, False, 0),
        (30, False, True, 0),
    ],
)
def test_i6_one_login_in_two_minutes_unless_the_connection_broke(
    login_age, broke, any_time, wait
):
    assert slots.may_log_in(login_age, broke, any_time) == wait
