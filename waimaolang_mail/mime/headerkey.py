# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A short key of what four header fields say, by which a mail is known again under
other numbers before it is downloaded. Nothing is decoded: servers hand on the bytes as
they are, but fold and space them as they like.

The sender chooses all four, so the key alone proves nothing: ``engine/rematch.py`` says
what has to agree besides.
"""

import hashlib
import re

FIELDS = (b"message-id", b"date", b"from", b"subject")
# More than servers let through; what comes behind is no header of ours.
MOST_BYTES = 256 * 1024
_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"^(%s)[ \t]*:(.*(?:\n[ \t].*)*)" % b"|".join(FIELDS), re.I | re.M)


def header_key(raw: bytes) -> str:
    """SHA-256 in hex; ``raw`` is a whole mail, its header, or these fields of it. ""
    where it has neither Message-ID nor Date: too little to know a mail by."""
    raw = raw[:MOST_BYTES]
    end = _END.search(raw)
    found: dict[bytes, list[bytes]] = {name: [] for name in FIELDS}
    for name, value in _FIELD.findall(raw[: end.start()] if end else raw):
        found[name.lower()].append(b" ".join(value.split()))
    if not any(found[b"message-id"]) and not any(found[b"date"]):
        return ""
    digest = hashlib.sha256()
    for name in FIELDS:
        # neither byte can stand in a value without its white space
        digest.update(b"\n".join(found[name]) + b"\n\n")
    return digest.hexdigest()


def date_field(raw: bytes) -> str:
    """The first Date of a header as it stands there, "" where there is none."""
    for name, value in _FIELD.findall(raw[:MOST_BYTES]):
        if name.lower() == b"date":
            return b" ".join(value.split()).decode("ascii", "replace")
    return ""
