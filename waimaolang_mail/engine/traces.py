# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""By what a mail is found in the ledger that left nothing else there: keyed digests of
its Message-ID, its sender and its subject, each of the mailbox alone.

Nobody reads them back: not from a copy of the database, whose key lies elsewhere, and
not by comparing two mailboxes. Only the same words, asked for by somebody who may ask,
make the same digest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..mime.brief import read_brief
from ..mime.headers import read_ids
from ..mime.parsed import ParsedMail
from ..mime.threads import thread_subject
from . import sealing

_SPACES = re.compile(r"\s+")
_ADDRESS = re.compile(r"[^\s<>,;\"()]+@[^\s<>,;\"()]+")


@dataclass(frozen=True)
class Traces:
    """Of a mail, or what a person looks for: normalised, "" where there is none."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""


def normalise(message_id: str = "", sender: str = "", subject: str = "") -> Traces:
    """As people paste them: an id with or without <>, "Name <address>", a subject with
    Re: or 回复: before it."""
    return Traces(_id(message_id), _sender(sender), _subject(subject))


def of_mail(mail: ParsedMail) -> Traces:
    people = (*mail.from_, *mail.sender)
    email = next((one.email for one in people if one.email), "")
    return normalise(mail.message_id, email, mail.subject)


def of_bytes(raw: bytes) -> Traces:
    """Of a mail that could not be read: its headers may be whole all the same."""
    try:
        brief = read_brief(raw)
    except Exception:  # any bytes end in the ledger (invariant I5)
        return Traces()
    return normalise(brief.message_id, brief.from_email, brief.subject)


def digests(key: bytes, mailbox_id: int, traces: Traces) -> Traces:
    """Hex digests in place of the words."""

    def digest(name: str) -> str:
        value = getattr(traces, name)
        return (
            sealing.digest(key, "trace", str(mailbox_id), name, value) if value else ""
        )

    return Traces(digest("message_id"), digest("sender"), digest("subject"))


def entry_digest(key: bytes, mailbox_id: int, entry: str) -> str:
    """Of an entry of the never-log list: which of them a mail was left out for."""
    return sealing.digest(key, "entry", str(mailbox_id), entry) if entry else ""


def _id(text: str) -> str:
    """The left side is the sender's own spelling, the right one a domain."""
    text = text.strip().replace("\0", "")[:4000]
    found = read_ids(text.encode("utf-8", "replace")) if text else ()
    local, at, domain = (found[0] if found else "").rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _sender(text: str) -> str:
    found = _ADDRESS.search(text[:1000])
    return (found.group() if found else text.strip()[:1000]).lower()


def _subject(text: str) -> str:
    kept, _is_reply = thread_subject(text[:1000])
    return kept or _SPACES.sub(" ", text[:1000]).strip().casefold()
