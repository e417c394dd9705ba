# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Sent copy on a real Dovecot: put there, found again, nothing else touched."""

import imaplib
import itertools
import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from servers.dovecot import Dovecot

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from engine.sentcopy import SentMail, recognise  # noqa: E402
from mime.brief import read_brief  # noqa: E402
from mime.build import OutgoingMail, build  # noqa: E402
from transport import registry  # noqa: E402
from transport.base import Credentials, ServerAddress  # noqa: E402
from transport.errors import MailServerError  # noqa: E402

USERS = 12
SECRET = "geheim"
MEGABYTE = 2**20
DATE = datetime(2026, 11, 3, 10, 15, tzinfo=timezone(timedelta(hours=8)))
QUOTA = """
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = maildir:Mailbox
  quota_rule = *:storage=40M
}
"""
_numbers = itertools.count()


@pytest.fixture(scope="module")
def dovecot(run_folder, ca):
    with Dovecot(run_folder / "dovecot-append", ca, extra=QUOTA) as server:
        for number in range(USERS):
            server.add_user(f"rep{number}@append.test", SECRET)
        yield server


@pytest.fixture
def user(dovecot):
    login = f"rep{next(_numbers)}@append.test"
    dovecot.create_folders(login, ["Sent"])
    return login


@pytest.fixture
def transport(dovecot, user, trusted):
    address = ServerAddress(dovecot.host, dovecot.imaps_port, "ssl", True)
    transport = registry.create("imap", address, Credentials(user, SECRET))
    transport.connect()
    yield transport
    transport.close()


def mail(number, **changes):
    values = {
        "from_name": "李伟",
        "from_email": "li@seller.example",
        "to": [("Bob", "bob@buyer.example")],
        "subject": f"报价 {number}",
        "html": "<p>请查收</p>",
        "date": DATE,
        "message_id": f"m{number}@seller.example",
        "ref": f"ref-{number}",
    }
    return OutgoingMail(**{**values, **changes})


def sent(one):
    to = [address for _name, address in one.to]
    return SentMail(one.message_id, one.ref, one.from_email, to, one.subject, one.date)


def flags(dovecot, user, folder):
    """By another client."""
    connection = dovecot.imap(user)
    connection.select(folder, readonly=True)
    _ok, lines = connection.fetch("1:*", "(UID FLAGS INTERNALDATE)")
    connection.logout()
    return [
        (
            set(imaplib.ParseFlags(line)) - {b"\\Recent"},
            imaplib.Internaldate2tuple(line),
        )
        for line in lines
        if line
    ]


def test_i3_a_copy_is_put_there_and_found_and_nothing_else_changes(
    dovecot, user, transport
):
    old = build(mail(0))
    dovecot.append_many(user, "Sent", [(old, (), None), (old, ("\\Flagged",), None)])
    mark = transport.end("Sent")
    assert transport.find_recent("Sent", mark).headers == ()
    raw = build(mail(1))
    told = transport.append("Sent", raw, date=DATE)
    assert (told.uidvalidity, told.uid) == (mark.uidvalidity, mark.uidnext)
    found = transport.find_recent("Sent", mark)
    ((uid, head),) = found.headers
    assert uid == told.uid
    assert recognise(read_brief(head), sent(mail(1))) == "message_id"
    assert transport.find_recent("Sent", found.cursor).headers == ()
    assert dovecot.messages(user, "Sent")[-1] == raw
    untouched, flagged, own = flags(dovecot, user, "Sent")
    assert (untouched[0], flagged[0]) == (set(), {b"\\Flagged"})
    assert own[0] == {b"\\Seen"}
    assert datetime(*own[1][:6]) == DATE.astimezone().replace(tzinfo=None)


def test_a_rewritten_id_is_recognised(dovecot, user, transport):
    raw = build(mail(1)).replace(b"<m1@seller.example>", b"<other@provider.example>")
    dovecot.append(user, "Sent", raw)
    ((_uid, head),) = transport.find_recent("Sent").headers
    assert recognise(read_brief(head), sent(mail(1))) == "ref"
    assert recognise(read_brief(head), sent(mail(2))) is None


def test_without_a_mark_the_newest_are_looked_at(dovecot, user, transport):
    raws = [(build(mail(number)), (), None) for number in range(12)]
    dovecot.append_many(user, "Sent", raws)
    found = transport.find_recent("Sent", limit=5)
    briefs = [read_brief(head) for _uid, head in found.headers]
    assert [one.message_id for one in briefs] == [
        f"m{number}@seller.example" for number in range(7, 12)
    ]


@pytest.mark.parametrize("megabytes", [0, 20])
def test_small_and_large(dovecot, user, transport, megabytes):
    data = random.Random(1).randbytes(megabytes * MEGABYTE + 10)
    files = [("报价单.pdf", "application/pdf", data)]
    raw = build(mail(1, attachments=files))
    told = transport.append("Sent", raw, flags=("\\Seen", "\\Answered"))
    assert told.uid and transport.was_append_answered
    assert dovecot.messages(user, "Sent") == [raw]


def test_a_folder_that_is_not_there(transport):
    with pytest.raises(MailServerError) as caught:
        transport.append("Nowhere", build(mail(1)))
    assert (caught.value.code, caught.value.phase) == ("folder_gone", "append")
    assert transport.was_append_answered and transport.alive()


def test_a_full_mailbox(dovecot, user, transport):
    data = random.Random(2).randbytes(20 * MEGABYTE)
    raw = build(mail(1, attachments=[("a.bin", "", data)]))
    transport.append("Sent", raw)
    with pytest.raises(MailServerError) as caught:
        transport.append("Sent", raw)
    assert caught.value.code == "mailbox_full" and not caught.value.transient
    assert transport.alive()
    assert len(dovecot.messages(user, "Sent")) == 1
