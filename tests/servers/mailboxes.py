"""Filling and reading mailboxes of a server over IMAP, with folder names as people
write them.
"""

import base64
import imaplib
import re
from datetime import datetime, timezone

from .process import ServerError

APPEND_BATCH = 4 << 20  # bytes in one MULTIAPPEND, at least one message


class Mailboxes:
    """Mail operations of a server that has ``host``, ``imaps_port``, ``ca`` and
    ``users()``.
    """

    def imap(self, login):
        """A verified imaplib connection logged in as ``login``; close it with
        ``logout()``.
        """
        connection = imaplib.IMAP4_SSL(
            self.host, self.imaps_port, ssl_context=self.ca.client_context(), timeout=60
        )
        secret = f"\0{login}\0{self.users()[login.lower()]}".encode()
        connection.authenticate(
            "PLAIN", lambda _challenge: secret
        )  # LOGIN of imaplib takes ASCII only
        return connection

    def create_folders(self, login, folders):
        """Create and subscribe folders given by decoded paths ("客户/德国")."""
        connection = self.imap(login)
        for folder in folders:
            name = quoted(folder)
            if folder.upper() != "INBOX":
                answer, data = connection.create(name)
                if answer != "OK" and b"exists" not in data[0].lower():
                    raise ServerError(f"CREATE {folder}: {data}")
            connection.subscribe(name)
        connection.logout()

    def append(self, login, folder, raw, flags=(), internaldate=None):
        """Put one message into a folder, which is created when missing."""
        self.append_many(login, folder, [(raw, flags, internaldate)])

    def append_many(self, login, folder, messages):
        """APPEND ``(raw, flags, internaldate)`` tuples in order, many in a command (RFC
        3502).
        """
        if folder.upper() != "INBOX":
            self.create_folders(login, [folder])
        connection = self.imap(login)
        batch, size = [], 0
        for raw, flags, internaldate in messages:
            raw = re.sub(rb"\r?\n", b"\r\n", raw)
            date = imaplib.Time2Internaldate(internaldate or datetime.now(timezone.utc))
            batch.append(
                f" ({' '.join(flags)}) {date} {{{len(raw)}+}}\r\n".encode() + raw
            )
            size += len(raw)
            if size > APPEND_BATCH:
                _multiappend(connection, folder, batch)
                batch, size = [], 0
        if batch:
            _multiappend(connection, folder, batch)
        connection.logout()

    def messages(self, login, folder="INBOX"):
        """The raw bytes of every message of a folder, in order, without marking them
        read.
        """
        connection = self.imap(login)
        answer, data = connection.select(quoted(folder), readonly=True)
        found = []
        if answer == "OK" and int(data[0]):
            _ok, parts = connection.fetch("1:*", "(BODY.PEEK[])")
            found = [part[1] for part in parts if isinstance(part, tuple)]
        connection.logout()
        return found

    def counts(self, login):
        """{decoded folder path: number of messages}"""
        connection = self.imap(login)
        found = {}
        for line in connection.list()[1]:
            name = re.search(rb' "?/"? (?:"((?:[^"\\]|\\.)*)"|(\S+))$', line)
            encoded = (name.group(1) or name.group(2)).decode()
            if b"\\Noselect" in line.split(b")")[0]:
                continue
            _ok, data = connection.status(f'"{encoded}"', "(MESSAGES)")
            found[from_utf7(encoded)] = int(
                re.search(rb"MESSAGES (\d+)", data[0]).group(1)
            )
        connection.logout()
        return found


def _multiappend(connection, folder, batch):
    tag = "MULTI1"
    connection.send(
        f"{tag} APPEND {quoted(folder)}".encode() + b"".join(batch) + b"\r\n"
    )
    line = connection.readline()
    while line and not line.startswith(tag.encode()):
        line = connection.readline()
    if b" OK" not in line[: len(tag) + 4]:
        raise ServerError(f"APPEND to {folder}: {line!r}")


def quoted(folder):
    """A decoded folder path as an IMAP string: modified UTF-7 (RFC 3501 5.1.3), in
    quotes.
    """
    return '"' + to_utf7(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def to_utf7(text):
    def encode(match):
        if match.group() == "&":
            return "&-"
        data = base64.b64encode(match.group().encode("utf-16-be")).decode()
        return "&" + data.rstrip("=").replace("/", ",") + "-"

    return re.sub(r"&|[^\x20-\x7e]+", encode, text)


def from_utf7(text):
    def decode(match):
        data = match.group(1).replace(",", "/")
        return (
            base64.b64decode(data + "=" * (-len(data) % 4)).decode("utf-16-be")
            if data
            else "&"
        )

    return re.sub(r"&([^-]*)-", decode, text)
