# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What one POP3 session tells of the mails that are there: the one folder, their keys
and sizes. Bounded in lines and bytes, since a server may go on and on (invariant I6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from . import ownwords, pop3parse
from .base import RemoteFolder, RemoteItem
from .errors import MailServerError
from .pop3session import Pop3Session
from .pop3wire import too_many

INBOX = "INBOX"
# There is none; this one no IMAP server can have (RFC 3501: 32 bits), for a mailbox may
# be bound by IMAP first and by POP3 later, and its keys mean other mails then.
UIDVALIDITY = 2**32
# Mails in a mailbox: about 400 bytes of memory each, for as long as the session lasts.
MAX_MAILS = 200_000
# A line for each message; a UIDL has 70 characters at most (RFC 1939 section 7).
LISTING_BYTES = MAX_MAILS * 96


@dataclass(frozen=True)
class Maildrop:
    """What this session told. ``count`` is what STAT says."""

    count: int
    keys: dict[int, str]
    sizes: dict[int, int]
    numbers: dict[str, int]

    def item(self, key: str, arrived: datetime | None = None) -> RemoteItem:
        number = self.numbers.get(key, 0)
        return RemoteItem(key, 0, self.sizes.get(number, 0), arrived)


class Pop3Drop(Pop3Session):
    def _forget_folder(self) -> None:
        self._drop_known: Maildrop | None = None

    def folders(self) -> list[RemoteFolder]:
        """The one there is; asks for the list, without which nothing can be read."""
        self._maildrop()
        return [RemoteFolder(INBOX, INBOX, "inbox")]

    def _open(self, folder: str) -> Maildrop:
        if folder != INBOX:
            self._connected("list")
            raise MailServerError("folder_gone", ownwords.INBOX_ONLY, "list")
        return self._maildrop()

    def _maildrop(self) -> Maildrop:
        """Asked for once a session: nothing arrives in it while it lasts.
        MailServerError (protocol) for more than MAX_MAILS."""
        client = self._connected("list")
        if self._drop_known is None:
            with self._step("list"):
                count = client.stat()[0]
            if count > MAX_MAILS:
                raise too_many(MAX_MAILS)
            keys = self._keys(client) if count else {}
            sizes = self._sizes(client) if keys else {}
            numbers = {key: number for number, key in keys.items()}
            self._drop_known = Maildrop(count, keys, sizes, numbers)
        return self._drop_known

    def _keys(self, client) -> dict[int, str]:
        try:
            with self._step("list", budget=LISTING_BYTES, patient=True):
                return pop3parse.keys(client.numbered("UIDL", MAX_MAILS))
        except MailServerError as exc:
            if self._client is None or exc.code != "protocol":
                raise
        raise MailServerError("protocol", ownwords.NO_UIDL, "list", transient=False)

    def _sizes(self, client) -> dict[int, int]:
        with self._step("list", budget=LISTING_BYTES, patient=True):
            return pop3parse.sizes(client.numbered("LIST", MAX_MAILS))
