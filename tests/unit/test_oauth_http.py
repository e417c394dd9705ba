# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way out: verified, and of the environment obeying SSL_CERT_FILE alone."""

import datetime
import socket
import ssl
import threading

import pytest
import requests
from flow.http import Http, retry_after
from oauth_provider import FORGED_KEY, providing, refused
from servers.ca import self_signed

NOW = datetime.datetime(2026, 11, 26, 12, 0, tzinfo=datetime.timezone.utc)
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def stranger(folder):
    """The file of an authority that vouches for nobody here."""
    file = folder / "stranger.pem"
    file.write_text(self_signed(FORGED_KEY)[1])
    return str(file)


def ask(provider, **options):
    with Http(**options) as http:
        return http.post(f"{provider.base}/token", {"a": "1"})


def test_what_is_trusted_is_what_the_system_trusts(provider):
    assert ask(provider).object()["token_type"] == "Bearer"


def test_i10_a_certificate_that_nobody_vouches_for(provider, monkeypatch, tmp_path):
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, stranger(tmp_path))
    with refused("transient", "tls"):
        ask(provider)
    assert provider.asked == []


def test_i10_other_variables_do_not_widen_the_trust(provider, monkeypatch, tmp_path):
    """requests and msal obey them, the rest of the addons does not."""
    monkeypatch.setenv("SSL_CERT_FILE", stranger(tmp_path))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(provider.ca.bundle))
    # nor certifi's list, which requests would load beside the system's
    bundle = str(provider.ca.bundle)
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", bundle)
    with refused("transient", "tls"):
        ask(provider)
    assert provider.asked == []


@pytest.mark.parametrize(
    "wrong", [{"names": ("idp.example",)}, {"days": -1, "start": -3}], ids=str
)
def test_i10_a_certificate_of_another_host_or_of_yesterday(trusted, wrong):
    with providing(trusted, **wrong) as found, refused("transient", "tls"):
        ask(found)


def test_the_environments_proxies_and_passwords_are_not_used(
    provider, monkeypatch, tmp_path
):
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    ask(provider)
    assert "Authorization" not in provider.asked[0].headers


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:pass-of-proxy@127.0.0.1:9",
        "http://",
        "socks5://127.0.0.1:9",
        "nonsense",
        "http://[::1",
        "http://127.0.0.1:x",
    ],
)
def test_a_proxy_that_is_none(provider, proxy):
    with refused("transient") as caught:
        ask(provider, proxy=proxy)
    assert "pass-of-proxy" not in f"{caught.value!r}"
    assert provider.asked == []


def test_the_apps_proxy_sees_the_host_and_nothing_else(provider):
    with tunnel() as (address, heard):
        reply = ask(provider, proxy=f"http://me:secret@{address}")
    assert reply.status == 200
    host = provider.base.removeprefix("https://")
    assert heard[0].startswith(f"CONNECT {host} HTTP/1.".encode())
    assert b"Proxy-Authorization: Basic" in heard[0]
    assert b"token" not in b"".join(heard)
    assert "Proxy-Authorization" not in provider.asked[0].headers


def test_i10_a_proxy_that_shows_its_own_certificate(provider, trusted):
    """As those of hotels and of some companies do."""
    with providing(trusted, names=("proxy.example",)) as other:
        target = other.base.removeprefix("https://localhost:")
        with tunnel(int(target)) as (address, _heard):
            with refused("transient", "tls"):
                ask(provider, proxy=f"http://{address}")
    assert provider.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user@localhost/",
        "//localhost/",
        "https://[::1",
        "",
    ],
)
def test_what_is_not_asked(url):
    with Http() as http, refused("transient", "not_https"):
        http.get(url)


def test_time_is_for_all_requests_together(provider):
    with Http(seconds=-1) as http, refused("transient", "timeout"):
        http.get(f"{provider.base}/certs")
    assert provider.asked == []


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Http() as http, refused("transient", "unreachable"):
        http.get(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 17 ", 17),
        ("99999999999999999999", 3600),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("１７", None),
        ("Thu, 26 Nov 2026 12:01:30 GMT", 90),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0),
        ("Thu, 26 Nov 2099 12:00:00 GMT", 3600),
        ("Thu, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_when_to_come_again(value, seconds):
    assert retry_after(value, NOW) == seconds


class tunnel:
    """A proxy that connects to whatever is named, or to ``port`` of this machine:
    ``(its address, the first bytes of each connection)``."""

    def __init__(self, port=None):
        self._port = port
        self._heard = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return f"127.0.0.1:{self._server.getsockname()[1]}", self._heard

    def __exit__(self, *_error):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self):
        try:
            client, _address = self._server.accept()
        except OSError:
            return
        with client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(4096)
            self._heard.append(head)
            port = self._port or int(head.split()[1].rpartition(b":")[2])
            with socket.create_connection(("127.0.0.1", port)) as there:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_pour, args=(there, client))
                back.start()
                _pour(client, there)
                back.join()


def _pour(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_the_context_of_tls_is_the_strict_one():
    with Http() as http:
        context = http._session.get_adapter("https://x")._context
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
