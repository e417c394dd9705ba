# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whose mail it is: pure. Of the mailbox that its header names. The one that had it
first may have had it as a Bcc: its owner would get the task, and who else reads the
mail would learn of the Bcc (invariant I8)."""

from __future__ import annotations

import re
from collections.abc import Mapping

ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")


def choose(
    addresses: Mapping[str, int],
    known: int,
    direction: str,
    email_from: str | None,
    email_to: str | None,
    email_cc: str | None,
) -> int:
    """A mailbox. ``addresses``: {address in lower case: mailbox} of the mail's company;
    ``known``: through which it came or left, which counts where it is named, and where
    none is: mailing lists and forwarded mail name nobody."""
    headers = (email_from,) if direction == "out" else (email_to, email_cc)
    named = [
        addresses[address]
        for header in headers
        for address in ADDRESS.findall((header or "").lower())
        if address in addresses
    ]
    return known if known in named or not named else named[0]
