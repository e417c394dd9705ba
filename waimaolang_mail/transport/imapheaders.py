# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of IMAP what knowing mails again needs: four fields of their headers."""

from __future__ import annotations

from collections.abc import Sequence

from . import uidset
from .imapparse import bytes_of

FIELDS = "MESSAGE-ID DATE FROM SUBJECT"
# A header of that size is nothing that a mail is known by.
MOST_BYTES = 16 * 1024 * 1024


class HeaderReader:
    """Part of ``imap.ImapTransport``."""

    def headers(
        self, folder: str, keys: Sequence[str], uidvalidity: int = 0
    ) -> dict[str, bytes]:
        """See ``base.Transport``."""
        self._reopen(folder, uidvalidity)
        told: dict[str, bytes] = {}
        for uid_set, uids in uidset.chunks(sorted({int(key) for key in keys})):
            found, _unreadable, _refused = self.uid_fetch(
                uid_set,
                f"UID BODY.PEEK[HEADER.FIELDS ({FIELDS})]",
                MOST_BYTES,
                "headers",
            )
            for uid in uids:
                raw = _fields(found.get(uid, {}))
                if raw:
                    told[str(uid)] = raw
        return told


def _fields(values: dict) -> bytes | None:
    """Servers spell the names as they like, quoted or in another order."""
    for key, value in values.items():
        if bytes(key).upper().startswith(b"BODY[HEADER.FIELDS"):
            return bytes_of(value)
    return None
