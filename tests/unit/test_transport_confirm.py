# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I10: a server without encryption, or that does not speak, is not confirmed.

Servers that pass stand in tests/e2e/discovery: Dovecot and exim."""

import pytest
from scripted_imap import CLOSE, HANG, Drip, Expect, Flood, ScriptedServer
from transport.confirm import confirm
from transport.errors import MailServerError
from transport.net import Deadline
from transport.presets import Server


@pytest.fixture
def refusal():
    """The error of confirming a server that follows the script."""
    servers = []

    def ask(protocol, *script, security="starttls", seconds=5):
        server = ScriptedServer(list(script))
        servers.append(server)
        place = Server("localhost", server.port, security)
        with pytest.raises(MailServerError) as caught:
            confirm(place, protocol, Deadline(seconds), allow_private=True)
        assert server.failure is None
        return caught.value.code

    yield ask
    for server in servers:
        server.stop()


@pytest.mark.parametrize(
    "protocol, script",
    [
        ("imap", ["* OK ready", Expect("STARTTLS", status="BAD unknown")]),
        ("imap", ["* OK ready", Expect("STARTTLS", "* 1 EXISTS", status="NO")]),
        ("imap", ["* PREAUTH come in"]),
        ("imap", ["* BYE full"]),
        ("imap", ["220 smtp.test ESMTP"]),
        ("pop3", ["+OK ready", Expect("STLS", "-ERR unknown", status=None)]),
        ("pop3", ["-ERR busy"]),
        ("smtp", ["220 ready", Expect("EHLO", "500 what", status=None)]),
        (
            "smtp",
            [
                "220-a long",
                "220 greeting",
                Expect("EHLO", "250-smtp.test", "250 SIZE", status=None),
                Expect("STARTTLS", "502 not implemented", status=None),
            ],
        ),
        ("smtp", ["554 go away"]),
    ],
)
def test_no_encryption_offered(refusal, protocol, script):
    assert refusal(protocol, *script) == "tls_missing"


@pytest.mark.parametrize("protocol", ["imap", "pop3", "smtp"])
def test_clear_text_is_not_even_connected_to(protocol):
    with pytest.raises(MailServerError) as caught:
        confirm(Server("imap.test", 143, "none"), protocol, Deadline(5))
    assert caught.value.code == "tls_missing"


@pytest.mark.parametrize(
    "script, code",
    [
        ([HANG], "timeout"),
        ([Drip("* ")], "timeout"),
        ([Flood("* OK ready")], "protocol"),
        (["* OK ready", Flood("* 1 EXISTS")], "protocol"),
        (["x" * 3000], "protocol"),
        ([b"* OK ready\r\n"], "reset"),
    ],
)
def test_servers_that_do_not_behave(refusal, script, code):
    if code == "reset":
        script = [*script, Expect("STARTTLS", status=None), CLOSE]
    assert refusal("imap", *script, seconds=0.5) == code


def test_words_sent_ahead_of_the_handshake_confirm_nothing(refusal):
    script = ["* OK ready", Expect("STARTTLS", "a OK go", "* OK trust me", status=None)]
    # which of its words are read before it hangs up is the network's choice
    told = refusal("imap", *script, "* OK me too", CLOSE)
    assert told in ("protocol", "reset", "tls_missing")
