# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The POP3 transport against a real Dovecot over verified TLS."""

import email
import itertools
import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from servers.dovecot import Dovecot

from .connecting import connecting

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from transport.base import Cursor  # noqa: E402
from transport.errors import MailServerError  # noqa: E402

USERS = 20
SECRET = 'ge"heim 1'
CHINESE_SECRET = "密码geheim"
LIMIT = 25 * 2**20
# Dovecot locks the mailbox only where it is told to.
LOCKING = "protocol pop3 {\n  pop3_lock_session = yes\n}\n"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def dovecot(run_folder, ca):
    with Dovecot(run_folder / "dovecot-pop3", ca, extra=LOCKING) as server:
        # all before the first login: Dovecot looks at its users once a second
        server.add_users({f"rep{n}@pop.test": SECRET for n in range(USERS)})
        server.add_user("lin@pop.test", CHINESE_SECRET)
        yield server


@pytest.fixture
def user(dovecot):
    """A user with an empty mailbox."""
    return f"rep{next(_numbers)}@pop.test"


@pytest.fixture
def connect(dovecot, trusted):
    place = {"host": dovecot.host, "port": dovecot.pop3s_port}
    with connecting("pop3", SECRET, **place) as connect:
        yield connect


def message(number, body="hello", date=None):
    lines = [f"Subject: m{number}", "From: a@buyer.test", "To: b@rep.test"]
    if date:
        lines.append(f"Date: {email.utils.format_datetime(date)}")
    return "\r\n".join([*lines, "", body, ""]).encode()


def items(transport):
    return transport.list("INBOX", Cursor(), 10_000).items


def refused(call, *args, **options):
    with pytest.raises(MailServerError) as caught:
        call(*args, **options)
    return caught.value


def test_every_mail_is_listed_once_and_comes_as_it_was_sent(dovecot, user, connect):
    raws = [message(n, "x" * n + "\r\n.\r\n..dots") for n in range(120)]
    dovecot.append_many(user, "INBOX", [(raw, (), None) for raw in raws])
    transport = connect(user)
    assert [f.role for f in transport.folders()] == ["inbox"]
    listing = transport.list("INBOX", Cursor(), 10_000)
    assert (listing.count, len(listing.items), listing.more) == (120, 120, False)
    assert [item.size for item in listing.items] == [len(raw) for raw in raws]
    assert [m.raw for m in transport.fetch("INBOX", listing.items, LIMIT)] == raws
    transport.close()
    # the numbers are the next session's own, the keys stay
    transport.connect()
    assert [item.key for item in items(transport)] == [i.key for i in listing.items]


def test_new_mail_is_seen_by_a_new_session(dovecot, user, connect):
    dovecot.append(user, "INBOX", message(1))
    transport = connect(user)
    assert len(items(transport)) == 1
    transport.close()
    dovecot.append(user, "INBOX", message(2))
    transport.connect()
    assert len(items(transport)) == 2


def test_starttls_and_no_secret_before_it(dovecot, user, connect):
    place = {"port": dovecot.pop3_port, "security": "starttls"}
    transport = connect(user, **place)
    assert transport.folders()
    strict = {"host": dovecot.strict_host, "port": dovecot.pop3_port}
    assert refused(connect, user, **strict, security="none").code == "tls_missing"
    # TLS on the port that speaks first
    error = refused(connect, user, port=dovecot.pop3_port, security="ssl")
    assert error.code == "tls_missing"


def test_a_chinese_secret(connect):
    assert connect("lin@pop.test", CHINESE_SECRET).folders()


def test_a_wrong_secret(connect, user):
    error = refused(connect, user, "wrong")
    assert (error.code, error.auth, error.phase) == ("auth_bad", True, "login")


def test_a_certificate_of_another_name(connect, user):
    assert refused(connect, user, host="127.1").code == "tls_name"


def test_arrival_and_estimate_by_top(dovecot, user, connect):
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    raws = [message(n, date=start + timedelta(days=n)) for n in range(100)]
    dovecot.append_many(user, "INBOX", [(raw, (), None) for raw in raws])
    transport = connect(user)
    told = transport.describe("INBOX", [item.key for item in items(transport)])
    expected = [start.replace(tzinfo=None) + timedelta(days=n) for n in range(100)]
    assert [item.internaldate for item in told] == expected
    everything, part = transport.estimate("INBOX", [None, expected[60]])
    assert (everything.count, everything.size) == (100, sum(map(len, raws)))
    assert (part.count, part.size) == (40, sum(map(len, raws[60:])))


def test_a_large_mail_comes_by_its_beginning(dovecot, user, connect):
    mail = email.message.EmailMessage()
    mail["Subject"] = "offer"
    mail.set_content("See the offer.")
    mail.add_attachment(
        os.urandom(3_000_000), maintype="application", subtype="pdf", filename="价.pdf"
    )
    dovecot.append(user, "INBOX", mail.as_bytes())
    transport = connect(user)
    (found,) = transport.fetch("INBOX", items(transport), 1_000_000)
    assert found.reduced and found.omitted == ("价.pdf (3.0 MB)",)
    assert len(found.raw) < 2000 and b"See the offer." in found.raw
    (whole,) = transport.fetch("INBOX", items(transport), LIMIT)
    assert not whole.reduced and len(whole.raw) > 4_000_000


def test_a_mail_that_vanished_during_the_session(dovecot, user, connect):
    """Dovecot then drops the connection: the next session tells the truth."""
    dovecot.append_many(user, "INBOX", [(message(n), (), None) for n in range(3)])
    transport = connect(user)
    known = items(transport)
    connection = dovecot.imap(user)
    connection.select("INBOX")
    connection.store("2", "+FLAGS", "\\Deleted")
    connection.expunge()
    connection.logout()
    try:
        came = [mail.key for mail in transport.fetch("INBOX", known, LIMIT)]
    except MailServerError as error:
        assert error.transient
        transport.connect()
        came = [mail.key for mail in transport.fetch("INBOX", known, LIMIT)]
    assert came == [known[0].key, known[2].key]


def test_the_mailbox_is_free_once_the_session_is_closed(dovecot, user, connect):
    dovecot.append(user, "INBOX", message(1))
    first = connect(user)
    assert len(items(first)) == 1
    first.close()
    assert len(items(connect(user))) == 1
    assert dovecot.logins(user, "pop3") == 2


def test_i3_no_command_deletes_and_flags_are_left(dovecot, user, connect):
    dovecot.append_many(user, "INBOX", [(message(n), (), None) for n in range(5)])
    before = maildir(dovecot, user)
    transport = connect(user)
    told = transport.describe("INBOX", [item.key for item in items(transport)])
    list(transport.fetch("INBOX", told, LIMIT))
    transport.close()
    assert maildir(dovecot, user) == before
    assert "del=0/5" in dovecot.log.read_text(errors="replace")


def maildir(dovecot, user):
    """{file name: (flags, content)}. A mail leaves new/ when any session sees it."""
    folder = dovecot.home(user) / "Maildir"
    found = {}
    for path in (*folder.glob("cur/*"), *folder.glob("new/*")):
        name, _info, flags = path.name.partition(":2,")
        found[name] = (flags, path.read_bytes())
    return found
