# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mail of ours, ready to leave: its bytes and who gets it. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Letter:
    """``recipients`` are the envelope's addresses; the lists are for people to read."""

    subject: str
    email_from: str
    email_to: str
    email_cc: str
    email_bcc: str
    recipients: list[str]
    message_id: str
    ref: str
    raw: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.raw)

    @property
    def encoded(self) -> bytes:
        """As a Binary field takes it."""
        return base64.b64encode(self.raw)
