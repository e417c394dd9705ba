# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which preset a name belongs to: of a mail exchanger, of a CNAME's target, in a
certificate. Pure functions over ``presets.Preset``; no network."""

from fnmatch import fnmatchcase

from .domains import registrable
from .presets import Preset

PROTOCOLS = ("imap", "pop3", "smtp")


def servers_of(preset: Preset) -> dict:
    """``{protocol: Server}`` of those that it has."""
    found = {protocol: getattr(preset, protocol) for protocol in PROTOCOLS}
    return {protocol: server for protocol, server in found.items() if server}


def by_domain(presets, domain: str) -> Preset | None:
    """The preset of an address's domain, which must be the very one."""
    return next((preset for preset in presets if domain in preset.domains), None)


def by_exchanger(presets, host: str) -> Preset | None:
    """The preset that a mail exchanger belongs to: the longest line that fits wins,
    for qiye163mx*.mxmail.netease.com is another product than mxmail.netease.com."""
    lines = [
        (len(line), preset)
        for preset in presets
        for line in preset.mx_suffixes
        if exchanger_fits(line, host)
    ]
    return max(lines, key=lambda pair: pair[0])[1] if lines else None


def exchanger_fits(line: str, host: str) -> bool:
    """A line with ``*`` is a pattern of the whole name; any other is an end of it, on
    whole labels."""
    line = line.strip().strip(".").lower()
    if "*" in line:
        return fnmatchcase(host, line.replace("[", "[[]").replace("?", "[?]"))
    return bool(line) and (host == line or host.endswith("." + line))


def by_host(presets, host: str) -> Preset | None:
    """The preset that has this very server; of several (Outlook.com and Microsoft 365)
    the one that serves customers' own domains."""
    found = [preset for preset in presets if host in _hosts(preset)]
    return max(found, key=lambda preset: bool(preset.mx_suffixes), default=None)


def by_target(presets, host: str) -> Preset | None:
    """The preset that a CNAME points into: a server of it, or a name beside its servers
    where these have a domain below the owner's (qiye.163.com, but not 163.com)."""
    exact = by_host(presets, host)
    if exact:
        return exact
    beside = [
        (len(parent), preset)
        for preset in presets
        for parent in map(_parent, _hosts(preset))
        if parent and (host == parent or host.endswith("." + parent))
    ]
    return max(beside, key=lambda pair: pair[0])[1] if beside else None


def by_certificate(presets, names) -> tuple[Preset, str] | None:
    """The preset, and which protocol of it, that a certificate for these names
    speaks for. A name that is spelled out goes before a wildcard."""
    for fits in (str.__eq__, _wildcard_fits):
        for preset in presets:
            for protocol, server in servers_of(preset).items():
                if any(fits(name, server.host.lower()) for name in names):
                    return preset, protocol
    return None


def _hosts(preset):
    return {server.host.lower() for server in servers_of(preset).values()}


def _parent(host):
    parent = host.partition(".")[2]
    return parent if parent != registrable(parent) and "." in parent else ""


def _wildcard_fits(name, host):
    """RFC 6125: the star stands for one whole label, the leftmost."""
    return name.startswith("*.") and host.partition(".")[2] == name[2:]
