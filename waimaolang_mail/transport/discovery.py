# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From an address to its mail servers, in six seconds at most.

    domain of a preset? -> CNAME into a preset? -> MX of a preset?
        -> autoconfig, ISPDB -> SRV -> probing          -> nothing found

The first step that finds ends the search. Nothing is asked of the network where the
domain is a preset's own. A preset's servers are proposed as they stand in the preset:
its host names are ours, and the binding's own test speaks TLS with them. Any other
server is proposed only after a handshake that verifies its certificate and its name,
and never without encryption. DNS, files and certificates are strangers' words
(invariant I10): see ``domains.clean_host`` and ``net.resolve``.
"""

import time
from dataclasses import dataclass, replace

from . import autoconfig, providermatch
from .autoconfig import ISPDB_URL, BadConfig
from .base import SECURITY_SSL, SECURITY_STARTTLS
from .candidates import GRACE, Judge, spell_all
from .dnslookup import Answer, Lookup
from .domains import parse_address, registrable, same_owner
from .errors import MailServerError
from .found import Found, Log, of_preset
from .https import NotThere, fetch
from .net import Deadline
from .presets import Server
from .providermatch import PROTOCOLS
from .together import Together

SECONDS = 6.0
# What a step may take, so that the next has its turn.
DNS_SECONDS = 2.0
PUBLIC_SECONDS = 1.0
AUTOCONFIG_SECONDS = 2.0
SRV_SECONDS = 1.5
TIDY_SECONDS = 0.2  # of the whole, to put the answer together
ALIASES = ("imap", "mail", "pop", "smtp")
# RFC 6186, RFC 8314
SERVICES = {
    "_imaps._tcp": ("imap", SECURITY_SSL),
    "_imap._tcp": ("imap", SECURITY_STARTTLS),
    "_pop3s._tcp": ("pop3", SECURITY_SSL),
    "_submissions._tcp": ("smtp", SECURITY_SSL),
    "_submission._tcp": ("smtp", SECURITY_STARTTLS),
}
# Where servers are guessed: the part before the domain, best first.
GUESSES = {
    "imap": ("imap.", "mail.", ""),
    "pop3": ("pop.", "mail.", ""),
    "smtp": ("smtp.", "mail.", ""),
}


@dataclass(frozen=True)
class Ports:
    """Assumed where nothing names one."""

    https: int = 443
    imaps: int = 993
    imap: int = 143
    pop3s: int = 995
    submissions: int = 465
    submission: int = 587

    def of(self, protocol):
        """``(port, security)``, best first."""
        return {
            "imap": ((self.imaps, SECURITY_SSL), (self.imap, SECURITY_STARTTLS)),
            "pop3": ((self.pop3s, SECURITY_SSL),),
            "smtp": (
                (self.submissions, SECURITY_SSL),
                (self.submission, SECURITY_STARTTLS),
            ),
        }[protocol]


def discover(
    email,
    presets,
    *,
    nameservers=(),
    seconds=SECONDS,
    allow_private=False,
    ispdb=ISPDB_URL,
    ports=Ports(),
) -> Found:
    """Never raises for what was typed, or for what a server or the network did.

    ``nameservers``: "ip" or "ip:port", asked in place of the system's. ``ispdb``: ""
    leaves Mozilla's collection out. ``presets``: in order of preference."""
    started = time.monotonic()
    log = Log(started)
    address = parse_address(email)
    if address is None:
        log.add("address", "not of the form name@domain")
        found = Found(notes=("bad_address",))
    else:
        try:
            lookup = Lookup(nameservers)
        except ValueError:
            log.add("name servers", "not understood, the system's are asked")
            lookup = Lookup()
        deadline = Deadline(max(seconds - TIDY_SECONDS, 0.05))
        search = _Search(
            address,
            tuple(presets),
            lookup,
            deadline,
            log,
            allow_private=allow_private,
            ispdb=ispdb,
            ports=ports,
        )
        found = search.run()
    return replace(
        found, transcript=log.lines(), seconds=round(time.monotonic() - started, 3)
    )


class _Search:
    """One search, its steps in order. Each returns a Found, or None to go on."""

    def __init__(
        self, address, presets, lookup, deadline, log, *, allow_private, ispdb, ports
    ):
        self.address = address
        self.domain = address.domain
        self.presets = presets
        self.lookup = lookup
        self.deadline = deadline
        self.log = log
        self.ispdb = ispdb
        self.ports = ports
        self.network = {"allow_private": allow_private, "lookup": lookup.addresses}
        self.judge = Judge(self.domain, presets, self.network, log)
        self._dns = None
        self._exchangers = Answer()

    def run(self):
        for step in (
            self.by_domain,
            self.by_dns,
            self.by_autoconfig,
            self.by_services,
            self.by_probing,
        ):
            if self.deadline.left() <= 0:
                self.log.note("timeout")
                self.log.add("search", "time is over")
                break
            found = step()
            if found:
                return replace(found, notes=tuple(self.log.notes))
        return Found(notes=tuple(self.log.notes))

    # --- presets ---

    def by_domain(self):
        preset = providermatch.by_domain(self.presets, self.domain)
        came = preset.code if preset else "not a provider's own domain"
        self.log.add(self.domain, came)
        return preset and of_preset(preset, "domain")

    def by_dns(self):
        self._ask_dns()
        by_target = providermatch.by_target
        by_exchanger = providermatch.by_exchanger
        return (
            self._by_names(by_target, self._targets(), "cname")
            or self._by_names(by_exchanger, self._exchanger_hosts(), "mx")
            # weaker than the MX: a wildcard CNAME of a web site may lead into a big
            # provider's names as well
            or self._by_names(by_exchanger, self._targets(), "cname")
            or self._by_public_dns()
        )

    def _by_names(self, match, hosts, how):
        for host in hosts:
            preset = match(self.presets, host)
            if preset:
                self.log.add(host, f"belongs to {preset.code}")
                return of_preset(preset, how)
        return None

    def _by_public_dns(self):
        answer = self._exchangers
        if answer.refused:
            self.log.note("null_mx")
        if answer.silent:
            self.log.note("dns")
        if answer.rows or answer.refused:
            return None
        if self.lookup.nameservers:
            self._note_missing(answer)
            return None
        since = time.monotonic()
        limit = Deadline(PUBLIC_SECONDS).cut(self.deadline)
        self._exchangers = self.lookup.exchangers_in_public(self.domain, limit)
        self.log.add("MX, public name servers", self._exchangers.text, since)
        # a network without a way to them is told by its own name servers alone
        self._note_missing(answer if self._exchangers.silent else self._exchangers)
        return self._by_names(providermatch.by_exchanger, self._exchanger_hosts(), "mx")

    def _note_missing(self, answer):
        if answer.missing:
            self.log.note("no_domain")

    def _ask_dns(self):
        """All questions at once; waits for those that may name a preset."""
        limit = Deadline(DNS_SECONDS).cut(self.deadline)
        mx = (self.domain, "MX")
        telling = [(f"{alias}.{self.domain}", "CNAME") for alias in ALIASES] + [mx]
        services = [(f"{service}.{self.domain}", "SRV") for service in SERVICES]
        self._dns = dns = Together(
            {key: self._asker(*key, limit) for key in telling + services}
        )

        def pointed():
            return any(
                providermatch.by_target(self.presets, host) for host in self._targets()
            )

        dns.wait(telling, limit, enough=lambda: pointed() or self._known(dns.value(mx)))
        if not pointed():
            rest = Deadline(GRACE) if self._known(dns.value(mx)) else limit
            dns.wait(telling, rest.cut(limit), enough=pointed)
        self._exchangers = dns.value(mx) or Answer(silent=True)

    def _asker(self, name, kind, limit):
        def ask():
            since = time.monotonic()
            answer = self.lookup.ask(name, kind, limit)
            self.log.add(f"{kind} {name}", answer.text, since)
            return answer

        return ask

    def _known(self, answer):
        return answer is not None and any(
            providermatch.by_exchanger(self.presets, host)
            for _preference, host in answer.rows
        )

    def _targets(self):
        answers = (self._dns.value((f"{a}.{self.domain}", "CNAME")) for a in ALIASES)
        return [host for answer in answers if answer for host in answer.rows]

    def _exchanger_hosts(self):
        return [host for _preference, host in self._exchangers.rows]

    # --- servers named by somebody ---

    def by_autoconfig(self):
        limit = Deadline(AUTOCONFIG_SECONDS).cut(self.deadline)
        urls = [
            (url, "autoconfig", False)
            for url in autoconfig.own_urls(self.domain, self.ports.https)
        ]
        if self.ispdb:
            urls.append((self.ispdb + self.domain, "ispdb", False))
            for host in self._exchanger_hosts()[:1]:
                if not same_owner(host, self.domain):
                    urls.append((self.ispdb + registrable(host), "ispdb", True))
        jobs = {url: self._reader(url, *how, limit) for url, *how in urls}
        found = Together(jobs).first(jobs, limit, GRACE)
        if not found and limit.left() <= 0:
            self.log.add("autoconfig", "time for this step is over")
        return found

    def _reader(self, url, how, unsigned, limit):
        def read():
            since = time.monotonic()
            try:
                data = fetch(url, limit, **self.network)
                config = autoconfig.parse(data, self.address)
            except (NotThere, BadConfig) as exc:
                self.log.add(url, str(exc), since)
                return None
            except MailServerError as exc:
                self.log.add(url, exc.code, since)
                return None
            candidates = {name: getattr(config, name) for name in PROTOCOLS}
            self.log.add(url, spell_all(candidates), since)
            found = self.judge.named(candidates, how, limit, unsigned=unsigned)
            if found and not found.code:
                found = replace(found, login=config.login)
            return found

        return read

    def by_services(self):
        limit = Deadline(SRV_SECONDS).cut(self.deadline)
        keys = {(f"{s}.{self.domain}", "SRV"): told for s, told in SERVICES.items()}
        self._dns.wait(keys, limit)
        candidates = {protocol: [] for protocol in PROTOCOLS}
        for key, (protocol, security) in keys.items():
            answer = self._dns.value(key) or Answer()
            candidates[protocol] += [
                Server(host, port, security)
                for port, host in answer.rows[: autoconfig.MOST_SERVERS]
            ]
        return self.judge.named(candidates, "srv", limit, unsigned=True)

    def by_probing(self):
        candidates = {
            protocol: [
                Server(prefix + self.domain, port, security)
                for port, security in self.ports.of(protocol)
                for prefix in GUESSES[protocol]
            ]
            for protocol in PROTOCOLS
        }
        return self.judge.guessed(candidates, "probe", self.deadline)
