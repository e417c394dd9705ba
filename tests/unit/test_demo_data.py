# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo's data: as many mails as promised, of all kinds, and nothing real."""

import email
import io
import json
import re
import sys
import zipfile
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from email import policy
from email.header import decode_header
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "docker"))

demo_data = pytest.importorskip("demo_data")

TODAY = date(2026, 3, 16)
ADDRESS = re.compile(r"[\w.+$-]+@([\w-]+(?:\.[\w-]+)*\.[A-Za-z][\w-]*)")
SITE = re.compile(r"(?:https?://|\bwww\.|from |by )((?:[a-z\d-]+\.)+[a-z]{2,})\b")
CODECS = {"gb2312": "gb18030", "gbk": "gb18030"}


@pytest.fixture(scope="module")
def demo():
    return demo_data.build(today=TODAY)


@pytest.fixture(scope="module")
def parsed(demo):
    """(rep, mail, message) of all mails."""
    return [
        (rep, mail, email.message_from_bytes(mail.raw))
        for rep in demo.reps
        for mail in rep.mails
    ]


def texts(message):
    """The text parts, decoded as their label means."""
    for part in message.walk():
        if part.get_content_type() in ("text/plain", "text/html"):
            label = part.get_content_charset() or "ascii"
            codec = CODECS.get(label, label)
            yield part, part.get_payload(decode=True).decode(codec)


def headline(message, name="Subject"):
    """A header, decoded; raw 8-bit bytes are GBK."""
    found = ""
    for piece, label in decode_header(message[name] or ""):
        if isinstance(piece, bytes):
            codec = "gb18030" if label == "unknown-8bit" else label or "ascii"
            piece = piece.decode(CODECS.get(codec, codec))
        found += piece
    return found


def test_the_same_seed_gives_the_same_bytes(demo):
    again = demo_data.build(today=datetime(2026, 3, 16, 12, tzinfo=timezone.utc))
    assert again.to_json() == demo.to_json()
    assert [rep.mails for rep in again.reps] == [rep.mails for rep in demo.reps]
    other = demo_data.build(seed=7, today=TODAY)
    assert [rep.mails for rep in other.reps] != [rep.mails for rep in demo.reps]


@pytest.mark.parametrize("today", [TODAY, date(2026, 8, 2), date(2027, 1, 1)])
def test_counts(today):
    demo = demo_data.build(today=today)
    assert len(demo.reps) == 3
    assert len(demo.companies) == 40
    midnight = datetime(today.year, today.month, today.day, tzinfo=timezone.utc)
    for rep in demo.reps:
        assert 180 <= len(rep.mails) <= 220
        folders = {mail.folder for mail in rep.mails}
        assert folders == {"INBOX", rep.sent_folder, rep.user_folder}
        assert any(not mail.seen for mail in rep.mails)
        oldest, newest = rep.mails[0].internaldate, rep.mails[-1].internaldate
        assert midnight - timedelta(days=190) < oldest
        assert oldest < midnight - timedelta(days=160)
        assert midnight - timedelta(days=5) < newest < midnight + timedelta(minutes=5)
    for row in demo.showcase.values():
        assert row["mails"] >= 12


def test_json_is_complete(demo):
    data = json.loads(json.dumps(demo.to_json()))
    domains = {row["domain"] for row in data["companies"]}
    logins = {row["login"] for row in data["reps"]}
    emails = {row["email"] for row in data["contacts"]}
    assert len(domains) == 40
    assert len(emails) == len(data["contacts"])
    assert {row["company"] for row in data["contacts"]} == domains
    assert {row["rep_login"] for row in data["companies"]} == logins
    counts = Counter(row["company"] for row in data["opportunities"])
    assert max(counts.values()) == 2
    for row in data["opportunities"]:
        assert row["contact"] in emails
        assert row["stage"] in ("New", "Qualified", "Proposition")
        assert row["expected_revenue"] > 500
    names = {row["name"] for row in data["opportunities"]}
    for row in data["showcase"].values():
        assert row["opportunity"] in names
        assert row["email"] in emails
    assert not any("mails" in row for row in data["reps"])


def test_every_mail_can_be_read(parsed):
    for _rep, mail, message in parsed:
        assert not message.defects, message["Subject"]
        assert b"\n" not in mail.raw.replace(b"\r\n", b"")
        assert headline(message)
        assert "{" not in headline(message)
        found = list(texts(message))
        assert found
        for part, text in found:
            assert "\ufffd" not in text
            if part.get_content_subtype() == "plain":
                assert not re.search(r"\{\w*\}|\[[^\]]*\|", text)
        strict = email.message_from_bytes(mail.raw, policy=policy.default)
        assert strict["From"]


def test_charsets_and_clients_are_mixed(parsed):
    charsets, mailers, lying = Counter(), Counter(), 0
    for _rep, _mail, message in parsed:
        labels = {part.get_content_charset() for part, _text in texts(message)}
        charsets.update(labels)
        mailer = message["X-Mailer"] or message["User-Agent"] or "none"
        mailers[mailer.split()[0]] += 1
        if "gb2312" in labels:
            for part, _text in texts(message):
                try:
                    part.get_payload(decode=True).decode("gb2312")
                except UnicodeDecodeError:
                    lying += 1
    wanted = ("gbk", "gb2312", "gb18030", "big5", "koi8-r", "windows-1251")
    for label in (*wanted, "iso-8859-1", "utf-8"):
        assert charsets[label] >= 5, label
    assert lying >= 5
    for mailer in ("Microsoft", "Foxmail", "Coremail", "QQMail", "iPhone", "Mozilla"):
        assert mailers[mailer] >= 5, mailer
    raws = [mail.raw for _rep, mail, _message in parsed]
    for trait in (
        b"gmail_quote",
        b"format=flowed",
        b"=?GB2312?B?",
        b"=?gb18030?B?",
        b"=?GBK?B?",
        b"=?big5?B?",
        b"=?koi8-r?B?",
        b"filename*=",
        b"filename*0*=",
        b"Content-ID: <",
    ):
        assert sum(trait in raw for raw in raws) >= 2, trait
    raw_headers = [raw for raw in raws if not raw.partition(b"\r\n\r\n")[0].isascii()]
    assert len(raw_headers) >= 3


def test_references_resolve(parsed):
    for rep in {rep.login: rep for rep, _mail, _message in parsed}.values():
        own = [message for owner, _mail, message in parsed if owner is rep]
        dates = {m["Message-ID"]: m["Date"] for m in own}
        replies = 0
        for message in own:
            for name in (message["References"] or "").split():
                assert name in dates
            if message["In-Reply-To"]:
                replies += 1
                before = parsedate_to_datetime(dates[message["In-Reply-To"]])
                assert before < parsedate_to_datetime(message["Date"])
        assert replies > 80


def test_the_special_mails_are_there(demo, parsed):
    messages = [message for _rep, _mail, message in parsed]
    assert sum(message["Message-ID"] is None for message in messages) == 1
    assert sum(message["Date"] is None for message in messages) == 1
    assert sum(m["Auto-Submitted"] == "auto-replied" for m in messages) >= 3
    assert sum(bool(m["List-Unsubscribe"]) for m in messages) >= 20
    reports = [m for m in messages if m.get_content_type() == "multipart/report"]
    assert len(reports) == 2
    for report in reports:
        kinds = [part.get_content_type() for part in report.get_payload()]
        assert kinds[1:] == ["message/delivery-status", "text/rfc822-headers"]
    inboxes = {}
    for rep in demo.reps:
        ids = {}
        for mail in rep.mails:
            name = email.message_from_bytes(mail.raw)["Message-ID"]
            ids.setdefault(name, []).append(mail.folder)
        assert sorted([rep.user_folder, "INBOX"]) in [sorted(v) for v in ids.values()]
        inboxes[rep.login] = {name for name, v in ids.items() if "INBOX" in v}
    assert any(
        "elbhydraulik.example" in (name or "")
        for name in inboxes["linxiao"] & inboxes["sofia"]
    )


def test_only_reserved_domains(parsed):
    for _rep, mail, message in parsed:
        whole = [mail.raw.partition(b"\r\n\r\n")[0].decode("latin-1")]
        whole += [text for _part, text in texts(message)]
        whole += [headline(message, name) for name in ("From", "To", "Cc", "Subject")]
        for text in whole:
            for domain in ADDRESS.findall(text) + SITE.findall(text):
                ending = domain.rpartition(".")[2]
                # Content-IDs of Outlook and Windows look like addresses
                known = ending in ("example", "test") or domain.startswith("01D")
                assert known, domain


def test_attachments_open(parsed):
    kinds = Counter()
    for _rep, _mail, message in parsed:
        for part in message.walk():
            if not part.get_filename():
                continue
            data = part.get_payload(decode=True)
            kind = part.get_content_type()
            kinds[kind] += 1
            if kind == "application/pdf":
                assert data.startswith(b"%PDF-1.4")
                assert data.endswith(b"%%EOF\n")
            elif kind.endswith("sheet"):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    assert archive.testzip() is None
            elif kind == "image/jpeg":
                assert data.startswith(b"\xff\xd8")
            elif kind == "image/png":
                assert data.startswith(b"\x89PNG")
    assert kinds["application/pdf"] > 60
    assert kinds["image/jpeg"] + kinds["image/png"] > 50


def test_size(parsed):
    assert sum(len(mail.raw) for _rep, mail, _message in parsed) < 12_000_000
