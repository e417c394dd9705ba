# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Work of the engine on the database: short, committed, in a cursor of its own."""

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

TRANSACTION_TRIES = 3


def transaction(registry, function, tries=TRANSACTION_TRIES):
    """Runs ``function(env)`` in a cursor of its own, anew when PostgreSQL says
    that a concurrent transaction was in the way."""
    for attempt in range(1, tries + 1):
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                result = function(env)
                env.flush_all()
            return result
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            if attempt == tries:
                raise
        except psycopg2.errors.UniqueViolation:
            # another lane stored the same mail between our look and our insert
            if attempt == tries:
                raise
    raise AssertionError("unreachable")
