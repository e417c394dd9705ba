# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that somebody named, or that were guessed: which of them may be proposed.

A preset's server stands for its preset. Any other is proposed only once TLS has proved
it; all are asked at once."""

import time

from . import providermatch
from .confirm import confirm, names_at
from .domains import same_owner
from .errors import MailServerError
from .found import Found, Log, of_preset
from .net import Deadline
from .presets import Preset, Server
from .providermatch import PROTOCOLS
from .together import Together

GRACE = 0.5  # for a better answer, once there is one
OTHERS_SECONDS = 1.0  # for the other protocols, once there is a way in
# What a guess that nobody stands behind comes to: not worth telling the user.
_MISSED = ("dns", "refused", "timeout", "reset")


class Judge:
    """``domain``: the address's; ``network``: the options of ``confirm``."""

    def __init__(self, domain: str, presets, network: dict, log: Log):
        self._domain = domain
        self._presets = presets
        self._network = network
        self._log = log

    def named(self, candidates, how, limit: Deadline, *, unsigned) -> Found | None:
        """A Found of ``{protocol: servers, best first}``. ``unsigned``: nothing but DNS
        stands behind the names."""
        for protocol in ("imap", "pop3"):
            for server in candidates[protocol]:
                preset = providermatch.by_host(self._presets, server.host)
                if preset:
                    self._log.add(server.host, f"belongs to {preset.code}")
                    return of_preset(preset, how)
        return self._proved(candidates, how, limit, unsigned, guessed=False)

    def guessed(self, candidates, how, limit: Deadline) -> Found | None:
        return self._proved(candidates, how, limit, unsigned=False, guessed=True)

    def _proved(self, candidates, how, limit, unsigned, guessed):
        jobs = {
            (protocol, server): self._checker(protocol, server, limit, guessed)
            for protocol, servers in candidates.items()
            for server in servers
        }
        together, proved = Together(jobs), {}
        for protocol in PROTOCOLS:
            keys = [key for key in jobs if key[0] == protocol]
            until = Deadline(OTHERS_SECONDS).cut(limit) if proved else limit
            value = together.first(keys, until, GRACE)
            if isinstance(value, Preset):
                if not proved:
                    return of_preset(value, how)
            elif value:
                proved[protocol] = value
        self._note(filter(None, map(together.error, jobs)), guessed)
        if not proved.keys() & {"imap", "pop3"}:
            return None
        foreign = unsigned and not all(
            same_owner(server.host, self._domain) for server in proved.values()
        )
        return Found(how=how, foreign=foreign, **proved)

    def _note(self, errors, guessed):
        for error in errors:
            code = getattr(error, "code", "protocol")
            if not (guessed and code in _MISSED):
                self._log.note(code)

    def _checker(self, protocol, server: Server, limit, guessed):
        def check():
            since = time.monotonic()
            asked = f"{protocol} {spell(server)}"
            try:
                confirm(server, protocol, limit, **self._network)
            except MailServerError as exc:
                self._log.add(asked, exc.code, since)
                preset = None
                if guessed and exc.code == "tls_name":
                    preset = self._by_certificate(server, limit)
                if preset is None:
                    raise
                return preset
            self._log.add(asked, "certificate and name are right", since)
            return server

        return check

    def _by_certificate(self, server, limit):
        """The preset whose server answers under the guessed name, proved by a
        handshake with that preset's own name; None."""
        since = time.monotonic()
        try:
            names = names_at(server, limit, **self._network)
            match = providermatch.by_certificate(self._presets, names)
            if match is None:
                return None
            preset, protocol = match
            own = getattr(preset, protocol)
            confirm(own, protocol, limit, **self._network)
        except MailServerError as exc:
            self._log.add("name in the certificate", exc.code, since)
            return None
        self._log.add(f"{protocol} {spell(own)}", f"belongs to {preset.code}", since)
        return preset


def spell(server: Server) -> str:
    return f"{server.host}:{server.port} {server.security}"


def spell_all(candidates) -> str:
    servers = [
        f"{protocol} {spell(server)}"
        for protocol, servers in candidates.items()
        for server in servers
    ]
    return ", ".join(servers) or "no server with encryption"
