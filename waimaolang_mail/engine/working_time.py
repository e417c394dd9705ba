# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long one piece of work may take in a process of Odoo."""

from odoo.tools import config

# Odoo ends a worker that takes longer than its limit; what became of a mail that was
# under way would not be known. Cut before, it is tried again.
BEFORE_THE_LIMIT = 20.0
SHORTEST = 10.0


def working_time(seconds: float) -> float:
    """``seconds``, or less where ``limit_time_real`` of the scheduler's workers is."""
    limit = config["limit_time_real_cron"]
    if limit < 0:
        limit = config["limit_time_real"]
    if not limit:
        return seconds
    return min(seconds, max(limit - BEFORE_THE_LIMIT, SHORTEST))
