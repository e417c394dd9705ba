# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A person's question to the server: is this mail in that folder?"""

from datetime import datetime

import pytest
from scripted_imap import CLOSE, Expect, connected, literal, opened, refused

HEADERS = b"Message-ID: <q1@kunde.example>\r\nSubject: Offer\r\n\r\n"
FETCH = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM SENDER SUBJECT DATE)]"


def told(uid):
    date = '"05-Jan-2026 10:00:00 +0800"'
    head = f"* {uid} FETCH (UID {uid} INTERNALDATE {date} BODY[HEADER.FIELDS (X)]"
    return literal(head, HEADERS)


def test_what_the_server_names_is_looked_at(serve):
    script = opened(
        Expect('UID SEARCH HEADER MESSAGE-ID "q1@kunde.example"', "* SEARCH 2 3"),
        Expect(f"UID FETCH 2,3 (UID INTERNALDATE {FETCH})", told(3)),
    )
    server, transport = connected(serve, script)
    look = transport.search("Junk", "q1@kunde.example")
    (mail,) = look.mails
    assert (look.uidvalidity, look.whole, mail.uid) == (7, True, 3)
    assert (mail.headers, mail.arrived) == (HEADERS, datetime(2026, 1, 5, 2))
    assert 'EXAMINE "Junk"' in server.received[1]


def test_i3_asking_opens_nothing_for_writing(serve):
    script = opened(Expect("UID SEARCH", "* SEARCH 1"), Expect("UID FETCH", told(1)))
    server, transport = connected(serve, script)
    transport.search("INBOX", sender="ann@x.example")
    words = " ".join(server.received)
    assert "SELECT" not in words and "STORE" not in words and "BODY[" not in words


def test_letters_beyond_ascii_travel_as_a_literal(serve):
    script = opened(
        Expect(
            'UID SEARCH CHARSET UTF-8 FROM "wang@x.example" SUBJECT {9}',
            "* SEARCH 1",
            more="报价单",
        ),
        Expect("UID FETCH 1 ", told(1)),
    )
    _server, transport = connected(serve, script)
    assert transport.search("INBOX", sender="wang@x.example", subject="报价单").mails


def test_a_server_that_does_not_search_shows_its_newest(serve):
    script = opened(
        Expect("UID SEARCH HEADER", status="BAD command not support"),
        Expect(
            "FETCH 301:* (UID)",
            *(f"* {n} FETCH (UID {1000 + n})" for n in range(301, 501)),
        ),
        Expect("UID FETCH 1301:* ", told(1400)),
        exists=500,
    )
    _server, transport = connected(serve, script)
    look = transport.search("INBOX", "q1@kunde.example")
    assert [mail.uid for mail in look.mails] == [1400]
    assert not look.whole


def test_an_empty_answer_is_not_believed(serve):
    script = opened(
        Expect("UID SEARCH", "* SEARCH"),
        Expect("FETCH 1:* (UID)", "* 1 FETCH (UID 9)"),
        Expect("UID FETCH 9:* ", told(9)),
    )
    _server, transport = connected(serve, script)
    assert [m.uid for m in transport.search("INBOX", "q1@kunde.example").mails] == [9]


@pytest.mark.parametrize("named", ["9" * 5000, "0 4294967296", f"{10**40} -1 x"])
def test_what_the_server_names_that_is_no_uid_is_not_asked_for(serve, named):
    script = opened(
        Expect("UID SEARCH", f"* SEARCH {named} 3"), Expect("UID FETCH 3 ", told(3))
    )
    _server, transport = connected(serve, script)
    assert [m.uid for m in transport.search("INBOX", "q1@kunde.example").mails] == [3]


def test_an_empty_folder_is_not_asked(serve):
    server, transport = connected(serve, opened(exists=0))
    assert transport.search("INBOX", "x@y").mails == ()
    assert len(server.received) == 2


def test_a_question_cannot_carry_a_command(serve):
    script = opened(
        Expect('UID SEARCH SUBJECT "a x\\"b"', "* SEARCH 1"),
        Expect("UID FETCH 1 ", told(1)),
    )
    _server, transport = connected(serve, script)
    assert transport.search("INBOX", subject='a\r\n x"b').mails


def test_a_lost_connection_is_told(serve):
    _server, transport = connected(serve, opened(CLOSE))
    assert refused(transport.search, "INBOX", "x@y").code == "reset"
