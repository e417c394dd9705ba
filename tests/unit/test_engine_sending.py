# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of a mail that is sent (I11) and of its Sent copy (I2)."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from engine import sending, sentcopy
from engine.sending import Departure, Limits, departure
from engine.sentcopy import SentMail, Verdict, decide, learn, recognise
from mime.brief import Brief, read_brief
from mime.build import OutgoingMail, build
from transport.errors import CODES, SENDING_CODES


def outcome(phase, code, begun=False, answered=False, attempts=0, **options):
    options.setdefault("transient", CODES[code].transient if code else False)
    return sending.outcome(phase, code, begun, answered, attempts, **options)


# -- after an attempt ---------------------------------------------------------------


def test_taken():
    assert outcome("answer", "", True, True).state == "sent"


@pytest.mark.parametrize("code", ["reset", "timeout", "protocol"])
@pytest.mark.parametrize("phase", ["data", "answer"])
def test_i11_a_lost_answer_is_never_sent_again_by_itself(phase, code):
    for attempts in range(10):
        assert outcome(phase, code, True, False, attempts).state == "unknown"


@pytest.mark.parametrize(
    ("phase", "code", "begun", "answered", "state", "minutes", "counts", "of_mailbox"),
    [
        # for good
        ("mail", "mail_refused", 0, 0, "failed", 0, True, False),
        ("mail", "too_large", 0, 0, "failed", 0, True, False),
        ("rcpt", "recipient_refused", 0, 0, "failed", 0, True, False),
        ("answer", "mail_refused", 1, 1, "failed", 0, True, False),
        ("data", "mail_refused", 1, 1, "failed", 0, True, False),
        # for now: 4xx, greylisting
        ("mail", "throttled", 0, 0, "retry", 1, True, False),
        ("rcpt", "throttled", 0, 0, "retry", 1, True, False),
        ("answer", "throttled", 1, 1, "retry", 1, True, False),
        # the connection
        ("dns", "timeout", 0, 0, "retry", 1, True, False),
        ("connect", "refused", 0, 0, "retry", 1, True, False),
        ("login", "reset", 0, 0, "retry", 1, True, False),
        ("rcpt", "timeout", 0, 0, "retry", 1, True, False),
        ("data", "reset", 0, 0, "retry", 1, True, False),
        # the mailbox's matter
        ("login", "auth_bad", 0, 0, "retry", 15, False, True),
        ("login", "ambiguous", 0, 0, "retry", 15, False, True),
        ("mail", "auth_bad", 0, 0, "retry", 15, False, True),
        ("tls", "tls_untrusted", 0, 0, "retry", 15, False, True),
        ("dns", "dns", 0, 0, "retry", 15, False, True),
        ("dns", "private_host", 0, 0, "retry", 15, False, True),
        ("rcpt", "ip_blocked", 0, 0, "retry", 15, False, True),
        ("mail", "blocked_by_admin", 0, 0, "retry", 15, False, True),
        # waiting counts for nothing
        ("greeting", "throttled", 0, 0, "retry", 5, False, True),
        ("login", "too_many_connections", 0, 0, "retry", 5, False, True),
        ("login", "login_frequency", 0, 0, "retry", 5, False, True),
        ("rcpt", "quota", 0, 0, "retry", 60, False, True),
        ("answer", "quota", 1, 1, "retry", 60, False, True),
    ],
)
def test_outcome(phase, code, begun, answered, state, minutes, counts, of_mailbox):
    found = outcome(phase, code, begun, answered)
    expected = (state, minutes * 60, counts, of_mailbox)
    assert (found.state, found.after, found.counts, found.of_mailbox) == expected


def test_every_code_ends_somewhere():
    for code in CODES:
        for phase in ("dns", "connect", "greeting", "tls", "login", "mail", "rcpt"):
            found = outcome(phase, code)
            assert found.state in ("retry", "failed")
            assert (found.after > 0) == (found.state == "retry")
    assert sending.REFUSALS == SENDING_CODES - {"mailbox_full"}


def test_the_waits_grow_and_end_after_a_day():
    waits, age, attempts = [], 0.0, 0
    while (found := outcome("rcpt", "throttled", 0, 0, attempts, age=age)).after:
        waits.append(found.after / 60)
        age += found.after
        attempts += 1
    assert waits[:8] == [1, 2, 5, 15, 30, 60, 60, 60]
    assert 22 * 3600 < age <= 24 * 3600
    assert found.state == "failed" and "throttled" in found.reason


def test_the_server_may_ask_for_more():
    asked = outcome("mail", "throttled", retry_after=299.9)
    assert (asked.after, asked.counts, asked.of_mailbox) == (299.9, False, True)
    greylisted = outcome("rcpt", "throttled", retry_after=300)
    assert (greylisted.after, greylisted.of_mailbox) == (300, False)
    assert outcome("connect", "timeout", attempts=0, retry_after=600).after == 600


def test_a_refusal_said_for_now_is_tried_again():
    assert outcome("rcpt", "recipient_refused", transient=True).state == "retry"


# -- limits -------------------------------------------------------------------------

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("history", "limits", "recipients", "size", "at", "reason"),
    [
        ([], Limits(), 1, 0, 0, ""),
        ([(-5, 1)] * 99, Limits(), 1, 0, 0, ""),
        ([(-50, 1), (-10, 1)], Limits(per_minute=3), 1, 0, 0, ""),
        ([(-50, 1), (-10, 1)], Limits(per_minute=2), 1, 0, 10, "per_minute"),
        ([(-10, 1), (-50, 1)], Limits(per_minute=1), 1, 0, 50, "per_minute"),
        ([(-70, 1), (-60, 1)], Limits(per_minute=1), 1, 0, 0, ""),
        # recipients count by the day
        ([(-100, 8)], Limits(per_day=10), 2, 0, 0, ""),
        ([(-100, 8)], Limits(per_day=10), 3, 0, 86300, "per_day"),
        ([(-900, 4), (-100, 4)], Limits(per_day=10), 6, 0, 85500, "per_day"),
        ([(-900, 4), (-100, 4)], Limits(per_day=10), 7, 0, 86300, "per_day"),
        ([(-90000, 9)], Limits(per_day=10), 9, 0, 0, ""),
        ([(-9, 9)], Limits(per_minute=1, per_day=10), 9, 0, 86391, "per_day"),
        # never, as it is
        ([], Limits(recipients=5), 6, 0, None, "recipients"),
        ([], Limits(per_day=5), 6, 0, None, "recipients"),
        ([], Limits(size=100), 1, 101, None, "size"),
        ([], Limits(size=100), 1, 100, 0, ""),
    ],
)
def test_departure(history, limits, recipients, size, at, reason):
    past = [(NOW + time, count) for time, count in history]
    at = None if at is None else NOW + at
    assert departure(NOW, past, limits, recipients, size) == Departure(at, reason)


def test_a_queue_keeps_the_limits():
    limits = Limits(per_minute=5, per_day=40)
    now, left = NOW, []
    for _n in range(100):
        now = departure(now, left, limits, 2).at
        left.append((now, 2))
    times = [time for time, _count in left]
    assert all(b - a >= 60 for a, b in zip(times, times[5:], strict=False))
    assert all(b - a >= 86400 for a, b in zip(times, times[20:], strict=False))


# -- the Sent copy ------------------------------------------------------------------


@pytest.mark.parametrize("saves_sent", ["always", "never", "option", "", "strange"])
def test_i2_nothing_is_appended_before_somebody_looked(saves_sent):
    for learned in ("", "always", "never"):
        verdict = decide(saves_sent, learned, 9999, False, 0)
        assert (verdict.action, verdict.after) == ("look_again", 0)
        assert decide(saves_sent, learned, 9999, True, 1).action == "found"


def story(saves_sent, learned="", since_append=False):
    """The seconds of all looks until it is appended."""
    seconds, looks = [0.0], 1
    for _n in range(99):
        now = seconds[-1]
        lost = now if since_append else None
        verdict = decide(saves_sent, learned, now, False, looks, lost)
        if verdict.action == "append":
            return seconds
        assert verdict.action == "look_again" and verdict.after > 0
        seconds.append(now + verdict.after)
        looks += 1
    raise AssertionError("for ever")


@pytest.mark.parametrize(
    ("saves_sent", "learned", "last", "most"),
    [
        ("never", "", 0, 1),
        ("option", "", 75, 8),
        ("", "", 75, 8),
        ("always", "", 600, 10),
        ("option", "always", 600, 10),
        ("never", "always", 600, 10),
        ("option", "never", 15, 3),
        ("", "never", 15, 3),
        # a provider that is known to save is waited for, whatever was learned
        ("always", "never", 600, 10),
    ],
)
def test_how_long_it_is_looked_for(saves_sent, learned, last, most):
    looks = story(saves_sent, learned)
    assert looks[-1] == last and len(looks) <= most


def test_i2_an_append_whose_answer_was_lost_is_looked_for():
    assert story("never", since_append=True)[-1] == 60


def test_a_late_process_looks_once_and_appends():
    assert decide("always", "", 7200, False, 1) == Verdict(
        "append", 0.0, "saved by the provider: always"
    )


def test_learning():
    state = ("", 0)
    for _n in range(2):
        state = learn(*state, saved_by_provider=False)
        assert state[0] == ""
    state = learn(*state, saved_by_provider=False)
    assert state[0] == "never"
    assert learn(*state, saved_by_provider=True) == ("always", 0)
    assert learn("always", 0, saved_by_provider=False) == ("", 1)  # switched off?


# -- recognising --------------------------------------------------------------------

DATE = datetime(2026, 11, 3, 10, 15, tzinfo=timezone(timedelta(hours=8)))
MAIL = OutgoingMail(
    "李伟",
    "Li.Wei@seller.example",
    to=[("Bob, B", "Bob@buyer.example"), ("", "eve@buyer.example")],
    cc=[("", "lee@buyer.example")],
    subject="关于 PO-4711 的报价，请查收附件并尽快确认交货期与付款方式，谢谢",
    html="<p>x</p>",
    date=DATE,
    message_id="own-1@seller.example",
    ref="r3F",
)
SENT = SentMail(
    "<own-1@seller.example>",
    "r3F",
    "li.wei@seller.example",
    ("bob@buyer.example", "Eve@buyer.example"),
    MAIL.subject,
    DATE,
)
HEAD = build(MAIL).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def without(head, *names):
    lines = head.split(b"\r\n")
    return b"\r\n".join(one for one in lines if not one.lower().startswith(names))


def test_by_its_own_id():
    assert recognise(read_brief(HEAD), SENT) == "message_id"


def test_by_our_header_where_the_id_was_rewritten():
    head = HEAD.replace(b"own-1@seller.example", b"tencent_AB@qq.com")
    assert recognise(read_brief(head), SENT) == "ref"


def test_by_what_it_says_where_our_header_is_gone_too():
    head = without(HEAD, b"message-id:", b"x-waimaolang-ref:")
    assert recognise(read_brief(head), SENT) == "fingerprint"
    for change in (
        {"from_email": "other@seller.example"},
        {"to": ("bob@buyer.example",)},
        {"subject": "other"},
        {"date": DATE + timedelta(minutes=3)},
        {"date": None},
    ):
        assert recognise(read_brief(head), replace(SENT, **change)) is None
    near = replace(SENT, date=DATE + timedelta(seconds=110))
    assert recognise(read_brief(head), near) == "fingerprint"


def test_i2_an_equal_mail_with_another_token_is_another_mail():
    head = HEAD.replace(b"own-1@", b"own-2@").replace(b"r3F", b"q9Z")
    assert recognise(read_brief(head), SENT) is None


@pytest.mark.parametrize("head", [b"", b"\r\n", b"\xff\xfe", b"no header", b"To: x"])
def test_i5_whatever_stands_there(head):
    assert recognise(read_brief(head), SENT) is None
    assert recognise(read_brief(head), SentMail("")) is None


def test_empty_tells_nothing():
    assert recognise(Brief(), SentMail("", "", "", (), "", DATE)) is None


def test_the_words_of_a_verdict():
    assert {sentcopy.FOUND, sentcopy.LOOK_AGAIN, sentcopy.APPEND} == {
        "found",
        "look_again",
        "append",
    }
