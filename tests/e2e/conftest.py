# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import socket
import threading

import pytest


@pytest.fixture
def outlet(box, smtp):
    """What the rep's mailbox is bound with: IMAP and SMTP."""
    smtp.add_user(box.email, box.password)
    return box.values(
        outgoing_host=smtp.host,
        outgoing_port=smtp.tls_port,
        outgoing_security="ssl",
    )


@pytest.fixture
def scripted():
    """Servers that do not behave: ``scripted(kind)`` starts one, gives its port."""
    servers = []

    def start(kind):
        server = SlowSubmission() if kind == "slow submission" else BadServer(kind)
        servers.append(server)
        return server.port

    yield start
    for server in servers:
        server.stop()


class BadServer:
    """Accepts and hangs, tells its greeting byte by byte, talks garbage, or talks IMAP
    without encryption."""

    ANSWERS = {
        "hangs": b"",
        "trickles": b"* OK " + b"IMAP4rev1 " * 60,
        "garbage": b"\x00\x17SSH-2.0 nothing you know\r\n" * 5,
        "clear text": b"* OK IMAP4rev1 ready\r\n",
    }

    def __init__(self, kind):
        self.answer = self.ANSWERS[kind]
        self.step = 1 if kind == "trickles" else len(self.answer)
        self.clients = []
        self.stopped = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            self.clients.append(client)
            threading.Thread(target=self._say, args=(client,), daemon=True).start()

    def _say(self, client):
        with contextlib.suppress(OSError):
            self._talk(client)

    def _talk(self, client):
        for start in range(0, len(self.answer), max(1, self.step)):
            client.sendall(self.answer[start : start + self.step])
            if self.step == 1 and self.stopped.wait(1):
                return

    def stop(self):
        self.stopped.set()
        for client in (*self.clients, self.socket):
            client.close()


class SlowSubmission(BadServer):
    """SMTP behind a slow line: the first 20 seconds of a mail are a trickle."""

    ANSWERS = {"slow submission": b""}

    def __init__(self):
        super().__init__("slow submission")

    def _talk(self, client):
        # else the kernel takes it all at once
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(b"220 ready\r\n")
        lines = client.makefile("rb")
        for line in lines:
            verb = line[:4].upper()
            if verb == b"EHLO":
                client.sendall(b"250-hello\r\n250 AUTH PLAIN\r\n")
            elif verb == b"AUTH":
                client.sendall(b"235 welcome\r\n")
            elif verb == b"DATA":
                client.sendall(b"354 go on\r\n")
                self._take(lines)
                client.sendall(b"250 taken\r\n")
            else:
                client.sendall(b"250 ok\r\n")

    def _take(self, lines):
        for number, line in enumerate(lines):
            if line == b".\r\n":
                return
            if number % 80 == 0 and number < 80 * 80:
                self.stopped.wait(0.25)
