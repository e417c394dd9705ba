# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail's own attributes, in the forms of Google's page on its IMAP extensions."""

import pytest
from engine import gmail
from scripted_imap import Expect, connected, opened
from transport.base import Cursor

ASKED = "(UID RFC822.SIZE INTERNALDATE FLAGS X-GM-MSGID X-GM-LABELS)"
GMAIL = "IMAP4rev1 AUTH=PLAIN SASL-IR X-GM-EXT-1"
META = 'RFC822.SIZE 100 INTERNALDATE "05-Jan-2026 10:00:00 +0000" FLAGS (\\Seen)'


def listed(serve, *lines, capabilities=GMAIL, asked=ASKED):
    count = len(lines)
    script = opened(
        Expect("UID SEARCH", "* SEARCH " + " ".join(map(str, range(1, count + 1)))),
        Expect(asked, *lines),
        exists=count,
        uidnext=count + 1,
        capabilities=capabilities,
    )
    _server, transport = connected(serve, script)
    return transport.list("[Gmail]/All Mail", Cursor(), 50).items


def test_number_and_labels_of_a_listing(serve):
    # the answers of Google's documentation, with what a listing asks for besides
    items = listed(
        serve,
        "* 1 FETCH (X-GM-LABELS (\\Inbox \\Sent Important \"Muy Importante\")"
        f" X-GM-MSGID 1278455344230334865 UID 1 {META})",
        f"* 2 FETCH (X-GM-MSGID 1266894439832287888 X-GM-LABELS (foo) UID 2 {META})",
        f"* 3 FETCH (X-GM-MSGID 1266894439832287889 X-GM-LABELS () UID 3 {META})",
        f'* 4 FETCH (X-GM-MSGID 18446744073709551615 X-GM-LABELS ("\\\\Draft")'
        f" UID 4 {META})",
    )  # fmt: skip
    assert [item.gm_msgid for item in items] == [
        1278455344230334865,
        1266894439832287888,
        1266894439832287889,
        -1,
    ]
    assert [item.labels for item in items] == [
        {"\\Inbox", "\\Sent", "Important", "Muy Importante"},
        {"foo"},
        frozenset(),
        {"\\Draft"},
    ]
    assert all(item.size == 100 and item.flags == {"\\Seen"} for item in items)
    assert [gmail.is_draft(item.labels) for item in items] == [False] * 3 + [True]
    assert gmail.own(items[0].labels) == {"Important", "Muy Importante"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b'("&W6JiNw-/&X7dW,Q-")', "客户/德国"),
        (b"(2024)", "2024"),
        (b"(NIL)", "NIL"),
        (b'("say \\"hi\\" \\\\ (bye)")', 'say "hi" \\ (bye)'),
        (b"({9}\r\na \"b\" (c))", 'a "b" (c)'),
        (b'("' + b"x" * 400 + b'")', "x" * 250),
    ],
)  # fmt: skip
def test_labels_in_all_spellings(serve, told, expected):
    answer = b"* 1 FETCH (UID 1 X-GM-MSGID 7 X-GM-LABELS " + told
    (item,) = listed(serve, answer + b" " + META.encode() + b")\r\n")
    assert (item.gm_msgid, item.labels) == (7, {expected})


def test_other_servers_are_not_asked(serve):
    asked = "(UID RFC822.SIZE INTERNALDATE FLAGS)"
    items = listed(
        serve,
        f"* 1 FETCH (UID 1 {META})",
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR",
        asked=asked,
    )
    assert (items[0].gm_msgid, items[0].labels) == (0, None)


@pytest.mark.parametrize("answer", ["X-GM-LABELS NIL", "X-GM-MSGID x", "X-GM-MSGID 0"])
def test_nonsense_is_not_told(serve, answer):
    (item,) = listed(serve, f"* 1 FETCH (UID 1 {answer} {META})")
    assert (item.uid, item.gm_msgid, item.labels) == (1, 0, None)


# -- headers ----------------------------------------------------------------------

HEADER = b"Message-ID: <1@x>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n\r\n"
FIELDS = "BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]"


@pytest.mark.parametrize(
    "spelled",
    [
        FIELDS,
        FIELDS.lower().replace("body", "BODY"),
        'BODY[HEADER.FIELDS ("Message-ID" "Date" "From" "Subject")]',
        "BODY[HEADER.FIELDS (SUBJECT FROM DATE MESSAGE-ID)]",
    ],
)
def test_four_fields_of_headers_are_peeked_at(serve, spelled):
    told = f"* 1 FETCH (UID 5 {spelled} {{{len(HEADER)}}}\r\n".encode() + HEADER
    script = opened(
        Expect(
            "UID FETCH 5:6 (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM"
            " SUBJECT)])",
            told + b")\r\n",
            # nobody asked for that one
            told.replace(b"UID 5", b"UID 9") + b")\r\n",
        )
    )
    _server, transport = connected(serve, script)
    assert transport.headers("INBOX", ["6", "5"], 7) == {"5": HEADER}
