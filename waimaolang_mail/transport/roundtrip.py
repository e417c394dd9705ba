# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The proof of a binding: a mail from the mailbox to itself, and the wait for it.

    mark what is there -> send -> look for what is new, until it is there or time is up

Nothing is searched on the server (Tencent's SEARCH HEADER is crippled): the headers of
the few mails that came since the mark are looked through for the mail's token. Which
folder it landed in is told: a first mail that ends in the junk folder is a finding.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from . import ownwords
from .base import RemoteFolder, RemoteItem, Step
from .errors import MailServerError
from .imapsent import HEADER_BYTES, MAX_NEW
from .net import Deadline

TEST_HEADER = "X-Waimaolang-Test"
WAIT_SECONDS = 60.0
POLL_SECONDS = 2.5
# POP3 shows new mail to a new session only, and providers count logins.
LOGIN_POLL_SECONDS = 8.0
# Where mail of one's own may be put. On Gmail "all" holds the sent one as well, and
# shows it before it has arrived: it counts only when nothing else comes.
ROLES = ("inbox", "junk", "all")
# Folders of one role that are looked into: no honest server has more.
FOLDERS_PER_ROLE = 3
ALL_MAIL_SECONDS = 10.0


@dataclass(frozen=True)
class ProofMail:
    address: str
    token: str
    message_id: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class Arrival:
    """``seconds`` after it was sent; ``folder`` is the path for people."""

    seconds: float
    folder: str
    role: str

    @property
    def is_junk(self) -> bool:
        return self.role == "junk"


def build(
    address: str,
    subject: str,
    text: str,
    name: str = "",
    now: datetime | None = None,
) -> ProofMail:
    """From and to the address. ``subject`` and ``text`` in the reader's language;
    ``now`` is aware. No vacation message answers it (RFC 3834)."""
    token = secrets.token_hex(16)
    local, _at, domain = address.rpartition("@")
    message = EmailMessage(policy=SMTP)
    name = " ".join(name.split())
    message["From"] = Address(name, username=local, domain=domain)
    message["To"] = Address("", username=local, domain=domain)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(now or datetime.now(timezone.utc))
    message["Message-ID"] = message_id = f"<{token}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message[TEST_HEADER] = token
    message.set_content(text, cte="base64" if not text.isascii() else None)
    return ProofMail(address, token, message_id, message.as_bytes())


class TimedStep:
    """Work that is one step to people, however many exchanges it takes."""

    def __init__(self, name: str):
        self.step = Step(name)

    def run(self, work: Callable):
        """The work's result; an Arrival names its folder in the step's detail."""
        started = time.monotonic()
        state, detail = "failed", ""
        try:
            result = work()
            state, detail = "ok", getattr(result, "folder", "")
            return result
        except MailServerError as error:
            detail = f"{error.code} {error.detail}".strip()
            raise
        finally:
            spent = int((time.monotonic() - started) * 1000)
            self.step = Step(self.step.name, state, spent, detail)


class RoundTrip:
    """``make_receiver()`` gives an unconnected transport, ``sender`` is an unconnected
    ``smtp.SmtpTransport``. ``steps()`` tells how far it came, whatever happens. All of
    it ends with ``limit``."""

    def __init__(
        self,
        make_receiver: Callable,
        sender,
        mail: ProofMail,
        pause: Callable[[float], None] = time.sleep,
        limit: Deadline | None = None,
    ):
        self._watch = Watch(make_receiver, pause, limit)
        self._sender = sender
        self._sender.hard_deadline = limit
        self._mail = mail
        self._send = TimedStep("send")
        self._receive = TimedStep("receive")

    def run(self, seconds: float = WAIT_SECONDS) -> Arrival:
        """MailServerError: of the receiving side, of sending (phases of
        ``smtp.SmtpTransport``), or ``timeout`` with phase "receive"."""
        try:
            self._watch.start()
            self._send.run(self._send_it)
            return self._receive.run(
                lambda: self._watch.wait(self._mail.token, seconds)
            )
        finally:
            self.close()

    def _send_it(self) -> None:
        self._sender.connect()
        self._sender.send(self._mail.address, [self._mail.address], self._mail.raw)

    def steps(self) -> tuple[Step, ...]:
        return (*self._watch.steps(), self._send.step, self._receive.step)

    def transcript(self) -> list[str]:
        return [*self._watch.transcript(), *self._sender.transcript()]

    def close(self) -> None:
        """Never raises."""
        self._watch.close()
        self._sender.close()


class Watch:
    """Waits for a mail: marks where the folders end, then looks at what is new.

    One connection, but for POP3, where every look is a session of its own. ``limit``
    bounds all of them together."""

    def __init__(
        self,
        make_receiver: Callable,
        pause=time.sleep,
        limit: Deadline | None = None,
    ):
        self._make = make_receiver
        self._pause = pause
        self._limit = limit
        self._transport = None
        self._steps: tuple[Step, ...] = ()
        self._said: list[str] = []
        self._places: list[_Place] = []

    def start(self, looks_back: bool = False) -> None:
        """``looks_back``: the mail was sent before, perhaps by another process; the
        newest ones of each folder are looked at too."""
        transport = self._open()
        self._places = [
            _PLACES.get(transport.protocol, _KeyPlace)(folder)
            for folder in _candidates(transport.folders())
        ]
        for place in self._places:
            place.mark(transport, MAX_NEW if looks_back else 0)
        self._keep_story()
        self._leave()

    def wait(self, token: str, seconds: float = WAIT_SECONDS) -> Arrival:
        started = time.monotonic()
        deadline = Deadline(seconds).cut(self._limit)
        only_in_all = None
        while True:
            found = self._look(token.encode())
            spent = time.monotonic() - started
            if found and found.role != "all":
                return Arrival(spent, found.path, found.role)
            if found and only_in_all is None:
                only_in_all = spent
            if found and spent - only_in_all >= ALL_MAIL_SECONDS:
                return Arrival(spent, found.path, found.role)
            if deadline.left() <= 0:
                break
            self._pause(min(self._interval(), max(deadline.left(), 0.01)))
        places = ", ".join(place.folder.path for place in self._places)
        spent = int(time.monotonic() - started)
        detail = ownwords.say(ownwords.NOT_THERE, seconds=spent, folders=places)
        raise MailServerError("timeout", detail, "receive")

    def _look(self, token: bytes) -> RemoteFolder | None:
        try:
            transport = self._transport or self._open()
            for place in self._places:
                if place.holds(transport, token):
                    return place.folder
        except MailServerError as error:
            # the connection may break and come back, the session may be busy
            self._drop()
            if not error.transient:
                raise
        finally:
            self._leave()
        return None

    def _open(self):
        self._transport = self._make()
        self._transport.hard_deadline = self._limit
        try:
            self._transport.connect()
        except MailServerError:
            self._keep_story()
            self._drop()
            raise
        return self._transport

    def _is_exclusive(self) -> bool:
        return self._transport is not None and self._transport.one_pass

    def _interval(self) -> float:
        return POLL_SECONDS if self._transport else LOGIN_POLL_SECONDS

    def _leave(self) -> None:
        if self._is_exclusive():
            self._drop()

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = None

    def _keep_story(self) -> None:
        with suppress(AttributeError):  # another addon's transport has no steps
            self._steps = self._transport.steps()
        self._said = self._transport.transcript()

    def steps(self) -> tuple[Step, ...]:
        return self._steps

    def transcript(self) -> list[str]:
        return self._said

    def close(self) -> None:
        """Never raises."""
        self._drop()


def _candidates(folders: list[RemoteFolder]) -> list[RemoteFolder]:
    usable = [folder for folder in folders if folder.selectable]
    found = [
        folder
        for role in ROLES
        for folder in [f for f in usable if f.role == role][:FOLDERS_PER_ROLE]
    ]
    return found or usable[:1]


class _Place:
    """A folder and where it ended when the wait began."""

    def __init__(self, folder: RemoteFolder):
        self.folder = folder

    def mark(self, transport, back: int) -> None:
        """Mails up to here are old, but for the last ``back`` of them."""
        raise NotImplementedError

    def holds(self, transport, token: bytes) -> bool:
        raise NotImplementedError


class _ImapPlace(_Place):
    def mark(self, transport, back: int) -> None:
        end = transport.end(self.folder.key)
        self._cursor = replace(end, uidnext=max(1, end.uidnext - back))

    def holds(self, transport, token: bytes) -> bool:
        recent = transport.find_recent(self.folder.key, self._cursor, MAX_NEW)
        if any(token in header for _uid, header in recent.headers):
            return True
        self._cursor = recent.cursor
        return False


class _KeyPlace(_Place):
    """For protocols that know keys and no order."""

    def mark(self, transport, back: int) -> None:
        keys = transport.keys(self.folder.key).keys
        self._known = set(keys[: len(keys) - back])

    def holds(self, transport, token: bytes) -> bool:
        fresh = [
            key
            for key in transport.keys(self.folder.key).keys
            if key not in self._known
        ][-MAX_NEW:]
        if not fresh:
            return False
        items = [RemoteItem(key, 0) for key in fresh]
        for mail in transport.fetch(self.folder.key, items, HEADER_BYTES):
            if token in mail.raw:
                return True
            self._known.add(mail.key)
        return False


_PLACES = {"imap": _ImapPlace}
