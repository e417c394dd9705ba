"""HTTP proxies that open tunnels (CONNECT): Debian's tinyproxy, unpacked by
docker/setup.sh, and one of our own that leads where a test wants.
"""

import contextlib
import socket
import threading
from pathlib import Path

from .process import HOME, Process, find_program, free_port, listens

OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Tinyproxy:
    """``lines`` are further lines of its configuration, as ``ConnectPort 993``."""

    def __init__(self, folder, *lines):
        self.folder = Path(folder)
        self.lines = lines
        self.log = self.folder / "tinyproxy.log"
        self.port = None
        self._process = Process([], self.log)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.port = free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "tinyproxy.conf"
        # without a log file it tells its own output
        lines = [f"Port {self.port}", "Listen 127.0.0.1", "LogLevel Connect"]
        config.write_text("".join(f"{line}\n" for line in (*lines, *self.lines)))
        program = find_program("tinyproxy", HOME / "proxy/usr/bin")
        self._process.argv = [program, "-d", "-c", str(config)]
        self._process.start().wait_until(
            lambda: listens(self.port), 20, "tinyproxy to listen"
        )
        return self

    def told(self):
        """Its log."""
        return self.log.read_text(errors="replace")

    def stop(self):
        self._process.stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()


class Relay:
    """Leads the names of ``places``, {"host:port": port here}, to loopback; other
    names do not exist. ``together``: what the server says first, as servers without
    implicit TLS do, comes in one packet with the answer.
    """

    def __init__(self, places, together=False):
        self.places = places
        self.together = together
        self.asked = []
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._run(self._serve)

    def stop(self):
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stop()

    def _run(self, work, *args):
        def quietly():
            with contextlib.suppress(OSError):  # of a connection that ended
                work(*args)

        threading.Thread(target=quietly, daemon=True).start()

    def _serve(self):
        while True:
            client, _peer = self._listener.accept()
            self._sockets.append(client)
            self._run(self._open, client)

    def _open(self, client):
        head = client.makefile("rb")
        target = head.readline().split()[1].decode()
        while head.readline().strip():
            pass
        self.asked.append(target)
        if target not in self.places:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self.places[target]))
        self._sockets.append(server)
        client.sendall(OPEN + (server.recv(65536) if self.together else b""))
        self._run(_pump, client, server)
        _pump(server, client)


def _pump(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)
