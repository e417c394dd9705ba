# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Proves a binding by doing what it is for: reading, sending, and waiting for what was
sent. No database, and no mailbox either: it works on values.

    incoming -> folders, marks -> sending -> arrival
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone

from ..transport import registry, roundtrip
from ..transport.base import Credentials, ServerAddress, Step, Transport
from ..transport.errors import MailServerError
from ..transport.net import Deadline
from ..transport.roles import default_synced
from ..transport.smtp import SmtpTransport

INCOMING_SECONDS = 25.0
SENDING_SECONDS = 30.0
ARRIVAL_SECONDS = 60.0
ESTIMATE_SECONDS = 12.0


@dataclass(frozen=True)
class Binding:
    """What a form says of a mailbox; ``outgoing`` None: it only receives."""

    email: str
    protocol: str
    incoming: ServerAddress
    outgoing: ServerAddress | None
    credentials: Credentials = field(repr=False)
    provider: str = ""
    needs_id: bool = False
