# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The http client that msal is given.

msal would keep answers itself, by parameters and for all of 400, 429 and 5xx: after
an administrator has mended the app or consented, a refusal of a minute ago would be
repeated without asking. Its cache lives as long as one application object, which here
is one operation; what is worth keeping, a tenant's endpoints, is kept here."""

from __future__ import annotations

import json
import threading
import time

from . import answers
from .errors import OAuthError, of_answer

DISCOVERY_SECONDS = 24 * 3600
_MOST_URLS = 64

_lock = threading.Lock()
_documents: dict[str, tuple[float, dict]] = {}  # URL: (fetched, document)


class MsalHttp:
    """``issuer``: what discovery found, empty where it is a pattern."""

    def __init__(self, http, clock=time.monotonic):
        self._http, self._clock = http, clock
        self.issuer = ""

    def get(self, url, params=None, headers=None, **_options):
        document = self._kept(url) or self._discovered(url)
        if "{" not in document["issuer"]:
            self.issuer = document["issuer"]
        return _Response(200, document)

    def post(self, url, params=None, data=None, headers=None, **_options):
        reply = self._http.post(url, data, headers)
        identity = data["grant_type"] != "refresh_token"
        answer = answers.shaped(reply.object(), reply.status, identity=identity)
        return _Response(400 if "error" in answer else 200, answer)

    def close(self):
        """The connections are of who made the Http."""

    def _kept(self, url):
        with _lock:
            fetched, document = _documents.get(url, (None, None))
        if fetched is not None and self._clock() - fetched < DISCOVERY_SECONDS:
            return document
        return None

    def _discovered(self, url):
        reply = self._http.get(url)
        document = reply.object()
        if reply.status != 200:
            # a tenant that is none: AADSTS90002
            raise of_answer(document)
        names = ("issuer", "authorization_endpoint", "token_endpoint")
        document = {name: document.get(name) for name in names}
        if not all(isinstance(value, str) and value for value in document.values()):
            raise OAuthError("transient", "bad_discovery")
        with _lock:
            while len(_documents) >= _MOST_URLS and url not in _documents:
                del _documents[next(iter(_documents))]
            _documents[url] = (self._clock(), document)
        return document


def forget() -> None:
    with _lock:
        _documents.clear()


class _Response:
    def __init__(self, status, answer):
        self.status_code, self.text, self.headers = status, json.dumps(answer), {}

    def raise_for_status(self):
        """Whatever is to be raised was."""
