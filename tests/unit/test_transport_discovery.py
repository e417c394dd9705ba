# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What discovery decides, without a network: names, matching, files, order."""

import threading
import time

import pytest
from transport import autoconfig, providermatch
from transport.autoconfig import BadConfig
from transport.discovery import Found, discover
from transport.dnslookup import Lookup
from transport.domains import Address, clean_host, parse_address, registrable
from transport.net import Deadline
from transport.presets import Preset, Server
from transport.together import Together


def preset(code, host, *mx_suffixes, domains=()):
    return Preset(
        code,
        domains=domains,
        mx_suffixes=mx_suffixes,
        imap=Server(f"imap.{host}", 993),
        smtp=Server(f"smtp.{host}", 465),
    )


EXMAIL = preset("exmail", "exmail.qq.com", "mxbiz*.qq.com", ".exmail.qq.com")
QQ = preset("qq", "qq.com", "mx1.qq.com", domains=("qq.com", "vip.qq.com"))
NETEASE = preset("netease", "163.com", "mxmail.netease.com", domains=("163.com",))
QIYE = preset(
    "qiye163",
    "qiye.163.com",
    "qiye163mx*.mxmail.netease.com",
    "hzmx*.mxmail.netease.com",
)
OUTLOOK = Preset(
    "outlook", domains=("outlook.com",), imap=Server("outlook.office365.com", 993)
)
M365 = Preset(
    "m365",
    mx_suffixes=("mail.protection.outlook.com",),
    imap=Server("outlook.office365.com", 993),
)
PRESETS = (EXMAIL, QQ, NETEASE, QIYE, OUTLOOK, M365)


def code(found):
    return found.code if found else None


# --- addresses and names ---


@pytest.mark.parametrize(
    "email, domain",
    [
        ("lin@corp.test", "corp.test"),
        (" Lin.Xiao+crm@Corp.TEST ", "corp.test"),
        ("王芳@邮件.example", "xn--5nq051n.example"),
        ("lin@corp。com。cn", "corp.com.cn"),
        ("lin@corp.test.", "corp.test"),
        ('"a b"@corp.test', None),
        ("", None),
        (None, None),
        (False, None),
        (b"lin@corp.test", None),
        ("lin", None),
        ("@corp.test", None),
        ("lin@", None),
        ("lin@@corp.test", None),
        ("a@b@corp.test", None),
        ("lin@corp", None),
        ("lin@corp test.com", None),
        ("lin@corp.test\r\nRCPT TO", None),
        ("lin@corp.test\0", None),
        ("lin@corp.test/../..", None),
        ("lin@corp.test:993", None),
        ("lin@user:pw@corp.test", None),
        ("lin@-corp.test", None),
        ("lin@a..b", None),
        ("lin@" + "x" * 64 + ".com", None),
        ("lin@" + ".".join(["label"] * 300), None),
        ("lin@127.0.0.1", None),
        ("lin@[127.0.0.1]", None),
        ("lin@[IPv6:::1]", None),
        ("lin@0x7f.1", None),
        ("lin@2130706433", None),
        ("lin@１２７.0.0.1", None),
    ],
)
def test_addresses(email, domain):
    address = parse_address(email)
    assert (address.domain if address else None) == domain


def test_a_bad_address_finds_nothing_and_asks_nobody(monkeypatch):
    monkeypatch.setattr(Lookup, "ask", lambda *_args: pytest.fail("asked"))
    found = discover("lin@@corp", PRESETS)
    assert (found.code, found.how, found.notes) == ("", "", ("bad_address",))
    assert len(found.transcript) == 1


@pytest.mark.parametrize("name", ["a\\032b.test", "a b.test", "x\0.test", "..", None])
def test_names_that_no_host_has(name):
    assert clean_host(name) is None


@pytest.mark.parametrize(
    "host, owner",
    [
        ("imap.corp.com", "corp.com"),
        ("corp.com", "corp.com"),
        ("imap.corp.com.cn", "corp.com.cn"),
        ("corp.com.cn", "corp.com.cn"),
        ("mail.corp.com.hk", "corp.com.hk"),
        ("a.b.corp.co.uk", "corp.co.uk"),
        ("mail.corp.gd.cn", "corp.gd.cn"),
        ("mail.corp.cn", "corp.cn"),
        ("mail.163.com", "163.com"),
        ("co.com", "co.com"),
    ],
)
def test_registrable(host, owner):
    assert registrable(host) == owner


# --- presets ---


@pytest.mark.parametrize(
    "line, host, fits",
    [
        ("qq.com", "mx1.qq.com", True),
        ("qq.com", "qq.com", True),
        (".qq.com", "mx1.qq.com", True),
        ("qq.com", "notqq.com", False),
        ("qq.com", "qq.com.evil.test", False),
        ("mxbiz*.qq.com", "mxbiz1.qq.com", True),
        ("mxbiz*.qq.com", "x.mxbiz1.qq.com", False),
        ("*.outlook.com", "outlook.com", False),
        ("mx?.qq.com", "mx1.qq.com", False),
        ("[a-z]*.qq.com", "b1.qq.com", False),
        ("", "qq.com", False),
        (".", "qq.com", False),
    ],
)
def test_a_line_fits_an_exchanger(line, host, fits):
    assert providermatch.exchanger_fits(line, host) is fits


@pytest.mark.parametrize(
    "host, expected",
    [
        ("mxbiz2.qq.com", "exmail"),
        ("mx1.qq.com", "qq"),
        ("163mx01.mxmail.netease.com", "netease"),
        ("qiye163mx01.mxmail.netease.com", "qiye163"),
        ("hzmx02.mxmail.netease.com", "qiye163"),
        ("corp-com.mail.protection.outlook.com", "m365"),
        ("mx.corp.test", None),
    ],
)
def test_the_longest_line_wins(host, expected):
    for presets in (PRESETS, PRESETS[::-1]):
        assert code(providermatch.by_exchanger(presets, host)) == expected


@pytest.mark.parametrize(
    "host, expected",
    [
        ("imap.exmail.qq.com", "exmail"),
        ("exmail.qq.com", "exmail"),
        ("qiye.163.com", "qiye163"),
        ("hwhzimap.qiye.163.com", "qiye163"),
        ("imap.163.com", "netease"),
        ("www.163.com", None),
        ("docs.qq.com", None),
        ("outlook.office365.com", "m365"),
    ],
)
def test_a_cname_points_into_a_preset(host, expected):
    for presets in (PRESETS, PRESETS[::-1]):
        assert code(providermatch.by_target(presets, host)) == expected


@pytest.mark.parametrize(
    "names, expected",
    [
        (["*.qiye.163.com", "qiye.163.com"], "qiye163"),
        (["*.163.com"], "netease"),
        (["*.qq.com", "imap.exmail.qq.com"], "exmail"),
        (["*.com"], None),
        (["*"], None),
        (["corp.test"], None),
        ([], None),
    ],
)
def test_whose_certificate_it_is(names, expected):
    match = providermatch.by_certificate(PRESETS, names)
    assert (match[0].code if match else None) == expected


def test_a_providers_own_domain_needs_no_network(monkeypatch):
    monkeypatch.setattr(Lookup, "ask", lambda *_args: pytest.fail("asked"))
    found = discover("lin@VIP.qq.com", PRESETS)
    assert (found.code, found.how, found.imap) == ("qq", "domain", QQ.imap)
    assert not found.foreign


# --- autoconfig ---

LIN = Address("lin", "corp.test")


def server(kind, host, port, security, user="%EMAILADDRESS%", tag="incomingServer"):
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{security}</socketType><username>{user}</username></{tag}>"
    )


def config(*servers, prolog='<?xml version="1.0"?>'):
    return (
        f'{prolog}<clientConfig version="1.1"><emailProvider id="corp.test">'
        f"{''.join(servers)}</emailProvider></clientConfig>"
    ).encode()


def test_a_file_is_read_ssl_first_clear_text_never():
    read = autoconfig.parse(
        config(
            server("imap", "imap.corp.test", 143, "STARTTLS"),
            server("imap", "imap.%EMAILDOMAIN%", 993, "SSL"),
            server("imap", "clear.corp.test", 143, "plain"),
            server("pop3", "pop.corp.test", 110, "plain"),
            server("smtp", "smtp.corp.test", 587, "STARTTLS", tag="outgoingServer"),
        ),
        LIN,
    )
    assert read.imap == (
        Server("imap.corp.test", 993, "ssl"),
        Server("imap.corp.test", 143, "starttls"),
    )
    assert read.pop3 == ()
    assert read.smtp == (Server("smtp.corp.test", 587, "starttls"),)
    assert read.login == ""


@pytest.mark.parametrize(
    "username, login",
    [
        ("%EMAILADDRESS%", ""),
        ("%EMAILLOCALPART%", "lin"),
        ("%EMAILLOCALPART%.%EMAILDOMAIN%", "lin.corp.test"),
        ("%REALNAME%", ""),
        ("a&#10;b", ""),
        ("x" * 300, ""),
    ],
)
def test_the_login_that_a_file_asks_for(username, login):
    data = config(server("imap", "imap.corp.test", 993, "SSL", username))
    assert autoconfig.parse(data, LIN).login == login


@pytest.mark.parametrize(
    "host, port",
    [
        ("127.0.0.1", 993),
        ("localhost", 993),
        ("a b.test", 993),
        ("imap.corp.test", 0),
        ("imap.corp.test", 65536),
        ("imap.corp.test", "９９３"),
        ("imap.corp.test", "-1"),
        ("imap.corp.test", ""),
        ("", 993),
    ],
)
def test_servers_that_cannot_be(host, port):
    assert not autoconfig.parse(config(server("imap", host, port, "SSL")), LIN).imap


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>not found</body></html>",
        b"\xff\xfe\x00garbage",
        b"<clientConfig/>",
        b"<clientConfig><emailProvider>",
        config(prolog=BOMB),
        config(prolog='<!DOCTYPE x SYSTEM "file:///etc/passwd">'),
        config(prolog=BOMB).decode().encode("utf-16"),
        config("<a>" * 10000 + "</a>" * 10000),
        config(prolog='<?xml version="1.0" encoding="klingon"?>'),
        config("&undefined;"),
    ],
)
def test_files_that_are_none(data):
    with pytest.raises(BadConfig):
        autoconfig.parse(data, LIN)


def test_nobody_is_told_who_binds():
    urls = autoconfig.own_urls("corp.test")
    assert all(url.startswith("https://") for url in urls)
    assert not any("lin" in url or "@" in url or "?" in url for url in urls)


# --- name servers, questions at once ---


@pytest.mark.parametrize(
    "text, place",
    [
        ("10.0.0.53", ("10.0.0.53", 53)),
        (" 127.0.0.1:5353 ", ("127.0.0.1", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
    ],
)
def test_name_servers(text, place):
    assert Lookup([text]).nameservers == (place,)


@pytest.mark.parametrize("text", ["dns.corp.test", "", "1.1.1.1:x", "1.1.1.1:99999"])
def test_bad_name_servers(text):
    with pytest.raises(ValueError):
        Lookup([text])


def test_the_earlier_answer_wins_when_it_comes_in_time():
    slow, never = threading.Event(), threading.Event()

    def late():
        slow.wait(5)
        return "better"

    def good():
        slow.set()
        return "good"

    together = Together({"better": late, "good": good})
    assert together.first(["better", "good"], Deadline(5), 5) == "better"
    together = Together({"never": lambda: never.wait(30), "good": lambda: "good"})
    started = time.monotonic()
    assert together.first(["never", "good"], Deadline(20), 0.1) == "good"
    assert time.monotonic() - started < 10
    never.set()


def test_a_question_that_raises_is_an_answer():
    together = Together({"bad": lambda: 1 / 0, "good": lambda: "good"})
    assert together.first(["bad", "good"], Deadline(20), 20) == "good"
    assert isinstance(together.error("bad"), ZeroDivisionError)


def test_found_is_empty_by_default():
    assert not (Found().imap or Found().code or Found().foreign)
