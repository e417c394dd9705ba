# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Consent at Google. The authorize URL and the exchange of the code are ours, the
refresh is google-auth's.

The id_token is checked by ``checking``, not by google.oauth2.id_token: that one takes
the algorithm from the key, fetches the keys each time, and allows no clock to differ.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import google.auth.exceptions
from google.oauth2.credentials import Credentials

from . import answers, checking, keys
from .base import Account, App, Begun, Tokens
from .errors import OAuthError, of_answer
from .http import Http

# Ends an operation of several requests; nothing is locked meanwhile.
_FINISH_SECONDS = 20.0


def begin(app: App, redirect_uri: str, login_hint: str = "", again: bool = False):
    """The URL to send the person to, and what to keep. No network.

    ``again``: the account is known by ``login_hint``, so it is not asked for.
    """
    _check_app(app)
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    # developers.google.com/identity/protocols/oauth2/web-server: a refresh token comes
    # with access_type=offline, and again only with prompt=consent
    query = {
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(app.endpoints.scopes),
        "access_type": "offline",
        "include_granted_scopes": "false",
        "prompt": "consent" if again and login_hint else "select_account consent",
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if login_hint:
        query["login_hint"] = login_hint
    kept = {
        "provider": app.provider,
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "nonce": nonce,
        "code_verifier": verifier,
    }
    return Begun(f"{app.endpoints.authorize}?{urlencode(query)}", state, kept)


def finish(app: App, kept: Mapping, params: Mapping) -> tuple[Account, Tokens]:
    """Of the parameters of the redirect. Raises OAuthError; nothing is asked of the
    network before the parameters are checked."""
    code = checking.redirected(app, kept, params)
    with Http(app.proxy, _FINISH_SECONDS) as http:
        hide = checking.secrets_of(app, kept, params)
        answer = _exchange(app, http, code, kept, hide)
        id_token = answer.get("id_token", "")
        key = keys.find(http, app.endpoints.certs, checking.key_id(id_token))
    now = time.time()
    claims = checking.signed_claims(id_token, key)
    expected = checking.Expected(nonce=kept["nonce"])
    account = checking.account(app, claims, expected, now)
    return account, answers.sufficient(app, answers.tokens(app, answer, now))


def refresh(app: App, refresh_token: str) -> Tokens:
    """New tokens. Raises OAuthError: "consent_needed" if the grant is dead.

    No check follows the answer that could lose a rotated refresh token.
    """
    _check_app(app)
    hide = [app.secret, refresh_token]
    with Http(app.proxy) as http:
        request = _Request(http, hide)
        credentials = Credentials(
            None,
            refresh_token=refresh_token,
            token_uri=app.endpoints.token,
            client_id=app.client_id,
            client_secret=app.secret,
        )
        try:
            credentials.refresh(request)
        except google.auth.exceptions.GoogleAuthError:
            raise OAuthError("transient", "google_auth") from None
    return answers.tokens(app, request.answer, time.time(), refresh_token)


def revoke(app: App, refresh_token: str) -> bool:
    """Ends the whole grant of this account for this app, not only this token. True
    also if it was dead. Raises OAuthError.

    developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
    """
    if not app.endpoints.revoke:
        return False
    with Http(app.proxy) as http:
        reply = http.post(app.endpoints.revoke, {"token": refresh_token})
    if reply.status == 200:
        return True
    error = of_answer(reply.object(), hide=[app.secret, refresh_token])
    if error.code in ("invalid_token", "invalid_grant"):
        return True
    raise error


def test(app: App, redirect_uri: str) -> None:
    """Whether Google knows the app: a code that is none is refused as such only after
    client id, secret and redirect URI were found right. Raises OAuthError."""
    _check_app(app)
    kept = {"redirect_uri": redirect_uri, "code_verifier": secrets.token_urlsafe(64)}
    try:
        with Http(app.proxy) as http:
            _exchange(app, http, f"4/{secrets.token_urlsafe(32)}", kept, [app.secret])
    except OAuthError as error:
        if error.kind != "consent_needed":
            raise


def admin_consent_url(app: App, redirect_uri: str, state: str) -> str:
    """Google has none: a Workspace's administrator trusts apps in the console."""
    return ""


def _check_app(app):
    if not app.client_id or not app.secret:
        raise OAuthError("app_broken", "not_set_up")


def _exchange(app, http, code, kept, hide):
    reply = http.post(
        app.endpoints.token,
        {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": app.client_id,
            "client_secret": app.secret,
            "redirect_uri": kept["redirect_uri"],
            "code_verifier": kept["code_verifier"],
        },
    )
    return answers.token_answer(reply, hide)


class _Request:
    """What google-auth calls to ask: our Http, an OAuthError for every refusal (its
    own way sleeps and asks again while our row is locked), the answer kept."""

    def __init__(self, http, hide):
        self._http, self._hide = http, hide
        self.answer = {}

    def __call__(self, url, method="GET", body=None, headers=None, **_options):
        reply = self._http.post(url, body, dict(headers or {}))
        self.answer = answers.token_answer(reply, self._hide, identity=False)
        return _Response(json.dumps(self.answer).encode())


class _Response:
    status, headers = 200, {}

    def __init__(self, data):
        self.data = data
