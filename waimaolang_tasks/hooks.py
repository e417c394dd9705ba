# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from .engine import queue


def post_init_hook(env):
    """What happened before is history: it makes no tasks (invariant I4)."""
    queue.forget_all(env.cr)


def uninstall_hook(env):
    """Summaries stay as core's, for all who read the record: what they tell of mails
    does not (invariant I8)."""
    tasks = env["mail.activity"].sudo().with_context(active_test=False)
    tasks.search([("waimaolang_tells", "=", True)])._tell_nothing()
