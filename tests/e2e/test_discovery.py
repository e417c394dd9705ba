# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers found from an address: real DNS (dnsmasq), Dovecot, exim, https of our CA."""

import contextlib
import itertools
import socket
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dns.flags
import dns.message
import dns.rrset
import pytest
from servers.ca import CA
from servers.process import free_port

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from transport import discovery, dnslookup  # noqa: E402
from transport.discovery import Ports  # noqa: E402
from transport.presets import Preset, Server  # noqa: E402

PRESET_SECONDS = 2.0  # promised for a custom domain at a known provider
SECONDS = 6.0  # promised for any search


def preset(code, imap, *mx_suffixes, **more):
    return Preset(code, mx_suffixes=mx_suffixes, imap=Server(imap, 993), **more)


PRESETS = (
    preset("exmail", "imap.exmail.qq.com", "mxbiz*.qq.com", "exmail.qq.com"),
    preset("netease", "imap.163.com", "mxmail.netease.com"),
    preset(
        "qiye163",
        "imap.qiye.163.com",
        "qiye163mx*.mxmail.netease.com",
        "hzmx*.mxmail.netease.com",
    ),
    preset("aliyun", "imap.qiye.aliyun.com", "qiye.aliyun.com", "mxhichina.com"),
    preset("263", "imap.263.net", "263.net", "263xmail.com"),
    preset("feishu", "imap.feishu.cn", "feishu.cn"),
    preset("huawei", "imap.sparkspace.huaweicloud.com", "sparkspace.huaweicloud.com"),
    preset("gmail", "imap.gmail.com", "l.google.com", domains=("gmail.com",)),
    preset("m365", "outlook.office365.com", "*.mail.protection.outlook.com"),
    preset("21vianet", "partner.outlook.cn", "*.mail.protection.partner.outlook.cn"),
)
EXCHANGERS = {
    "mxbiz1.qq.com": "exmail",
    "qiye163mx01.mxmail.netease.com": "qiye163",
    "hzmx01.mxmail.netease.com": "qiye163",
    "mx1.qiye.aliyun.com": "aliyun",
    "mxn.mxhichina.com": "aliyun",
    "mx01.263.net": "263",
    "mx1.feishu.cn": "feishu",
    "mx1.sparkspace.huaweicloud.com": "huawei",
    "aspmx.l.google.com": "gmail",
    "corp-com.mail.protection.outlook.com": "m365",
    "corp-cn.mail.protection.partner.outlook.cn": "21vianet",
}
RECORDS = [
    *(f"mx-host=mx{n}.test,{host},10" for n, host in enumerate(EXCHANGERS)),
    "mx-host=xn--5nq051n.test,mxbiz1.qq.com,10",
    # a filter before the provider's own exchangers
    "mx-host=filtered.test,filter.guard.test,5",
    "mx-host=filtered.test,mxbiz1.qq.com,10",
    "mx-host=null.test,.,0",
    "mx-host=pointed.test,filter.guard.test,10",
    "cname=imap.pointed.test,pop.pointed.test",
    "cname=pop.pointed.test,imap.exmail.qq.com",
    # a wildcard of a web site, and mail elsewhere
    "mx-host=website.test,mxbiz1.qq.com,10",
    "cname=mail.website.test,ghs.l.google.com",
    "cname=mail.hosted.test,ghs.l.google.com",
    # the servers' certificates name these
    *(f"host-record={name}.demo.test,127.0.0.1" for name in ("imap", "pop", "smtp")),
    "host-record=imap.mismatch.test,127.0.0.1",
    "host-record=imap.untrusted.test,127.0.0.1",
    "host-record=imap.liar.test,127.0.0.1",
    "host-record=imap.clear.test,127.0.0.1",
    "srv-host=_imaps._tcp.off.test",
    "srv-host=_imaps._tcp.atexmail.test,imap.exmail.qq.com,993,0,1",
    *(
        f"host-record=autoconfig.{name}.test,127.0.0.1"
        for name in ("auto", "moved", "away", "drip", "endless", "packed", "loop")
    ),
    "host-record=www.moved.test,127.0.0.1",
    "host-record=known.test,127.0.0.1",
    "host-record=ispdb.invalid,127.0.0.1",
    "mx-host=collected.test,mx.hoster.test,10",
]


@pytest.fixture(scope="module")
def names(dns, dovecot, smtp):
    """The DNS with every record of this file."""
    services = {
        "_imaps": ("imap", dovecot.imaps_port),
        "_imap": ("imap", dovecot.imap_port),
        "_pop3s": ("pop", dovecot.pop3s_port),
        "_submissions": ("smtp", smtp.tls_port),
        "_submission": ("smtp", smtp.port),
    }
    return dns.add(
        *RECORDS,
        *(
            f"srv-host={service}._tcp.{domain},{name}.demo.test,{port},0,1"
            for domain in ("elsewhere.test", "within.demo.test")
            for service, (name, port) in services.items()
        ),
        f"srv-host=_imap._tcp.starttls.test,imap.demo.test,{dovecot.imap_port},0,1",
        f"srv-host=_submission._tcp.starttls.test,smtp.demo.test,{smtp.port},0,1",
    )


@pytest.fixture
def ports(dovecot, smtp):
    """Where the test's servers stand in place of the usual ports."""
    return Ports(
        https=free_port(),
        imaps=dovecot.imaps_port,
        imap=dovecot.imap_port,
        pop3s=dovecot.pop3s_port,
        submissions=smtp.tls_port,
        submission=smtp.port,
    )


CLOSED = Ports(*itertools.repeat(1, 6))


@pytest.fixture
def discover(names, trusted):
    def discover(email, presets=PRESETS, **options):
        options = {
            "nameservers": [names.nameserver],
            "allow_private": True,
            "ispdb": "",
            "ports": CLOSED,
            **options,
        }
        return discovery.discover(email, presets, **options)

    return discover


# --- presets by DNS ---


@pytest.mark.parametrize("number, exchanger", [*enumerate(EXCHANGERS)])
def test_a_custom_domain_at_a_provider(discover, number, exchanger):
    found = discover(f"lin@mx{number}.test")
    assert (found.code, found.how) == (EXCHANGERS[exchanger], "mx")
    assert found.imap and not found.foreign
    assert any(exchanger in line for line in found.transcript)
    assert found.seconds < PRESET_SECONDS


@pytest.mark.parametrize(
    "domain, code, how",
    [
        ("gmail.com", "gmail", "domain"),
        ("pointed.test", "exmail", "cname"),
        ("filtered.test", "exmail", "mx"),
        ("website.test", "exmail", "mx"),
        ("hosted.test", "gmail", "cname"),
        ("邮件.test", "exmail", "mx"),
        ("atexmail.test", "exmail", "srv"),
    ],
)
def test_a_preset_by_other_ways(discover, domain, code, how):
    found = discover(f"lin@{domain}")
    assert (found.code, found.how) == (code, how)
    assert not found.foreign
    assert found.seconds < PRESET_SECONDS


def test_nobody_else_is_asked_of_a_providers_own_domain(discover, names):
    before = len(names.asked())
    discover("lin@gmail.com")
    assert len(names.asked()) == before


def test_public_name_servers_know_what_the_companys_own_does_not(
    discover, names, monkeypatch
):
    monkeypatch.setattr(dnslookup, "PUBLIC_RESOLVERS", (names.nameserver,))
    found = discover("lin@mx0.test", nameservers=())
    assert (found.code, found.how) == ("exmail", "mx")
    assert any("public name servers" in line for line in found.transcript)


def test_a_domain_that_takes_no_mail(discover):
    found = discover("lin@null.test")
    assert (found.code, found.how) == ("", "")
    assert "null_mx" in found.notes


def test_bad_name_servers_of_the_administrator_do_not_stop_it(discover):
    assert discover("lin@gmail.com", nameservers=["nonsense"]).code == "gmail"


# --- SRV ---


@pytest.mark.parametrize(
    "domain, foreign", [("elsewhere.test", True), ("within.demo.test", False)]
)
def test_srv(discover, dovecot, smtp, domain, foreign):
    found = discover(f"lin@{domain}")
    assert (found.code, found.how, found.foreign) == ("", "srv", foreign)
    assert found.imap == Server("imap.demo.test", dovecot.imaps_port, "ssl")
    assert found.pop3 == Server("pop.demo.test", dovecot.pop3s_port, "ssl")
    assert found.smtp == Server("smtp.demo.test", smtp.tls_port, "ssl")


def test_srv_with_starttls(discover, dovecot, smtp):
    found = discover("lin@starttls.test")
    assert found.imap == Server("imap.demo.test", dovecot.imap_port, "starttls")
    assert found.smtp == Server("smtp.demo.test", smtp.port, "starttls")
    assert found.pop3 is None


def test_srv_that_says_no(discover):
    found = discover("lin@off.test")
    assert found.how == ""
    assert any("the domain says so" in line for line in found.transcript)


def test_i10_private_servers_are_refused(discover):
    found = discover("lin@elsewhere.test", allow_private=False)
    assert (found.how, found.imap) == ("", None)
    assert "private_host" in found.notes
    assert "127.0.0.1" not in "".join(found.transcript)


# --- probing ---


def test_probing(discover, ports):
    found = discover("lin@demo.test", ports=ports)
    assert (found.code, found.how, found.foreign) == ("", "probe", False)
    assert found.imap == Server("imap.demo.test", ports.imaps, "ssl")
    assert found.pop3 == Server("pop.demo.test", ports.pop3s, "ssl")
    assert found.smtp == Server("smtp.demo.test", ports.submissions, "ssl")


def test_probing_prefers_what_is_there(discover, dovecot, smtp):
    ports = Ports(1, 1, dovecot.imap_port, 1, 1, smtp.port)
    found = discover("lin@demo.test", ports=ports)
    assert found.imap == Server("imap.demo.test", dovecot.imap_port, "starttls")
    assert found.smtp == Server("smtp.demo.test", smtp.port, "starttls")


def test_i10_probing_stops_at_private_servers(discover, ports):
    found = discover("lin@demo.test", ports=ports, allow_private=False)
    assert (found.how, found.imap, found.smtp) == ("", None, None)
    assert "private_host" in found.notes


def test_a_certificate_of_a_known_provider(discover, ports):
    own = Preset("demo", imap=Server("imap.demo.test", ports.imaps))
    found = discover("lin@mismatch.test", [own], ports=ports)
    assert (found.code, found.how, found.imap) == ("demo", "probe", own.imap)


def test_a_certificate_of_nobody_known(discover, ports):
    found = discover("lin@mismatch.test", ports=ports)
    assert (found.code, found.how, found.imap) == ("", "", None)
    assert "tls_name" in found.notes


def test_i10_a_certificate_that_nobody_vouches_for(discover, tmp_path):
    files = CA(tmp_path / "other").issue("bad", ["imap.untrusted.test"])
    with tls_listener(files) as port:
        found = discover("lin@untrusted.test", ports=Ports(1, port, 1, 1, 1, 1))
    assert (found.code, found.how, found.imap) == ("", "", None)
    assert "tls_untrusted" in found.notes


def test_i10_a_certificate_that_claims_a_known_providers_name(
    discover, dovecot, tmp_path
):
    """The provider's own server would pass; this one's word for it does not count."""
    own = Preset("demo", imap=Server("imap.demo.test", dovecot.imaps_port))
    files = CA(tmp_path / "other").issue("bad", ["imap.demo.test"])
    with tls_listener(files) as port:
        found = discover("lin@liar.test", [own], ports=Ports(1, port, 1, 1, 1, 1))
    assert (found.code, found.how, found.imap) == ("", "", None)


def test_i10_clear_text_is_not_proposed(discover, scripted):
    port = scripted("clear text")
    found = discover("lin@clear.test", ports=Ports(1, port, 1, 1, 1, 1))
    assert (found.how, found.imap) == ("", None)
    assert "tls_missing" in found.notes


@contextlib.contextmanager
def tls_listener(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                client, _address = listener.accept()
                context.wrap_socket(client, server_side=True).close()
            except ssl.SSLError:
                continue
            except OSError:
                if listener.fileno() < 0:
                    return

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


# --- autoconfig ---


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


# --- a DNS that means no good ---


class ScriptedDns:
    """Answers each question over UDP by ``script(name, type)``: text of records, bytes
    as they are, or None for silence."""

    def __init__(self, script):
        self.script = script
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.nameserver = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                data, client = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(data)
            question = query.question[0]
            kind = dns.rdatatype.to_text(question.rdtype)
            told = self.script(question.name.to_text(), kind)
            if told is None:
                continue
            response = dns.message.make_response(query)
            response.flags |= dns.flags.RA
            for name, record_kind, records in told:
                response.answer.append(
                    dns.rrset.from_text_list(name, 60, "IN", record_kind, records)
                )
            with contextlib.suppress(OSError):
                self.socket.sendto(response.to_wire(max_size=65000), client)


def many(name, kind):
    if kind == "MX":
        records = [f"{n} m{n}.hoster.test." for n in range(1500)]
        return [(name, "MX", [*records, "65000 mxbiz1.qq.com."])]
    return []


def loop(name, kind):
    return [(name, "CNAME", [name])]


def long_chain(name, kind):
    names = [name, *(f"c{n}.corp.test." for n in range(100))]
    return [(a, "CNAME", [b]) for a, b in itertools.pairwise(names)]


def odd(name, kind):
    if kind == "MX":
        return [
            (
                name,
                "MX",
                [
                    r"1 a\032b\000.mxbiz1.qq.com.",
                    r"2 \216\255.test.",
                    "3 127.0.0.1.",
                    "4 com.",
                ],
            )
        ]
    if kind == "SRV":
        return [(name, "SRV", ["0 0 0 imap.demo.test.", "0 0 993 127.0.0.1."])]
    return []


def silent(name, kind):
    return None


def at_providers(name, kind):
    return [(name, "MX", ["10 mxbiz1.qq.com."])] if kind == "MX" else None


@pytest.fixture
def hostile(discover):
    opened = []

    def ask(script):
        server = ScriptedDns(script)
        opened.append(server)
        started = time.monotonic()
        found = discover("lin@corp.test", nameservers=[server.nameserver])
        assert time.monotonic() - started < SECONDS
        return found

    yield ask
    for server in opened:
        server.socket.close()


@pytest.mark.parametrize("script", [many, loop, long_chain, odd])
def test_a_hostile_dns_finds_nothing(hostile, script):
    found = hostile(script)
    assert (found.code, found.how) == ("", "")
    assert all(line.isprintable() for line in found.transcript)
    assert max(map(len, found.transcript)) < 2000


def test_a_dns_that_never_answers(hostile):
    """The last step still has its turn, and ends in time."""
    found = hostile(silent)
    assert found.how == ""
    assert "dns" in found.notes


def test_a_dns_that_answers_for_the_exchangers_alone(hostile):
    """The questions for CNAMEs hang; the preset is not kept waiting for them."""
    found = hostile(at_providers)
    assert (found.code, found.how) == ("exmail", "mx")
    assert found.seconds < PRESET_SECONDS
