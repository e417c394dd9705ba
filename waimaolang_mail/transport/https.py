# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One small file over https, from a place that a stranger may have named.

Only https, only to addresses that ``net.resolve`` lets through, verified, bounded in
bytes and time. At most one redirect, within the same owner's names."""

import http.client
import io
from urllib.parse import urljoin, urlsplit

from .base import ServerAddress
from .domains import clean_host, same_owner
from .errors import Absurd, classify
from .net import Deadline, DeadlineSocketReader, Wire, open_socket, wrap_tls

MOST_BYTES = 256 * 1024
_HEADER_BYTES = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


class NotThere(Exception):
    """The server answered, but not with the file. The text is for the transcript and
    holds nothing of what the server sent but its status."""


def fetch(url: str, deadline: Deadline, *, allow_private=False, lookup=None) -> bytes:
    """The body of a 200. Raises NotThere and MailServerError."""
    options = {"allow_private": allow_private, "lookup": lookup}
    status, body, location = _get(url, deadline, **options)
    if status in _REDIRECTS:
        target = _followed(url, location)
        if target is None:
            raise NotThere(f"{status}, leads elsewhere")
        status, body, _location = _get(target, deadline, **options)
    if status != 200:
        raise NotThere(str(status))
    return body


def _followed(url, location):
    """Where the redirect leads, None where we do not go."""
    try:
        target = urljoin(url, location)
        old, new = urlsplit(url), urlsplit(target)
        port = new.port or 443
    except ValueError:
        return None
    host = clean_host(new.hostname)
    if new.scheme != "https" or new.username is not None or host is None:
        return None
    if not same_owner(old.hostname, host) or port not in (443, old.port):
        return None
    return target


def _get(url, deadline, *, allow_private, lookup):
    """``(status, body, location)``"""
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port or 443
    try:
        place = ServerAddress(host, port, allow_private=allow_private)
        sock = wrap_tls(open_socket(place, deadline, lookup), host, deadline)
        wire = Wire(sock, read_timeout=max(deadline.left(), 0.01))
        try:
            wire.begin(deadline, MOST_BYTES + _HEADER_BYTES)
            return _exchange(wire, parts, host, port)
        finally:
            wire.close()
    except (OSError, EOFError, Absurd, http.client.HTTPException, ValueError) as exc:
        raise classify(exc, "connect", host) from None


def _exchange(wire, parts, host, port):
    connection = http.client.HTTPConnection(host, port)
    connection.sock = _Sock(wire)
    # identity: what is unpacked has no bound
    headers = {
        "Host": host if port == 443 else f"{host}:{port}",
        "Accept": "text/xml, application/xml",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path or "/", headers=headers)
    response = connection.getresponse()
    location = response.headers.get("Location") or ""
    if response.status != 200:
        return response.status, b"", location
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotThere("packed, though that was not asked for")
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise NotThere("larger than any such file")
    return response.status, body, location


class _Sock:
    """What http.client wants of a socket, on a Wire: its deadline, its budget."""

    def __init__(self, wire):
        self._wire = wire

    def sendall(self, data):
        self._wire.send(data)

    def makefile(self, *_args, **_options):
        return io.BufferedReader(DeadlineSocketReader(self._wire))

    def close(self):
        """The wire is closed by who opened it."""
