# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Opening and closing a mailbox's connection: by a person's try, by a pass, and when
somebody wants the kept one no more. Who must be left alone is not asked: waits.py.
"""

from ..transport import registry as transports
from ..transport.errors import MailServerError
from . import keeper, lease, loading, proof, secrets, slots, state, waits
from .pool import Connection, connections
from .settings import MailboxSettings
from .transactions import transaction

# A pass that stores chunk after chunk is quicker many times.
STOP_TRIES = 18


def connect(
    registry, mailbox_id: int, secret: str | None = None
) -> MailServerError | None:
    """Tries a binding for real, with ``secret`` instead of the stored one if given;
    it is stored once it has opened the mailbox. The outcome is committed before it is
    returned; on success the connection serves the first pass. StillWaitingError when
    the provider must be left alone."""
    settings = None

    def load(env):
        loaded = loading.load(env, mailbox_id, secret)
        waits.check(env, loaded.attempt)
        return loaded

    def refused(env):
        state.refused(env, mailbox_id, error, by_user=True)
        if settings:
            waits.note(env, settings.attempt, error)

    def connected(env):
        state.connected(env, mailbox_id, folders, settings, secret)
        waits.forget(env, settings.attempt)

    try:
        settings = transaction(registry, load)
        connection = open_connection(settings)
        folders = _folders(connection.transport)
    except MailServerError as exc:
        error = exc
        transaction(registry, refused)
        return error
    try:
        transaction(registry, connected)
    except Exception:
        connection.transport.close()
        raise
    transaction(
        registry,
        lambda env: slots.occupy(env.cr, mailbox_id, settings.host_key, by_hand=True),
    )
    keep(settings, connection)
    return None


def keep(settings: MailboxSettings, connection: Connection) -> bool:
    """For the next pass; whether it is kept."""
    kept = connections.put(settings.connection_key, connection)
    if kept:
        keeper.watch()
    return kept


def stop(registry, mailbox_id: int, seconds: float = lease.LEASE_SECONDS) -> None:
    """No pass stores anything for this mailbox any more; for ``seconds`` none begins,
    time for the caller to commit what keeps it from beginning. Connections that other
    processes keep end by themselves, unused."""
    transaction(
        registry,
        lambda env: lease.seize(env.cr, mailbox_id, seconds),
        tries=STOP_TRIES,
    )
    forget_connection(registry, mailbox_id)


def forget_connection(registry, mailbox_id: int) -> None:
    """Closes the one that waits in this process for the next pass."""
    connections.discard((registry.db_name, mailbox_id))


def close_outdated(registry):
    """Those that a person wants no more, whichever process heard of it."""
    held = connections.held(registry.db_name)
    if not held:
        return
    current = transaction(registry, lambda env: lease.epochs(env.cr, [*held]))
    outdated = [box for box, epoch in held.items() if current.get(box) != epoch]
    for mailbox_id in outdated:
        forget_connection(registry, mailbox_id)
    if outdated:
        transaction(registry, lambda env: slots.free(env.cr, outdated))


def log_in(registry, settings: MailboxSettings, opener=None) -> Connection:
    """For a pass; MailServerError, StillWaitingError. ``opener(settings)`` takes the
    place of ``open_connection``."""
    transaction(registry, lambda env: waits.check(env, settings.attempt))
    try:
        return (opener or open_connection)(settings)
    except MailServerError as exc:
        error = exc
        transaction(registry, lambda env: waits.note(env, settings.attempt, error))
        raise


def open_connection(settings: MailboxSettings, limit=None) -> Connection:
    """``limit`` (a ``net.Deadline``) bounds it as a slice does."""

    def connect(credentials):
        transport = transports.create(
            settings.protocol,
            settings.address,
            credentials,
            provider=settings.provider,
            needs_id=settings.needs_id,
        )
        transport.hard_deadline = limit
        try:
            transport.connect()
        except MailServerError as error:
            keep_transcript(error, transport)
            transport.close()
            raise
        return transport

    transport, ticket = secrets.use(
        settings.database, settings.id, settings.credentials, settings.address, connect
    )
    return Connection(
        transport,
        settings.connection_settings,
        epoch=settings.epoch,
        until=ticket.until,
    )


def _folders(transport):
    try:
        return proof.read_folders(transport)
    except MailServerError as error:
        keep_transcript(error, transport)
        transport.close()
        raise


def keep_transcript(error: MailServerError, transport) -> None:
    error.transcript = error.transcript or tuple(transport.transcript())
