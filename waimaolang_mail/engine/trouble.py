# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whose fault it is that something could not be stored: the mail's, or our own
server's. For what is ours no mail may become ``failed`` (invariants I1, I5): the disk
is cleared, PostgreSQL comes back, and the mail is fetched again.

Pure: psycopg2's errors are known by their SQLSTATE (PostgreSQL's appendix A).
"""

import os

# No room, no rights, broken: of the filestore or of PostgreSQL's own disk.
STORAGE = "storage"
# PostgreSQL is not there: nothing can be written, not even that it is not.
AWAY = "away"
# Others were in the way again and again.
BUSY = "busy"

_STATES = {
    "25006": STORAGE,  # read_only_sql_transaction: a replica, or for lack of room
    "53300": AWAY,  # too_many_connections
    "40001": BUSY,
    "40P01": BUSY,
    "55P03": BUSY,
}
_CLASSES = {
    "53": STORAGE,  # disk_full, out_of_memory
    "58": STORAGE,  # system_error, io_error
    "08": AWAY,
    "57P": AWAY,  # shut down, starting, recovering
}
# psycopg2's for a connection that broke: they have no SQLSTATE.
_CONNECTION_ERRORS = frozenset({"OperationalError", "InterfaceError"})
LONGEST_CHAIN = 10


class OwnTroubleError(Exception):
    """A batch was left as it was; ``kind`` is STORAGE, AWAY or BUSY."""

    def __init__(self, kind: str, detail: str = ""):
        self.kind = kind
        self.detail = detail
        super().__init__(kind, detail)


def of(exc: BaseException) -> OwnTroubleError | None:
    """What of ours is behind an exception, as its cause or by itself; None: nothing."""
    seen: BaseException | None = exc
    for _number in range(LONGEST_CHAIN):
        if seen is None:
            break
        if isinstance(seen, OwnTroubleError):
            return seen
        kind = _kind(seen)
        if kind:
            return OwnTroubleError(kind, _words(seen))
        seen = seen.__cause__ or seen.__context__
    return None


def _kind(exc: BaseException) -> str:
    if isinstance(exc, (OSError, MemoryError)):
        return STORAGE
    state = getattr(exc, "pgcode", None)
    if state:
        known = _STATES.get(state) or _CLASSES.get(state[:2])
        return known or _CLASSES.get(state[:3], "")
    broken = hasattr(exc, "pgcode") and type(exc).__name__ in _CONNECTION_ERRORS
    return AWAY if broken else ""


def _words(exc: BaseException) -> str:
    """For the administrator: never a path or a value (invariant I8)."""
    if isinstance(exc, OSError) and exc.errno:
        return os.strerror(exc.errno)
    state = getattr(exc, "pgcode", None)
    return f"PostgreSQL: {type(exc).__name__}" if state else type(exc).__name__
