# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mail provider's preset as the plain rooms see it: made of a row of
``waimaolang.provider``, which is where the values and their sources stand."""

from dataclasses import dataclass

from .base import SECURITY_SSL


@dataclass(frozen=True)
class Server:
    """Where one protocol is spoken. ``security`` is one of ``base.SECURITY_*``."""

    host: str
    port: int
    security: str = SECURITY_SSL


@dataclass(frozen=True)
class Preset:
    """``domains`` are those of addresses, exact; ``mx_suffixes`` the ends of the names
    of mail exchangers, or patterns of whole names; ``other_hosts`` further servers of
    the provider, of any protocol. All in lower case, ASCII. A protocol that the
    provider does not offer, or whose server nobody knows, is None."""

    code: str
    name: str = ""
    domains: tuple[str, ...] = ()
    mx_suffixes: tuple[str, ...] = ()
    imap: Server | None = None
    pop3: Server | None = None
    smtp: Server | None = None
    needs_id: bool = False
    other_hosts: tuple[str, ...] = ()
