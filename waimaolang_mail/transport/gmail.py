# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail over IMAP: what its server tells beyond the standard. Pure functions over what
the parser of answers gives.

Source: developers.google.com/workspace/gmail/imap/imap-extensions. X-GM-MSGID is one
64-bit number for a message in whatever folders it shows; X-GM-LABELS are astrings in
modified UTF-7, system ones with a backslash, without the label of the open folder.
"""

from __future__ import annotations

from .imapparse import key_of
from .roles import decode_name

CAPABILITY = "X-GM-EXT-1"
ATTRIBUTES = "X-GM-MSGID X-GM-LABELS"
# Gmail allows 225 characters; a mail has a handful.
LONGEST = 250
MOST = 100


def message_id(values: dict) -> int:
    """0 where it is not told; as the signed number that a database keeps."""
    told = values.get(b"X-GM-MSGID")
    if not isinstance(told, int) or not 0 < told < 2**64:
        return 0
    return told - 2**64 if told >= 2**63 else told


def labels(values: dict) -> frozenset[str] | None:
    """Decoded, system ones included; None where the server does not tell."""
    told = values.get(b"X-GM-LABELS")
    if not isinstance(told, tuple):
        return None
    names = (_name(label) for label in told[:MOST])
    return frozenset(name for name in names if name)


def _name(label) -> str:
    """The parser takes a bare 2024 for a number, and NIL for nothing."""
    if label is None:
        return "NIL"
    if isinstance(label, int):
        return str(label)
    if not isinstance(label, bytes):
        return ""
    return decode_name(key_of(label)).strip()[:LONGEST]
