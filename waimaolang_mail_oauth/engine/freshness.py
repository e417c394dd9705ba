# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long an access token serves. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

# A login that begins must end with the same token, and a pass with the same session.
MARGIN = 300.0
# Of a token that lives for minutes only.
SHARE = 0.25
LAST_SECONDS = 30.0


@dataclass(frozen=True)
class Kept:
    """The tokens of a grant; times are naive UTC."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    issued: datetime
    expires: datetime


def is_fresh(tokens: Kept, now: datetime) -> bool:
    """Whether a login may begin with it."""
    lifetime = (tokens.expires - tokens.issued).total_seconds()
    left = (tokens.expires - now).total_seconds()
    return bool(tokens.access_token) and left > min(MARGIN, SHARE * lifetime)


def session_seconds(tokens: Kept, now: datetime) -> float:
    """How long a session that is opened now is used: servers cut it when its token
    ends, in the middle of whatever it does."""
    return max(0.0, (tokens.expires - now).total_seconds() - LAST_SECONDS)
