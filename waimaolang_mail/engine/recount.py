# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The daily proof that nothing is missing: all keys of a folder, as its server tells
them, against the ledger, one by one.

    remote = stored + excluded + failed + pending + unlisted + unaccounted

``unlisted`` are those that listing has not reached yet; ``unaccounted`` should be none:
they become pending at once (invariant I1). What the ledger has and the server does not
is ``vanished``: listing decides about it (invariant I7). One folder a pass, oldest
proof first, in what time the pass has left.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from . import folderlog, lease, ledger, uidset
from .reasons import Reason, because

if TYPE_CHECKING:
    from ..transport.base import FolderKeys
    from .settings import FolderState

RECOUNT_EVERY = timedelta(hours=24)
# Of a clock that stepped back: a proof of later than this has not been made yet.
TOLERANCE = timedelta(minutes=5)
KEEP_DAYS = 30

COMPLETE = "complete"
UNACCOUNTED = "unaccounted"
VANISHED = "vanished"
BOTH = "both"
INCOMPLETE = "incomplete"
RENUMBERED = "renumbered"
VERDICTS = (
    (COMPLETE, "It adds up"),
    (UNACCOUNTED, "Mails that were not known"),
    (VANISHED, "Mails that are no longer there"),
    (BOTH, "Mails that were not known, others no longer there"),
    (INCOMPLETE, "The server did not tell all"),
    (RENUMBERED, "The server numbered its mails anew"),
)


@dataclass(frozen=True)
class Known:
    """What is known of a folder besides its rows: ``outside`` are UIDs before the
    window, ``uidnext`` is where the next listing starts, below ``backfill_uid`` nothing
    is listed yet (0: all is)."""

    uidvalidity: int
    uidnext: int
    outside: Collection[int]
    backfill_uid: int = 0


@dataclass(frozen=True)
class Proof:
    """A folder's figures at one moment; ``verdict`` is one of ``VERDICTS``."""

    verdict: str
    remote: int
    stored: int = 0
    excluded: int = 0
    failed: int = 0
    pending: int = 0
    unlisted: int = 0
    unaccounted: int = 0
    vanished: int = 0


def choose(
    folders: Sequence[FolderState], now: datetime, without: Collection[int] = ()
) -> FolderState | None:
    """The folder whose proof is oldest, if it is older than a day. One that was never
    listed has nothing to prove; one of ``without`` cannot be opened now."""

    def is_due(folder: FolderState) -> bool:
        at = folder.recounted_at
        return not at or at < now - RECOUNT_EVERY or at > now + TOLERANCE

    due = [f for f in folders if f.uidvalidity and is_due(f) and f.id not in without]
    return min(due, key=lambda f: (f.recounted_at or datetime.min, f.id), default=None)


def judge(
    told: FolderKeys, known: Known, unknown: Sequence[str], states: dict[str, int]
) -> Proof:
    """``unknown``: those of the keys that have no row; ``states``: how many of the
    others are in which state, and of the rows that the server does not show
    ``vanished``."""
    if told.uidvalidity != known.uidvalidity:
        return Proof(RENUMBERED, told.count)
    if len(told.keys) < told.count:
        return Proof(INCOMPLETE, told.count)
    outside = unlisted = unaccounted = 0
    for key in unknown:
        uid = int(key) if key.isdigit() else 0
        if uid and uid in known.outside:
            outside += 1
        elif uid and told.uidnext and _is_unlisted(uid, known):
            unlisted += 1
        else:
            unaccounted += 1
    vanished = states.get("vanished", 0)
    verdicts = {
        (False, False): COMPLETE,
        (True, False): UNACCOUNTED,
        (False, True): VANISHED,
        (True, True): BOTH,
    }
    return Proof(
        verdicts[unaccounted > 0, vanished > 0],
        remote=len(told.keys),
        stored=states.get("stored", 0),
        excluded=states.get("excluded", 0) + outside,
        failed=states.get("failed", 0),
        pending=states.get("pending", 0),
        unlisted=unlisted,
        unaccounted=unaccounted,
        vanished=vanished,
    )


def explain(verdict: str, remote: int, unaccounted: int, vanished: int) -> Reason:
    """Why it adds up or not, of a proof's figures."""
    if verdict == UNACCOUNTED:
        return because("unaccounted", count=unaccounted)
    if verdict == VANISHED:
        return because("vanished", count=vanished)
    if verdict == BOTH:
        return because("unaccounted_and_vanished", new=unaccounted, lost=vanished)
    if verdict == INCOMPLETE:
        return because("listed_short", count=remote)
    if verdict == RENUMBERED:
        return because("renumbered")
    return because("complete")


def _is_unlisted(uid: int, known: Known) -> bool:
    return uid >= known.uidnext or uid < known.backfill_uid


# -- in a pass ----------------------------------------------------------------------


def run(work, lister) -> bool:
    """Proves one folder that is due; whether there was one. ``work`` is the pass,
    ``lister`` has listed: what differs is its to settle."""
    if time.monotonic() > work.deadline:
        return False
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    folder = choose(work.settings.folders, now, lister.absent)
    if not folder:
        return False
    told = work.patiently(work.connection.transport.keys, folder.remote_name)
    proof = work.fenced(lambda env: _prove(env, work.settings.id, folder, told))
    if proof.unaccounted or proof.vanished:
        lister.settle_recount(folder.id, told)
    return True


def _prove(env, mailbox_id: int, folder: FolderState, told: FolderKeys) -> Proof:
    """Compares and writes down, in one snapshot."""
    cr = env.cr
    row = env["waimaolang.mailbox.folder"].browse(folder.id)
    known = Known(
        row.uidvalidity,
        row.uidnext,
        uidset.members(row.outside),
        row.backfill_uid,
    )
    unknown = ledger.unknown_keys(cr, folder.id, told.uidvalidity, told.keys)
    states = count_states(cr, folder.id, told.uidvalidity, told.keys)
    proof = judge(told, known, unknown, states)
    row.recounted_at = lease.now(cr)
    if proof.verdict not in (INCOMPLETE, RENUMBERED):
        row.remote_count = proof.remote  # a figure that was wrong is so no longer
    env["waimaolang.coverage"]._keep(row, proof)
    differs = proof.verdict != COMPLETE
    folderlog.note(
        cr,
        folder.id,
        mailbox_id,
        "recount_differs" if differs else "recount",
        proof.unaccounted + proof.vanished if differs else proof.remote,
        explain(proof.verdict, proof.remote, proof.unaccounted, proof.vanished),
    )
    return proof


def count_states(
    cr, folder_id: int, uidvalidity: int, keys: Sequence[str]
) -> dict[str, int]:
    """{state: rows whose keys the server shows}, and ``vanished``: the others."""
    cr.execute(
        """
        SELECT CASE WHEN told.key IS NULL THEN 'vanished' ELSE copy.state END, count(*)
          FROM waimaolang_mailbox_copy copy
          LEFT JOIN unnest(%s::text[]) AS told(key) ON told.key = copy.remote_key
         WHERE copy.folder_id = %s AND copy.uidvalidity = %s AND copy.state != 'gone'
         GROUP BY 1
        """,
        (list(keys), folder_id, uidvalidity),
    )
    return dict(cr.fetchall())
