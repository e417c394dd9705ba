# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of IMAP what sending needs: to find the own mail in a folder, and to put it there
where the provider does not.

APPEND adds a message and changes nothing else (invariant I3); it is sent for the Sent
copy of a mail that the user sent, and for nothing else. Looking reads headers of what
came since a mark: no SEARCH HEADER, which Tencent does not understand.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from . import ownwords
from .base import Cursor
from .errors import MailServerError
from .imapparse import attribute, bytes_of
from .imapwire import folder_argument

if TYPE_CHECKING:
    from .imapwire import Client

HEADER_BYTES = 32 * 1024
# Mails that came meanwhile and are looked at at once.
MAX_NEW = 50
UPLOAD_SECONDS = 30.0
# 50 MB over a line of 1 MBit/s take seven minutes.
LONGEST_UPLOAD = 600.0
ANSWER_SECONDS = 60.0
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_FLAG = re.compile(r"\\?[A-Za-z0-9$_-]{1,60}")
_APPENDUID = re.compile(rb"\[APPENDUID (\d{1,10}) (\d{1,10})\]", re.I)
_LIMIT = re.compile(r"APPENDLIMIT=(\d{1,18})")


@dataclass(frozen=True)
class Appended:
    """Where it is now (RFC 4315); zeros where the server does not tell."""

    uidvalidity: int = 0
    uid: int = 0


@dataclass(frozen=True)
class Recent:
    """``headers``: (uid, header bytes) ascending; ``cursor`` is the mark for the next
    look; ``more``: there are further mails behind it."""

    cursor: Cursor
    headers: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)
    more: bool = False


class SentCopies:
    """Part of ``imap.ImapTransport``. Whoever must not append twice looks at
    ``was_append_begun`` and ``was_append_answered`` after an error: content whose
    answer was lost may be there, and only a look tells."""

    was_append_begun = False
    was_append_answered = False

    def append(
        self,
        folder: str,
        raw: bytes,
        flags: Sequence[str] = ("\\Seen",),
        date: datetime | None = None,
    ) -> Appended:
        """``date``: aware, the INTERNALDATE. Errors: ``folder_gone`` (make it first:
        TRYCREATE), ``mailbox_full``, ``too_large``, and what any command may raise;
        their phase is "append"."""
        self.was_append_begun = self.was_append_answered = False
        client: Client = self._connected("append")
        content = _LINE_ENDS.sub(b"\r\n", raw)
        self._check_limit(client, len(content))
        arguments = _arguments(folder, flags, date)
        try:
            with self._step(
                "append", UPLOAD_SECONDS, patient=True, longest=LONGEST_UPLOAD
            ):
                tag = client.imap.begin_append(arguments, content, self._begun)
        except MailServerError:
            if self.was_append_begun:
                self._drop()  # in the middle of the content
            raise
        with self._step("append", ANSWER_SECONDS, silence=ANSWER_SECONDS):
            text = client.imap.end_append(tag, self._answered)
        match = _APPENDUID.search(text)
        return Appended(int(match[1]), int(match[2])) if match else Appended()

    def _begun(self) -> None:
        self.was_append_begun = True

    def _answered(self) -> None:
        self.was_append_answered = True

    def _check_limit(self, client: Client, size: int) -> None:
        """RFC 7889; a bare APPENDLIMIT tells one by folder and is not asked for."""
        for capability in client.imap.capabilities:
            match = _LIMIT.fullmatch(capability)
            if match and size > int(match[1]):
                told = ownwords.say(ownwords.TOO_LARGE, size=size, limit=match[1])
                raise MailServerError("too_large", told, "append")

    def find_recent(
        self, folder: str, since: Cursor | None = None, limit: int = MAX_NEW
    ) -> Recent:
        """Headers of at most ``limit`` mails that came since the mark; without one, or
        where UIDVALIDITY has changed, of the newest. The folder is opened read-only."""
        end = self.end(folder)
        if since is None or since.uidvalidity != end.uidvalidity:
            start = max(1, end.uidnext - limit)
        else:
            start = max(1, since.uidnext)
        if end.uidnext <= start:
            return Recent(Cursor(end.uidvalidity, start))
        last = min(end.uidnext - 1, start + limit - 1)
        found, doubtful, refused = self.uid_fetch(
            f"{start}:{last}", f"UID BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"
        )
        headers = []
        for uid, values in sorted(found.items()):
            if start <= uid <= last:
                told = bytes_of(attribute(values, b"BODY[HEADER]"))
                headers.append((uid, told or b""))
        # an answer without any mail is believed where the server has gone further
        is_whole = not doubtful and not refused and (found or last + 1 < end.uidnext)
        after = last + 1 if is_whole else start
        more = bool(is_whole) and after < end.uidnext
        return Recent(Cursor(end.uidvalidity, after), tuple(headers), more)


def _arguments(folder: str, flags: Sequence[str], date: datetime | None) -> list[bytes]:
    try:
        arguments = [folder_argument(folder)]
    except ValueError:
        raise MailServerError("folder_gone", ownwords.UNUSABLE_NAME, "append") from None
    if any(not _FLAG.fullmatch(flag) for flag in flags):
        raise ValueError("not a flag")
    arguments.append(f"({' '.join(flags)})".encode())
    if date is not None:
        arguments.append(imaplib.Time2Internaldate(date).encode())
    return arguments
