# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an administrator types: addresses, proxies, directory IDs. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# http is taken to this very machine alone, by Google and Microsoft alike.
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
# In place of a directory: whoever signs in. (flow.base.SHARED_TENANTS)
SHARED_TENANTS = frozenset(("common", "organizations", "consumers"))
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)


def clean_base(url: str | None) -> str:
    """The address of an Odoo as providers compare it, character by character: scheme,
    host and port. "" for what is none."""
    parts = _split(url)
    if not parts or parts.path.strip("/") or parts.query or parts.fragment:
        return ""
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_safe_base(url: str | None) -> bool:
    """Whether a provider sends people back there: https, or this machine."""
    parts = _split(url)
    if not parts:
        return False
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def is_proxy(url: str | None) -> bool:
    """``http://host:port`` and nothing else: a password in it would be readable."""
    parts = _split(url)
    return (
        bool(parts)
        and parts.scheme == "http"
        and parts.port is not None
        and not (parts.path.strip("/") or parts.query or parts.fragment)
    )


def is_tenant(text: str) -> bool:
    """A directory's ID, its domain, or Microsoft's name for many."""
    return bool(
        text in SHARED_TENANTS or _GUID.fullmatch(text) or _DOMAIN.fullmatch(text)
    )


def is_directory_id(text: str) -> bool:
    return bool(_GUID.fullmatch(text))


def _split(url):
    """Parts of an http or https URL without a login; None otherwise."""
    try:
        parts = urlsplit((url or "").strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    login = parts.username is not None or parts.password is not None
    if parts.scheme not in ("http", "https") or not host or login:
        return None
    return parts if re.fullmatch(r"[\w.:\[\]-]+", parts.netloc) else None
