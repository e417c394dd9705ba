# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a button answers."""


def notice(message, kind, sticky=False):
    """The action that tells a person something and shows the form as it is now;
    ``kind``: "success", "info", "warning" or "danger"."""
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "message": message,
            "type": kind,
            "sticky": sticky,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }
