# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Waiting for a mail on servers that do not make it easy, and the story of steps."""

import pytest
from transport import roundtrip
from transport.base import Cursor, FetchedMail, FolderKeys, RemoteFolder
from transport.errors import MailServerError
from transport.imapsent import SentCopies
from transport.net import Deadline
from transport.timeline import Timeline

INBOX = RemoteFolder("INBOX", "INBOX", "inbox")
ALL = RemoteFolder("[Gmail]/All", "[Gmail]/All Mail", "all")
SENT = RemoteFolder("Sent", "Sent", "sent")
MAIL = roundtrip.build("ann@x.example", "x", "x")
OTHER = b"Subject: other\r\n\r\n"


class Imap:
    """What a Watch asks of an IMAP transport; ``looks`` is what each look finds: mails
    by folder, or an error."""

    protocol = "imap"
    one_pass = False

    def __init__(self, folders, *looks, uidvalidity=7):
        self._folders = folders
        self.looks = [{}, *looks]
        self.uidvalidity = uidvalidity
        self.asked = []
        self.connects = 0
        self.closed = False

    def connect(self):
        self.connects += 1

    def folders(self):
        return self._folders

    def _now(self, folder):
        if folder == self._folders[0].key and len(self.looks) > 1 and self.asked:
            self.looks.pop(0)
        now = self.looks[0]
        if isinstance(now, MailServerError):
            raise now
        return now.get(folder, [])

    def end(self, folder):
        mails = self._now(folder)
        self.asked.append(folder)
        self._open = mails
        return Cursor(self.uidvalidity, 10 + len(mails))

    find_recent = SentCopies.find_recent

    def uid_fetch(self, uids, _attributes):
        first, last = map(int, uids.split(":"))
        found = {
            uid: {b"BODY[HEADER]<0>": self._open[uid - 10]}
            for uid in range(first, last + 1)
        }
        return found, set(), None

    def steps(self):
        return ()

    def transcript(self):
        return []

    def close(self):
        self.closed = True


def watch(transport):
    one = roundtrip.Watch(lambda: transport, pause=lambda seconds: None)
    one.start()
    return one


def test_found_among_others_that_came_meanwhile():
    transport = Imap([INBOX, SENT], {}, {"INBOX": [OTHER, MAIL.raw]})
    assert watch(transport).wait(MAIL.token, 5).folder == "INBOX"
    assert "Sent" not in transport.asked  # the sent copy is no arrival


def test_the_sent_copy_in_all_mail_is_not_taken_for_the_arrival():
    transport = Imap(
        [INBOX, ALL],
        {ALL.key: [MAIL.raw]},
        {ALL.key: [MAIL.raw], "INBOX": [MAIL.raw]},
    )
    assert watch(transport).wait(MAIL.token, 5).role == "inbox"


def test_where_only_all_mail_has_it_that_is_said_after_a_while(monkeypatch):
    monkeypatch.setattr(roundtrip, "ALL_MAIL_SECONDS", 0.0)
    transport = Imap([INBOX, ALL], {ALL.key: [MAIL.raw]})
    assert watch(transport).wait(MAIL.token, 5).role == "all"


def test_a_connection_that_breaks_is_made_anew():
    broken = MailServerError("reset", "gone", "examine")
    transport = Imap([INBOX], broken, {"INBOX": [MAIL.raw]})
    one = watch(transport)
    assert one.wait(MAIL.token, 5).role == "inbox"
    assert transport.connects == 2


def test_what_will_not_pass_by_itself_is_told_at_once():
    refused = MailServerError("auth_bad", "no", "login")
    one = watch(Imap([INBOX], refused))
    with pytest.raises(MailServerError) as caught:
        one.wait(MAIL.token, 60)
    assert caught.value.code == "auth_bad"


def test_it_ends_in_time_and_says_where_it_looked():
    one = watch(Imap([INBOX, ALL], {}))
    with pytest.raises(MailServerError) as caught:
        one.wait(MAIL.token, 0)
    assert (caught.value.code, caught.value.phase) == ("timeout", "receive")
    assert "INBOX" in caught.value.detail and "All Mail" in caught.value.detail


class Keys(Imap):
    """A protocol that knows keys and no order, a session a look."""

    protocol = "pop3"
    one_pass = True

    def keys(self, folder):
        count = len(self._now(folder))
        self.asked.append(folder)
        return FolderKeys(1, 0, count, tuple(f"k{n}" for n in range(count)))

    def fetch(self, _folder, items, _max_bytes, uidvalidity=0):
        for item in items:
            raw = self.looks[0]["INBOX"][int(item.key[1:])]
            yield FetchedMail(item.key, 0, raw)


def test_pop3_looks_in_a_new_session_each_time():
    transport = Keys([INBOX], {"INBOX": [OTHER]}, {"INBOX": [OTHER, MAIL.raw]})
    one = watch(transport)
    assert transport.closed  # the session is exclusive
    assert one.wait(MAIL.token, 5).role == "inbox"
    assert transport.connects == 3


def test_a_proof_mail_names_itself_and_no_header_can_be_smuggled():
    mail = roundtrip.build("ann@x.example", "a\r\nBcc: all@y.example", "x", "A\nB")
    head = mail.raw.partition(b"\r\n\r\n")[0].decode()
    assert "\r\nBcc:" not in head
    assert f"X-Waimaolang-Test: {mail.token}" in head
    assert mail.token in mail.message_id


# -- steps -------------------------------------------------------------------------

NAMES = ("dns", "tcp", "tls", "login", "id", "folders")


def told(*phases):
    timeline = Timeline(NAMES)
    for phase in phases:
        failed = phase.endswith("!")
        error = MailServerError("timeout", "late", phase) if failed else None
        timeline.note(phase.rstrip("!"), 5, error)
    return {s.name: s.state for s in timeline.steps() if s.state != "skipped"}


@pytest.mark.parametrize(
    ("phases", "steps"),
    [
        (["dns!"], {"dns": "failed"}),
        (["dns", "connect!"], {"dns": "ok", "tcp": "failed"}),
        (["dns", "connect", "greeting!"], {"dns": "ok", "tcp": "failed"}),
        (
            ["dns", "connect", "tls", "greeting!"],
            {"dns": "ok", "tcp": "ok", "tls": "ok", "login": "failed"},
        ),
        (
            ["dns", "connect", "tls", "greeting", "login", "login!"],
            {"dns": "ok", "tcp": "ok", "tls": "ok", "login": "failed"},
        ),
        (["noop", "fetch!"], {}),
    ],
)
def test_timeline(phases, steps):
    assert told(*phases) == steps


def test_exchanges_of_one_step_add_up():
    timeline = Timeline(NAMES)
    timeline.note("login", 5)
    timeline.note("login", 7)
    assert [s.milliseconds for s in timeline.steps() if s.name == "login"] == [12]


JUNK = [RemoteFolder(f"Junk{n}", f"Junk{n}", "junk") for n in range(4000)]


def test_i6_a_server_full_of_junk_folders_is_looked_into_here_and_there():
    transport = Imap([INBOX, *JUNK], {})
    watch(transport)
    assert len(transport.asked) <= 1 + roundtrip.FOLDERS_PER_ROLE


def test_i6_one_deadline_bounds_every_connection_and_the_wait():
    broken = MailServerError("reset", "gone", "examine")
    transport = Imap([INBOX], broken, broken, {})
    limit = Deadline(0.05)
    given = []

    def make():
        given.append(getattr(transport, "hard_deadline", None))
        transport.hard_deadline = None
        return transport

    one = roundtrip.Watch(make, pause=lambda seconds: None, limit=limit)
    one.start()
    with pytest.raises(MailServerError) as caught:
        one.wait(MAIL.token, 10**6)
    assert caught.value.code == "timeout"
    assert transport.connects > 1
    assert [*given[1:], transport.hard_deadline] == [limit] * transport.connects


class Sender(Imap):
    def send(self, *_mail):
        raise MailServerError("timeout", "no answer", "data")


def test_i6_a_round_trip_has_one_deadline():
    limit, receiver, sender = Deadline(60), Imap([INBOX], {}), Sender([INBOX])
    trip = roundtrip.RoundTrip(lambda: receiver, sender, MAIL, limit=limit)
    with pytest.raises(MailServerError):
        trip.run()
    assert sender.hard_deadline is receiver.hard_deadline is limit
