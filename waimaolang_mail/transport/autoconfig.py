# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The file by which a provider tells mail programs its servers.

Format: Thunderbird's config-v1.1.xml (draft-ietf-mailmaint-autoconfig). The address's
own domain is asked for it, then Mozilla's collection (ISPDB). Nobody is told the
address: the collection learns the domain, which is all it needs, and the domain's own
server need not know who is about to bind a mailbox."""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

from .base import SECURITY_SSL, SECURITY_STARTTLS
from .domains import Address, clean_host
from .presets import Server

ISPDB_URL = "https://autoconfig.thunderbird.net/v1.1/"
MOST_SERVERS = 3  # of one protocol
_DEEPEST = 20  # elements within each other
_SECURITY = {"SSL": SECURITY_SSL, "STARTTLS": SECURITY_STARTTLS}  # clear text: never
_PLACEHOLDER = re.compile(r"%[A-Z]+%")


@dataclass(frozen=True)
class Config:
    """Each a tuple of servers, the best first; ``login`` is what the provider wants as
    login where that is not the address."""

    imap: tuple[Server, ...] = ()
    pop3: tuple[Server, ...] = ()
    smtp: tuple[Server, ...] = ()
    login: str = ""


class BadConfig(Exception):
    """Not such a file, or one that no provider writes."""


def own_urls(domain: str, port: int = 443) -> tuple[str, ...]:
    place = f":{port}" if port != 443 else ""
    return (
        f"https://autoconfig.{domain}{place}/mail/config-v1.1.xml",
        f"https://{domain}{place}/.well-known/autoconfig/mail/config-v1.1.xml",
    )


def parse(data: bytes, address: Address) -> Config:
    """Raises BadConfig."""
    root = _read(data)
    provider = root.find("emailProvider") if root.tag == "clientConfig" else None
    if provider is None:
        raise BadConfig("no emailProvider")
    incoming = provider.findall("incomingServer")
    outgoing = provider.findall("outgoingServer")
    read = {
        "imap": _servers(incoming, "imap", address),
        "pop3": _servers(incoming, "pop3", address),
        "smtp": _servers(outgoing, "smtp", address),
    }
    logins = [login for name in ("imap", "pop3") for _server, login in read[name]]
    servers = {name: tuple(s for s, _login in pairs) for name, pairs in read.items()}
    return Config(**servers, login=logins[0] if logins else "")


def _read(data):
    """The document's root, read without a DTD, hence without entities."""
    builder, depth = TreeBuilder(), 0
    parser = expat.ParserCreate()

    def start(tag, attributes):
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise BadConfig("nested too deeply")
        builder.start(tag, attributes)

    def end(tag):
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def doctype(*_args):
        raise BadConfig("has a DTD")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise BadConfig("not XML") from None
    return builder.close()


def _servers(elements, kind, address):
    """``(Server, login)`` pairs, SSL first, else in the file's order."""
    found = [
        pair
        for element in elements
        if element.get("type") == kind and (pair := _server(element, address))
    ]
    found.sort(key=lambda pair: pair[0].security != SECURITY_SSL)
    return found[:MOST_SERVERS]


def _server(element, address):
    security = _SECURITY.get(_text(element, "socketType").upper())
    host = clean_host(_fill(_text(element, "hostname"), address))
    port = _text(element, "port")
    if not (security and host and re.fullmatch(r"[0-9]{1,5}", port)):
        return None
    if not 0 < int(port) < 65536:
        return None
    return Server(host, int(port), security), _login(element, address)


def _login(element, address):
    login = _fill(_text(element, "username"), address)
    whole = f"{address.local}@{address.domain}"
    plain = login.isprintable() and len(login) <= 254 and not _PLACEHOLDER.search(login)
    return login if plain and login.lower() != whole.lower() else ""


def _fill(text, address):
    values = {
        "%EMAILADDRESS%": f"{address.local}@{address.domain}",
        "%EMAILLOCALPART%": address.local,
        "%EMAILDOMAIN%": address.domain,
    }
    return _PLACEHOLDER.sub(lambda found: values.get(found[0], found[0]), text)


def _text(element, tag):
    return (element.findtext(tag) or "").strip()
