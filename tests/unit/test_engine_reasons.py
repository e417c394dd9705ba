# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reasons are data of a closed list, readable in a log."""

import ast
import json
from pathlib import Path

import pytest
from engine import reasons
from engine.reasons import NONE, Reason, because

ENGINE = Path(reasons.__file__).parent


def test_a_reason_is_readable_and_fit_for_json():
    grew = because("uidnext_grew", before=100, now=103)
    assert str(grew) == "uidnext grew (before 100, now 103)"
    assert json.loads(json.dumps(grew.args)) == {"before": 100, "now": 103}
    assert grew and hash(grew) == hash(because("uidnext_grew", before=1, now=2))
    assert str(because("nothing_new")) == "nothing new"
    assert not NONE and str(NONE) == ""


@pytest.mark.parametrize(
    ("code", "args"),
    [("made_up", {}), ("counted", {}), ("nothing_new", {"subject": "Offer"})],
)
def test_i8_a_reason_has_no_other_figures_than_its_own(code, args):
    with pytest.raises(ValueError, match="no such reason"):
        Reason(code, args)


def test_a_name_of_any_length_is_cut():
    moved = because("moved_to", folder="新" * 5000)
    assert len(moved.args["folder"]) == reasons.LONGEST_NAME


def test_a_code_of_which_nobody_knows_is_spelled():
    assert reasons.spell("old_one", {"uid": 3}) == "old one (uid 3)"
    assert reasons.spell("old_one", None) == "old one"


def test_every_reason_that_is_given_is_on_the_list_and_the_other_way_round():
    """Also those of branches that no test takes."""
    given = {}
    for path in ENGINE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if getattr(getattr(node, "func", None), "id", "") == "because":
                code = ast.literal_eval(node.args[0])
                given.setdefault(code, set()).update(k.arg for k in node.keywords)
    assert {code: frozenset(args) for code, args in given.items()} == reasons.CODES
