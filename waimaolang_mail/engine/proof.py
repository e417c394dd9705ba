# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Proves a binding by doing what it is for: reading, sending, and waiting for what was
sent. No database, and no mailbox either: it works on values.

    incoming -> sending -> arrival

Each stage is a connection of its own and may run in another process than the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ..transport import registry, roundtrip
from ..transport.base import Step
from ..transport.errors import MailServerError
from ..transport.net import Deadline
from ..transport.smtp import SmtpTransport
from . import secrets
from .settings import Attempt

if TYPE_CHECKING:
    from ..transport.base import Credentials, ServerAddress

# What a server may hold a person for, whatever it does (invariant I6). Odoo's own limit
# for a request is 120 s.
INCOMING_SECONDS = 25.0
SENDING_SECONDS = 45.0
ARRIVAL_SECONDS = roundtrip.WAIT_SECONDS + 25.0
ROUND_TRIP_SECONDS = 110.0
ESTIMATE_SECONDS = 12.0

build_test_mail = roundtrip.build


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

    def attempt(self, side: str) -> Attempt:
        address = self.outgoing if side == "outgoing" else self.incoming
        return Attempt.of(side, address, self.credentials)

    def with_secrets(self, database: str, mailbox_id: int) -> Binding:
        """As it is, or with the secret that its source gives. MailServerError."""
        ticket = secrets.issue(database, mailbox_id, self.credentials, self.incoming)
        return replace(self, credentials=ticket.credentials)

    def make_receiver(self):
        return registry.create(
            self.protocol,
            self.incoming,
            self.credentials,
            provider=self.provider,
            needs_id=self.needs_id,
        )

    def make_sender(self):
        return SmtpTransport(self.outgoing, self.credentials, provider=self.provider)


@dataclass
class Finding:
    """What a stage did: ``steps`` as dicts, ``kept`` what a later stage, or whoever
    binds, wants to know; all of it fit for JSON."""

    steps: list[dict] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    error: MailServerError | None = None
    kept: dict = field(default_factory=dict)


def incoming(binding: Binding) -> Finding:
    """``kept["folders"]``: the fields of each RemoteFolder."""
    transport = binding.make_receiver()
    transport.hard_deadline = Deadline(INCOMING_SECONDS)

    def read():
        transport.connect()
        return {"folders": [astuple(folder) for folder in read_folders(transport)]}

    return _run(read, transport, transport.steps)


def read_folders(transport):
    """Lists them, and opens the inbox: NetEase lets everybody list, and refuses to
    open to clients that it does not know."""
    folders = transport.folders()
    inbox = next((f for f in folders if f.role == "inbox" and f.selectable), None)
    if inbox and hasattr(transport, "end"):
        transport.end(inbox.key)
    return folders


def sending(binding: Binding, mail: roundtrip.ProofMail) -> Finding:
    sender = binding.make_sender()
    sender.hard_deadline = Deadline(SENDING_SECONDS)
    timed = roundtrip.TimedStep("send")

    def send():
        sender.connect()
        sender.send(mail.address, [mail.address], mail.raw)

    def work():
        timed.run(send)
        return {"token": mail.token}

    return _run(work, sender, lambda: (timed.step,))


def arrival(binding: Binding, token: str) -> Finding:
    """Waits for the mail with this token; ``kept["arrival"]``: seconds, folder and
    role."""
    watch = roundtrip.Watch(binding.make_receiver, limit=Deadline(ARRIVAL_SECONDS))
    timed = roundtrip.TimedStep("receive")

    def wait():
        watch.start(looks_back=True)
        return watch.wait(token)

    def work():
        return {"arrival": asdict(timed.run(wait))}

    return _run(work, watch, lambda: (timed.step,))


def round_trip(binding: Binding, mail: roundtrip.ProofMail) -> Finding:
    """Sending and arrival in one go."""
    trip = roundtrip.RoundTrip(
        binding.make_receiver,
        binding.make_sender(),
        mail,
        limit=Deadline(ROUND_TRIP_SECONDS),
    )
    return _run(lambda: {"arrival": asdict(trip.run())}, trip, trip.steps)


def estimate(
    binding: Binding, folders: Sequence[str], days: Sequence[int | None]
) -> list[tuple[int, int]]:
    """``(mails, bytes)`` of the folders together for each number of days back, None
    for all. MailServerError when the server does not tell in time."""
    transport = binding.make_receiver()
    transport.hard_deadline = Deadline(ESTIMATE_SECONDS)
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    since = [None if count is None else now - timedelta(days=count) for count in days]
    totals = [(0, 0)] * len(since)
    try:
        transport.connect()
        for folder in folders:
            told = transport.estimate(folder, since)
            totals = [
                (count + one.count, size + one.size)
                for (count, size), one in zip(totals, told, strict=True)
            ]
    finally:
        transport.close()
    return totals


def is_of_sending(finding: Finding) -> bool:
    """Whether it was the outgoing server that refused."""
    return any(x["name"] == "send" and x["state"] == "failed" for x in finding.steps)


def failed(error: MailServerError) -> Finding:
    """A stage that could not begin."""
    return Finding(error=error)


def _run(work: Callable[[], dict], talker, steps: Callable[[], Sequence[Step]]):
    finding = Finding()
    try:
        finding.kept = work()
    except MailServerError as error:
        finding.error = error
    finally:
        talker.close()
    finding.steps = [asdict(step) for step in steps()]
    finding.transcript = talker.transcript()
    return finding
