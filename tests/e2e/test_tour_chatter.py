# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A chatter of notes and of mail that was imported later, in a real browser: what is
shown is what SQL says, wherever she scrolls, searches or jumps, and whatever comes
meanwhile."""

import json
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from .browser import run_tour
from .chatter_data import (
    ANSWER,
    FEW,
    FIRST_MAIL,
    HISTORY,
    MAKE,
    NOTES,
    WHILE_AWAY,
    WHILE_READING,
)

PASSWORD = "lin-at-odoo"
BELOW, BESIDE = "1366x900", "1920x1080"  # where the chatter is in the form
ORDER = """
SELECT substring(m.body FROM '#([0-9]+)#') FROM mail_message m
 WHERE m.body ~ '#[0-9]+#' AND m.body LIKE '%{text}%' AND (
       (m.model = 'res.partner' AND m.res_id = {contact}
        AND m.waimaolang_restricted IS NOT TRUE)
    OR EXISTS (SELECT 1 FROM waimaolang_mail_link l
                 JOIN waimaolang_mail_mailbox_rel held
                   ON held.waimaolang_mail_id = l.mail_id
                 JOIN waimaolang_mailbox box ON box.id = held.waimaolang_mailbox_id
                WHERE l.message_id = m.id AND l.res_model = 'res.partner'
                  AND l.res_id = {contact} AND box.email = 'lin@lanyue.example'))
 ORDER BY m.date DESC, m.id DESC
"""


class Chatter:
    def __init__(self, driver, odoo, data):
        self.driver, self.odoo = driver, odoo
        self.contact = driver.run(MAKE + data, password=PASSWORD)
        odoo.start()

    def play(self, tour, size=None):
        path = f"/odoo/res.partner/{self.contact}"
        run_tour(self.odoo, "lin", PASSWORD, path, tour, size)

    def play_answered(self, tour, answer, size=None):
        """The answer is a process that hears what the tour says, and acts."""
        with ThreadPoolExecutor(1) as pool:
            code = MAKE + ANSWER + answer
            answered = pool.submit(self.driver.run, code, contact=self.contact)
            self.play(tour, size)
            assert answered.result()

    def order(self, text=""):
        """The numbers that she reads, newest first, by SQL; links that were removed
        included."""
        query = ORDER.format(contact=self.contact, text=text)
        return [int(row[0]) for row in self.driver.sql(query)]

    def said(self):
        """What the tour told: {what: values}."""
        found = {}
        for row in self.driver.sql(
            "SELECT body FROM mail_message WHERE body LIKE '%waimaolang-tour:%'"
        ):
            text = unescape("|".join(row)).partition("tour:")[2]
            values = json.loads(text.rpartition("}")[0] + "}")
            found[values.pop("what")] = values
        return found


@pytest.fixture
def history(driver, odoo):
    chatter = Chatter(driver, odoo, HISTORY)
    assert len(chatter.order()) == 350
    return chatter


def test_five_hundred_messages_scroll_in_order(history):
    history.play("waimaolang_chatter_scroll")
    assert history.said()["all"]["shown"] == history.order()


@pytest.mark.parametrize("size", [BELOW, BESIDE])
def test_mail_that_comes_while_she_reads_appears_in_its_place(history, size):
    history.play_answered("waimaolang_chatter_live", WHILE_READING, size)
    said = history.said()
    expected = [number for number in history.order() if number != 9004]
    shown = said["live"]["shown"]
    assert {9001, 9002, 9003} <= set(shown)
    assert shown == expected[: len(shown)]
    assert said["live"]["moved"] <= 2
    assert said["done"]["top"] == 0


def test_search_finds_foreign_mail_and_jumps_there(history):
    history.play("waimaolang_chatter_search")
    said = history.said()
    hits = said["hits"]["shown"]
    assert len(hits) >= 40
    assert hits == history.order("needle")[: len(hits)]
    expected = history.order()
    around = said["jumped"]["shown"]
    first = expected.index(around[0])
    assert around == expected[first : first + len(around)]
    assert said["all"]["shown"] == expected


def test_mail_of_another_home(driver, odoo):
    Chatter(driver, odoo, FEW).play("waimaolang_chatter_foreign")


def test_mail_that_comes_while_she_is_elsewhere_is_there_when_she_returns(driver, odoo):
    Chatter(driver, odoo, FEW).play_answered("waimaolang_chatter_away", WHILE_AWAY)


def test_the_first_mail_of_an_open_chatter_and_none_again(driver, odoo):
    """A thread becomes one by date, and core's again."""
    chatter = Chatter(driver, odoo, NOTES)
    chatter.play_answered("waimaolang_chatter_first_mail", FIRST_MAIL)
    said = chatter.said()
    assert said["seen"]["shown"] == [3, 2, 1]
    assert said["gone"]["shown"] == [3, 1]
