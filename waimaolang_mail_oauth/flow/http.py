# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The only way out of this room: https to the provider, bounded in time and bytes, no
redirect followed, nothing of the environment (proxies, CA bundles, netrc) obeyed but
SSL_CERT_FILE. Whatever goes wrong is an OAuthError of kind "transient"."""

from __future__ import annotations

import datetime
import email.utils
import functools
import http.client
import json
import os
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from .endpoints import may_be_asked
from .errors import OAuthError

# For all requests of one operation. A refresh holds the lock of its token row
# meanwhile, and who waits for that gives up after 15 s.
SECONDS = 10.0
# For one address to connect: half of a dead IPv6 must leave time for IPv4.
_CONNECT_SECONDS = 4.0
_SILENCE_SECONDS = 6.0
MOST_BYTES = 256 * 1024  # the largest real answer, Microsoft's keys, is of 20 kB
_CHUNK = 16 * 1024
MOST_RETRY_AFTER = 3600


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)

    def object(self) -> dict:
        """The JSON object that it is; else OAuthError, "transient"."""
        try:
            answer = json.loads(self.body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise OAuthError("transient", f"http_{self.status}_no_json")
        return answer


class Http:
    """One operation's requests. Use it as a context manager."""

    def __init__(self, proxy: str = "", seconds: float = SECONDS):
        self._end = time.monotonic() + seconds
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers = {"User-Agent": "waimaolang"}
        if proxy:
            self._session.proxies = {"http": proxy, "https": proxy}
        self._session.mount("https://", _VerifyingAdapter())

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._session.close()

    def get(self, url: str) -> Reply:
        return self._ask("GET", url, None, {})

    def post(self, url: str, data: object, headers: dict | None = None) -> Reply:
        return self._ask("POST", url, data, headers or {})

    def _ask(self, method, url, data, headers):
        if not may_be_asked(url):
            raise OAuthError("transient", "not_https", f"not https: {_host(url)}")
        left = self._left()
        # what is packed has no bound
        headers = {
            "Accept": "application/json",
            **headers,
            "Accept-Encoding": "identity",
        }
        try:
            with self._session.request(
                method,
                url,
                data=data,
                headers=headers,
                timeout=(min(_CONNECT_SECONDS, left), min(_SILENCE_SECONDS, left)),
                allow_redirects=False,
                stream=True,
            ) as response:
                reply = self._read(response)
        except _FAILURES as error:
            # its text may hold the URL, the proxy with its password, bytes sent
            raise OAuthError("transient", _name(error), _host(url)) from None
        return _wanted(reply)

    def _left(self):
        left = self._end - time.monotonic()
        if left <= 0:
            raise OAuthError("transient", "timeout")
        return left

    def _read(self, response):
        headers = {name.lower(): value for name, value in response.headers.items()}
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise OAuthError("transient", "packed")
        raw = response.raw
        # one recv a call, or a server that drips would hold us for hours; urllib3 has
        # read1 since 2.1
        read = getattr(raw, "read1", None) or raw._fp.read1
        body = b""
        while chunk := read(_CHUNK):
            body += chunk
            if len(body) > MOST_BYTES:
                raise OAuthError("transient", "too_large")
            self._left()
        return Reply(response.status_code, headers, body)


_FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    # a host that IDNA refuses, a header with a line break
    ValueError,
)


def _name(error):
    for kind, name in (
        (requests.exceptions.ProxyError, "proxy"),
        (requests.exceptions.InvalidProxyURL, "proxy"),
        (requests.exceptions.InvalidSchema, "proxy"),
        (requests.exceptions.SSLError, "tls"),
        (ssl.SSLError, "tls"),
        (requests.exceptions.Timeout, "timeout"),
        (urllib3.exceptions.TimeoutError, "timeout"),
        (TimeoutError, "timeout"),
    ):
        if isinstance(error, kind):
            return name
    return "unreachable"


def _host(url):
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _wanted(reply):
    """The reply if it is the provider's word on what was asked: 2xx or 4xx."""
    if reply.status == 408 or reply.status == 429 or reply.status >= 500:
        raise OAuthError(
            "transient",
            f"http_{reply.status}",
            retry_after=retry_after(reply.headers.get("retry-after")),
        )
    if reply.status == 407:
        raise OAuthError("transient", "proxy")
    if not (200 <= reply.status < 300 or 400 <= reply.status):
        raise OAuthError("transient", f"http_{reply.status}")
    return reply


def retry_after(value: str | None, now: datetime.datetime | None = None) -> int | None:
    """Seconds, of a number or a date, at most an hour; None where it says nothing."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return min(int(value.strip()[:9]), MOST_RETRY_AFTER)
    try:
        when = email.utils.parsedate_to_datetime(value)
        if when.tzinfo is None:
            when = when.replace(tzinfo=datetime.timezone.utc)
        now = now or datetime.datetime.now(datetime.timezone.utc)
        seconds = int((when - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0), MOST_RETRY_AFTER)


@functools.lru_cache(maxsize=4)
def _context(_authorities):
    """Reading the system's authorities takes 20 to 50 ms, more than a refresh else."""
    return ssl.create_default_context()


class _VerifyingAdapter(HTTPAdapter):
    """TLS as the rest of the addons have it: the system's authorities. requests would
    load those of certifi beside them, or instead."""

    def __init__(self):
        self._context = _context(os.environ.get("SSL_CERT_FILE"))
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args, **options):
        return super().init_poolmanager(*args, ssl_context=self._context, **options)

    def proxy_manager_for(self, proxy, **options):
        options.setdefault("ssl_context", self._context)
        return super().proxy_manager_for(proxy, **options)

    def cert_verify(self, conn, url, verify, cert):
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None

    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        """Of requests since 2.32.3, which may put a context of its own in. (Those from
        2.32.0 to 2.32.2 take certifi's authorities alone.)"""
        host, pool = super().build_connection_pool_key_attributes(request, True, cert)
        pool["cert_reqs"] = "CERT_REQUIRED"
        pool.pop("ca_certs", None)
        pool.pop("ca_cert_dir", None)
        pool["ssl_context"] = self._context
        return host, pool
