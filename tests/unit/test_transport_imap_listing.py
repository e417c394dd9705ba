# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The IMAP transport's listings, from servers that say what a test tells them to."""

from datetime import datetime

import pytest
from scripted_imap import (
    CLOSE,
    HANG,
    Expect,
    Flood,
    connected,
    logged_in,
    opened,
    refused,
)
from transport.base import Cursor, FolderTold, RemoteItem

# -- listings ---------------------------------------------------------------------


def told(*steps, messages=3, uidvalidity=7, uidnext=4, modseq=0, **options):
    """A script that answers STATUS."""
    numbers = {
        "MESSAGES": messages,
        "UIDVALIDITY": uidvalidity,
        "UIDNEXT": uidnext,
        "HIGHESTMODSEQ": modseq,
    }
    items = " ".join(f"{name} {n}" for name, n in numbers.items() if n is not None)
    answer = f'* STATUS "INBOX" ({items})'
    options.setdefault("capabilities", CONDSTORE)
    return logged_in(Expect("STATUS", answer), *steps, **options)


CONDSTORE = "IMAP4rev1 AUTH=PLAIN SASL-IR CONDSTORE UNSELECT"
META = (
    "* {0} FETCH (UID {0} RFC822.SIZE {1}"
    ' INTERNALDATE "05-Jan-2026 10:00:00 +0800" FLAGS (\\Seen))'
)


def test_list(serve):
    script = opened(
        Expect("UID SEARCH UID 1:*", "* SEARCH 3 1 2"),
        Expect("UID FETCH 1:3 (UID RFC822.SIZE INTERNALDATE FLAGS)",
               *(META.format(uid, uid * 100) for uid in (2, 1, 3))),
    )  # fmt: skip
    server, transport = connected(serve, script)
    listing = transport.list("IN\\BOX", Cursor(), 10)
    assert 'EXAMINE "IN\\\\BOX"' in server.received[1]
    assert (listing.cursor, listing.count) == (Cursor(7, 4), 3)
    assert (listing.uidnext, listing.more) == (4, False)
    assert listing.items[0] == RemoteItem(
        "1", 1, 100, datetime(2026, 1, 5, 2), frozenset({"\\Seen"})
    )
    assert [i.uid for i in listing.items] == [1, 2, 3]


def test_nothing_new_is_one_round_trip(serve):
    server, transport = connected(serve, opened())
    assert transport.list("INBOX", Cursor(7, 4), 10).items == ()
    assert len(server.received) == 2


def test_the_last_mail_answers_for_star(serve):
    script = opened(Expect("UID SEARCH UID 300:*", "* SEARCH 3"), uidnext=None)
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(7, 500), 10)
    assert (listing.items, listing.cursor) == ((), Cursor(7, 500))
    assert listing.near == ()


def test_uidnext_was_read_before_the_search(serve):
    """A mail that arrived in between is listed, and the cursor covers it."""
    script = opened(
        Expect("SEARCH", "* 4 EXISTS", "* SEARCH 4"), Expect("FETCH"), uidnext=4
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(7, 3), 10)
    assert ([i.uid for i in listing.items], listing.cursor.uidnext) == ([4], 5)


def test_history_is_listed_from_the_newest_down_by_one_search(serve):
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2 3 9 10"),
        Expect("FETCH 9:10 "),
        Expect("FETCH 2:3 "),
        Expect("FETCH 1 "),
        Expect("EXAMINE", "* 5 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 20]"),
        exists=5,
        uidnext=20,
    )
    _server, transport = connected(serve, script)
    cursor, found = Cursor(), []
    for backfill in (9, 2, 0):
        listing = transport.list("INBOX", cursor, 2)
        found += [[i.uid for i in listing.items]]
        cursor = listing.cursor
        assert (listing.count, listing.uidnext) == (5, 20)
        assert (cursor, listing.more) == (Cursor(7, 20, backfill), backfill > 0)
    assert found == [[9, 10], [2, 3], [1]]
    assert transport.list("INBOX", cursor, 2).items == ()


def test_i1_another_pass_goes_on_below_what_was_listed_and_takes_new_mail_first(serve):
    script = told(
        Expect("EXAMINE", "* 7 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 22]"),
        Expect("UID SEARCH UID 1:*", "* SEARCH 1 2 3 9 10 20 21"),
        Expect("FETCH 20 "),
        Expect("FETCH 21 "),
        Expect("FETCH 3 "),
        messages=7,
        uidnext=22,
    )
    _server, transport = connected(serve, script)
    assert transport.look("INBOX") == FolderTold(7, 22, 7)
    cursor, found = Cursor(7, 20, 9), []
    for _step in range(3):
        listing = transport.list("INBOX", cursor, 1)
        found.append([i.uid for i in listing.items] + [*listing.near])
        cursor = listing.cursor
    assert found == [[20, 9, 10], [21], [3]]
    assert cursor == Cursor(7, 22, 3) and listing.more


def test_an_open_folder_is_left_before_it_is_asked_about(serve):
    """New mail is not kept waiting by a long history on a connection that stays."""
    first = ["* 3 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 4]"]
    again = ["* 4 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 5]"]
    script = told(
        Expect("EXAMINE", *first),
        Expect("SEARCH", "* SEARCH 1 2 3"),
        Expect("FETCH 3 "),
        Expect("UNSELECT"),
        Expect("STATUS", '* STATUS "INBOX" (UIDNEXT 5 MESSAGES 4 UIDVALIDITY 7)'),
        Expect("EXAMINE", *again),
        Expect("SEARCH", "* SEARCH 1 2 3 4"),
        Expect("FETCH 4 "),
    )
    _server, transport = connected(serve, script)
    transport.look("INBOX")
    cursor = transport.list("INBOX", Cursor(), 1).cursor
    assert cursor == Cursor(7, 4, 3)
    assert transport.look("INBOX") == FolderTold(7, 5, 4)
    listing = transport.list("INBOX", cursor, 1)
    assert ([i.uid for i in listing.items], listing.cursor) == ([4], Cursor(7, 5, 3))


def test_without_unselect_an_open_folder_is_opened_anew(serve):
    plain = "IMAP4rev1 AUTH=PLAIN SASL-IR"
    again = ["* 4 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 5]"]
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2 3"),
        Expect("FETCH"),
        Expect("EXAMINE", *again),
        Expect("UID SEARCH UID 1:*", "* SEARCH 1 2 3 4"),
        Expect("FETCH 4 "),
        capabilities=plain,
    )
    _server, transport = connected(serve, script)
    cursor = transport.list("INBOX", Cursor(), 10).cursor
    assert transport.look("INBOX") == FolderTold(7, 5, 4)
    assert len(transport.list("INBOX", cursor, 10).items) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Expect("STATUS", status="NO [CANNOT] not here"),
        Expect("STATUS", status="BAD what?"),
        Expect("STATUS"),
        Expect("STATUS", '* STATUS "INBOX" (MESSAGES 3)'),
    ],
    ids=["no", "bad", "nothing", "too little"],
)
def test_where_status_does_not_tell_folders_are_opened(serve, answer):
    opening = ["* 3 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 4]"]
    script = logged_in(
        answer,
        Expect("EXAMINE", *opening),
        Expect("EXAMINE", *opening),
    )
    _server, transport = connected(serve, script)
    assert transport.look("INBOX") == transport.look("Sent") == FolderTold(7, 4, 3)


def test_a_folder_that_is_gone_does_not_make_others_be_opened(serve):
    script = logged_in(
        Expect("STATUS", status="NO [NONEXISTENT] Unknown mailbox"),
        Expect("EXAMINE", status="NO [NONEXISTENT] Unknown mailbox"),
        Expect(
            "STATUS", "* STATUS {4}", b"Sent (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7)\r\n"
        ),
    )
    _server, transport = connected(serve, script)
    assert refused(transport.look, "INBOX").code == "folder_gone"
    assert transport.look("Sent") == FolderTold(7, 4, 3)


def test_uids_a_little_below_the_cursor_are_told_along(serve):
    script = opened(
        Expect("UID SEARCH UID 300:*", "* SEARCH 298 300 499 500 501"),
        Expect("FETCH 500:501 "),
        uidnext=502,
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(7, 500), 10)
    assert listing.near == (300, 499) and listing.cursor == Cursor(7, 502)


# -- the counter of changes ---------------------------------------------------------

OPENED = Expect("EXAMINE", "* 3 EXISTS", "* OK [UIDVALIDITY 7]", "* OK [UIDNEXT 4]")


def test_flags_that_changed_are_told_by_the_counter(serve):
    script = told(
        OPENED,
        Expect(
            "UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 5)",
            "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (9223372036854775807))",
            "* 3 FETCH (MODSEQ (7) UID 3 FLAGS ())",
            "* 2 FETCH (FLAGS (\\Seen))",
        ),
        modseq=2**63 - 1,
    )
    _server, transport = connected(serve, script)
    assert transport.look("INBOX").modseq == 2**63 - 1
    assert transport.flags("INBOX", 5) == {1: frozenset({"\\Seen"}), 3: frozenset()}


@pytest.mark.parametrize("answer", ["BAD what?", "NO [CANNOT] not here"])
def test_a_server_that_refuses_changes_tells_no_counter_any_more(serve, answer):
    again = Expect("STATUS", '* STATUS "INBOX" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7)')
    refusal = Expect("CHANGEDSINCE", status=answer)
    script = told(OPENED, refusal, Expect("UNSELECT"), again, modseq=9)
    server, transport = connected(serve, script)
    assert transport.look("INBOX").modseq == 9
    assert transport.flags("INBOX", 5) is None
    assert transport.look("INBOX").modseq == 0
    assert "HIGHESTMODSEQ" not in server.received[-1]


def test_the_counter_is_asked_for_where_it_is_announced(serve):
    """Dovecot keeps one from then on."""
    server, transport = connected(serve, opened(capabilities=CONDSTORE))
    transport.list("INBOX", Cursor(7, 4), 10)
    assert server.received[1].endswith('EXAMINE "INBOX" (CONDSTORE)')


@pytest.mark.parametrize("status", ["BAD what?", "NO [CANNOT] not here"])
def test_a_server_that_announces_the_counter_and_refuses_it_is_read_without(
    serve, status
):
    script = logged_in(
        Expect("(CONDSTORE)", status=status), OPENED, OPENED, capabilities=CONDSTORE
    )
    server, transport = connected(serve, script)
    for _time in range(2):
        assert transport.list("INBOX", Cursor(7, 4), 10).count == 3
    assert "CONDSTORE" not in server.received[2] + server.received[3]


@pytest.mark.parametrize("modseq", [None, 0, 9999999999999999999])
def test_a_folder_without_counter_and_an_absurd_one_have_none(serve, modseq):
    _server, transport = connected(serve, told(modseq=modseq))
    assert transport.look("INBOX") == FolderTold(7, 4, 3, 0)


@pytest.mark.parametrize("uidnext", [2**32, 2**62, -5])
def test_i1_a_next_uid_that_can_be_none_is_not_believed(serve, uidnext):
    """Else what comes would lie below the cursor, and be history for ever."""
    _server, transport = connected(serve, told(uidnext=uidnext))
    assert transport.look("INBOX").uidnext == 0
    script = opened(
        Expect("UID SEARCH UID 1:*", "* SEARCH 1 2 3"), Expect("FETCH"), uidnext=uidnext
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert (listing.cursor, listing.uidnext) == (Cursor(7, 4), 4)


def test_i5_figures_beyond_what_a_row_holds_are_cut(serve):
    _server, transport = connected(serve, told(messages=10**15, uidvalidity=0))
    assert transport.look("INBOX") == FolderTold(1, 4, 2**31 - 1, 0)
    _server, transport = connected(serve, opened(exists=10**15, uidvalidity=0))
    assert transport.end("INBOX") == Cursor(1, 4)


@pytest.mark.parametrize("told_uid", [2**32, 10**30, "9" * 5000, 0, "1 1 1"])
def test_i1_numbers_that_are_no_uids_take_no_other_along(serve, told_uid):
    script = opened(
        Expect("UID SEARCH UID 1:*", f"* SEARCH 1 {told_uid} 2 3 3"),
        Expect(
            "UID FETCH 1:3",
            *(META.format(uid, 100) for uid in (1, 2, 3)),
            f"* 9 FETCH (UID {told_uid} RFC822.SIZE 10 FLAGS ())",
            f"* 9 FETCH (UID {told_uid} RFC822.SIZE ((",
        ),
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert [(item.uid, item.size) for item in listing.items] == [
        (uid, 100) for uid in (1, 2, 3)
    ]


def test_flags_of_mails_that_nobody_can_have_are_left_out(serve):
    script = opened(
        Expect(
            "UID FETCH 1:* (UID FLAGS)",
            "* 1 FETCH (UID 1 FLAGS (\\Seen))",
            f"* 2 FETCH (UID {2**70} FLAGS (\\Seen))",
            "* 3 FETCH (UID -3 FLAGS (\\Seen))",
        )
    )
    _server, transport = connected(serve, script)
    assert set(transport.flags("INBOX")) == {1}


def test_after_another_uidvalidity_all_is_listed(serve):
    script = opened(Expect("UID SEARCH UID 1:*", "* SEARCH 1 2 3"), Expect("FETCH"))
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(6, 400), 10)
    assert listing.cursor == Cursor(7, 4)
    assert len(listing.items) == 3


def test_uidnext_that_shrinks_does_not_move_the_cursor_back(serve):
    _server, transport = connected(serve, opened(uidnext=2))
    assert transport.list("INBOX", Cursor(7, 40), 10).cursor == Cursor(7, 40)


@pytest.mark.parametrize(
    "search",
    [
        Expect("SEARCH"),
        Expect("SEARCH", "* SEARCH"),
        Expect("SEARCH", "* SEARCH 2"),
        Expect("SEARCH", status="BAD UID SEARCH invalid argument"),
    ],
    ids=["no answer", "empty", "too few", "crippled"],
)
def test_a_search_that_tells_less_than_exists_is_not_believed(serve, search):
    fetch = Expect(
        "UID FETCH 1:* (UID)", *(f"* {n} FETCH (UID {n})" for n in (1, 2, 3))
    )
    _server, transport = connected(serve, opened(search, fetch, Expect("FETCH")))
    listing = transport.list("INBOX", Cursor(), 10)
    assert [i.uid for i in listing.items] == [1, 2, 3]


def test_exists_that_lies(serve):
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2"),
        Expect("UID FETCH 1:* (UID)", "* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)"),
        Expect("FETCH"),
        exists=50,
        uidnext=3,
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert ([i.uid for i in listing.items], listing.count) == ([1, 2], 50)
    assert not listing.whole


def test_missing_and_broken_lines_lose_no_uid(serve):
    script = opened(
        Expect("SEARCH", "* SEARCH 1 2 3"),
        Expect(
            "FETCH",
            "* 1 FETCH (RFC822.SIZE 5 UID 1)",  # no flags, no date
            "* 2 FETCH (UID 2 RFC822.SIZE",
            "* 9 FETCH (FLAGS (\\Seen))",  # unasked, without UID
        ),
    )
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert listing.items == (
        RemoteItem("1", 1, 5),
        RemoteItem("2", 2),
        RemoteItem("3", 3),
    )


@pytest.mark.parametrize(
    "answer, code",
    [
        (Expect("EXAMINE", status="NO [NONEXISTENT] Unknown mailbox"), "folder_gone"),
        (Expect("EXAMINE", status="NO whatever"), "folder_gone"),
        (Expect("EXAMINE", status="BAD what?"), "protocol"),
        (Expect("EXAMINE", "* BYE shutting down", status=None), "reset"),
        (Expect("EXAMINE", b"* 5 EX", status=None), "timeout"),
        (CLOSE, "reset"),
        (Flood("* 1 EXISTS"), "protocol"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_refused_folder(serve, answer, code):
    timeout = 0.3 if code == "timeout" else 5
    script = logged_in(answer, *([HANG] if timeout < 5 else []))
    _server, transport = connected(serve, script, read_timeout=timeout)
    assert refused(transport.list, "x", Cursor(), 10).code == code


@pytest.mark.parametrize("answer", ["NO whatever", "NO Internal error", "BAD what?"])
def test_a_listing_without_sizes_is_a_listing(serve, answer):
    script = opened(Expect("SEARCH", "* SEARCH 1 2 3"), Expect("FETCH", status=answer))
    _server, transport = connected(serve, script)
    listing = transport.list("INBOX", Cursor(), 10)
    assert listing.items == tuple(RemoteItem(str(n), n) for n in (1, 2, 3))


def test_throttled_listing(serve):
    answer = "NO Request is throttled. Suggested Backoff Time: 5000 milliseconds"
    script = opened(Expect("SEARCH", "* SEARCH 1 2 3"), Expect("FETCH", status=answer))
    _server, transport = connected(serve, script)
    error = refused(transport.list, "INBOX", Cursor(), 10)
    assert (error.code, error.retry_after) == ("throttled", 5)


def test_folder_names_cannot_carry_commands(serve):
    server, transport = connected(serve, logged_in())
    assert refused(transport.list, "a\r\nb DELETE c", Cursor(), 1).code == "folder_gone"
    assert len(server.received) == 1


def test_the_mails_of_a_folder_are_counted_without_opening_it(serve):
    server, transport = connected(serve, told(messages=1234))
    assert transport.count("INBOX") == 1234
    assert len(server.received) == 2 and "EXAMINE" not in "".join(server.received)


def test_a_server_that_does_not_count_is_not_asked_in_another_way(serve):
    script = logged_in(Expect("STATUS", status="NO gone"), capabilities=CONDSTORE)
    server, transport = connected(serve, script)
    assert transport.count("Gone") is None
    assert len(server.received) == 2
