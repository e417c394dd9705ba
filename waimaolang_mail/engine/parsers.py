# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The process's own parser workers, started when first needed."""

import os
import threading

from ..mime.parsed import ParsedMail
from ..mime.pool import NoWorkersError, ParserPool

# More than two leave the writer and PostgreSQL without a core on small hosts.
MOST_WORKERS = 2

_lock = threading.Lock()
_pool: ParserPool | None = None


def get_pool() -> ParserPool:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ParserPool(min(MOST_WORKERS, os.cpu_count() or 1))
        return _pool


def parse_if_possible(raw: bytes) -> ParsedMail | None:
    """A mail of our own, which is sent all the same where no parser can read it."""
    try:
        return get_pool().parse_many([raw])[0].mail
    except NoWorkersError:
        return None
