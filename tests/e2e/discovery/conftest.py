# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers found from an address: real DNS (dnsmasq), Dovecot, exim, https of our CA."""

import pytest
from servers.process import free_port
from transport import discovery
from transport.discovery import Ports

from .records import CLOSED, PRESETS, RECORDS


@pytest.fixture(scope="session")
def names(dns, dovecot, smtp):
    """The DNS with every record of these tests."""
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
