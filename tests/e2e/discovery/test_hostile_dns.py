# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A DNS that means no good."""

import contextlib
import itertools
import socket
import threading
import time

import dns.flags
import dns.message
import dns.rrset
import pytest

from .records import PRESET_SECONDS, SECONDS


class ScriptedDns:
    """Answers each question over UDP by ``script(name, type)``: text of records, bytes
    as they are, or None for silence."""

    def __init__(self, script):
        self.script = script
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.nameserver = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                data, client = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(data)
            question = query.question[0]
            kind = dns.rdatatype.to_text(question.rdtype)
            told = self.script(question.name.to_text(), kind)
            if told is None:
                continue
            response = dns.message.make_response(query)
            response.flags |= dns.flags.RA
            for name, record_kind, records in told:
                response.answer.append(
                    dns.rrset.from_text_list(name, 60, "IN", record_kind, records)
                )
            with contextlib.suppress(OSError):
                self.socket.sendto(response.to_wire(max_size=65000), client)


def many(name, kind):
    if kind == "MX":
        records = [f"{n} m{n}.hoster.test." for n in range(1500)]
        return [(name, "MX", [*records, "65000 mxbiz1.qq.com."])]
    return []


def loop(name, kind):
    return [(name, "CNAME", [name])]


def long_chain(name, kind):
    names = [name, *(f"c{n}.corp.test." for n in range(100))]
    return [(a, "CNAME", [b]) for a, b in itertools.pairwise(names)]


def odd(name, kind):
    if kind == "MX":
        return [
            (
                name,
                "MX",
                [
                    r"1 a\032b\000.mxbiz1.qq.com.",
                    r"2 \216\255.test.",
                    "3 127.0.0.1.",
                    "4 com.",
                ],
            )
        ]
    if kind == "SRV":
        return [(name, "SRV", ["0 0 0 imap.demo.test.", "0 0 993 127.0.0.1."])]
    return []


def silent(name, kind):
    return None


def at_providers(name, kind):
    return [(name, "MX", ["10 mxbiz1.qq.com."])] if kind == "MX" else None


@pytest.fixture
def hostile(discover):
    opened = []

    def ask(script):
        server = ScriptedDns(script)
        opened.append(server)
        started = time.monotonic()
        found = discover("lin@corp.test", nameservers=[server.nameserver])
        assert time.monotonic() - started < SECONDS
        return found

    yield ask
    for server in opened:
        server.socket.close()


@pytest.mark.parametrize("script", [many, loop, long_chain, odd])
def test_a_hostile_dns_finds_nothing(hostile, script):
    found = hostile(script)
    assert (found.code, found.how) == ("", "")
    assert all(line.isprintable() for line in found.transcript)
    assert max(map(len, found.transcript)) < 2000


def test_a_dns_that_never_answers(hostile):
    """The last step still has its turn, and ends in time."""
    found = hostile(silent)
    assert found.how == ""
    assert "dns" in found.notes


def test_a_dns_that_answers_for_the_exchangers_alone(hostile):
    """The questions for CNAMEs hang; the preset is not kept waiting for them."""
    found = hostile(at_providers)
    assert (found.code, found.how) == ("exmail", "mx")
    assert found.seconds < PRESET_SECONDS
