# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The SMTP transport and the proof of a binding against a real exim and Dovecot."""

import email
import itertools
import random
import sys
from datetime import datetime, timezone
from email.policy import default
from pathlib import Path

import pytest
from servers import front as fronts
from servers.process import wait_until

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from mime.build import OutgoingMail, build, envelope, make_message_id  # noqa: E402
from transport import registry, roundtrip  # noqa: E402
from transport.base import Credentials, ServerAddress  # noqa: E402
from transport.errors import MailServerError  # noqa: E402
from transport.smtp import SmtpTransport  # noqa: E402

SECRET = "Xk2-right-code"
_numbers = itertools.count(1)


@pytest.fixture
def user(smtp):
    return smtp.add_user(f"proof{next(_numbers)}@lanyue.example", SECRET)


@pytest.fixture
def sender(smtp, trusted):
    made = []

    def sender(login, secret=SECRET, security="ssl", **place):
        port = {"ssl": smtp.tls_port}.get(security, smtp.port)
        place = {"host": smtp.host, "port": port, "security": security, **place}
        address = ServerAddress(**place, allow_private=True)
        transport = SmtpTransport(address, Credentials(login, secret))
        made.append(transport)
        return transport

    yield sender
    for transport in made:
        transport.close()


@pytest.fixture
def receiver(dovecot, trusted):
    def receiver(login, secret=SECRET, protocol="imap", **place):
        port = {"imap": dovecot.imaps_port, "pop3": dovecot.pop3s_port}[protocol]
        address = ServerAddress(dovecot.host, place.get("port", port), "ssl", True)
        return lambda: registry.create(protocol, address, Credentials(login, secret))

    return receiver


@pytest.fixture
def front(ca):
    """``front(name, port)``: a script of servers/front.py before the real server."""
    started = []

    def start(name, port):
        certificate = ca.issue("front-smtp")
        upstream = ("localhost", port)
        started.append(fronts.Front(ca, fronts.SCRIPTS[name], upstream, certificate))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def refused(call, *args):
    with pytest.raises(MailServerError) as caught:
        call(*args)
    return caught.value


def delivered(dovecot, login, count=1):
    """The mails of the inbox, once there are so many: exim delivers by itself."""
    wait_until(
        lambda: len(dovecot.messages(login)) >= count, 30, "the mail to be delivered"
    )
    return dovecot.messages(login)


def states(transport):
    return {step.name: step.state for step in transport.steps()}


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_mail_arrives_as_it_was_sent(dovecot, sender, user, security):
    transport = sender(user, security=security)
    transport.connect()
    raw = "Subject: 报价单 für Müller\r\n\r\n.dot\r\n..dots\n行\r\n".encode()
    transport.send(user, [user], raw)
    assert set(states(transport).values()) == {"ok"}
    (arrived,) = delivered(dovecot, user)
    # what comes before is the servers' own
    assert arrived.endswith("\r\n\r\n.dot\r\n..dots\r\n行\r\n".encode())
    assert "报价单 für Müller".encode() in arrived


@pytest.mark.parametrize("megabytes", [0, 20])
def test_a_built_mail_arrives_byte_for_byte(dovecot, sender, user, megabytes):
    """3 To, 2 Cc, 1 Bcc; Chinese subject and names; image, file, attached mail."""
    others = [f"{name}.{user}" for name in ("c1", "c2", "b1")]
    file = random.Random(1).randbytes(megabytes * 2**20 + 1000)
    mail = OutgoingMail(
        "李伟, 销售部",
        user,
        to=[("王小明", user), ("Bob, B", "bob@buyer.example"), ("", "c@buyer.example")],
        cc=[("Müller", others[0]), ("", others[1])],
        bcc=[("Secret", others[2])],
        subject="Re: 关于 2026 年 PO-4711 的报价单（含图）",
        html='<p>.开头</p><img src="cid:logo@x">' + "<p>..dots and text</p>\n" * 300,
        date=datetime(2026, 11, 3, 10, 15, tzinfo=timezone.utc),
        message_id=make_message_id("lanyue.example"),
        in_reply_to="question@buyer.example",
        ref="r3F",
        inline=[("logo@x", "标志.png", "image/png", bytes(range(256)))],
        attachments=[
            ("报价单.pdf", "application/pdf", file),
            ("m.eml", "message/rfc822", b"Subject: old\n\n.\n..\nFrom x\n"),
        ],
    )
    transport = sender(user)
    transport.connect()
    raw = build(mail)
    mail_from, recipients = envelope(mail)
    assert len(recipients) == 6
    transport.send(mail_from, [user], raw)
    (arrived,) = delivered(dovecot, user)
    assert arrived.endswith(raw)
    trace = arrived.removesuffix(raw)
    assert b"Message-ID" not in trace and b"\r\nBcc:" not in arrived


def test_our_host_is_not_named(dovecot, sender, user):
    transport = sender(user)
    transport.connect()
    transport.send(user, [user], b"Subject: x\r\n\r\nx\r\n")
    (arrived,) = delivered(dovecot, user)
    received = email.message_from_bytes(arrived).get_all("Received")
    assert any("[127.0.0.1]" in line for line in received)


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_wrong_secret(sender, user, security):
    transport = sender(user, "wrong-Xk3", security=security)
    error = refused(transport.connect)
    assert (error.code, error.phase, error.auth) == ("auth_bad", "login", True)
    assert "wrong-Xk3" not in str(error) + "\n".join(transport.transcript())
    assert states(transport)["login"] == "failed"


def test_i10_no_login_in_clear_text_where_the_server_does_not_want_it(sender, user):
    transport = sender(user, security="none")
    assert refused(transport.connect).code == "tls_missing"


def test_i10_untrusted_certificates(sender, user, ca, tmp_path, monkeypatch):
    other = type(ca)(tmp_path / "other-ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    for security in ("ssl", "starttls"):
        error = refused(sender(user, security=security).connect)
        assert (error.code, error.phase) == ("tls_untrusted", "tls")


def test_private_hosts_are_refused_unless_allowed(smtp):
    address = ServerAddress(smtp.host, smtp.tls_port)
    transport = SmtpTransport(address, Credentials("x@y.example", SECRET))
    assert refused(transport.connect).code == "private_host"
    assert states(transport)["dns"] == "failed"


def test_a_refused_recipient_and_then_a_good_mail(dovecot, sender, user):
    transport = sender(user)
    transport.connect()
    error = refused(transport.send, user, [user, "reject@firm.example"], b"x: y\n\nz")
    assert (error.code, error.phase) == ("recipient_refused", "rcpt")
    assert "5.1.1" in error.detail and not transport.was_data_ended
    later = refused(transport.send, user, ["defer@firm.example"], b"x: y\n\nz")
    assert (later.code, later.transient) == ("throttled", True)
    transport.send(user, [user], b"Subject: good\n\nz")
    assert len(delivered(dovecot, user)) == 1


def test_55_megabytes_are_too_many(sender, user):
    transport = sender(user)
    transport.connect()
    error = refused(transport.send, user, [user], b"Subject: x\n\n" + b"x" * 55_000_000)
    assert (error.code, error.phase) == ("too_large", "mail")
    assert transport.alive()


def test_a_large_mail_goes_through(dovecot, sender, user):
    transport = sender(user)
    transport.connect()
    transport.send(user, [user], b"Subject: x\n\n" + (b"y" * 70 + b"\n") * 150_000)
    assert len(delivered(dovecot, user)[0]) > 10_000_000


def test_the_spam_filter_of_the_provider(smtp, front, sender, user):
    port = front("smtp_netease_spam", smtp.tls_port).port
    transport = sender(user, port=port)
    transport.connect()
    error = refused(transport.send, user, [user], b"Subject: x\n\nz")
    assert (error.code, error.phase) == ("mail_refused", "answer")
    assert (transport.was_data_ended, transport.was_answered) == (True, True)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("smtp_exmail_code", "auth_needs_code"),
        ("smtp_exmail_code_gbk", "auth_needs_code"),
        ("smtp_gmail_app_password", "auth_needs_code"),
        ("smtp_microsoft_disabled", "blocked_by_admin"),
    ],
)
def test_what_providers_say_to_a_login(smtp, front, sender, user, script, code):
    transport = sender(user, port=front(script, smtp.tls_port).port)
    error = refused(transport.connect)
    assert (error.code, error.phase) == (code, "login")
    assert SECRET not in "\n".join(transport.transcript())


# -- the proof by a real mail ----------------------------------------------------


def test_the_round_trip_step_by_step(sender, receiver, user, dovecot):
    mail = roundtrip.build(user, "外贸浪:测试 Test", "这是一封测试邮件。", "林晓")
    trip = roundtrip.RoundTrip(receiver(user), sender(user), mail)
    arrival = trip.run()
    assert (arrival.folder, arrival.role, arrival.is_junk) == ("INBOX", "inbox", False)
    assert arrival.seconds < roundtrip.WAIT_SECONDS
    assert [(step.name, step.state) for step in trip.steps()] == [
        (name, "ok") for name in "dns tcp tls login id folders send receive".split()
    ]
    (raw,) = dovecot.messages(user)
    message = email.message_from_bytes(raw, policy=default)
    assert message["Subject"] == "外贸浪:测试 Test"
    assert message["From"].addresses[0].addr_spec == message["To"] == user
    assert message["Message-ID"] == mail.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Waimaolang-Test"] == mail.token
    assert message.get_content().strip() == "这是一封测试邮件。"


def test_older_mail_is_not_taken_for_the_new_one(sender, receiver, user, dovecot):
    first = roundtrip.build(user, "one", "x")
    roundtrip.RoundTrip(receiver(user), sender(user), first).run()
    second = roundtrip.build(user, "two", "x")
    watch = roundtrip.Watch(receiver(user), pause=lambda seconds: None)
    watch.start()
    error = refused(watch.wait, first.token, 0)
    assert (error.code, error.phase) == ("timeout", "receive")
    assert "INBOX" in error.detail
    dovecot.append(user, "INBOX", b"Subject: another\r\n\r\nx\r\n")
    dovecot.append(user, "INBOX", second.raw)
    assert watch.wait(second.token, 5).role == "inbox"
    watch.close()


def test_it_is_told_that_the_mail_landed_in_junk(receiver, user, dovecot):
    mail = roundtrip.build(user, "offer", "x")
    dovecot.create_folders(user, ["Junk"])
    watch = roundtrip.Watch(receiver(user))
    watch.start()
    dovecot.append(user, "Junk", mail.raw)
    arrival = watch.wait(mail.token, 5)
    assert (arrival.folder, arrival.is_junk) == ("Junk", True)
    watch.close()


def test_what_cannot_be_sent_is_told_as_sending(sender, receiver, user):
    mail = roundtrip.build(user, "x", "x")
    trip = roundtrip.RoundTrip(receiver(user), sender(user, "wrong"), mail)
    assert refused(trip.run).phase == "login"
    told = {step.name: step.state for step in trip.steps()}
    assert (told["login"], told["send"], told["receive"]) == ("ok", "failed", "skipped")


def test_what_cannot_be_read_is_not_sent(sender, receiver, user, dovecot):
    mail = roundtrip.build(user, "x", "x")
    trip = roundtrip.RoundTrip(receiver(user, "wrong"), sender(user), mail)
    assert refused(trip.run).code == "auth_bad"
    told = {step.name: step.state for step in trip.steps()}
    assert (told["tls"], told["login"]) == ("ok", "failed")
    assert (told["send"], told["receive"]) == ("skipped", "skipped")
    assert dovecot.messages(user) == []


@pytest.mark.skipif("pop3" not in registry.protocols(), reason="no POP3 here")
def test_the_round_trip_by_pop3(sender, receiver, user):
    mail = roundtrip.build(user, "x", "x")
    trip = roundtrip.RoundTrip(receiver(user, protocol="pop3"), sender(user), mail)
    assert trip.run().role == "inbox"
    told = {step.name: step.state for step in trip.steps()}
    assert (told["login"], told["send"], told["receive"]) == ("ok", "ok", "ok")
