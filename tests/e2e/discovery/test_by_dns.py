# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Presets by the domain, its CNAMEs and exchangers, and servers by SRV records."""

import pytest
from transport import dnslookup
from transport.presets import Server

from .records import EXCHANGERS, PRESET_SECONDS

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
    assert "no_domain" not in found.notes


def test_a_domain_that_does_not_exist(discover):
    """A typing error is another thing than a domain whose servers nobody tells."""
    found = discover("lin@lanyeu.test")
    assert (found.code, found.how) == ("", "")
    assert "no_domain" in found.notes
    assert "no_domain" not in discover("lin@silent.test").notes


@pytest.mark.parametrize(
    "public, missing",
    [
        (dnslookup.Answer(missing=True), True),
        (dnslookup.Answer(silent=True), True),
        (dnslookup.Answer(), False),
    ],
)
def test_a_domain_that_only_the_companys_own_dns_does_not_know(
    discover, names, monkeypatch, public, missing
):
    """Whom the public name servers know exists; where they are out of reach, the
    system's word counts."""

    def ask(_lookup, _domain, _deadline):
        return public

    monkeypatch.setattr(dnslookup.Lookup, "exchangers_in_public", ask)
    monkeypatch.setattr(
        dnslookup,
        "_resolver",
        lambda _places, real=dnslookup._resolver: real(
            [dnslookup._place(names.nameserver)]
        ),
    )
    found = discover("lin@lanyeu.test", nameservers=())
    assert ("no_domain" in found.notes) == missing


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
