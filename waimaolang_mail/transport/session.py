# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the connections of all mail protocols have in common.

Every exchange runs in a ``_step``: a deadline, a budget of bytes, a line in the
transcript, and MailServerError for whatever goes wrong. A protocol's session says how
to greet, log in, ask for a sign of life and take leave.
"""

from __future__ import annotations

import base64
import time
from collections import deque
from contextlib import contextmanager
from urllib.parse import quote as url_quote

from . import net, ownwords
from .base import SECURITY_SSL, Credentials, ServerAddress, Step
from .errors import MailServerError, Refused, classify, mask, one_line
from .net import Deadline
from .timeline import Timeline

CONNECT_SECONDS = 15.0
COMMAND_SECONDS = 12.0
LOGOUT_SECONDS = 2.0
ALIVE_SECONDS = 3.0
# A fetch that delivers at least this many bytes a second may take longer.
SLOWEST_RATE = 64 * 1024
LONGEST_FETCH = 60.0
# Answers that carry no list and no mail.
ANSWER_BYTES = 1024 * 1024
TRANSCRIPT_LINES = 60


class Session:
    """``hard_deadline`` (a ``net.Deadline`` or None) bounds all commands together,
    e.g. for a slice. ``provider`` is the provider's code, for servers whose name does
    not tell it; ``needs_id``: the provider wants to know the client. What
    ``lists_whole``, ``one_pass`` and ``pause`` mean: ``base.Transport``."""

    # Of base.STEPS those that this protocol has.
    STEPS = ("dns", "tcp", "tls", "login")
    lists_whole = False
    tells_labels = False
    one_pass = False
    can_search = False
    pause = 0.0

    def __init__(
        self,
        address: ServerAddress,
        credentials: Credentials,
        *,
        read_timeout: float = 10.0,
        provider: str = "",
        needs_id: bool = False,
    ):
        self.address = address
        self.hard_deadline: Deadline | None = None
        self._credentials = credentials
        self._read_timeout = read_timeout
        self._provider = provider
        self._needs_id = needs_id
        self._timeline = Timeline(self.STEPS)
        self._transcript: deque[str] = deque(maxlen=TRANSCRIPT_LINES)
        self._last = ("", 0, 0)  # phase, count, milliseconds of the last line
        self._client = None
        self._wire: net.Wire | None = None
        self._forget_folder()

    def __repr__(self):
        return f"<{type(self).__name__} {self.address.host}:{self.address.port}>"

    # -- what a protocol adds ---------------------------------------------------

    def _begin(self, limit: Deadline) -> None:
        """Hook: greeting, STARTTLS, login and what belongs to it, in steps. Sets
        ``_client``."""
        raise NotImplementedError

    def _ask_alive(self) -> None:
        """Hook: one command without effect, as NOOP."""
        raise NotImplementedError

    def _take_leave(self) -> None:
        """Hook: LOGOUT or QUIT."""
        raise NotImplementedError

    def _forget_folder(self) -> None:
        """Hook: no folder is open any more."""

    # -- life -------------------------------------------------------------------

    def log_in_as(self, credentials: Credentials) -> None:
        """From the next ``connect`` on."""
        self._credentials = credentials

    def connect(self) -> None:
        self.close()
        self._timeline.start()
        limit = Deadline(CONNECT_SECONDS).cut(self.hard_deadline)
        try:
            self._open_wire(limit)
            self._begin(limit)
        except MailServerError:
            self._drop()
            raise

    def _open_wire(self, limit: Deadline) -> None:
        with self._step("dns", limit=limit):
            places = net.resolve(self.address, limit)
        with self._step("connect", limit=limit):
            sock = net.connect(self.address, places, limit)
        if self.address.security == SECURITY_SSL:
            with self._step("tls", limit=limit):
                sock = net.wrap_tls(sock, self.address.host, limit)
        self._wire = net.Wire(sock, read_timeout=self._read_timeout)

    @property
    def is_connected(self) -> bool:
        """As far as is known without asking."""
        return self._client is not None

    def alive(self) -> bool:
        """Whether the connection still answers, within three seconds."""
        if self._client is None:
            return False
        try:
            with self._step("noop", ALIVE_SECONDS):
                self._ask_alive()
        except MailServerError:
            self._drop()
        return self._client is not None

    def close(self) -> None:
        if self._client is not None:
            try:
                with self._step("logout", LOGOUT_SECONDS):
                    self._take_leave()
            except MailServerError:
                pass
        self._drop()

    def transcript(self) -> list[str]:
        return [*self._transcript]

    def steps(self) -> tuple[Step, ...]:
        return self._timeline.steps()

    # -- one command ------------------------------------------------------------

    @contextmanager
    def _step(
        self,
        phase,
        seconds=None,
        *,
        limit=None,
        budget=None,
        patient=False,
        longest=LONGEST_FETCH,
        silence=None,
    ):
        """One exchange with the server: deadline, budget, errors, transcript. Any
        failure but a tagged NO or BAD ends the connection, since nobody knows where
        in the dialogue it is. ``silence``: how long the server may say nothing, where
        that is longer than for a common command."""
        seconds = COMMAND_SECONDS if seconds is None else seconds
        rate, longest = (SLOWEST_RATE, longest) if patient else (None, None)
        deadline = Deadline(seconds, rate=rate, longest=longest)
        deadline.cut(limit).cut(self.hard_deadline)
        if self._wire is not None:
            self._wire.begin(deadline, budget or ANSWER_BYTES, silence)
        started = time.monotonic()
        try:
            yield
        except Exception as exc:
            error = self._classify(exc, phase)
            if not isinstance(exc, Refused) or exc.status == "BYE":
                self._drop()
            self._note_step(phase, f"{error.code} {error.detail}", started, error)
            # from None: the chain would hold what the server echoed
            raise error from None
        except BaseException:
            self._drop()  # a worker's time limit, in the middle of an answer
            raise
        self._note_step(phase, "ok", started)

    def _classify(self, exc: Exception, phase: str) -> MailServerError:
        return classify(
            exc,
            phase,
            f"{self.address.host} {self._provider}",
            method=self._credentials.method,
            secrets=self._secrets(),
        )

    def _secrets(self) -> list[str]:
        login, secret = self._credentials.login, self._credentials.secret
        pair = f"\0{login}\0{secret}".encode()
        forms = [secret.encode(), pair]
        quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
        encoded = [base64.b64encode(form).decode().rstrip("=") for form in forms]
        return [secret, quoted, secret.encode().hex(), url_quote(secret), *encoded]

    def _note_step(self, phase, outcome, started, error=None) -> None:
        spent = int((time.monotonic() - started) * 1000)
        self._timeline.note(phase, spent, error)
        count = 1
        if outcome == "ok" and self._last[0] == phase:
            # a thousand fetches are one line
            self._transcript.pop()
            count, spent = self._last[1] + 1, self._last[2] + spent
        times = f"{count} times, " if count > 1 else ""
        self._note(f"{phase}: {outcome} ({times}{spent} ms)")
        self._last = (phase, count, spent) if outcome == "ok" else ("", 0, 0)

    def _note(self, line: str) -> None:
        self._last = ("", 0, 0)
        self._transcript.append(one_line(mask(line, self._secrets())))

    def _connected(self, phase: str):
        if self._client is None:
            raise MailServerError("reset", ownwords.NOT_CONNECTED, phase)
        return self._client

    def _drop(self) -> None:
        """Forget the connection without a word."""
        if self._wire is not None:
            self._wire.close()
        self._wire = self._client = None
        self._forget_folder()
