# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from .engine import queue


def post_init_hook(env):
    """What happened before is history: it makes no tasks (invariant I4)."""
    queue.forget_all(env.cr)
