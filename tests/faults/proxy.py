# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A TCP proxy on loopback between a mailbox's lane and its server, which breaks what it
carries, or rewrites it (clear text only).

Each connection takes one fault off the plan; once none is left all goes through.
"""

import contextlib
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass

from servers.process import free_port

KINDS = ("cut", "reset", "stall", "lose")
# close() sends RST instead of FIN (socket(7), SO_LINGER with a time of 0)
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """``after`` so many bytes from the server: "cut" ends the stream there, as a
    truncated answer; "reset" breaks the connection; "stall" delivers nothing more;
    "lose" leaves ``lost`` bytes out and goes on."""

    kind: str
    after: int
    lost: int = 1


class Proxy:
    """``rewrite(line)`` gives the line that the client gets (b"" for none);
    ``commands`` are the lines that clients sent."""

    def __init__(self, target, rewrite=None):
        self.port = free_port()
        self.target = target
        self.rewrite = rewrite
        self.plan = deque()
        self.struck = []
        self.commands = []
        self._sockets = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self):
        """Ends all connections."""
        with self._lock:
            open_ones = list(self._sockets)
        for one in open_ones:
            self._end(one)

    def _serve(self):
        while True:
            try:
                client, _address = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target), 10)
            except ConnectionError:
                client.close()  # the server is down
                continue
            except OSError:
                return
            server.settimeout(None)
            with self._lock:
                self._sockets |= {client, server}
                fault = self.plan.popleft() if self.plan else None
            for run in (self._up, self._down):
                threading.Thread(
                    target=self._carry, args=(run, client, server, fault), daemon=True
                ).start()

    def _carry(self, run, client, server, fault):
        with contextlib.suppress(OSError):
            run(client, server, fault)
        self._end(client)
        self._end(server)

    def _end(self, one):
        with self._lock:
            self._sockets.discard(one)
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()

    def _up(self, client, server, _fault):
        rest = b""
        while data := client.recv(65536):
            *lines, rest = (rest + data).split(b"\n")
            self.commands += [line.rstrip(b"\r") for line in lines]
            server.sendall(data)

    def _down(self, client, server, fault):
        if self.rewrite:
            return self._rewriting(client, server)
        carried = 0
        while data := server.recv(65536):
            if fault and carried + len(data) > fault.after:
                client.sendall(data[: fault.after - carried])
                data = self._strike(
                    client, server, fault, data[fault.after - carried :]
                )
                fault = None
            carried += len(data)
            client.sendall(data)
        return None

    def _strike(self, client, server, fault, rest):
        """What goes on to the client after the fault."""
        self.struck.append(fault)
        if fault.kind == "lose":
            return rest[fault.lost :]
        if fault.kind == "stall":
            while server.recv(65536):
                pass  # until the client gives up, and _up ends the connection
        if fault.kind == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
        raise ConnectionError(fault.kind)

    def _rewriting(self, client, server):
        rest = b""
        while data := server.recv(65536):
            *lines, rest = (rest + data).split(b"\n")
            told = [self.rewrite(line + b"\n") for line in lines]
            client.sendall(b"".join(told))
        client.sendall(rest)
