# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which hosts there are, and which of them are private (invariant I10). Asks nobody."""

import ipaddress

from . import ownwords
from .errors import MailServerError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not public, whatever the ipaddress module of this Python thinks of them (its lists
# grew with 3.11.10, 3.12.4): carrier NAT, protocol assignments, local NAT64.
_SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",
        "168.63.129.16/32",  # Azure's own services, in every virtual network
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "2001:20::/28",
        "3fff::/20",
        "64:ff9b:1::/48",
    )
)


def host_ascii(host: str) -> str:
    """The host as DNS and certificates spell it (IDNA); an address unchanged."""
    host = host.strip().rstrip(".")
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:
        # other full stops than ours become dots by IDNA, one at the end too
        ascii_host = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        raise MailServerError("dns", ownwords.INVALID_HOST, "dns") from None
    if not ascii_host or any(c in ascii_host for c in " /\\@:\0\r\n\t"):
        raise MailServerError("dns", ownwords.INVALID_HOST, "dns")
    return ascii_host


def is_private(address: str) -> bool:
    """True for whatever is not a public unicast address. Addresses that carry an
    IPv4 address (mapped, NAT64, 6to4) are judged by that one; Teredo is refused."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_private(str(ip.ipv4_mapped))
        if ip.sixtofour is not None:
            return is_private(str(ip.sixtofour))
        if ip in _NAT64:
            return is_private(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        # ::a.b.c.d, the deprecated IPv4-compatible form, is within ::/8: reserved
        if ip.teredo is not None or ip.is_site_local:
            return True
    return (
        any(ip.version == net.version and ip in net for net in _SPECIAL)
        or ip.is_private
        or ip.is_loopback
        or ip.is_link_local
        or ip.is_reserved
        or ip.is_multicast
        or ip.is_unspecified
    )


def check_port(port: int) -> None:
    if not 0 < port < 65536:
        told = ownwords.say(ownwords.INVALID_PORT, port=port)
        raise MailServerError("refused", told, "dns")
