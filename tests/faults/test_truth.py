# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The check of all the others sees what it is for."""

import copy

import pytest

from .truth import Truth, assert_truth


def of_ledger(**changes):
    """Another first row of the ledger."""

    def harm(truth):
        rows = next(iter(truth.ledger.values()))
        row = dict(
            zip(("validity", "uid", "state", "mail", "why"), rows[0], strict=True)
        )
        rows[0] = tuple((row | changes).values())

    return harm


def of_mail(place, value):
    """Another value in the first mail of Odoo."""

    def harm(truth):
        truth.odoo["mails"][0][place] = value

    return harm


def same_mail_again(truth):
    first = truth.odoo["mails"][0]
    truth.odoo["mails"].append([first[0] + 1000, *first[1:]])


def message_again(truth):
    truth.odoo["messages"].append(truth.odoo["messages"][0])


def mail_of_nobody(truth):
    truth.odoo["mails"][0][1] = "spam@nowhere.example"


def figures(truth):
    truth.odoo["folders"][0][4][0] += 1


HARM = {
    "is pending": of_ledger(state="pending"),
    "is failed": of_ledger(state="failed"),
    "is excluded": of_ledger(state="excluded"),
    ": lost": of_ledger(state="gone"),
    ": not there": of_ledger(uid=999),
    "under an old UIDVALIDITY": of_ledger(validity=1),
    "is mail": of_ledger(mail=0),
    "not in Odoo": lambda truth: truth.odoo["mails"].pop(),
    "twice in Odoo": same_mail_again,
    "nobody made": mail_of_nobody,
    "message twice": message_again,
    "messages of": lambda truth: truth.odoo["messages"].pop(),
    "counted": lambda truth: truth.odoo.update(counts=[1, 1]),
    "another body": of_mail(4, "<p>x</p>"),
    "has files": of_mail(5, [["a", "b"]]),
    "has links": of_mail(6, 2),
    "figures": figures,
}


@pytest.fixture(scope="module")
def truths():
    """Gathered once: what is harmed is a copy."""
    return []


@pytest.mark.parametrize("sign", HARM)
def test_what_is_not_true_is_seen(office, lanes, truths, sign):
    if not truths:
        office.fill(4)
        lanes.finish(office.bind())
        assert_truth(office)
        truths.append(Truth(office))
    truth = copy.copy(truths[0])
    truth.odoo, truth.ledger = copy.deepcopy((truth.odoo, truth.ledger))
    assert not truth.problems()
    HARM[sign](truth)
    assert any(sign in problem for problem in truth.problems()), truth.problems()
