# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that are tried by their usual names."""

import contextlib
import socket
import ssl
import threading

from servers.ca import CA
from transport.discovery import Ports
from transport.presets import Preset, Server


def test_probing(discover, ports):
    found = discover("lin@demo.test", ports=ports)
    assert (found.code, found.how, found.foreign) == ("", "probe", False)
    assert found.imap == Server("imap.demo.test", ports.imaps, "ssl")
    assert found.pop3 == Server("pop.demo.test", ports.pop3s, "ssl")
    assert found.smtp == Server("smtp.demo.test", ports.submissions, "ssl")


def test_probing_prefers_what_is_there(discover, dovecot, smtp):
    ports = Ports(1, 1, dovecot.imap_port, 1, 1, smtp.port)
    found = discover("lin@demo.test", ports=ports)
    assert found.imap == Server("imap.demo.test", dovecot.imap_port, "starttls")
    assert found.smtp == Server("smtp.demo.test", smtp.port, "starttls")


def test_i10_probing_stops_at_private_servers(discover, ports):
    found = discover("lin@demo.test", ports=ports, allow_private=False)
    assert (found.how, found.imap, found.smtp) == ("", None, None)
    assert "private_host" in found.notes


def test_a_certificate_of_a_known_provider(discover, ports):
    own = Preset("demo", imap=Server("imap.demo.test", ports.imaps))
    found = discover("lin@mismatch.test", [own], ports=ports)
    assert (found.code, found.how, found.imap) == ("demo", "probe", own.imap)


def test_a_certificate_of_nobody_known(discover, ports):
    found = discover("lin@mismatch.test", ports=ports)
    assert (found.code, found.how, found.imap) == ("", "", None)
    assert "tls_name" in found.notes


def test_i10_a_certificate_that_nobody_vouches_for(discover, tmp_path):
    files = CA(tmp_path / "other").issue("bad", ["imap.untrusted.test"])
    with tls_listener(files) as port:
        found = discover("lin@untrusted.test", ports=Ports(1, port, 1, 1, 1, 1))
    assert (found.code, found.how, found.imap) == ("", "", None)
    assert "tls_untrusted" in found.notes


def test_i10_a_certificate_that_claims_a_known_providers_name(
    discover, dovecot, tmp_path
):
    """The provider's own server would pass; this one's word for it does not count."""
    own = Preset("demo", imap=Server("imap.demo.test", dovecot.imaps_port))
    files = CA(tmp_path / "other").issue("bad", ["imap.demo.test"])
    with tls_listener(files) as port:
        found = discover("lin@liar.test", [own], ports=Ports(1, port, 1, 1, 1, 1))
    assert (found.code, found.how, found.imap) == ("", "", None)


def test_i10_clear_text_is_not_proposed(discover, scripted):
    port = scripted("clear text")
    found = discover("lin@clear.test", ports=Ports(1, port, 1, 1, 1, 1))
    assert (found.how, found.imap) == ("", None)
    assert "tls_missing" in found.notes


@contextlib.contextmanager
def tls_listener(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                client, _address = listener.accept()
                context.wrap_socket(client, server_side=True).close()
            except ssl.SSLError:
                continue
            except OSError:
                if listener.fileno() < 0:
                    return

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
