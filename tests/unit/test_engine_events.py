# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import pytest
from engine.events import judge


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, ("received", "human", None)),
        ({"direction": "out"}, ("sent", "human", None)),
        # a newsletter, which says that nobody wrote it
        ({"is_auto": True, "is_bulk": True}, ("received", None, "bulk")),
        ({"is_bulk": True, "direction": "out"}, ("sent", None, "bulk")),
        # an out-of-office note, with or without Precedence: bulk
        ({"is_auto": True, "answers": True}, ("auto_reply", None, None)),
        (
            {"is_auto": True, "is_bulk": True, "answers": True},
            ("auto_reply", None, None),
        ),
        ({"is_auto": True}, ("auto_reply", None, None)),
        ({"is_bounce": True, "is_auto": True}, ("auto_reply", None, "report")),
    ],
)
def test_what_a_machine_wrote_is_nobodys_reply(flags, expected):
    told = {
        "direction": "in",
        "is_auto": False,
        "is_bulk": False,
        "is_bounce": False,
        "answers": False,
    }
    assert judge(**told | flags) == expected
