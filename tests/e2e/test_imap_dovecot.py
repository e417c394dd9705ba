# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The IMAP transport against a real Dovecot over verified TLS."""

import base64
import email
import imaplib
import itertools
import random
import ssl
import sys
import threading
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from socket import create_server

import pytest
from servers.dovecot import Dovecot

from .connecting import connecting

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from transport import registry, roles  # noqa: E402
from transport.base import Credentials, Cursor, ServerAddress  # noqa: E402
from transport.errors import MailServerError  # noqa: E402

USERS = 40
SECRET = 'ge"heim 1'
CHINESE_SECRET = "密码geheim"
# Dovecot slows down addresses that failed to log in: others would pay for it.
NO_PENALTY = """
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
"""
LIMIT = 25 * 2**20
_numbers = itertools.count()


@pytest.fixture(scope="module")
def dovecot(run_folder, ca):
    with Dovecot(run_folder / "dovecot-imap", ca, extra=NO_PENALTY) as server:
        # all before the first login: Dovecot looks at its users once a second
        for number in range(USERS):
            server.add_user(f"rep{number}@imap.test", SECRET)
        server.add_user("lin@imap.test", CHINESE_SECRET)
        yield server


@pytest.fixture
def user(dovecot):
    """A user with an empty mailbox."""
    return f"rep{next(_numbers)}@imap.test"


@pytest.fixture
def connect(dovecot, trusted):
    place = {"host": dovecot.host, "port": dovecot.imaps_port}
    with connecting("imap", SECRET, **place) as connect:
        yield connect


def message(subject, body="hello", **headers):
    lines = [f"Subject: {subject}", "From: a@buyer.test", "To: b@rep.test"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body, ""]).encode()


def everything(transport, folder, step=1000):
    cursor, items, more = Cursor(), [], True
    while more:
        listing = transport.list(folder, cursor, step)
        items += listing.items
        cursor, more = listing.cursor, listing.more
    return items, listing


def subjects(transport, folder, items):
    mails = transport.fetch(folder, items, LIMIT)
    return [email.message_from_bytes(mail.raw)["Subject"] for mail in mails]


def refused(call):
    with pytest.raises(MailServerError) as caught:
        call()
    return caught.value


# -- the way of a mail ------------------------------------------------------------


def test_every_mail_is_listed_once_and_comes_as_it_was_sent(dovecot, user, connect):
    date = datetime(2026, 1, 5, 10, 30, tzinfo=timezone.utc)
    raws = [message(f"m{n}", "x" * n) for n in range(120)]
    dovecot.append_many(user, "INBOX", [(raw, (), date) for raw in raws])
    transport = connect(user)
    items, listing = everything(transport, "INBOX", 50)
    # the newest step first
    assert [i.uid for i in items] == [*range(71, 121), *range(21, 71), *range(1, 21)]
    items.sort(key=lambda item: item.uid)
    assert (listing.count, listing.uidnext) == (120, 121)
    assert {item.internaldate for item in items} == {date.replace(tzinfo=None)}
    assert [item.size for item in items] == [len(raw) for raw in raws]
    assert [mail.raw for mail in transport.fetch("INBOX", items, LIMIT)] == raws


def test_new_mail_is_seen_on_a_connection_that_stayed_open(dovecot, user, connect):
    dovecot.append(user, "INBOX", message("old"))
    transport = connect(user)
    _items, listing = everything(transport, "INBOX")
    assert transport.list("INBOX", listing.cursor, 10).items == ()
    dovecot.append(user, "INBOX", message("new"))
    listing = transport.list("INBOX", listing.cursor, 10)
    assert subjects(transport, "INBOX", listing.items) == ["new"]
    assert listing.count == 2


def test_I3_reading_leaves_no_trace(dovecot, user, connect):
    dovecot.append_many(
        user,
        "INBOX",
        [(message("unread"), (), None), (message("read"), ("\\Seen",), None)],
    )
    transport = connect(user)
    items, _listing = everything(transport, "INBOX")
    assert len(subjects(transport, "INBOX", items)) == 2
    big = next(transport.fetch("INBOX", items, 10))
    assert big.reduced
    transport.close()
    connection = dovecot.imap(user)
    _ok, (count,) = connection.select("INBOX", readonly=True)
    _ok, lines = connection.fetch("1:*", "(FLAGS)")
    flags = [set(imaplib.ParseFlags(line)) for line in lines]
    connection.logout()
    assert count == b"2"
    assert flags == [{b"\\Recent"}, {b"\\Seen", b"\\Recent"}]


def test_chinese_folders(dovecot, user, connect):
    paths = ["已发送", "客户/德国 & Co", "病毒文件夹", 'with "quotes"', "Sent"]
    for path in paths:
        dovecot.append(user, path, message(path.isascii() and path or "中"))
    transport = connect(user)
    found = {folder.path: folder for folder in transport.folders()}
    assert {path: found[path].role for path in paths} == {
        "已发送": "sent",
        "客户/德国 & Co": "other",
        "病毒文件夹": "junk",
        'with "quotes"': "other",
        "Sent": "sent",
    }
    for path in paths:
        assert len(everything(transport, found[path].key)[0]) == 1
    synced = roles.default_synced(found.values())
    assert found["病毒文件夹"].key not in synced
    assert found["客户/德国 & Co"].key in synced


def test_a_mail_of_60_megabytes_comes_reduced(dovecot, user, connect):
    noise = random.Random(1).randbytes(44 * 2**20)
    attachment = base64.encodebytes(noise).decode()
    name = "=?utf-8?B?" + base64.b64encode("报价单.pdf".encode()).decode() + "?="
    body = (
        "--B\r\nContent-Type: text/plain; charset=gb18030\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode("附件是报价单".encode("gb18030")).decode()
        + f'\r\n--B\r\nContent-Type: application/pdf; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{attachment}\r\n--B--"
    )
    structure = {"Content-Type": "multipart/mixed; boundary=B", "MIME-Version": "1.0"}
    dovecot.append(user, "INBOX", message("offer", body, **structure))
    transport = connect(user)
    (item,), _listing = everything(transport, "INBOX")
    assert item.size > 60_000_000
    (mail,) = transport.fetch("INBOX", [item], LIMIT)
    assert mail.reduced and len(mail.raw) < 2000 and mail.size == item.size
    parsed = email.message_from_bytes(mail.raw)
    (text,) = (part for part in parsed.walk() if not part.is_multipart())
    assert text.get_payload(decode=True).decode("gb18030") == "附件是报价单"
    assert "%E6%8A%A5%E4%BB%B7%E5%8D%95.pdf" in parsed["X-Waimaolang-Reduced"]
    assert "size=6" in parsed["X-Waimaolang-Reduced"]


def test_mails_that_vanish_between_listing_and_fetch(dovecot, user, connect):
    dovecot.append_many(user, "INBOX", [(message(f"m{n}"), (), None) for n in range(5)])
    transport = connect(user)
    items, listing = everything(transport, "INBOX")
    connection = dovecot.imap(user)
    connection.select("INBOX")
    connection.store("2,4", "+FLAGS", "\\Deleted")
    connection.expunge()
    connection.logout()
    assert subjects(transport, "INBOX", items) == ["m0", "m2", "m4"]
    assert transport.list("INBOX", listing.cursor, 10).count == 3


def test_a_folder_deleted_and_made_anew(dovecot, user, connect):
    dovecot.append(user, "Projects", message("old"))
    transport = connect(user)
    items, listing = everything(transport, "Projects")
    transport.list("INBOX", Cursor(), 1)
    connection = dovecot.imap(user)
    connection.delete("Projects")
    connection.logout()
    gone = refused(lambda: transport.list("Projects", listing.cursor, 10))
    assert gone.code == "folder_gone"
    assert transport.alive()
    dovecot.append(user, "Projects", message("new"))
    old = listing.cursor.uidvalidity
    again = refused(lambda: list(transport.fetch("Projects", items, LIMIT, old)))
    assert again.code == "folder_gone"
    fresh = transport.list("Projects", listing.cursor, 10)
    assert fresh.cursor.uidvalidity != listing.cursor.uidvalidity
    assert subjects(transport, "Projects", fresh.items) == ["new"]


def test_empty_folder(user, connect):
    listing = connect(user).list("INBOX", Cursor(), 10)
    assert (listing.items, listing.count, listing.more) == ((), 0, False)
    assert listing.cursor.uidnext == 1


def test_we_say_who_we_are(dovecot, user, connect):
    connect(user).close()
    assert any("name=waimaolang" in said for said in dovecot.client_ids())


# -- I10: TLS is real, and what goes wrong has a name ------------------------------


def test_wrong_password(user, connect):
    error = refused(lambda: connect(user, "wrong"))
    assert (error.code, error.phase, error.auth) == ("auth_bad", "login", True)
    assert "wrong" not in str(error)


def test_chinese_password(connect):
    assert connect("lin@imap.test", CHINESE_SECRET).alive()


def test_unknown_user(connect):
    assert refused(lambda: connect("nobody@imap.test")).code == "auth_bad"


def test_starttls(dovecot, user, connect):
    port = dovecot.imap_port
    place = {"host": dovecot.strict_host, "port": port, "security": "starttls"}
    transport = connect(user, **place)
    assert isinstance(transport._wire.sock, ssl.SSLSocket)
    assert transport.list("INBOX", Cursor(), 1).count == 0


def test_clear_text_login_is_refused_by_the_server(dovecot, user, connect):
    place = {"host": dovecot.strict_host, "port": dovecot.imap_port}
    error = refused(lambda: connect(user, **place, security="none"))
    assert error.code == "tls_missing"


def test_tls_on_the_clear_text_port(dovecot, user, connect):
    error = refused(lambda: connect(user, port=dovecot.imap_port))
    assert error.code == "tls_missing"


def test_closed_port(user, connect):
    with create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert refused(lambda: connect(user, port=port)).code == "refused"


def test_loopback_is_private(dovecot, user):
    address = ServerAddress(dovecot.host, dovecot.imaps_port)
    transport = registry.create("imap", address, Credentials(user, SECRET))
    assert refused(transport.connect).code == "private_host"


@pytest.mark.parametrize("security, port", [("ssl", "imaps"), ("starttls", "imap")])
def test_untrusted_certificate(
    dovecot, ca, user, connect, tmp_path, monkeypatch, security, port
):
    other = type(ca)(tmp_path / "other-ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    place = {"port": getattr(dovecot, f"{port}_port"), "security": security}
    error = refused(lambda: connect(user, **place))
    assert (error.code, error.phase) == ("tls_untrusted", "tls")


@contextmanager
def tls_server(certificate):
    """Shakes hands once and says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def serve():
        try:
            connection, _peer = listener.accept()
            with connection, context.wrap_socket(connection, server_side=True):
                pass
        except OSError:
            pass  # the client refused, as it should

    with create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


@pytest.mark.parametrize(
    "options, code",
    [
        ({"names": ("imap.qiye.163.com",)}, "tls_name"),
        ({"days": -1}, "tls_untrusted"),
    ],
    ids=["wrong name", "expired"],
)
def test_bad_certificates(ca, user, connect, options, code):
    certificate = ca.issue(f"bad-{code}", **options)
    with tls_server(certificate) as port:
        error = refused(lambda: connect(user, port=port))
    assert (error.code, error.phase) == (code, "tls")
