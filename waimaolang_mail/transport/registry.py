# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which transport speaks which protocol. Other addons add theirs with ``register``
and change none."""

from collections.abc import Callable

from .base import Credentials, ServerAddress, Transport

_FACTORIES: dict[str, Callable[..., Transport]] = {}


def register(protocol: str, factory: Callable[..., Transport]) -> None:
    """``factory(address, credentials, **options)`` makes an unconnected transport.
    A later registration of the same protocol replaces the earlier one."""
    _FACTORIES[protocol] = factory


def protocols() -> tuple[str, ...]:
    return tuple(sorted(_FACTORIES))


def create(
    protocol: str, address: ServerAddress, credentials: Credentials, **options
) -> Transport:
    """An unconnected transport; KeyError for a protocol nobody registered."""
    return _FACTORIES[protocol](address, credentials, **options)


def _imap(address, credentials, **options):
    from .imap import ImapTransport  # imapclient is imported when first needed

    return ImapTransport(address, credentials, **options)


def _pop3(address, credentials, **options):
    from .pop3 import Pop3Transport

    return Pop3Transport(address, credentials, **options)


register("imap", _imap)
register("pop3", _pop3)
