# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from .engine import queue


def post_init_hook(env):
    """What happened before is history: it makes no tasks (invariant I4)."""
    queue.forget_all(env.cr)


def uninstall_hook(env):
    """What keeps a mail's words from others goes: open tasks of rules are told by the
    rule's name from now on (invariant I8)."""
    telling = [("waimaolang_tells", "=", True)]
    tasks = env["mail.activity"].with_context(active_test=False).search(telling)
    tasks._tell_nothing()
