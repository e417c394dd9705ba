# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The keys that providers sign with, kept in this process.

A key that is not known makes us look again, once a minute at most: key identifiers
come with tokens, and nobody may make us hammer a provider with invented ones."""

from __future__ import annotations

import threading
import time

from .errors import OAuthError
from .http import Http

SECONDS = 3600
AGAIN_SECONDS = 60
_MOST_URLS = 32

_lock = threading.Lock()
_kept: dict[str, tuple[float, dict]] = {}  # URL: (fetched, {kid: JWK})


def find(http: Http, url: str, kid: str, clock=time.monotonic) -> dict:
    """The JWK of that identifier. Raises OAuthError: "forged" if there is none, and
    what ``http`` raises."""
    now = clock()
    with _lock:
        fetched, keys = _kept.get(url, (None, {}))
    fresh = fetched is not None and now - fetched < SECONDS
    if fresh and kid in keys:
        return keys[kid]
    if fetched is None or now - fetched >= AGAIN_SECONDS:
        keys = _fetched(http, url)
        with _lock:
            while len(_kept) >= _MOST_URLS and url not in _kept:
                del _kept[next(iter(_kept))]
            _kept[url] = (now, keys)
    if kid not in keys:
        raise OAuthError("forged", "kid")
    return keys[kid]


def _fetched(http, url):
    reply = http.get(url)
    listed = reply.object().get("keys")
    if reply.status != 200 or not isinstance(listed, list):
        raise OAuthError("transient", "bad_keys")
    return {
        key["kid"]: key
        for key in listed
        if isinstance(key, dict) and isinstance(key.get("kid"), str)
    }


def forget() -> None:
    with _lock:
        _kept.clear()
