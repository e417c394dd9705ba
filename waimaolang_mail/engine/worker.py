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

import contextlib
import logging
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import timedelta
from typing import NamedTuple

import psycopg2

from odoo import fields

from ..transport import ownwords
from ..transport.errors import MailServerError
from . import (
    background,
    clock,
    discreet,
    fetch,
    folders,
    lease,
    ledger,
    loading,
    logins,
    parsers,
    recount,
    slots,
    state,
    trouble,
    unfetched,
    waits,
)
from .fetch import ChunkError
from .lease import Lease, StaleLeaseError
from .line import HEARTBEAT_SECONDS, Line
from .listing import Lister
from .outbox import Outbox
from .pool import Connection
from .rematch import Rematcher, has_marks
from .settings import MailboxSettings
from .store import Store
from .transactions import transaction

_logger = logging.getLogger(__name__)

# A slice aims at this; a step under way is finished (design, section 5).
SLICE_SECONDS = 5.0
# ... but no later than this after its end.
GRACE_SECONDS = 10.0
# Fetching is bounded by the slice, parsing by its own limits for each mail; this
# is for what nobody thought of.
CHUNK_SECONDS = 90.0
# After a fault of our own in the outbox.
BROKEN_WAIT = timedelta(minutes=15)
# A mailbox that was listed to the end gets its pending mail fetched up to here.
QUEUE = 3000
# Of a slice, what listing may take before the mail that is known gets its turn.
LISTING_SHARE = 0.5


class SyncResult(NamedTuple):
    """What a pass did: counts of messages, and an error code or "". ``rematched``:
    known already, by their headers."""

    listed: int = 0
    stored: int = 0
    excluded: int = 0
    failed: int = 0
    pending: int = 0
    sent: int = 0
    error: str = ""
    busy: bool = False
    rematched: int = 0


# -- the door ------------------------------------------------------------------


def sync(
    registry, mailbox_id: int, seconds: float = SLICE_SECONDS, exceeds: bool = True
) -> SyncResult:
    """One pass over one mailbox, due or not, at once where a lane would have to wait;
    ``exceeds``: even for its place at the server."""
    clock.mind(registry)
    claimed = transaction(registry, lambda env: lease.claim(env.cr, mailbox_id))
    if not claimed:
        return SyncResult(busy=True)
    deadline = time.monotonic() + seconds
    work = Pass(registry, claimed, deadline, True, by_hand=True, exceeds=exceeds)
    return work.run()


# -- a pass -------------------------------------------------------------------------


class Pass:
    """One pass over one leased mailbox until ``deadline`` (monotonic clock). ``reads``:
    mail is looked for although the time has not come; ``by_hand`` and ``exceeds``: as
    the Line's."""

    def __init__(
        self,
        registry,
        claimed: Lease,
        deadline: float,
        reads=False,
        by_hand=False,
        exceeds=False,
    ):
        self.registry = registry
        self.lease = claimed
        self.deadline = deadline
        self.reads = reads
        self.result = SyncResult()
        self.folders_changed = False
        self.asked = False  # for its folders, in this pass
        self.chunks = 0
        self.waiting = False  # is there mail to be fetched
        self.has_history = False  # among it
        self.fetching: Future | None = None  # by a thread of its own
        self.began = time.monotonic()
        self.settings: MailboxSettings | None = None
        hard_end = deadline + GRACE_SECONDS
        self.line = Line(self, hard_end, by_hand, exceeds)

    def run(self) -> SyncResult:
        try:
            self._work()
        except MailServerError as error:
            if self.connection:
                logins.keep_transcript(error, self.connection.transport)
            self.line.drop(broke=True)
            self._report(error)
        except slots.NoPlaceError as error:
            self._wait(error.decision)
        except StaleLeaseError:
            self.line.drop()
            _logger.info("mailbox %s is worked on elsewhere", self.lease.mailbox_id)
        except waits.StillWaitingError as error:
            self._postpone(error)
        except Exception as exc:
            self._bear(exc)
        finally:
            self._release()
        return self.result

    def _bear(self, exc: Exception):
        """What broke on our side must not stop the other mailboxes of this lane."""
        own = trouble.of(exc)
        if not own:
            self.line.drop()
            told = discreet.traced(exc)
            _logger.error("pass over mailbox %s broke: %s", self.lease.mailbox_id, told)
            self._report(MailServerError("protocol", ownwords.INTERNAL, phase="pass"))
            return
        _logger.warning(
            "mailbox %s goes on later, nothing is lost: %s, %s",
            self.lease.mailbox_id,
            own.detail,
            discreet.describe(exc),
        )
        self.result = self.result._replace(busy=True)
        self.line.keep_after(self.fetching)
        if own.kind == trouble.STORAGE:
            self._report(MailServerError("storage", own.detail, phase="store"))

    def _release(self):
        """Where PostgreSQL is away, or full, the lease ends by itself."""
        try:
            self.transaction(self.line.give_back)
        except psycopg2.Error as exc:
            told = discreet.describe(exc)
            _logger.warning("lease of %s not given back: %s", self.lease, told)

    def _wait(self, decision: slots.Decision):
        """For a place, or the time of the next login: no failure."""
        self.result = self.result._replace(busy=True)

        def wait(env):
            lease.wait(env.cr, self.lease, decision.seconds)
            until = lease.now(env.cr) + timedelta(seconds=decision.seconds)
            lease.postpone_outbox(env.cr, self.lease.mailbox_id, until, waiting=False)

        with contextlib.suppress(StaleLeaseError):
            self.fenced(wait)

    def _work(self):
        self.settings = self._load()
        outbox = Outbox(self)
        self._send(outbox)
        reads = self.reads or self.settings.sync_due
        if not reads and not outbox.wants_copies():
            return
        pooled = self.line.open()
        if reads:
            try:
                self._read()
            except MailServerError as error:
                if not pooled or error.code != "reset" or self.result.listed:
                    raise
                self.line.renew()
                self._read()
        outbox.place_copies(self.connection)
        self.line.keep()

    @property
    def connection(self) -> Connection | None:
        return self.line.connection

    def _load(self) -> MailboxSettings:
        return self.transaction(
            lambda env: loading.load_reading(env, self.lease.mailbox_id)
        )

    def know_people(self) -> MailboxSettings:
        """The settings with what storing and sending need: most passes do neither."""
        if not self.settings.people_known:
            loaded = self.settings
            self.settings = self.transaction(
                lambda env: loading.with_people(env, loaded)
            )
        return self.settings

    def _send(self, outbox: Outbox):
        """What goes wrong here is no reason not to read."""
        try:
            outbox.run()
        except StaleLeaseError:
            raise
        except Exception as exc:
            told = discreet.traced(exc)
            _logger.error("outbox of mailbox %s broke: %s", self.lease.mailbox_id, told)
            until = fields.Datetime.now() + BROKEN_WAIT
            self.fenced(
                lambda env: lease.postpone_outbox(env.cr, self.lease.mailbox_id, until)
            )
        self.add(sent=outbox.sent)

    def _read(self):
        left = max(0.0, self.deadline - time.monotonic())
        if not self.settings.folders_known:
            self._discover()
        lister = Lister(self, time.monotonic() + left * LISTING_SHARE)
        complete = lister.run()
        self._take_pending(lister.absent)
        self._settle_doubts(lister)
        self._finish(complete, lister)

    def _postpone(self, error: waits.StillWaitingError):
        self.result = self.result._replace(error="login_frequency")
        until = error.until
        try:
            self.fenced(lambda env: self._keep(env, until=until))
        except StaleLeaseError:
            _logger.info("mailbox %s is worked on elsewhere", self.lease.mailbox_id)

    def _settle_doubts(self, lister: Lister):
        """The whole of a large folder is asked for: what does not come in time is no
        failure of the mailbox, whose new mail is fetched."""
        lister.deadline = self.deadline
        try:
            lister.settle()
            # an ordinary pass has no query to spare for it
            if recount.run(self, lister) or self.asked:
                unfetched.run(self)
        except MailServerError as error:
            _logger.info("mailbox %s: not compared, %s", self.lease.mailbox_id, error)
            self.line.drop(broke=True)

    def transaction(self, function):
        return transaction(self.registry, function)

    def fenced(self, function):
        """A transaction that only the lease's holder can commit."""

        def guarded(env):
            lease.hold(env.cr, self.lease)
            return function(env)

        return self.transaction(guarded)

    def patiently(self, function, *args):
        """Its result; it runs in a thread while the lease is kept."""
        return self.line.await_result(background.start(function, *args))

    def _report(self, error: MailServerError):
        """Kept, unless somebody else holds the mailbox by now."""
        self.result = self.result._replace(error=error.code)
        try:
            self.fenced(lambda env: self._keep(env, error=error))
        except StaleLeaseError:
            _logger.info("mailbox %s is worked on elsewhere", self.lease.mailbox_id)
        except psycopg2.Error as exc:
            # the database is away or full: the lease keeps the mailbox out of the way
            told = discreet.describe(exc)
            _logger.warning("mailbox %s: %s untold, %s", self.lease, error.code, told)

    def _keep(self, env, error=None, until=None):
        """Why nothing is fetched before some time; nor are Sent copies looked for."""
        mailbox_id = self.lease.mailbox_id
        if error:
            state.refused(env, mailbox_id, error)
        else:
            state.postponed(env, mailbox_id, until)
        until = env["waimaolang.mailbox"].browse(mailbox_id).next_sync
        # without settings nothing could be sent either
        lease.postpone_outbox(env.cr, mailbox_id, until, self.settings is None)

    def add(self, **counts):
        values = {key: getattr(self.result, key) + n for key, n in counts.items()}
        self.result = self.result._replace(**values)

    # -- list -------------------------------------------------------------------

    def _discover(self):
        self.asked = True
        folders.discover(self)
        self.settings = self._load()

    # -- fetch, parse, store ----------------------------------------------------

    def _take_pending(self, absent):
        """The next chunk is fetched and parsed while this one is stored."""
        queue = self._read_queue(absent)
        self.folders_changed = bool(absent)
        self.waiting = bool(queue)
        self.has_history = any(not copy.live for copy in queue)
        if not queue:
            return
        self.know_people()
        store = Store(self.registry, self.settings, self.lease, transaction)
        names = {folder.id: folder.remote_name for folder in self.settings.folders}
        try:
            if has_marks(queue):
                # nobody waits for new mail because old mail has new numbers
                new = [copy for copy in queue if copy.live and not copy.rematch]
                self._store_all(store, new, names)
                self.folders_changed |= not Rematcher(self, absent).run()
                queue = self._read_queue(absent)
            self._store_all(store, [c for c in queue if not c.rematch], names)
        finally:
            store.tell()

    def _read_queue(self, absent):
        return self.transaction(
            lambda env: ledger.pending(
                env.cr,
                self.lease.mailbox_id,
                QUEUE,
                absent,
                history=not self.settings.history_paused,
            )
        )

    def _store_all(self, store, queue, names):
        taken, future = self._submit(queue, names)
        while future:
            try:
                chunk = self._wait_for(future, taken)
            except ChunkError as failure:
                error = self._blame(failure)
                if error.code == "folder_gone":
                    # renumbered or removed: listed anew next time
                    self.folders_changed = True
                    return
                raise error from failure
            taken, future = self._submit(queue, names)
            self.add(**store.store(chunk))

    def _wait_for(self, future, taken):
        patience = time.monotonic() + CHUNK_SECONDS
        while time.monotonic() < patience:
            try:
                return future.result(HEARTBEAT_SECONDS)
            except FutureTimeout:
                self.fenced(lambda env: None)
        late = MailServerError("timeout", ownwords.LATE, "fetch")
        raise ChunkError(late, [copy.id for copy in taken])

    def _blame(self, failure: ChunkError) -> MailServerError:
        """One of the mails that were under way may be what broke the connection: they
        are tried one by one from now on."""
        error = failure.cause
        if not isinstance(error, MailServerError):
            _logger.error("a fetch broke: %s", discreet.traced(error))
            error = MailServerError("protocol", ownwords.INTERNAL, "fetch")
        ids = list(failure.suspects)
        if ids:
            self.fenced(lambda env: ledger.count_attempts(env.cr, ids, str(error)))
        return error

    def _submit(self, queue, names):
        """Takes the next chunk off the queue: (its copies, its future or None)."""
        # the first chunk is taken however long listing took
        if not queue or (self.chunks and time.monotonic() > self.deadline):
            return (), None
        self.chunks += 1
        end = fetch.next_chunk(queue, 0, self.connection.chunk)
        taken = queue[:end]
        del queue[:end]
        future = background.start(
            fetch.fetch_chunk,
            self.connection,
            taken,
            names,
            parsers.get_pool().parse_many,
            max(self.deadline, time.monotonic()) + SLICE_SECONDS,
            self.settings.history_from,
        )
        self.fetching = future
        return taken, future

    def _finish(self, complete: bool, lister: Lister):
        pause = self.connection.transport.pause if self.connection else 0

        def finish(env):
            pending = 0
            # comparing keys may have found more than was waiting
            if self.waiting or self.result.listed or lister.absent:
                pending = ledger.count_pending(
                    env.cr,
                    self.lease.mailbox_id,
                    history=not self.settings.history_paused,
                )
            if complete and not pending and (self.asked or self.result.listed):
                state.judge_window(env, self.lease.mailbox_id)
            done = self.result
            moved = done.listed + done.stored + done.excluded + done.failed
            moved += done.rematched
            # what cannot be fetched now must not keep the lane spinning
            more = not complete or (pending and moved)
            wait = 0 if more else self.settings.interval_seconds
            wait = max(wait, pause)
            state.succeeded(
                env,
                self.lease.mailbox_id,
                wait,
                lister.resume_at,
                self.folders_changed,
            )
            taken = done.stored + done.excluded + done.failed
            if taken and self.has_history:
                spent = time.monotonic() - self.began
                over = complete and not pending
                state.measure(env, self.lease.mailbox_id, taken, spent, over)
            return pending

        self.result = self.result._replace(pending=self.fenced(finish))
