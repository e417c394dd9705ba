# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Questions to the DNS, with answers as plain tuples, bounded in time and number.

Answers are unsigned: whoever controls the network, or the domain, writes them. Names
that no host can have are dropped here."""

import ipaddress
import socket
from dataclasses import dataclass
from functools import partial

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from .domains import clean_host
from .net import Deadline
from .together import Together

# Asked for mail exchangers where the system's resolver knows none: a company's own DNS
# often serves its domain without them. Two of China, two of the rest of the world.
PUBLIC_RESOLVERS = ("223.5.5.5", "119.29.29.29", "1.1.1.1", "8.8.8.8")
TRY_SECONDS = 1.0  # one packet to one name server
MOST_ROWS = 20  # of an answer: nobody has more mail exchangers that count


@dataclass(frozen=True)
class Answer:
    """``rows`` by kind: MX (preference, host) and SRV (port, host), best first; CNAME
    the host names that the name leads to, in order; A and AAAA addresses.

    ``refused``: the records say that there is no such service (host ".", RFC 7505 and
    RFC 6186). ``missing``: there is no such name, of whatever kind (NXDOMAIN).
    ``text`` for the transcript."""

    rows: tuple = ()
    refused: bool = False
    silent: bool = False
    missing: bool = False
    text: str = "nothing"


class Lookup:
    """``nameservers``: "ip", "ip:port" or "[ip]:port"; none: the system's. Raises
    ValueError for other text."""

    def __init__(self, nameservers=()):
        self.nameservers = tuple(map(_place, nameservers))
        self._resolver = _resolver(self.nameservers)

    def ask(self, name: str, kind: str, deadline: Deadline) -> Answer:
        """Never raises."""
        if self._resolver is None:
            return Answer(silent=True, text="the system has no name server")
        return _ask(self._resolver, name, kind, deadline)

    def exchangers_in_public(self, domain: str, deadline: Deadline) -> Answer:
        """The MX as the first public resolver tells it that has any; ``missing`` where
        all that answered say so."""
        jobs = {
            place: partial(_ask, _resolver([_place(place)]), domain, "MX", deadline)
            for place in PUBLIC_RESOLVERS
        }
        together = Together(jobs)

        def told():
            answers = filter(None, map(together.value, jobs))
            return next((a for a in answers if a.rows or a.refused), None)

        over = not together.wait(jobs, deadline, enough=told)
        if told():
            return told()
        heard = [a for a in map(together.value, jobs) if a and not a.silent]
        if heard and all(answer.missing for answer in heard):
            return Answer(missing=True, text="no such name")
        return Answer(silent=over, text="no answer" if over else "nothing")

    def addresses(self, host: str, port: int) -> list[tuple]:
        """In the form of getaddrinfo, and by it unless name servers were named:
        ``net.resolve`` calls this and judges the addresses."""
        if not self.nameservers:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        deadline = Deadline(2 * TRY_SECONDS)
        for kind, family in (("A", socket.AF_INET), ("AAAA", socket.AF_INET6)):
            rows = self.ask(host, kind, deadline).rows
            if rows:
                rest = (0, 0) if family == socket.AF_INET6 else ()
                return [
                    (family, socket.SOCK_STREAM, 0, "", (row, port, *rest))
                    for row in rows
                ]
        raise socket.gaierror(socket.EAI_NONAME, "no address")


def _place(text):
    text = text.strip()
    host, port = text, 53
    if text.startswith("["):
        host, _bracket, rest = text[1:].partition("]")
        port = int(rest[1:]) if rest else 53
    elif text.count(":") == 1:
        host, _colon, rest = text.partition(":")
        port = int(rest)
    if not 0 < port < 65536:
        raise ValueError(f"no port: {port}")
    return str(ipaddress.ip_address(host)), port


def _resolver(places):
    try:
        resolver = dns.resolver.Resolver(configure=not places)
    except dns.exception.DNSException:  # no /etc/resolv.conf
        return None
    if places:
        resolver.nameservers = [host for host, _port in places]
        resolver.nameserver_ports = dict(places)
    resolver.timeout = TRY_SECONDS
    return resolver


def _ask(resolver, name, kind, deadline):
    # an A question brings the whole chain of CNAMEs, a CNAME question its first link
    asked = "A" if kind == "CNAME" else kind
    try:
        message = resolver.resolve(
            name + ".",
            asked,
            lifetime=deadline.need(),
            search=False,
            raise_on_no_answer=False,
        ).response
    except dns.resolver.NXDOMAIN as exc:
        message = next(iter(exc.responses().values()), None)
        if kind != "CNAME" or message is None or not message.answer:
            return Answer(missing=True, text="no such name")
    except (dns.resolver.LifetimeTimeout, TimeoutError):
        return Answer(silent=True, text="no answer in time")
    except (dns.exception.DNSException, OSError, EOFError, ValueError) as exc:
        return Answer(silent=True, text=f"failed ({type(exc).__name__})")
    return _READERS[kind](message.answer)


def _records(answer, kind):
    for rrset in answer:
        if rrset.rdtype == dns.rdatatype.from_text(kind):
            yield from rrset


def _name(name):
    """None for a name that is no host name."""
    return clean_host(name.to_text(omit_final_dot=True))


def _exchangers(answer):
    records = list(_records(answer, "MX"))
    rows = sorted(
        (record.preference, host)
        for record in records
        if (host := _name(record.exchange))
    )[:MOST_ROWS]
    refused = bool(records) and all(r.exchange == dns.name.root for r in records)
    text = ", ".join(f"{host} ({preference})" for preference, host in rows)
    return Answer(tuple(rows), refused, text=_text(text, refused))


def _services(answer):
    records = list(_records(answer, "SRV"))
    ordered = sorted(records, key=lambda r: (r.priority, -r.weight, r.target))
    rows = [
        (record.port, host)
        for record in ordered
        if record.port and (host := _name(record.target))
    ][:MOST_ROWS]
    refused = bool(records) and all(r.target == dns.name.root for r in records)
    text = ", ".join(f"{host}:{port}" for port, host in rows)
    return Answer(tuple(rows), refused, text=_text(text, refused))


def _chain(answer):
    rows = [host for r in _records(answer, "CNAME") if (host := _name(r.target))]
    rows = rows[:MOST_ROWS]
    return Answer(tuple(rows), text=_text(" -> ".join(rows)))


def _addresses(kind):
    def read(answer):
        rows = [record.address for record in _records(answer, kind)][:MOST_ROWS]
        return Answer(tuple(rows), text=_text(", ".join(rows)))

    return read


def _text(text, refused=False):
    return "none, the domain says so" if refused else text or "nothing"


_READERS = {
    "MX": _exchangers,
    "SRV": _services,
    "CNAME": _chain,
    "A": _addresses("A"),
    "AAAA": _addresses("AAAA"),
}
