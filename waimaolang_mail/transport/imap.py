# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""IMAP for the engine: lists and fetches, and changes nothing.

The only commands sent are CAPABILITY, STARTTLS, LOGIN or AUTHENTICATE, ID, LIST or
XLIST, STATUS, EXAMINE, UNSELECT, UID SEARCH, UID FETCH with BODY.PEEK, NOOP and LOGOUT
(invariant I3), and APPEND for the Sent copy of a mail that was sent (``imapsent.py``).
What a folder holds is ``imaplisting.py``'s matter.
Each has a deadline and a budget of bytes, and every public method raises
MailServerError and nothing else (``session.py``).

What can change behind our back: mails arrive and vanish between any two commands;
UIDVALIDITY changes only when a folder is opened, so it is compared there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from . import imapfetch, ownwords, roles
from .base import FetchedMail, FolderTold, RemoteFolder, RemoteItem
from .errors import Absurd, MailServerError, Refused, decode_text
from .errorwords import UNWELL
from .imapheaders import HeaderReader
from .imaplisting import LISTING_BYTES, SEARCH_BYTES, ImapListing
from .imapparse import parse_fetch, parse_list_line, records, told_of
from .imapsearch import Searches
from .imapsent import SentCopies
from .imapsession import ImapSession
from .imapwire import Client, folder_argument

# Each becomes a row: more than people have, fewer than hold up a server of ours.
MOST_FOLDERS = 5000
_EXCHANGE = re.compile(r"microsoft exchange|office365|outlook", re.I)


class ImapTransport(ImapListing, Searches, SentCopies, HeaderReader, ImapSession):
    """See ``base.Transport``."""

    protocol = "imap"

    def __init__(self, address, credentials, **options):
        self._pace = imapfetch.Pace()
        # by folder, as last listed: outlives a reconnect
        self._validities: dict[str, int] = {}
        super().__init__(address, credentials, **options)

    def _forget_folder(self) -> None:
        self._folder: str | None = None
        self._opened = FolderTold()
        self._forget_listing()

    # -- folders and listings ---------------------------------------------------

    def folders(self) -> list[RemoteFolder]:
        client = self._connected("folders")
        lines = self._list_lines(client)
        exchange = bool(
            _EXCHANGE.search(decode_text(client.greeting) + self.address.host)
        )
        found = {}
        for flags, delimiter, key in lines:
            folder = roles.folder(flags, delimiter, key, exchange=exchange)
            known = found.get(key)
            if known is None or known.role == "other":
                found[key] = folder
        if not found:
            raise MailServerError("protocol", ownwords.NO_FOLDERS, "folders")
        return [*found.values()]

    def _list_lines(self, client: Client) -> list:
        """Special-use flags come with a plain LIST on most servers; RFC 6154 lets
        them wait until asked for, and before there was XLIST."""
        if client.has("SPECIAL-USE") and client.has("LIST-EXTENDED"):
            attempts = [("LIST", b'"" "*" RETURN (SPECIAL-USE)'), ("LIST", b'"" "*"')]
        elif client.has("XLIST") and not client.has("SPECIAL-USE"):
            attempts = [("XLIST", b'"" "*"'), ("LIST", b'"" "*"')]
        else:
            attempts = [("LIST", b'"" "*"')]
        for command, argument in attempts[:-1]:
            try:
                return self._list_command(client, command, argument)
            except MailServerError:
                if self._client is None:
                    raise
        return self._list_command(client, *attempts[-1])

    def _list_command(self, client: Client, command: str, argument: bytes) -> list:
        with self._step("folders", budget=SEARCH_BYTES):
            client.run(command, argument)
            told = records(client.untagged(command))
            if len(told) > MOST_FOLDERS:
                raise Absurd(f"{len(told)} folders")
            lines = [parse_list_line(record) for record in told]
        return [line for line in lines if line and line[2]]

    def _examine(self, folder: str) -> None:
        try:
            self._examine_once(folder)
        except MailServerError as exc:
            if exc.code != "client_id_required" or self._client is None:
                raise
            self._identify()
            self._examine_once(folder)

    def _examine_once(self, folder: str) -> None:
        """Some keep a counter of changes for whoever asks for it, and for nobody else
        (Dovecot); some announce that, and refuse it."""
        client = self._connected("list")
        if client.has("CONDSTORE") and not self._refuses_changes:
            try:
                return self._open_folder(folder, b" (CONDSTORE)")
            except MailServerError as exc:
                if exc.code not in ("protocol", "folder_gone") or not self._client:
                    raise
            self._open_folder(folder)
            self._refuses_changes = True
            return None
        return self._open_folder(folder)

    def _open_folder(self, folder: str, parameters: bytes = b"") -> None:
        client = self._connected("list")
        self._forget_folder()
        try:
            argument = folder_argument(folder)
        except ValueError:
            raise MailServerError(
                "folder_gone", ownwords.UNUSABLE_NAME, "examine"
            ) from None
        with self._step("examine"):
            client.imap.state = "AUTH"
            client.imap.is_readonly = True
            client.run("EXAMINE", argument + parameters)
            client.imap.state = "SELECTED"
            self._opened = told_of(
                client.numbers("UIDVALIDITY"),
                client.numbers("UIDNEXT"),
                client.numbers("EXISTS"),
                client.numbers("HIGHESTMODSEQ"),
            )
        self._folder = folder

    # -- mails ------------------------------------------------------------------

    def fetch(
        self,
        folder: str,
        items: Sequence[RemoteItem],
        max_bytes: int,
        uidvalidity: int = 0,
    ) -> Iterator[FetchedMail]:
        uidvalidity = uidvalidity or self._validities.get(folder, 0)
        self._reopen(folder, uidvalidity)
        fetcher = imapfetch.MailFetcher(
            self.uid_fetch,
            lambda refused: self._classify(refused, "fetch"),
            max_bytes,
            self._pace,
        )
        for mail in fetcher.fetch([item for item in items if item.uid > 0]):
            yield mail
            self._reopen(folder, uidvalidity)  # the caller may have listed another

    def _reopen(self, folder: str, uidvalidity: int) -> None:
        self._connected("fetch")
        if self._folder != folder:
            self._examine(folder)
        if uidvalidity and self._opened.uidvalidity != uidvalidity:
            raise MailServerError("folder_gone", ownwords.RENUMBERED, "fetch")

    def uid_fetch(
        self,
        uid_set: str,
        attributes: str,
        budget: int = 0,
        phase: str = "fetch",
        modifier: str = "",
    ):
        """For this room: ``({uid: attributes}, unreadable, Refused or None)``. What
        came before a NO or BAD counts; throttling and the like raise."""
        client = self._connected(phase)
        refused = None
        with self._step(phase, budget=budget or LISTING_BYTES, patient=True):
            try:
                wanted = f"({attributes}) {modifier}".strip().encode()
                client.run("UID", b"FETCH", uid_set.encode(), wanted)
            except Refused as exc:
                if self._is_serious(exc, phase):
                    raise
                refused = exc
                self._note(f"{phase}: {exc.status} {decode_text(exc.text)}")
            found, unreadable = parse_fetch(client.untagged("FETCH"))
        return found, unreadable, refused

    def _is_serious(self, exc: Refused, phase: str) -> bool:
        """Not the fault of what was asked for."""
        if exc.status == "BYE":
            return True
        # "Internal error" and the like: often one corrupt mail (Dovecot, Exchange)
        if UNWELL.search(decode_text(exc.text[:1000])):
            return False
        return self._classify(exc, phase).code != "protocol"
