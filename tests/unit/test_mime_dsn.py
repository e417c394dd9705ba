# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivery reports: who did not get it, why, and what was sent."""

import random
import time
from datetime import datetime
from pathlib import Path

import pytest
from bounce_forms import BUYER, ID, RETURNED, US, block, plain, report
from bounce_samples import SAMPLES
from mime import causes
from mime.frames import dump_mail, load_mail
from mime.parse import parse_mail
from mime.pool import ParserPool

NOW = datetime(2026, 12, 2)
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
NAMES = [sample[0] for sample in SAMPLES]


def parse(raw):
    return parse_mail(raw, now=NOW)


def travelled(mail):
    return load_mail(dump_mail(mail), [item.data for item in mail.attachments])


def told(dsn):
    return [(one.email, one.status, one.cause, one.hard) for one in dsn.recipients]


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_made_reports(sample):
    _name, raw, kind, recipients, message_id, subject = sample
    mail = parse(raw)
    assert mail.dsn and not mail.defects
    assert (mail.dsn.kind, told(mail.dsn)) == (kind, recipients)
    assert list(mail.dsn.message_ids) == ([message_id] if message_id else [])
    assert mail.dsn.subject == subject
    assert mail.is_bounce is (kind == "failed")
    # a delay or a success is no answer of a person either
    assert mail.is_bounce or mail.is_auto
    assert mail.auto_reply is None


def test_there_are_more_than_thirty():
    assert len(SAMPLES) >= 30 and len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_line_ends_do_not_matter(sample):
    raw = sample[1].replace(b"\n", b"\r\n")
    assert parse(raw).dsn == parse(sample[1]).dsn


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_reports_travel_between_processes(sample):
    mail = parse(sample[1])
    assert travelled(mail).dsn == mail.dsn


def test_reports_come_out_of_the_worker_process():
    raws = [sample[1] for sample in SAMPLES[:3]]
    with ParserPool(1) as pool:
        mails = [outcome.mail for outcome in pool.parse_many(raws, NOW)]
    assert [mail.dsn for mail in mails] == [parse(raw).dsn for raw in raws]


def test_what_is_quoted_of_the_sent_mail():
    dsn = parse(report("x", block("5.1.1"))).dsn
    assert (dsn.ref, dsn.date) == ("r3f", datetime(2026, 12, 1, 2))
    assert (dsn.to, dsn.reporter) == ((BUYER,), "mx.lanyue.example")
    assert dsn.message_ids == (ID,)


def test_both_addresses_of_a_forwarded_recipient():
    raw = next(sample[1] for sample in SAMPLES if sample[0] == "forwarded_recipient")
    (one,) = parse(raw).dsn.recipients
    assert (one.email, one.final) == (BUYER, "bob@new.example")


def test_the_words_stand_on_one_line_and_are_cut():
    long = "550 5.1.1 no such user " + "x" * 3000
    (one,) = parse(report("x", block("5.1.1", long))).dsn.recipients
    assert len(one.diagnostic) == causes.MAX_DIAGNOSTIC and "\n" not in one.diagnostic
    gmail = next(sample[1] for sample in SAMPLES if sample[0] == "gmail")
    (one,) = parse(gmail).dsn.recipients
    assert one.diagnostic == (
        "550-5.1.1 The email account that you tried to reach does not exist. Please "
        "try "
        "double-checking the recipient's address"
    )


# -- what is none -----------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        plain("Bob <bob@buyer.example>", "Delivery failed", "The delivery has failed: "
              "550 cartons are missing. bob@buyer.example"),
        plain("Bob <bob@buyer.example>", "Undeliverable: your parcel", "see above"),
        plain("Bob <bob@buyer.example>", "Re: Undeliverable: Offer", "It works now."),
        plain("Ed <postmaster@buyer.example>", "Re: Mail delivery failed", "Fixed."),
        plain("Ed <postmaster@buyer.example>", "new prices", "Delivery failed"),
        plain("Bob <bob@buyer.example>", "系统退信怎么办", "我的邮件被退回"),
        plain("News <news@shop.example>", "Delivery problems solved", "Buy now",
              "List-Unsubscribe: <mailto:u@shop.example>\n"),
        plain("Bob <bob@buyer.example>", "Fwd: Undelivered Mail",
              f"<{BUYER}>: 550 user unknown\n\n{RETURNED}"),
        # read receipts and complaints
        report("It was read.", "", kind="; report-type=disposition-notification",
               sender="bob@buyer.example", subject="Read: Offer",
               returned=("message/disposition-notification",
                         f"Final-Recipient: rfc822; {BUYER}\nDisposition: "
                         "manual-action/MDN-sent-manually; displayed\n")),
        report("It was read.", "", kind="", sender="bob@buyer.example",
               subject="Read: Offer",
               returned=("message/disposition-notification", "Disposition: x\n")),
        report("Spam!", "", kind="; report-type=feedback-report",
               sender="fbl@mail.example", subject="complaint"),
    ],
)  # fmt: skip
def test_no_reports(raw):
    mail = parse(raw)
    assert mail.dsn is None and not mail.is_bounce


def test_a_returned_mail_within_a_persons_mail_is_hers():
    inner = report("x", block("5.1.1")).decode()
    raw = (
        f"From: bob@buyer.example\nTo: {US}\nSubject: look\nContent-Type: "
        f"multipart/mixed;"
        f" boundary=zz\n\n--zz\n\nsee\n--zz\nContent-Type: message/rfc822\n\n{inner}\n"
        f"--zz--"
    )
    assert parse(raw.encode()).dsn is None


@pytest.mark.parametrize(
    ("status", "said", "cause", "hard"),
    [
        ("5.1.1", "", "unknown", True),
        ("5.2.2", "", "full", False),
        ("5.7.26", "", "blocked", True),
        ("5.7.1", "", "policy", True),
        ("4.4.1", "", "network", False),
        ("5.0.0", "", "other", True),
        ("", "", "other", False),
        ("", "451 4.7.0 temporarily deferred due to user complaints", "blocked", False),
        ("", "550 Ip frequency limited", "blocked", True),
        ("", "550 SPF check failed", "blocked", True),
        ("", "550 Mail content denied", "policy", True),
        ("", "552 Quota exceed the hard limit for user bob", "full", False),
        ("", "550 RP:TRC 192.0.2.1", "blocked", True),
        ("", "550 5.2.1 The account that you tried to reach is disabled", "unknown",
         True),
        ("", "550 relay not permitted", "policy", True),
        ("", "La boîte aux lettres du destinataire est pleine", "full", False),
        ("", "The recipient's mailbox is over its quota", "full", False),
        ("", "lookup buyer.example: no such host", "network", False),
        ("", "对方邮箱已满", "full", False),
        ("", "550 收件人不存在", "unknown", True),
        ("5.3.0", "sending quota exceeded", "policy", True),
        ("", "5.4.6 Hop count exceeded - possible mail loop", "network", True),
        ("5.1.2", "550 5.1.2 Domain name not found", "unknown", True),
    ],
)  # fmt: skip
def test_causes(status, said, cause, hard):
    status = causes.choose_status(status, said)
    found = causes.find_cause(status, said)
    assert (found, causes.is_hard(found, status, said)) == (cause, hard)


# -- hostile ------------------------------------------------------------------------


def test_i5_damaged_reports_are_read_or_not_but_never_fail():
    rng = random.Random(20)
    for name, raw, *_rest in SAMPLES:
        for _number in range(15):
            damaged = bytearray(raw[: rng.randrange(len(raw) + 1)])
            for _flip in range(min(len(damaged), 15)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            mail = parse(bytes(damaged))
            assert not mail.defects, name
            assert travelled(mail).dsn == mail.dsn
            for one in mail.dsn.recipients if mail.dsn else ():
                assert "\0" not in one.email + one.diagnostic
            assert str(dump_mail(mail)["dsn"]).encode()


FROM = b"From: mailer-daemon@x.example\nSubject: failure notice\n\n"
STATUS = b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/"
HOSTILE = {
    "addresses": FROM + b"<a@b.example>: x\n" * 60_000,
    "no addresses": FROM + b"a@" * 200_000,
    "dots": FROM + b"a" + b".a" * 200_000,
    "codes": FROM + b"550 5.1.1 " * 60_000,
    "words": FROM + b"user " * 100_000,
    "fields": FROM + b"Subject: x\n" * 60_000,
    "folded": FROM + b"Subject: x\n" + b" y\n" * 100_000,
    "dashes": FROM + b"-" * 400_000,
    "titles": FROM + b"--- original message" * 30_000,
    "blank": FROM + b" \n" * 200_000,
    "blocks": STATUS
    + b"delivery-status\n\n"
    + b"Final-Recipient: rfc822;a@b.c\n\n" * 20_000,
    "words of each": STATUS
    + b"delivery-status\n\n"
    + b"".join(
        b"Final-Recipient: rfc822;a%d@b.c\nDiagnostic-Code: smtp; %d %s\n\n"
        % (n, n, b"mail user host " * 60)
        for n in range(1000)
    ),
    "torn": STATUS + b"delivery-status\n\n" + b"Final-Recipient:\n " * 30_000,
    "diagnostic": STATUS + b"delivery-status\n\nFinal-Recipient: rfc822;a@b.c\n"
    b"Diagnostic-Code: smtp; " + b"550-5.1.1 no \n " * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_i5_hostile_reports_take_no_time(name):
    start = time.process_time()
    mail = parse(HOSTILE[name])
    assert time.process_time() - start < 2.0
    assert mail.dsn and not mail.defects


# -- real ones ------------------------------------------------------------------------

EXAMPLE = [("demo@example.com", "4.2.2", "full", False)]
MULTI = [
    (f"{name}@gmail.com", "5.1.1", "unknown", True)
    for name in (
        "bbbbvhvbbvkjbhfbvbvjhb",
        "bscdbcjhasbcjhbdscbhbsdhcbj",
        "egyfefsdvsfvvhjsd",
        "kfhejkfbsjkjsbhds",
        "qfvhgsvhgsduiohncdhcvhsdfvsfygusd",
    )
]
LONG = "asdfasdfasdfasdfasdfasdfewrqertrtyrthsfgdfgadfqeadvxzvz@gmail.com"
# The corpus' names without their common beginnings: kind, recipients.
REAL = {
    "msg_05": ("failed", []),
    "msg_16": ("failed", [("jangel1@cougar.noc.ucla.edu", "5.0.0", "full", False)]),
    "msg_25": ("failed", [("scoffman@wellpartner.com", "5.4.6", "network", True)]),
    "msg_43": ("failed", 11),
    "bounce_broken-mime": ("failed", [("info@example.net", "", "other", False)]),
    "bounce_delayed-broken": ("failed", EXAMPLE),
    "bounce_delayed": ("failed", [("foo@example.com", "4.0.0", "network", False)]),
    "bounce_gmail-invalid-address": (
        "failed",
        [("awfawfawfawfawfaw@someserverhere.com", "5.1.0", "unknown", True)],
    ),
    "bounce_gmail-no-dns": ("failed", [("user@example.comm", "", "unknown", True)]),
    "bounce_mailbox-full": ("failed", [("user@aol.com", "5.2.2", "full", False)]),
    "bounce_no-mx": ("delayed", [("user@example.com", "4.4.4", "network", False)]),
    "bounce_office365": ("failed", [("noname@example.com", "5.1.10", "unknown", True)]),
    "bounce_zed": ("failed", [(LONG, "5.1.1", "unknown", True)]),
    "badbound.msg": ("failed", [("pnet@uscom.com", "", "other", False)]),
    "raw_email_with_mimepart_without_content_type": (
        "delayed",
        [("larose.julie@courrier.uqam.ca", "4.5.0", "network", False)],
    ),
    "multi_address_bounce1": ("failed", MULTI),
    "multipart_report_multiple_status": (
        "failed",
        [("u@ci.com", "5.3.0", "policy", True)],
    ),
    "report_422": ("delayed", [("fraser@oooooooo.com.au", "4.2.2", "full", False)]),
    "report_530": ("failed", [("edwin@zzzzzzz.com", "5.3.0", "unknown", True)]),
    "delivery-status": ("failed", [("xxxx@xxxx.com", "5.1.1", "blocked", True)]),
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no mails beside the repository")
def test_the_corpus_has_these_reports_and_no_others():
    found = {}
    for path in sorted(CORPUS.glob("*/*.eml")):
        dsn = parse(path.read_bytes()).dsn
        if dsn is None:
            continue
        name = max(
            (key for key in REAL if path.stem.endswith(key)), key=len, default=""
        )
        found[name or path.name] = (dsn.kind, told(dsn))
    for name, (kind, recipients) in found.items():
        wanted_kind, wanted = REAL.get(name, ("", None))
        same = len(recipients) == wanted if wanted == 11 else recipients == wanted
        assert kind == wanted_kind and same, (name, kind, recipients)
    assert found.keys() == REAL.keys()
