# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""At log level debug Odoo writes down each call of a client with its arguments: for
mailboxes that would be authorization codes (invariant I9), for the question where a
mail is its sender and subject (I8)."""

import logging

RPC_LOGGER = "odoo.service.model"
DISCREET_MODELS = frozenset(
    (
        "waimaolang.mailbox",
        "waimaolang.bind.wizard",
        "waimaolang.reconnect.wizard",
        "waimaolang.missing.wizard",
    )
)


class WithoutArguments(logging.Filter):
    def filter(self, record):
        args = record.args if isinstance(record.args, tuple) else ()
        if args and getattr(args[0], "_name", "") in DISCREET_MODELS:
            record.args = (*args[:2], "...")
        return True


def install():
    """Once, however often the addon is loaded."""
    logger = logging.getLogger(RPC_LOGGER)
    if not any(type(known).__name__ == "WithoutArguments" for known in logger.filters):
        logger.addFilter(WithoutArguments())


install()
