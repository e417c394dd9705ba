# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that the domain or a collection tells by a file over https."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from transport.discovery import Ports
from transport.presets import Preset, Server

from .records import SECONDS


class Web(ThreadingHTTPServer):
    """https with the files of ``pages`` ``{host + path: bytes or function}``."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, certificate):
        self.pages, self.requests = {}, []
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)
        self.port = self.server_address[1]

    def get_request(self):
        client, address = super().get_request()
        # the handshake belongs to the handler's thread
        options = {"server_side": True, "do_handshake_on_connect": False}
        return self.context.wrap_socket(client, **options), address

    def handle_error(self, request, client_address):
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers["Host"].partition(":")[0]
        self.server.requests.append((host + self.path, dict(self.headers)))
        page = self.server.pages.get(host + self.path)
        if callable(page):
            page(self)
        elif page is None:
            self.send_error(404)
        else:
            self.answer(200, page)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


FILE = "/mail/config-v1.1.xml"
WELL_KNOWN = "/.well-known/autoconfig/mail/config-v1.1.xml"


@pytest.fixture(scope="module")
def web_certificate(ca):
    hosts = ("auto", "moved", "away", "drip", "endless", "packed", "loop")
    names = [f"autoconfig.{name}.test" for name in hosts]
    return ca.issue("web", [*names, "www.moved.test", "known.test", "ispdb.invalid"])


@pytest.fixture
def web(web_certificate):
    server = Web(web_certificate)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def https(web):
    return Ports(web.port, 1, 1, 1, 1, 1)


@pytest.fixture
def config(dovecot, smtp):
    return f"""<?xml version="1.0"?>
    <clientConfig version="1.1"><emailProvider id="demo.test">
      <incomingServer type="imap"><hostname>imap.demo.test</hostname>
        <port>{dovecot.imaps_port}</port><socketType>SSL</socketType>
        <username>%EMAILLOCALPART%</username></incomingServer>
      <incomingServer type="pop3"><hostname>pop.demo.test</hostname>
        <port>{dovecot.pop3_port}</port><socketType>STARTTLS</socketType>
        </incomingServer>
      <outgoingServer type="smtp"><hostname>smtp.demo.test</hostname>
        <port>{smtp.port}</port><socketType>STARTTLS</socketType></outgoingServer>
    </emailProvider></clientConfig>""".encode()


def test_autoconfig(discover, web, https, config, dovecot, smtp):
    web.pages["autoconfig.auto.test" + FILE] = config
    found = discover("lin@auto.test", ports=https)
    assert (found.code, found.how, found.foreign) == ("", "autoconfig", False)
    assert found.imap == Server("imap.demo.test", dovecot.imaps_port, "ssl")
    assert found.pop3 == Server("pop.demo.test", dovecot.pop3_port, "starttls")
    assert found.smtp == Server("smtp.demo.test", smtp.port, "starttls")
    assert found.login == "lin"


def test_autoconfig_at_the_domain_itself(discover, web, https, config):
    web.pages["known.test" + WELL_KNOWN] = config
    assert discover("lin@known.test", ports=https).how == "autoconfig"


def test_autoconfig_may_name_a_provider(discover, web, https, config):
    known = config.replace(b"imap.demo.test", b"imap.exmail.qq.com")
    web.pages["autoconfig.auto.test" + FILE] = known
    found = discover("lin@auto.test", ports=https)
    assert (found.code, found.how) == ("exmail", "autoconfig")
    assert found.imap == Server("imap.exmail.qq.com", 993)


def test_nobody_is_told_the_address(discover, web, https, config):
    discover("lin.xiao@auto.test", ports=https, ispdb=collection(web))
    assert {path for path, _headers in web.requests} == {
        "autoconfig.auto.test" + FILE,
        "ispdb.invalid/v1.1/auto.test",
    }
    assert "lin.xiao" not in repr(web.requests)


def collection(web):
    return f"https://ispdb.invalid:{web.port}/v1.1/"


@pytest.mark.parametrize(
    "path, foreign", [("collected.test", False), ("hoster.test", True)]
)
def test_ispdb(discover, web, https, config, path, foreign):
    """By the domain it is the collection's word; by the MX only DNS stands behind."""
    web.pages[f"ispdb.invalid/v1.1/{path}"] = config
    found = discover("lin@collected.test", ports=https, ispdb=collection(web))
    assert (found.how, found.foreign) == ("ispdb", foreign)
    assert not discover("lin@collected.test", ports=https).how


def test_a_redirect_within_the_domain(discover, web, https, config):
    target = f"https://www.moved.test:{web.port}/config.xml"
    web.pages["autoconfig.moved.test" + FILE] = lambda handler: handler.answer(
        302, Location=target
    )
    web.pages["www.moved.test/config.xml"] = config
    assert discover("lin@moved.test", ports=https).how == "autoconfig"


@pytest.mark.parametrize(
    "target",
    [
        "https://autoconfig.auto.test:{port}/config.xml",
        "http://www.moved.test:{port}/config.xml",
        "https://127.0.0.1:{port}/config.xml",
        "https://lin:pw@www.moved.test:{port}/config.xml",
        "https://www.moved.test:22/config.xml",
        "https://[::1/config.xml",
        "https://www.moved.test:99999/",
        "file:///etc/passwd",
        "",
    ],
)
def test_i10_a_redirect_elsewhere(discover, web, https, config, target):
    web.pages["autoconfig.moved.test" + FILE] = lambda handler: handler.answer(
        302, Location=target.format(port=web.port)
    )
    web.pages["autoconfig.auto.test/config.xml"] = config
    web.pages["www.moved.test/config.xml"] = config
    found = discover("lin@moved.test", ports=https)
    assert found.how == ""
    if target:  # none leads to the same file again
        assert len(web.requests) == 1
        assert any("leads elsewhere" in line for line in found.transcript)


def test_a_redirect_to_itself(discover, web, https):
    web.pages["autoconfig.loop.test" + FILE] = lambda handler: handler.answer(
        302, Location=FILE
    )
    assert discover("lin@loop.test", ports=https).how == ""
    assert len(web.requests) == 2


def test_i10_a_file_at_a_private_address_is_not_fetched(discover, web, https, config):
    web.pages["autoconfig.auto.test" + FILE] = config
    found = discover("lin@auto.test", ports=https, allow_private=False)
    assert (found.how, web.requests) == ("", [])


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b" ")


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.over.is_set():
        handler.wfile.write(b" " * 65536)


def packed(handler):
    handler.answer(200, b"\x1f\x8b" + b"\0" * 1000, Content_Encoding="gzip")


@pytest.mark.parametrize("page", [drip, endless, packed])
def test_a_hostile_file_does_not_keep_the_next_step_from_its_turn(
    discover, web, dovecot, page
):
    web.pages["autoconfig.drip.test" + FILE] = page
    own = Preset("demo", imap=Server("imap.demo.test", dovecot.imaps_port))
    ports = Ports(web.port, dovecot.imaps_port, 1, 1, 1, 1)
    found = discover("lin@drip.test", [own], ports=ports)
    assert found.how == ""
    assert found.seconds < SECONDS
    probed = f"imap imap.drip.test:{dovecot.imaps_port} ssl"
    assert any(probed in line for line in found.transcript), "probing had no turn"
    assert all(
        headers["Accept-Encoding"] == "identity" for _path, headers in web.requests
    )
