# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The engine's decisions as tables of cases, without Odoo and without a server."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from engine import backoff, fetch, judge, matching, sealing, uidset, window
from engine.ledger import PendingCopy
from engine.pool import Connection
from mime.parsed import Address, ParsedMail
from transport.base import RemoteItem

OWN = "lin@lanyue.example"
BUYER = "emma@buyer.example"
POLICY = judge.Policy(
    own_all=frozenset({OWN, "chen@lanyue.example"}),
    own_domains=frozenset({"lanyue.example"}),
    blocked=judge.parse_blocked("bank.example\n@clinic.example\nmum@home.example"),
)


def mail(sender, *to, **values):
    return ParsedMail(
        from_=(Address("", sender),) if sender else (),
        to=tuple(Address("", email) for email in to),
        **values,
    )


# -- sets of UIDs ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "uids", "expected"),
    [
        ("", [], ""),
        ("", [3, 1, 2, 9], "1:3,9"),
        ("1:3,9", [4, 10], "1:4,9:10"),
        ("5", [5], "5"),
        ("1:4", [4294967295], "1:4,4294967295"),
    ],
)
def test_i1_uids_outside_the_window_are_kept_as_ranges(text, uids, expected):
    assert uidset.add(text, uids) == expected


def test_i1_ranges_count_every_uid_once():
    assert uidset.size("1:4,9,12:13") == 7
    assert uidset.size("") == 0
    assert uidset.keep("1:4,9", [2, 3, 9, 11]) == "2:3,9"


# -- the history window ----------------------------------------------------------


def item(uid, day=None):
    arrived = datetime(2026, 5, day) if day else None
    return RemoteItem(str(uid), uid, 100, arrived)


@pytest.mark.parametrize(
    ("live_uid", "since", "wanted", "live", "outside"),
    [
        (10, None, [1, 2, 3], [], []),
        (10, datetime(2026, 5, 2), [2, 3], [], [1]),
        (2, datetime(2026, 5, 30), [2, 3], [2, 3], [1]),
        (0, datetime(2026, 5, 30), [3], [], [1, 2]),
    ],
)
def test_window_takes_new_mail_and_what_is_young_enough(
    live_uid, since, wanted, live, outside
):
    parts = window.split([item(1, 1), item(2, 2), item(3)], live_uid, since)
    assert [i.uid for i, _ in parts.wanted] == wanted
    assert [i.uid for i, is_live in parts.wanted if is_live] == live
    assert list(parts.outside) == outside


@pytest.mark.parametrize(
    ("day", "taken", "live"),
    [
        (20, None, True),
        (20, 20, True),
        # under way, or the clocks differ
        (18, 20, True),
        # moved here, or shown since the user asked her provider for all mail
        (17, 20, False),
        (1, 20, False),
        # where the server tells no arrival, the UID is all there is
        (None, 20, True),
    ],
)
def test_old_mail_with_a_new_uid_is_history(day, taken, live):
    taken_at = datetime(2026, 5, taken) if taken else None
    assert window.is_live(item(10, day), 10, taken_at) is live
    assert window.is_live(item(9, day), 10, taken_at) is False
    assert window.is_live(item(10, day), 0, taken_at) is False


def test_old_mail_with_a_new_uid_is_held_to_the_history_window():
    items = [item(10, 1), item(11, 9), item(12, 20)]
    parts = window.split(items, 10, datetime(2026, 5, 5), datetime(2026, 5, 20))
    assert [(i.uid, live) for i, live in parts.wanted] == [(11, False), (12, True)]
    assert parts.outside == (10,)


NOW = datetime(2026, 11, 25, 12)


@pytest.mark.parametrize(
    ("age", "count", "asked", "counted", "days", "mails"),
    [
        # QQ and Exmail: the last 30 days
        (30, 200, 90, False, 30, 0),
        (30, 200, None, False, 30, 0),
        (28.5, 200, 90, False, 30, 0),
        (31.9, 200, 90, False, 30, 0),
        (90, 200, 365, False, 90, 0),
        (181, 200, None, False, 180, 0),
        # a mailbox that is as young, or whose oldest mail lies anywhere
        (27, 200, 90, False, 0, 0),
        (33, 200, 90, False, 0, 0),
        (400, 200, None, False, 0, 0),
        (30, 9, 90, False, 0, 0),
        # no more was asked for
        (30, 200, 30, False, 0, 0),
        (29, 200, 30, False, 0, 0),
        (90, 200, 90, False, 0, 0),
        # NetEase: the newest 500 by POP3
        (None, 500, None, True, 0, 500),
        (12, 500, None, True, 0, 500),
        (12, 499, None, True, 0, 0),
        (12, 500, None, False, 0, 0),
        (None, 0, None, False, 0, 0),
    ],
)
def test_a_server_that_hides_old_mail_is_recognised(
    age, count, asked, counted, days, mails
):
    oldest = NOW - timedelta(days=age) if age is not None else None
    since = NOW - timedelta(days=asked) if asked is not None else None
    limit = window.looks_limited(oldest, count, since, NOW, counted)
    assert (limit.days, limit.mails) == (days, mails)


# -- judge -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "in_sent", "known", "excluded", "direction"),
    [
        (mail(BUYER, OWN), False, True, "", "in"),
        (mail(OWN, BUYER), True, True, "", "out"),
        (mail(OWN, BUYER), False, True, "", "out"),
        (mail("", BUYER), True, True, "", "out"),
        (mail("chen@lanyue.example", OWN), False, False, "internal", "out"),
        (mail("hr@lanyue.example", OWN), False, False, "internal", "out"),
        # what a colleague wrote to a customer is sent mail, in whoever's copy
        (mail("chen@lanyue.example", OWN, BUYER), False, True, "", "out"),
        (mail("info@mail.bank.example", OWN), False, True, "blocked", "in"),
        (mail("dr@clinic.example", OWN), False, False, "blocked", "in"),
        (mail("mum@home.example", OWN), False, False, "blocked", "in"),
        (mail("dad@home.example", OWN), False, False, "", "in"),
        (mail("news@shop.example", OWN, is_bulk=True), False, False, "bulk", "in"),
        (mail("news@shop.example", OWN, is_bulk=True), False, True, "", "in"),
        (mail("", is_bounce=True), False, False, "", "in"),
    ],
)
def test_judge(message, in_sent, known, excluded, direction):
    verdict = judge.judge(message, in_sent, POLICY, lambda email: known)
    assert (verdict.excluded, verdict.direction) == (excluded, direction)


@pytest.mark.parametrize(
    ("sender", "to", "excluded"),
    [
        (OWN, OWN, "test"),
        ("alias@gmx.de", OWN, "test"),
        # forged: judged as without the header
        (BUYER, OWN, ""),
        (OWN, BUYER, ""),
        ("chen@lanyue.example", OWN, "internal"),
        ("info@mail.bank.example", OWN, "blocked"),
    ],
)
def test_the_header_of_a_test_mail_decides_nothing_for_others(sender, to, excluded):
    policy = replace(
        POLICY,
        own=frozenset({OWN, "alias@gmx.de"}),
        own_all=POLICY.own_all | {"alias@gmx.de"},
    )
    message = mail(sender, to, is_test=True)
    assert judge.judge(message, False, policy, lambda e: True).excluded == excluded


def test_unknown_senders_are_not_kept_when_the_owner_says_so():
    policy = judge.Policy(POLICY.own_all, POLICY.own_domains, POLICY.blocked, "ignore")
    stranger = mail("x@stranger.example", OWN)
    assert judge.judge(stranger, False, policy, lambda e: False).excluded == "ignored"
    assert judge.judge(stranger, False, policy, lambda e: True).excluded == ""


def test_a_public_domain_is_nobodys_own():
    assert "qq.com" in judge.PUBLIC_DOMAINS and "gmail.com" in judge.PUBLIC_DOMAINS


# -- matching --------------------------------------------------------------------


def directory(partners=(), leads=(), by_email=()):
    return matching.Directory(dict(partners), dict(leads), dict(by_email))


def lead(lead_id, user=1, activity="2026-05-01"):
    return matching.Lead(lead_id, user, activity)


TWO_LEADS = directory(
    {BUYER: [7]}.items(), {7: [lead(3, 1, "2026-05-09"), lead(4)]}.items()
)


@pytest.mark.parametrize(
    ("known", "conversation_lead", "expected"),
    [
        (directory(), 0, []),
        (directory({BUYER: [7]}.items()), 0, [("res.partner", 7)]),
        (
            directory({BUYER: [7]}.items(), {7: [lead(3)]}.items()),
            0,
            [("crm.lead", 3), ("res.partner", 7)],
        ),
        (directory(by_email={BUYER: [lead(4)]}.items()), 0, [("crm.lead", 4)]),
        (
            # among several: the latest active one of the owner
            directory(
                {BUYER: [7]}.items(),
                {
                    7: [
                        lead(3, 1, "2026-05-01"),
                        lead(4, 1, "2026-05-09"),
                        lead(5, 2, "2026-06-01"),
                    ]
                }.items(),
            ),
            0,
            [("crm.lead", 4), ("res.partner", 7)],
        ),
        (
            # among several of others: none
            directory({BUYER: [7]}.items(), {7: [lead(3, 8), lead(4, 9)]}.items()),
            0,
            [("res.partner", 7)],
        ),
        # the conversation's comes first
        (TWO_LEADS, 4, [("crm.lead", 4), ("res.partner", 7)]),
        # also for a colleague of the customer whom nobody knows yet
        (directory(), 4, [("crm.lead", 4)]),
    ],
)
def test_matching(known, conversation_lead, expected):
    links = matching.match([Address("", BUYER)], (), conversation_lead, 1, known)
    assert [(link.res_model, link.res_id) for link in links] == expected
    assert all(link.reason and not link.hidden for link in links)


def test_i8_who_is_named_by_a_bcc_alone_is_matched_by_herself_and_hidden():
    other = "other@firm.example"
    known = directory(
        {BUYER: [7], other: [8]}.items(), {7: [lead(3)], 8: [lead(5)]}.items()
    )
    people = [Address("", BUYER), Address("", other)]
    links = matching.match(people, {other}, 0, 1, known)
    assert [(x.res_model, x.res_id, x.hidden) for x in links] == [
        ("crm.lead", 3, False),
        ("res.partner", 7, False),
        ("crm.lead", 5, True),
        ("res.partner", 8, True),
    ]


# -- backoff ---------------------------------------------------------------------


def test_i6_three_refusals_end_in_reauth():
    first = backoff.after_error("auth_bad", 0, 0)
    second = backoff.after_error("auth_bad", first.failures, first.auth_failures)
    third = backoff.after_error("auth_bad", second.failures, second.auth_failures)
    assert [first.state, second.state, third.state] == ["error", "error", "reauth"]


@pytest.mark.parametrize("code", sorted(backoff.PASSING_CODES))
def test_i6_one_cut_connection_is_no_error_and_a_second_one_is(code):
    first = backoff.after_error(code, 0, 0)
    second = backoff.after_error(code, first.failures, 0)
    assert (first.state, first.failures, first.wait) == ("", 1, backoff.FIRST_WAIT)
    assert second.state == "error"


@pytest.mark.parametrize("code", sorted(backoff.WAIT_CODES))
def test_i6_no_pass_logs_in_while_people_are_told_to_wait(code):
    for retry_after in (None, 60, 1800):
        wait = backoff.after_error(code, 0, 0, retry_after).wait
        assert wait >= backoff.wait_of_people(code, retry_after)


def test_i9_a_digest_tells_words_apart_and_needs_the_key():
    key, other = sealing.derive_key("k" * 40), sealing.derive_key("o" * 40)
    assert sealing.digest(key, "a", "b") == sealing.digest(key, "a", "b")
    told = {
        sealing.digest(key, "a", "b"),
        sealing.digest(key, "ab"),
        sealing.digest(key, "a", "b", ""),
        sealing.digest(other, "a", "b"),
    }
    assert len(told) == 4


def test_i6_throttling_is_not_a_failure():
    verdict = backoff.after_error("throttled", 2, 1, retry_after=300)
    assert (verdict.failures, verdict.auth_failures) == (2, 1)
    assert (verdict.state, verdict.wait) == ("", 300)


def test_waits_grow_and_are_bounded():
    waits = [backoff.after_error("timeout", n, 0).wait for n in range(12)]
    assert waits == sorted(waits)
    assert waits[0] == backoff.FIRST_WAIT and waits[-1] == backoff.LONGEST_WAIT


def test_an_ambiguous_refusal_waits_a_quarter_of_an_hour():
    verdict = backoff.after_error("ambiguous", 0, 0)
    assert verdict.wait >= 15 * 60 and verdict.auth_failures == 0


# -- chunks ----------------------------------------------------------------------


def copies(*sizes, attempts=None):
    tried = attempts or {}
    return [
        PendingCopy(n, 1, 7, str(n), n, size, attempts=tried.get(n, 0))
        for n, size in enumerate(sizes, 1)
    ]


def test_chunks_are_bounded_by_count_and_by_bytes():
    big = fetch.CHUNK_BYTES
    assert fetch.next_chunk(copies(1, 1, 1), 0, 2) == 2
    assert fetch.next_chunk(copies(1, big, 1), 0, 10) == 1
    assert fetch.next_chunk(copies(big * 2, 1), 0, 10) == 1
    assert fetch.next_chunk(copies(1, 1), 1, 10) == 2


def test_i5_a_mail_that_was_tried_before_goes_alone_and_in_the_end_reduced():
    queue = copies(1, 1, 1, 1, attempts={2: 1, 3: 2})
    assert fetch.next_chunk(queue, 0, 10) == 1
    assert fetch.next_chunk(queue, 1, 10) == 2
    assert fetch.next_chunk(queue, 2, 10) == 3
    assert fetch.most_bytes(queue[:2]) == fetch.LARGEST_MAIL
    assert fetch.most_bytes(queue[2:3]) == fetch.REDUCED_MAIL


def test_chunks_grow_on_fast_servers_and_shrink_on_slow_ones():
    assert fetch.adapt(25, 0.1, True) == 50
    assert fetch.adapt(25, 0.1, False) == 25
    assert fetch.adapt(50, 5.0, True) == 25
    assert fetch.adapt(fetch.LARGEST_CHUNK, 0.1, True) == fetch.LARGEST_CHUNK


class BreakingTransport:
    """Raises what it was given at a folder, else delivers nothing."""

    lists_whole = False

    def __init__(self, **broken):
        self.broken = broken

    def fetch(self, folder, items, max_bytes, uidvalidity):
        if folder in self.broken:
            raise self.broken[folder]
        return iter(())


@pytest.mark.parametrize(
    ("keys", "suspects"),
    [
        (("3",), [13]),  # a MailServerError names the mails under way
        ((), []),  # the network's fault, nobody's
        (None, [13, 14]),  # what nobody thought of: all that were asked for
    ],
)
def test_i5_only_mails_of_the_folder_that_broke_are_suspects(keys, suspects):
    error = RuntimeError("broke")
    if keys is not None:
        error.keys = keys
    copies = [
        PendingCopy(3, 1, 7, "3", 3),
        PendingCopy(13, 2, 7, "3", 3),
        PendingCopy(14, 2, 7, "4", 4),
    ]
    connection = Connection(BreakingTransport(sent=error), ())
    with pytest.raises(fetch.ChunkError) as caught:
        fetch.fetch_chunk(
            connection, copies, {1: "inbox", 2: "sent"}, list, time.monotonic() + 60
        )
    assert list(caught.value.suspects) == suspects
    assert caught.value.cause is error


# -- secrets ---------------------------------------------------------------------


def test_i9_a_sealed_secret_opens_in_its_place_only():
    key = sealing.derive_key("k" * 40)
    sealed = sealing.seal(key, "waimaolang.mailbox:1:password", "授权码 abc")
    assert "abc" not in sealed
    assert sealing.unseal(key, "waimaolang.mailbox:1:password", sealed) == "授权码 abc"
    for wrong in [
        (key, "waimaolang.mailbox:2:password", sealed),
        (sealing.derive_key("other"), "waimaolang.mailbox:1:password", sealed),
        (key, "waimaolang.mailbox:1:password", sealed[:-4] + "AAAA"),
        (key, "waimaolang.mailbox:1:password", "2:" + sealed[2:]),
        (key, "waimaolang.mailbox:1:password", "1:%%%"),
    ]:
        with pytest.raises(sealing.SealError):
            sealing.unseal(*wrong)
