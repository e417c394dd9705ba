# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mail server that says what a test tells it to, on loopback, in a thread.

A script is a list of steps::

    "* OK ready"            say this line
    b"* OK ready\\r\\n"      say these bytes as they are
    Expect("LOGIN", "OK")   read a command whose words contain LOGIN and answer with
                            the lines, then with "<tag> <last line>"
    HANG                    wait for the client to give up
    CLOSE                   close the connection
    Drip("* OK")            say this a byte at a time, for ever
    Flood("* 1 EXISTS")     say this line for ever
    Pause(0.5)              say nothing for that long
    Take(120)               read so many bytes; they are kept in ``content``
    Reply("OK done")        read the line end behind them and answer the last command

What the client sent is kept in ``received``. One script serves one connection; a list
of scripts as many, one after the other.
"""

import contextlib
import itertools
import socket
import threading
from dataclasses import dataclass

import pytest
from transport import registry
from transport.base import Credentials, RemoteItem, ServerAddress
from transport.errors import MailServerError

SECRET = 'hun"ter2 geheim'
MEGABYTE = 2**20

HANG = "HANG"
CLOSE = "CLOSE"


@dataclass(frozen=True)
class Drip:
    text: str
    pause: float = 0.02


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Take:
    size: int


@dataclass(frozen=True)
class Reply:
    status: str


@dataclass(frozen=True)
class Flood:
    line: str


class Expect:
    """``lines`` are untagged answers (str, or bytes sent as they are); ``status`` is
    the tagged one, None for none. With ``more`` the client is asked for one line
    more, which must hold that text."""

    def __init__(self, command, *lines, status="OK done", more=None):
        self.command = command
        self.more = more
        self.lines = lines
        self.status = status

    def __repr__(self):
        return f"{self.command}: {self.status}"


def logged_in(*steps, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR"):
    """A script that lets anybody in, then goes on."""
    return [
        f"* OK [CAPABILITY {capabilities}] ready",
        Expect("AUTHENTICATE", status=f"OK [CAPABILITY {capabilities}] welcome"),
        *steps,
    ]


def opened(*steps, exists=3, uidvalidity=7, uidnext=4, **options):
    """... with a folder that was opened."""
    lines = [f"* {exists} EXISTS"]
    if uidvalidity is not None:
        lines.append(f"* OK [UIDVALIDITY {uidvalidity}] ok")
    if uidnext is not None:
        lines.append(f"* OK [UIDNEXT {uidnext}] ok")
    return logged_in(Expect("EXAMINE", *lines), *steps, **options)


class ScriptedServer:
    def __init__(self, *scripts):
        self.received: list[str] = []
        self.content = b""
        self.failure = None
        self._scripts = scripts
        self._connections = []
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._thread.join(5)

    def _serve(self):
        for script in self._scripts:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            try:
                self._play(connection, script)
            except (OSError, EOFError):
                pass
            except AssertionError as exc:
                self.failure = exc
            connection.close()

    def _play(self, connection, script):
        lines = connection.makefile("rb")
        for step in script:
            if step is CLOSE:
                return
            if step is HANG:
                while connection.recv(65536):
                    pass
                return
            if isinstance(step, Expect):
                self._answer(connection, lines, step)
            elif isinstance(step, Pause):
                self._stopped.wait(step.seconds)
            elif isinstance(step, Take):
                self.content += lines.read(step.size)
            elif isinstance(step, Reply):
                end = lines.readline()
                assert end == b"\r\n", f"expected a line end, got {end!r}"
                tag = self.received[-1].split()[0]
                connection.sendall(_bytes(f"{tag} {step.status}"))
            elif isinstance(step, (Flood, Drip)):
                self._pour(connection, step)
            else:
                connection.sendall(_bytes(step))
        while line := lines.readline():  # the rest: LOGOUT
            self.received.append(line.decode("utf-8", "replace").rstrip())
            connection.sendall(b"* BYE bye\r\n" + line.split()[0] + b" OK bye\r\n")

    def _pour(self, connection, step):
        if isinstance(step, Flood):
            while not self._stopped.is_set():
                connection.sendall(_bytes(step.line) * 1000)
            return
        for byte in itertools.cycle(step.text.encode()):
            if self._stopped.wait(step.pause):
                return
            connection.sendall(bytes([byte]))

    def _answer(self, connection, lines, step):
        line = lines.readline()
        if not line:
            raise EOFError
        line = line.decode("utf-8", "replace").rstrip()
        self.received.append(line)
        assert step.command in line, f"expected {step.command}, got {line}"
        if step.more is not None:
            connection.sendall(b"+ go on\r\n")
            more = lines.readline().decode("utf-8", "replace").rstrip()
            self.received.append(more)
            assert step.more in more, f"expected {step.more}, got {more}"
        for answer in step.lines:
            connection.sendall(_bytes(answer))
        if step.status is not None:
            connection.sendall(f"{line.split()[0]} {step.status}\r\n".encode())


def _bytes(step):
    return step if isinstance(step, bytes) else step.encode() + b"\r\n"


# -- the transport before it -----------------------------------------------------


@contextlib.contextmanager
def serving():
    """For the fixture ``serve``: ``serve(script, ...)`` starts a server and returns it
    and a transport."""
    started = []

    def serve(*scripts, **options):
        server = ScriptedServer(*scripts)
        method = options.pop("method", "password")
        secret = options.pop("secret", SECRET)
        address = ServerAddress(
            options.pop("host", "127.0.0.1"),
            server.port,
            options.pop("security", "none"),
            True,
        )
        options = {"read_timeout": 5, **options}
        transport = registry.create(
            "imap", address, Credentials("ann@x.example", secret, method), **options
        )
        started.append((server, transport))
        return server, transport

    yield serve
    for server, transport in started:
        transport.close()
        server.stop()
        assert server.failure is None, server.failure


def refused(call, *args):
    with pytest.raises(MailServerError) as caught:
        result = call(*args)
        list(result if result is not None else ())
    return caught.value


def connected(serve, *scripts, **options):
    server, transport = serve(*scripts, **options)
    transport.connect()
    return server, transport


def item(uid, size=10):
    return RemoteItem(str(uid), uid, size)


def literal(head, body, tail=")"):
    return f"{head} {{{len(body)}}}\r\n".encode() + body + tail.encode() + b"\r\n"


def whole(uid, body, head="UID {0} FLAGS () RFC822.SIZE {1} BODY[]"):
    return literal(f"* {uid} FETCH ({head.format(uid, len(body))}", body)
