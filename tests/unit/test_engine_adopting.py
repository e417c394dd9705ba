# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from engine.adopting import OdooMessage, is_same
from mime.parsed import Address, ParsedMail

NOW = datetime(2026, 5, 4, 8)
TEXT = "Dear Lin, please send 500 pieces of the work light to Hamburg before June."
MAIL = ParsedMail(
    date=NOW, subject="Order", from_=(Address("", "emma@nordwind.example"),), text=TEXT
)
MESSAGE = OdooMessage(1, "emma@nordwind.example", "Order", NOW, TEXT, 5)
OWNER = 9


def test_what_odoo_received_itself_is_recognised():
    assert is_same(MAIL, MESSAGE, OWNER)
    wrapped = replace(MESSAGE, text=TEXT.replace(" ", "\n"))
    assert is_same(MAIL, wrapped, OWNER)


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "lin@lanyue.example"},
        {"sender": ""},
        {"subject": "Another order"},
        {"date": NOW + timedelta(hours=1)},
        {"date": None},
        {"text": "Something altogether different that only she may read."},
        {"text": ""},
    ],
)
def test_i2_a_known_message_id_alone_makes_nobody_a_reader(changes):
    assert not is_same(MAIL, replace(MESSAGE, **changes), OWNER)


def test_i8_an_empty_mail_does_not_take_over_a_message_with_words():
    assert not is_same(replace(MAIL, text=""), MESSAGE, OWNER)


def test_what_its_author_posted_is_found_again_in_her_sent_folder():
    posted = replace(MESSAGE, author_id=OWNER, subject="", date=NOW)
    sent = replace(
        MAIL,
        date=NOW + timedelta(hours=3),
        subject="Re: LED work lights",
        text=TEXT + "\n--\nLin Xiao\nNingbo Lanyue\nSent by Lanyue using Odoo",
    )
    assert is_same(sent, posted, OWNER)
    # but not by somebody else's mailbox: she might not be one of its readers
    assert not is_same(sent, posted, OWNER + 1)


def test_chinese_counts_by_its_characters():
    text = "请于六月前把五百件工作灯发往汉堡"
    mail = replace(MAIL, text=text)
    assert is_same(mail, replace(MESSAGE, text=text + "。"), OWNER)
    assert not is_same(mail, replace(MESSAGE, text="另一封完全不同的邮件内容"), OWNER)
