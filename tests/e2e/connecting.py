# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Transports against real servers."""

import sys
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from transport import registry  # noqa: E402
from transport.base import Credentials, ServerAddress  # noqa: E402


@contextmanager
def connecting(protocol, secret, **place):
    """``connect(login)``, with another secret or place if given, makes a connected
    transport; all are closed at the end."""
    opened = []

    def connect(login, secret=secret, **other):
        address = ServerAddress(**{**place, **other}, allow_private=True)
        transport = registry.create(protocol, address, Credentials(login, secret))
        opened.append(transport)
        transport.connect()
        return transport

    try:
        yield connect
    finally:
        for transport in opened:
            transport.close()
