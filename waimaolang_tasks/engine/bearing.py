# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One of many that fails holds up no other (invariant I5)."""

import logging
from collections.abc import Callable

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.waimaolang_mail.engine import discreet

_logger = logging.getLogger(__name__)


def attempt(env, what: Callable[[], object]) -> Exception | None:
    """In a savepoint. What it raised; conflicts with other transactions are raised, the
    whole is tried again."""
    try:
        with env.cr.savepoint():
            what()
            env.flush_all()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except Exception as exc:
        env.invalidate_all()
        return exc
    return None


def bear(env, told: str, what: Callable[[], object]) -> bool:
    """Whether it worked. ``told``: what did not, for the log."""
    exc = attempt(env, what)
    if exc:
        _logger.warning("%s: %s", told, discreet.traced(exc))
    return not exc
