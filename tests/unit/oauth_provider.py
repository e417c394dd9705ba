# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A provider over https that says what a test tells it to, in a thread. It stands for
Google and for Microsoft at once and signs with keys of its own.

``say(path, *replies)``: the next replies at that path, the last one for ever. A reply
is ``(status, headers, body)``, body a dict, text, bytes or an iterator of bytes, or a
function of the request that gives one.
"""

import base64
import contextlib
import hmac
import json
import logging
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flow import endpoints, google, keys, microsoft, msalhttp
from flow.base import App
from flow.errors import OAuthError
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

TENANT = "5f1a3c2e-7b4d-4e6f-8a9b-0c1d2e3f4a5b"
OTHER_TENANT = "0e9d8c7b-6a5f-4e3d-2c1b-0a9f8e7d6c5b"
REDIRECT = "https://erp.example/waimaolang_mail_oauth/callback"
SECRET = "s3cr3t-of-the-app-Q8x"
ACCESS = "access-token-value-1aB2"
REFRESH = "refresh-token-value-3cD4"
ROTATED = "refresh-token-value-5eF6"
CODE = "code-value-7gH8"

# Two, for a forger has one as well. Making one takes half a second.
KEY, FORGED_KEY = (rsa.generate_private_key(65537, 2048) for _key in range(2))


def jwk(key=KEY, kid="k1", **more):
    found = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return found | {"kid": kid, "use": "sig", "alg": "RS256"} | more


def sign(claims, key=KEY, kid="k1", algorithm="RS256", **headers):
    """The claims may be anything, for nobody else checks them."""
    headers = {"kid": kid, **headers}
    if algorithm != "HS256":
        return PyJWS().encode(json.dumps(claims).encode(), key, algorithm, headers)
    # by hand: PyJWT does not take a public key for a secret
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT"} | headers, claims)
    )
    mac = hmac.digest(key.encode(), head + b"." + body, "sha256")
    mac = base64.urlsafe_b64encode(mac).rstrip(b"=")
    return b".".join((head, body, mac)).decode()


@dataclass
class Asked:
    method: str
    path: str
    headers: dict
    form: dict = field(repr=False)


class Provider:
    def __init__(self, port, ca):
        self.ca = ca
        self.base = f"https://localhost:{port}"
        self.asked = []
        self._said = {}
        self.say("/certs", (200, {}, {"keys": [jwk()]}))
        self.say("/token", (200, {}, self.tokens()))

    def say(self, path, *replies):
        self._said[path] = list(replies)

    def reply(self, asked):
        path = "/discovery" if "openid-configuration" in asked.path else asked.path
        self.asked.append(asked)
        replies = self._said.get(path) or [(404, {}, "not here")]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return reply(asked) if callable(reply) else reply

    def forms(self, path="/token"):
        return [asked.form for asked in self.asked if asked.path == path]

    def tokens(self, **more):
        return {
            "access_token": ACCESS,
            "refresh_token": REFRESH,
            "expires_in": 3599,
            "token_type": "Bearer",
            **more,
        }

    def app(self, provider, **more):
        issuer = self.base if provider == "google" else f"{self.base}/{{tid}}/v2.0"
        urls = {
            name: f"{self.base}/{name}"
            for name in ("authorize", "token", "revoke", "certs", "admin_consent")
        }
        if provider == "microsoft":
            urls |= {"authority": f"{self.base}/{{tenant}}", "revoke": ""}
            more = {"tenant": TENANT} | more
            self.discover(issuer.replace("{tid}", TENANT))
        overrides = {provider: urls | {"issuer": issuer}}
        found = endpoints.of(provider, overrides=overrides)
        given = {"client_id": f"id-{provider}", "secret": SECRET, "endpoints": found}
        return App(provider, **given | more)

    def discover(self, issuer, **more):
        document = {
            "issuer": issuer,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            **more,
        }
        self.say("/discovery", (200, {}, document))

    def claims(self, app, begun, **more):
        """What an honest provider puts into the id_token of this sign-in."""
        now = int(time.time())
        asked = dict(parse_qsl(urlsplit(begun.url).query))
        claims = {
            "aud": app.client_id,
            "iat": now,
            "exp": now + 3600,
            "nonce": asked["nonce"],
            "email": "alice@lanyue.example",
            "name": "Alice",
        }
        if app.provider == "google":
            claims |= {"iss": self.base, "sub": "10769150350006150715113082367"}
            claims |= {"azp": app.client_id, "email_verified": True}
        else:
            claims |= {"iss": f"{self.base}/{TENANT}/v2.0", "sub": "pairwise"}
            claims |= {"tid": TENANT, "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474"}
            claims |= {"preferred_username": "alice@lanyue.example"}
        claims |= more
        return {name: value for name, value in claims.items() if value is not None}

    def sign_in(self, app, *, id_token=None, answer=None, **claims):
        """A consent up to the redirect: ``(kept, params)``."""
        begun = google.begin if app.provider == "google" else microsoft.begin
        begun = begun(app, REDIRECT)
        signed = id_token or sign(self.claims(app, begun, **claims))
        said = self.tokens() | {"id_token": signed} | (answer or {})
        self.say("/token", (200, {}, said))
        self.asked.clear()
        return begun.kept, {"code": CODE, "state": begun.state}


@contextlib.contextmanager
def providing(ca, **certificate):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*ca.issue("oauth-provider", **certificate))
    # the handshake belongs to the connection's thread
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.provider = Provider(server.server_address[1], ca)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._do("")

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        self._do(self.rfile.read(size).decode())

    def _do(self, body):
        form = {name: values[0] for name, values in parse_qs(body).items()}
        path = urlsplit(self.path).path
        asked = Asked(self.command, path, dict(self.headers), form)
        status, headers, body = self.server.provider.reply(asked)
        if isinstance(body, dict | list):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        parts = [body] if isinstance(body, bytes) else body
        headers = {"Content-Type": "application/json"} | headers
        if isinstance(body, bytes):
            headers = {"Content-Length": str(len(body))} | headers
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        # the client may have had enough
        with contextlib.suppress(OSError):
            for part in parts:
                self.wfile.write(part)

    def log_message(self, *_args):
        """The test looks at ``asked``."""


@contextlib.contextmanager
def refused(kind, code=None):
    """An OAuthError of that kind, and nothing else, without secrets in it."""
    with pytest.raises(OAuthError) as caught:
        yield caught
    error = caught.value
    assert error.kind == kind, error
    if code is not None:
        assert error.code == code, error
    words = f"{error!r} {error} {error.detail} {error.code}"
    for secret in (SECRET, ACCESS, REFRESH, ROTATED, CODE):
        assert secret not in words
    assert len(error.detail) <= 200 and not set(error.detail) & set("<>\r\n")
    assert error.__suppress_context__ or error.__context__ is None


@contextlib.contextmanager
def all_logs():
    """Every record of every logger at DEBUG, as text, without any redaction."""
    lines = []

    class Keep(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    root, handler = logging.getLogger(), Keep()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def forget():
    """What the process remembers of providers."""
    keys.forget()
    msalhttp.forget()
