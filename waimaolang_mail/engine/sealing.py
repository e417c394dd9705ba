# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Secrets at rest: AES-256-GCM, bound to the row that holds them (invariant I9).

The key never enters the database; the context (model, id, field) is
authenticated, so a sealed value copied to another row does not open.
"""

import base64
import hashlib
import hmac
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "1"
NONCE_BYTES = 12  # NIST SP 800-38D section 5.2.1.1


class SealError(Exception):
    """The value does not open with this key in this place."""


def derive_key(secret: str | bytes) -> bytes:
    """32 bytes from whatever the admin configured. The secret is random and
    long, so a plain hash serves; its domain keeps it apart from other uses."""
    if isinstance(secret, str):
        secret = secret.encode()
    return hashlib.sha256(b"waimaolang_mail:key:" + secret).digest()


def fingerprint(key: bytes) -> str:
    """Public: tells that a key is another one, and nothing about it."""
    return hashlib.sha256(b"waimaolang_mail:fingerprint:" + key).hexdigest()[:16]


def digest(key: bytes, *words: str) -> str:
    """Tells equal words from others, to nobody who has not the key (RFC 2104)."""
    text = json.dumps(words)  # no two lists of words are the same text
    own_key = hmac.digest(key, b"waimaolang_mail:digest", "sha256")
    return hmac.new(own_key, text.encode(), "sha256").hexdigest()


def seal(key: bytes, context: str, plain: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), context.encode())
    return f"{VERSION}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(key: bytes, context: str, value: str) -> str:
    version, _, data = value.partition(":")
    if version != VERSION:
        raise SealError("unknown version of a sealed value")
    try:
        blob = base64.b64decode(data, validate=True)
        plain = AESGCM(key).decrypt(
            blob[:NONCE_BYTES], blob[NONCE_BYTES:], context.encode()
        )
    except (InvalidTag, ValueError) as exc:
        raise SealError("a sealed value does not open with this key") from exc
    return plain.decode()
