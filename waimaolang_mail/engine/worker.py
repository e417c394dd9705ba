# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way of one mailbox through a pass, top to bottom.

    claim -> load -> connect -> list -> fetch, parse, store ... -> finish, release
                                         |                     |
                                    MailServerError        StaleLeaseError
                                    kept, backed off       dropped: another works

Every step that touches the database opens its own cursor and commits it, so
that nothing is open while the network is used. What the server did never
raises out of here (invariant I6).
"""

import logging
import time
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from typing import NamedTuple

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..transport import registry as transports
from ..transport.base import Cursor
from ..transport.errors import MailServerError
from ..transport.net import Deadline
from . import background, fetch, lease, ledger, parsers, state, uidset, window
from .lease import Lease, StaleLeaseError
from .pool import Connection, connections
from .settings import FolderState, MailboxSettings
from .store import Store, refresh_figures

_logger = logging.getLogger(__name__)

# A slice aims at this; a step under way is finished (design, section 5).
SLICE_SECONDS = 5.0
# ... but no later than this after its end.
GRACE_SECONDS = 10.0
# Shorter than the lease: it is extended while a slow server delivers.
HEARTBEAT_SECONDS = 4.0
# Fetching is bounded by the slice, parsing by its own limits for each mail; this
# is for what nobody thought of.
CHUNK_SECONDS = 90.0
# A mailbox that was listed to the end gets its pending mail fetched up to here.
QUEUE = 3000
LISTING_STEP = 2000
TRANSACTION_TRIES = 3


class SyncResult(NamedTuple):
    """What a pass did: counts of messages, and an error code or ""."""

    listed: int = 0
    stored: int = 0
    excluded: int = 0
    failed: int = 0
    pending: int = 0
    error: str = ""
    busy: bool = False


def transaction(registry, function):
    """Runs ``function(env)`` in a cursor of its own, anew when PostgreSQL says
    that a concurrent transaction was in the way."""
    for attempt in range(1, TRANSACTION_TRIES + 1):
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                result = function(env)
                env.flush_all()
            return result
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            if attempt == TRANSACTION_TRIES:
                raise
        except psycopg2.errors.UniqueViolation:
            # another lane stored the same mail between our look and our insert
            if attempt == TRANSACTION_TRIES:
                raise
    raise AssertionError("unreachable")


# -- the doors ------------------------------------------------------------------


def run_slice(registry, seconds: float = SLICE_SECONDS) -> bool:
    """Works on due mailboxes for some seconds; true when more are waiting."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        claimed = transaction(registry, lambda env: lease.claim_due(env.cr))
        if not claimed:
            break
        try:
            Pass(registry, claimed, deadline).run()
        except Exception:
            # its lease keeps it out of the way for some seconds: others go on
            _logger.exception("mailbox %s could not be finished", claimed.mailbox_id)
    # what a pass that was killed left uncounted
    while transaction(registry, refresh_figures):
        pass
    return transaction(registry, lambda env: lease.any_due(env.cr))


def sync(registry, mailbox_id: int, seconds: float = SLICE_SECONDS) -> SyncResult:
    """One pass over one mailbox, due or not."""
    claimed = transaction(registry, lambda env: lease.claim(env.cr, mailbox_id))
    if not claimed:
        return SyncResult(busy=True)
    return Pass(registry, claimed, time.monotonic() + seconds).run()


def bound(registry, mailbox_id: int | None = None) -> list[int]:
    """The ids of the mailboxes that are read, or the one that is asked for."""

    def search(env):
        domain = [("state", "in", lease.WORKING_STATES)]
        if mailbox_id:
            domain.append(("id", "=", mailbox_id))
        return env["waimaolang.mailbox"].search(domain).ids

    return transaction(registry, search)


def connect(registry, mailbox_id: int) -> MailServerError | None:
    """Tries a binding for real. The outcome is committed before it is returned;
    on success the connection serves the first pass."""
    try:
        settings = transaction(registry, lambda env: state.load(env, mailbox_id))
        connection = open_connection(settings)
        folders = connection.transport.folders()
    except MailServerError as exc:
        error = exc
        transaction(
            registry, lambda env: state.refused(env, mailbox_id, error, by_user=True)
        )
        return error
    transaction(registry, lambda env: state.connected(env, mailbox_id, folders))
    connections.put(settings.connection_key, connection)
    return None


def open_connection(settings: MailboxSettings) -> Connection:
    transport = transports.create(
        settings.protocol, settings.address, settings.credentials
    )
    try:
        transport.connect()
    except MailServerError:
        transport.close()
        raise
    return Connection(transport, settings.connection_settings)


# -- a pass -------------------------------------------------------------------------


class Pass:
    """One pass over one leased mailbox until ``deadline`` (monotonic clock)."""

    def __init__(self, registry, claimed: Lease, deadline: float):
        self.registry = registry
        self.lease = claimed
        self.deadline = deadline
        self.result = SyncResult()
        self.absent_folders: set[int] = set()
        self.connection: Connection | None = None
        self.settings: MailboxSettings | None = None

    def run(self) -> SyncResult:
        try:
            self._work()
        except MailServerError as error:
            self._drop_connection()
            self._report(error)
        except StaleLeaseError:
            self._drop_connection()
            _logger.info("mailbox %s is worked on elsewhere", self.lease.mailbox_id)
        except Exception:
            # a bug on our side must not stop the other mailboxes of this lane
            _logger.exception("pass over mailbox %s broke", self.lease.mailbox_id)
            self._drop_connection()
            self._report(MailServerError("protocol", "internal error", phase="pass"))
        finally:
            self._transaction(lambda env: lease.release(env.cr, self.lease))
        return self.result

    def _work(self):
        self.settings = self._transaction(
            lambda env: state.load(env, self.lease.mailbox_id)
        )
        self.connection = connections.take(
            self.settings.connection_key, self.settings.connection_settings
        ) or open_connection(self.settings)
        left = max(0.0, self.deadline - time.monotonic())
        self.connection.transport.hard_deadline = Deadline(left + GRACE_SECONDS)
        if not self.settings.folders_known:
            self._discover()
        complete = self._list_all()
        if complete:
            self._take_pending()
        self._finish(complete)
        self.connection.transport.hard_deadline = None
        connections.put(self.settings.connection_key, self.connection)

    def _transaction(self, function):
        return transaction(self.registry, function)

    def _fenced(self, function):
        """A transaction that only the lease's holder can commit."""

        def guarded(env):
            lease.hold(env.cr, self.lease)
            return function(env)

        return self._transaction(guarded)

    def _drop_connection(self):
        if self.connection:
            self.connection.transport.close()
            self.connection = None

    def _report(self, error: MailServerError):
        self.result = self.result._replace(error=error.code)
        self._transaction(lambda env: state.refused(env, self.lease.mailbox_id, error))

    def _add(self, **counts):
        values = {key: getattr(self.result, key) + n for key, n in counts.items()}
        self.result = self.result._replace(**values)

    # -- list -------------------------------------------------------------------

    def _discover(self):
        folders = self.connection.transport.folders()
        self._fenced(
            lambda env: state.save_folders(env, self.lease.mailbox_id, folders)
        )
        self.settings = self._transaction(
            lambda env: state.load(env, self.lease.mailbox_id)
        )

    def _list_all(self) -> bool:
        """True when every folder was listed to its end within the slice."""
        for folder in self.settings.folders:
            try:
                if not self._list_folder(folder):
                    return False
            except MailServerError as error:
                if error.code != "folder_gone":
                    raise
                self._leave_out(folder, error)
        return True

    def _leave_out(self, folder: FolderState, error: MailServerError):
        """A folder that cannot be opened holds up neither the others nor itself."""
        self.absent_folders.add(folder.id)
        self._fenced(lambda env: state.note_folder_error(env, folder.id, error))

    def _list_folder(self, folder: FolderState) -> bool:
        cursor = Cursor(folder.uidvalidity, folder.uidnext)
        more = True
        while more:
            if time.monotonic() > self.deadline:
                return False
            listing = self.connection.transport.list(
                folder.remote_name, cursor, LISTING_STEP
            )
            folder, added = self._fenced(
                lambda env, f=folder, found=listing: self._save_listing(env, f, found)
            )
            self._add(listed=added)
            cursor, more = listing.cursor, listing.more
        self._reconcile(folder, listing.count)
        return True

    def _save_listing(self, env, folder: FolderState, listing):
        """Rows and cursor in one transaction (invariant I1)."""
        if folder.uidvalidity != listing.cursor.uidvalidity:
            first = not folder.uidvalidity
            if not first:
                ledger.void_others(env.cr, folder.id, listing.cursor.uidvalidity)
            # after a change everything is history: nobody wants 5,000 notices
            folder = replace(
                folder, uidvalidity=listing.cursor.uidvalidity, live_uid=0, outside=""
            )
        if not folder.live_uid:
            # a server may tell no UIDNEXT; then the end of the listing serves
            after = 0 if listing.more else listing.cursor.uidnext
            folder = replace(folder, live_uid=listing.uidnext or after)
        parts = window.split(listing.items, folder.live_uid, self.settings.history_from)
        added = ledger.add_pending(
            env.cr,
            self.settings.id,
            folder.id,
            listing.cursor.uidvalidity,
            parts.wanted,
        )
        folder = replace(
            folder,
            uidnext=listing.cursor.uidnext,
            outside=uidset.add(folder.outside, parts.outside),
        )
        state.save_cursor(env, folder, None if listing.more else listing.count)
        return folder, added

    def _reconcile(self, folder: FolderState, count: int):
        """The server's number and ours differ: something was expunged, or shows
        again. A complete listing tells what."""

        def known(env):
            return ledger.count_known(env.cr, folder.id, folder.uidvalidity)

        outside = uidset.size(folder.outside)
        if self._transaction(known) + outside == count:
            return
        listing = self.connection.transport.list(
            folder.remote_name, Cursor(folder.uidvalidity, 1), 2**31
        )
        if (
            listing.cursor.uidvalidity != folder.uidvalidity
            or len(listing.items) < listing.count
        ):
            return  # not the whole truth: nothing is concluded from it (I7)
        self._fenced(lambda env: self._save_truth(env, folder, listing))

    def _save_truth(self, env, folder: FolderState, listing):
        keys = [item.key for item in listing.items]
        ledger.reconcile(env.cr, folder.id, folder.uidvalidity, keys)
        kept = uidset.keep(folder.outside, [i.uid for i in listing.items])
        outside = uidset.members(kept)
        fresh = [item for item in listing.items if item.uid not in outside]
        parts = window.split(fresh, folder.live_uid, self.settings.history_from)
        ledger.add_pending(
            env.cr, self.settings.id, folder.id, folder.uidvalidity, parts.wanted
        )
        folder = replace(
            folder,
            outside=uidset.add(kept, parts.outside),
            uidnext=max(folder.uidnext, listing.cursor.uidnext),
        )
        state.save_cursor(env, folder, listing.count)

    # -- fetch, parse, store ----------------------------------------------------

    def _take_pending(self):
        """The next chunk is fetched and parsed while this one is stored."""
        queue = [
            copy
            for copy in self._transaction(
                lambda env: ledger.pending(env.cr, self.lease.mailbox_id, QUEUE)
            )
            if copy.folder_id not in self.absent_folders
        ]
        store = Store(self.registry, self.settings, self.lease, transaction)
        names = {folder.id: folder.remote_name for folder in self.settings.folders}
        try:
            self._store_all(store, queue, names)
        finally:
            store.tell()

    def _store_all(self, store, queue, names):
        position, future = self._submit(queue, 0, names)
        while future:
            try:
                chunk = self._wait_for(future)
            except MailServerError as error:
                if error.code == "folder_gone":
                    return  # renumbered or removed: listed anew next time
                self._suspect(queue, error)
                raise
            position, future = self._submit(queue, position, names)
            self._add(**store.store(chunk))

    def _wait_for(self, future):
        patience = time.monotonic() + CHUNK_SECONDS
        while time.monotonic() < patience:
            try:
                return future.result(HEARTBEAT_SECONDS)
            except FutureTimeout:
                self._fenced(lambda env: None)
        raise MailServerError("timeout", "a chunk was not ready in time", "fetch")

    def _suspect(self, queue, error: MailServerError):
        """One of the mails that were under way may be what broke the connection:
        they are tried one by one from now on."""
        ids = [copy.id for copy in queue if copy.key in error.keys]
        if ids:
            self._fenced(lambda env: ledger.count_attempts(env.cr, ids, str(error)))

    def _submit(self, queue, position, names):
        if position >= len(queue) or time.monotonic() > self.deadline:
            return position, None
        end = fetch.next_chunk(queue, position, self.connection.chunk)
        future = background.start(
            fetch.fetch_chunk,
            self.connection,
            queue[position:end],
            names,
            parsers.get_pool().parse_many,
            self.deadline + SLICE_SECONDS,
        )
        return end, future

    def _finish(self, complete: bool):
        def finish(env):
            pending = ledger.count_pending(env.cr, self.lease.mailbox_id)
            done = self.result
            moved = done.listed + done.stored + done.excluded + done.failed
            # what cannot be fetched now must not keep the lane spinning
            more = not complete or (pending and moved)
            wait = 0 if more else self.settings.interval_seconds
            state.succeeded(env, self.lease.mailbox_id, wait)
            return pending

        self.result = self.result._replace(pending=self._fenced(finish))
