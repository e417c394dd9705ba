# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A client's certificate, as Microsoft's apps may have one in place of a secret."""

from __future__ import annotations

import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from .errors import OAuthError

_KEY = re.compile(
    r"-----BEGIN (?P<kind>(?:RSA )?PRIVATE KEY)-----.+?-----END (?P=kind)-----", re.S
)
_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.S
)


def is_pem(secret: str) -> bool:
    return "-----BEGIN" in secret


def credential(secret: str) -> str | dict:
    """What msal takes: the secret, or of a PEM text the key and its certificate, whose
    thumbprint msal computes. Raises OAuthError, "app_broken"."""
    if not is_pem(secret):
        return secret
    key, found = _KEY.search(secret), _CERTIFICATE.findall(secret)
    if not key:
        raise OAuthError("app_broken", "certificate_without_key")
    if not found:
        raise OAuthError("app_broken", "key_without_certificate")
    try:
        private = load_pem_private_key(key.group().encode(), None)
        # a chain may follow in any order: the one that belongs to the key
        mine = [pem for pem in found if _belongs(private, pem)]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise OAuthError("app_broken", "bad_certificate") from None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise OAuthError("app_broken", "certificate_not_rsa")
    if not mine:
        raise OAuthError("app_broken", "certificate_of_other_key")
    return {"private_key": key.group(), "public_certificate": mine[0]}


def _belongs(private, pem):
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return certificate.public_key() == private.public_key()
