# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Looks after the connections that this process keeps between passes: says every few
seconds that they are still there, and closes those that another mailbox needs a place
for, that another process took over, or that nobody used for long (slots.py).

One thread, while there is something to keep. It uses short transactions of its own,
and no connection that a pass has taken out.
"""

import logging
import threading

import psycopg2

import odoo.sql_db

from . import discreet, slots
from .pool import connections

_logger = logging.getLogger(__name__)

# Well below slots.KEEP_SECONDS, and what somebody waits who needs a place.
TICK_SECONDS = 2.0

_lock = threading.Lock()
_running = False
_pause = threading.Event()  # never set: a wait that ends with the time alone


def watch() -> None:
    """After a connection was put by."""
    global _running
    with _lock:
        if _running:
            return
        _running = True
    threading.Thread(target=_run, name="waimaolang-keeper", daemon=True).start()


def _run() -> None:
    global _running
    while True:
        _pause.wait(TICK_SECONDS)
        for database in connections.databases():
            try:
                tend(database)
            except psycopg2.Error as exc:
                # away or dropped: what is not renewed is closed when it comes back
                told = discreet.describe(exc)
                _logger.info("connections of %s are not renewed: %s", database, told)
            except Exception:
                _logger.exception("connections of %s are not looked after", database)
        with _lock:
            if not connections.databases():
                _running = False
                return


def tend(database: str) -> None:
    """One look at all that is kept for this database."""
    unused = connections.close_idle(database)
    kept = [*connections.held(database)]
    with odoo.sql_db.db_connect(database).cursor() as cr:
        still = slots.renew(cr, kept)
    given_up = [box for box in kept if box not in still]
    closed = [box for box in given_up if connections.discard((database, box))]
    if unused or closed:
        with odoo.sql_db.db_connect(database).cursor() as cr:
            slots.free(cr, [*unused, *closed])
