# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""To which sent mail a delivery report belongs, and to none where it is forged."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from bounce_forms import (
    BUYER,
    ID,
    RETURNED,
    SUBJECT,
    US,
    block,
    plain,
    report,
)
from bounce_samples import SAMPLES
from engine import bounces, judge
from engine.bounces import Sent
from mime.parse import parse_mail
from mime.parsed import Address, Dsn, DsnRecipient, ParsedMail
from mime.threads import thread_subject

NOW = datetime(2026, 12, 1, 2, 3)
KEY = thread_subject(SUBJECT)[0]
OFFER = Sent(
    id=1,
    message_ids=frozenset({ID, "tencent_1@qq.example"}),
    ref="r3f",
    recipients=(BUYER, "carl@buyer.example", "dora@buyer.example"),
    thread_subject=KEY,
    date=datetime(2026, 12, 1, 2),
)


@dataclass
class Mails:
    """What the database would answer, and what it was asked."""

    sent: list[Sent]
    asked: list[str] = field(default_factory=list)

    def by_ids(self, message_ids):
        self.asked.append("ids")
        return [s for s in self.sent if set(message_ids) & set(s.message_ids)]

    def by_ref(self, ref):
        self.asked.append("ref")
        return [sent for sent in self.sent if sent.ref == ref]

    def by_recipients(self, emails, since, until):
        self.asked.append("recipients")
        return [sent for sent in self.sent if set(emails) & set(sent.recipients)]


def match(raw, *sent, arrived=NOW):
    mail = raw if isinstance(raw, ParsedMail) else parse_mail(raw, now=NOW)
    key = thread_subject(mail.dsn.subject)[0] if mail.dsn else ""
    return bounces.match(mail, arrived, Mails(list(sent)), key)


def emails(found):
    return [one.email for one in found.failures]


# Reports that quote neither an id nor a subject: nothing tells which mail they mean.
SILENT = {
    "exim_delayed",
    "netease_spam",
    "aliyun_retrying",
    "aliyun",
    "status_in_base64",
}


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample[0] for sample in SAMPLES])
def test_every_made_report_finds_its_mail(sample):
    name, raw, _kind, recipients, message_id, _subject = sample
    found = match(raw, replace(OFFER, id=2, message_ids={"x@y"}, ref="o",
                               thread_subject="another"), OFFER)  # fmt: skip
    if name in SILENT:
        assert (found.sent, found.reason) == (None, bounces.UNKNOWN_MAIL)
        return
    assert found.sent is OFFER
    assert found.reason == (bounces.BY_ID if message_id else bounces.BY_SUBJECT)
    assert emails(found) == [one[0] for one in recipients]


def test_by_the_id_that_the_provider_gave():
    raw = report("x", block("5.1.1")).replace(ID.encode(), b"tencent_1@qq.example")
    found = match(raw.replace(b"r3f", b""), OFFER)
    assert (found.sent, found.reason) == (OFFER, bounces.BY_ID)


def test_by_our_header_where_the_id_was_rewritten():
    raw = report("x", block("5.1.1")).replace(ID.encode(), b"other@relay.example")
    found = match(raw, OFFER)
    assert (found.sent, found.reason) == (OFFER, bounces.BY_REF)


def test_only_the_recipients_that_are_named():
    raw = report("x", block("5.1.1", email="carl@buyer.example"))
    assert emails(match(raw, OFFER)) == ["carl@buyer.example"]
    raw = report("x", block("5.1.1", email="CARL@Buyer.Example") + "\n"
                 + block("5.1.1", email="eve@evil.example"))  # fmt: skip
    assert emails(match(raw, OFFER)) == ["carl@buyer.example"]


def test_a_bcc_counts_as_a_recipient():
    hidden = replace(OFFER, recipients=("x@y.example", BUYER))
    assert emails(match(report("x", block("5.1.1")), hidden)) == [BUYER]


def test_the_address_that_a_mail_was_passed_on_to():
    """A forwarder's own server reports the address as we wrote it beside."""
    raw = next(sample[1] for sample in SAMPLES if sample[0] == "forwarded_recipient")
    found = match(raw, OFFER)
    assert emails(found) == [BUYER]
    assert found.failures[0].report.final == "bob@new.example"


# -- forged ---------------------------------------------------------------------------


@pytest.mark.parametrize("quoted", [ID, "tencent_1@qq.example", "unknown@x.example"])
def test_a_report_on_somebody_else_matches_nothing(quoted):
    """The id and our header are known to all who got the mail."""
    raw = report("x", block("5.1.1", email="eve@evil.example"))
    found = match(raw.replace(ID.encode(), quoted.encode()), OFFER)
    assert (found.sent, found.failures) == (None, ())
    assert found.reason == bounces.FOREIGN_RECIPIENT


def test_a_report_that_names_nobody_matches_a_mail_to_one_alone():
    raw = report("x", "Action: failed\nStatus: 5.1.1\n")
    assert match(raw, OFFER).reason == bounces.NO_RECIPIENT
    alone = replace(OFFER, recipients=(BUYER,))
    assert emails(match(raw, alone)) == [BUYER]


def test_never_by_the_subject_alone():
    raw = plain("postmaster@x.example", "Undeliverable: " + SUBJECT, "It failed.")
    mails = Mails([OFFER])
    mail = parse_mail(raw, now=NOW)
    assert mail.dsn.subject == SUBJECT and not mail.dsn.recipients
    found = bounces.match(mail, NOW, mails, KEY)
    assert (found.sent, found.reason) == (None, bounces.NO_RECIPIENT)
    assert mails.asked == []


def test_never_by_the_recipient_alone():
    raw = plain(
        "mailer-daemon@x.example", "failure notice", f"<{BUYER}>:\nunknown user"
    )
    assert match(raw, OFFER).reason == bounces.UNKNOWN_MAIL


PROSE = plain(
    "postmaster@x.example", "Undeliverable: " + SUBJECT, f"<{BUYER}>:\n550 unknown user"
)


@pytest.mark.parametrize(
    ("days", "reason"),
    [(0, "recipient_and_subject"), (7, "recipient_and_subject"), (9, "mail_not_known"),
     (-2, "mail_not_known")],
)  # fmt: skip
def test_by_recipient_and_subject_within_days(days, reason):
    assert match(PROSE, OFFER, arrived=NOW + timedelta(days=days)).reason == reason


def test_by_recipient_and_subject_only_where_one_mail_fits():
    again = replace(
        OFFER, id=2, date=OFFER.date - timedelta(days=1), message_ids={"2@x"}
    )
    found = match(PROSE, OFFER, again, arrived=NOW + timedelta(hours=1))
    assert (found.sent, found.reason) == (None, bounces.AMBIGUOUS)
    # the quoted date tells
    raw = report("x", block("5.1.1"), returned=(
        "text/rfc822-headers",
        RETURNED.replace(ID, "x@relay.example").replace("r3f", ""),
    ))  # fmt: skip
    assert match(raw, again, OFFER).sent is OFFER
    # also without its zone
    for hours in (8, 5.5, -7):
        dated = replace(
            ParsedMail(), dsn=Dsn("failed", (DsnRecipient(BUYER),), subject=SUBJECT,
                                  date=OFFER.date + timedelta(hours=hours, minutes=1))
        )  # fmt: skip
        earlier = replace(again, date=OFFER.date - timedelta(minutes=40))
        late = NOW + timedelta(days=2)
        assert match(dated, earlier, OFFER, arrived=late).sent is OFFER


def test_of_several_mails_the_one_that_just_left():
    before = replace(OFFER, id=2, date=OFFER.date - timedelta(hours=2))
    assert match(PROSE, before, OFFER).sent is OFFER


def test_mails_that_are_no_reports_match_nothing():
    found = match(plain("bob@buyer.example", "Re: Offer", "thanks"), OFFER)
    assert (found.sent, found.reason) == (None, bounces.NO_REPORT)


def test_the_nearest_of_several_ids():
    dsn = Dsn("failed", (DsnRecipient(BUYER),), ("far@x", ID))
    first = replace(OFFER, id=2, message_ids={"far@x"})
    assert match(ParsedMail(dsn=dsn), OFFER, first).sent is first


# -- kept or not ------------------------------------------------------------------

POLICY = judge.Policy(
    own_all=frozenset({US}),
    own_domains=frozenset({"lanyue.example"}),
    blocked=frozenset({"bank.example"}),
    unknown="ignore",
)


def about(*addresses, sender="mailer-daemon@lanyue.example", **values):
    dsn = Dsn("failed", tuple(map(DsnRecipient, addresses)))
    return ParsedMail(
        from_=(Address("", sender),), to=(Address("", US),), dsn=dsn, **values
    )


@pytest.mark.parametrize(
    ("mail", "excluded"),
    [
        # our own server's report on a mail to a customer
        (about(BUYER), ""),
        (about(BUYER, is_bounce=True, is_bulk=True), ""),
        (about(BUYER, is_auto=True, is_bulk=True, sender="x@relay.example"), ""),
        (about("chen@lanyue.example"), "internal"),
        (about(), "internal"),
        # nothing of what was written to a blocked address is kept
        (about("info@bank.example"), "blocked"),
        (about("info@bank.example", sender="mailer-daemon@relay.example"), "blocked"),
    ],
)
def test_reports_are_judged_by_whom_they_are_about(mail, excluded):
    verdict = judge.judge(mail, False, POLICY, lambda email: False)
    assert (verdict.excluded, verdict.direction) == (excluded, "in")


def test_i8_who_failed_is_no_participant():
    """He may have been a Bcc: only the sent mail tells."""
    verdict = judge.judge(about(BUYER), False, POLICY, lambda email: True)
    assert verdict.others == ()
