# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Addresses, host names and where one owner's part of the DNS begins. No network.

Everything that a stranger names (an address typed, a record, a file) passes
``clean_host`` before anything is asked of it."""

import ipaddress
import re
from dataclasses import dataclass, field

from .errors import MailServerError
from .net import host_ascii

LONGEST_ADDRESS = 254  # RFC 5321, erratum 1690
LONGEST_HOST = 253
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# Under these a registry sells names one level deeper, as com.cn, co.uk, com.hk. The
# public suffix list knows thousands more. A rare suffix missing here makes neighbours
# below it look like one owner: a redirect followed, a question to the user not asked.
_SECOND_LEVEL = frozenset(
    """ac co com edu gen go gob gouv gov gv id idv in ind info ltd me mil name ne net
    nom or org plc pro sch web""".split()
)
_PROVINCES = frozenset(  # of China, as bj.cn
    """ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn
    sx tj tw xj xz yn zj""".split()
)


@dataclass(frozen=True)
class Address:
    """An e-mail address; ``domain`` in lower case and ASCII (IDNA)."""

    local: str = field(repr=False)
    domain: str


def parse_address(email) -> Address | None:
    """None for whatever is not ``local@domain.tld``; never raises."""
    if not isinstance(email, str):
        return None
    email = email.strip()
    local, at, domain = email.rpartition("@")
    if not (local and at and len(email) <= LONGEST_ADDRESS and "@" not in local):
        return None
    if any(not c.isprintable() or c.isspace() for c in email):
        return None
    domain = clean_host(domain)
    return Address(local, domain) if domain else None


def clean_host(name) -> str | None:
    """The host name in lower case ASCII; None for an address literal (any spelling of
    one), a single label, or characters that no host name has."""
    if not isinstance(name, str) or len(name) > LONGEST_HOST + 1:
        return None
    try:
        host = host_ascii(name)
    except MailServerError:
        return None
    labels = host.split(".")
    if len(labels) < 2 or len(host) > LONGEST_HOST:
        return None
    if not all(_LABEL.fullmatch(label) for label in labels):
        return None
    # 0x7f.1 and 2130706433 are addresses to getaddrinfo
    if labels[-1][0].isdigit() or _is_address(host):
        return None
    return host


def registrable(host: str) -> str:
    """The part of the name that one owner registered: example.com.cn of
    imap.example.com.cn. By a small rule of our own, see above."""
    labels = host.split(".")
    deep = (
        len(labels) > 2
        and len(labels[-1]) == 2
        and (
            labels[-2] in _SECOND_LEVEL
            or (labels[-1] == "cn" and labels[-2] in _PROVINCES)
        )
    )
    return ".".join(labels[-3:] if deep else labels[-2:])


def same_owner(one: str, other: str) -> bool:
    return registrable(one) == registrable(other)


def _is_address(host):
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
