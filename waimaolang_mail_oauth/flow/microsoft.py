# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Consent at Microsoft, by msal.

msal speaks the protocol (PKCE, nonce, client assertions) and keeps nothing: its token
cache is replaced by one that forgets, for our store is a locked row, and its cache
writes the code to the debug log. It does not check the id_token: ``checking`` does.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import warnings
from collections.abc import Mapping
from urllib.parse import urlencode

import msal

from . import answers, certificate, checking, keys
from .base import SHARED_TENANTS, Account, App, Begun, Tokens
from .errors import OAuthError, of_answer
from .http import Http
from .msalhttp import MsalHttp

_FINISH_SECONDS = 20.0
_GRAPH = {
    "global": "https://graph.microsoft.com/.default",
    # docs.azure.cn/entra/identity-platform/v2-admin-consent
    "china": "https://microsoftgraph.chinacloudapi.cn/.default",
}
_ADDED_BY_MSAL = ("offline_access", "openid", "profile")
# What may stand for a tenant: a GUID, a domain, one of the shared names.
_TENANT = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")


def begin(app: App, redirect_uri: str, login_hint: str = "", again: bool = False):
    """The URL to send the person to, and what to keep. Asks the network for the
    tenant's endpoints once a day.

    ``again`` changes nothing: prompt=consent would ask those too who may not answer,
    where an administrator has consented for all; Microsoft asks by itself for what
    was not consented yet.
    """
    # msal wants form_post, a POST from elsewhere: browsers send Odoo's session cookie
    # (Lax by default) with a GET alone, and the callback must know whose session it is
    warnings.filterwarnings("ignore", message="response_mode='form_post'")
    with Http(app.proxy) as http:
        client, _http = _client(app, http)
        flow = _asked(
            client.initiate_auth_code_flow,
            list(app.endpoints.scopes),
            redirect_uri=redirect_uri,
            state=secrets.token_urlsafe(32),
            prompt="select_account",
            login_hint=login_hint or None,
            response_mode="query",
        )
    url = flow.pop("auth_uri")
    kept = {"provider": app.provider, "client_id": app.client_id, **flow}
    return Begun(url, flow["state"], kept)


def finish(app: App, kept: Mapping, params: Mapping) -> tuple[Account, Tokens]:
    """Of the parameters of the redirect. Raises OAuthError; nothing is asked of the
    network before the parameters are checked."""
    code = checking.redirected(app, kept, params)
    with Http(app.proxy, _FINISH_SECONDS) as http:
        client, msal_http = _client(app, http)
        answer = _asked(
            client.acquire_token_by_auth_code_flow,
            dict(kept),
            {"state": kept["state"], "code": code},
        )
        if "error" in answer:
            raise of_answer(answer, checking.secrets_of(app, kept, params))
        id_token = answer.get("id_token", "")
        url = app.endpoints.certs.replace("{tenant}", _tenant(app))
        key = keys.find(http, url, checking.key_id(id_token))
    now = time.time()
    claims = checking.signed_claims(id_token, key)
    expected = checking.Expected(
        # msal sends the hash of the nonce it keeps
        nonce=hashlib.sha256(kept["nonce"].encode()).hexdigest(),
        issuer=msal_http.issuer,
    )
    account = checking.account(app, claims, expected, now)
    return account, answers.sufficient(app, answers.tokens(app, answer, now))


def refresh(app: App, refresh_token: str) -> Tokens:
    """New tokens. Raises OAuthError: "consent_needed" if the grant is dead.

    No check follows the answer that could lose a rotated refresh token.
    """
    with Http(app.proxy) as http:
        client, _http = _client(app, http)
        answer = _asked(
            client.acquire_token_by_refresh_token,
            refresh_token,
            list(app.endpoints.scopes),
        )
    if "error" in answer:
        raise of_answer(answer, [app.secret, refresh_token])
    return answers.tokens(app, answer, time.time(), refresh_token)


def revoke(app: App, refresh_token: str) -> bool:
    """False at Microsoft itself, which has no such endpoint: the grant ends when its
    refresh token is forgotten, and people remove the app at myapps.microsoft.com.
    (RFC 7009 where overrides name one.) Raises OAuthError."""
    if not app.endpoints.revoke or certificate.is_pem(app.secret):
        return False
    with Http(app.proxy) as http:
        reply = http.post(
            app.endpoints.revoke.replace("{tenant}", _tenant(app)),
            {
                "token": refresh_token,
                "token_type_hint": "refresh_token",
                "client_id": app.client_id,
                "client_secret": app.secret,
            },
        )
    if reply.status == 200:
        return True
    raise of_answer(reply.object(), hide=[app.secret, refresh_token])


def test(app: App, redirect_uri: str) -> None:
    """Whether Microsoft knows the app and its secret. Raises OAuthError.

    An app may always ask for a token of its own, for one tenant. Where none is named
    (or a provider refuses that way of asking) a code that is none is redeemed, which
    says less: Microsoft may look at the code before it looks at the secret.
    """
    tenant = _tenant(app)
    if tenant in SHARED_TENANTS:
        named = sorted(app.tenants)
        tenant = named[0] if named else ""
    with Http(app.proxy) as http:
        if tenant:
            client, _http = _client(app, http, tenant)
            answer = _asked(client.acquire_token_for_client, [_GRAPH[app.cloud]])
            if "error" not in answer:
                return
            error = of_answer(answer, [app.secret])
            if error.code not in ("unsupported_grant_type", "unauthorized_client"):
                raise error
        client, _http = _client(app, http)
        flow = {
            "state": "test",
            "redirect_uri": redirect_uri,
            "scope": list(app.endpoints.scopes),
            "code_verifier": secrets.token_urlsafe(64),
            "nonce": "test",
        }
        given = {"state": "test", "code": secrets.token_urlsafe(32)}
        answer = _asked(client.acquire_token_by_auth_code_flow, flow, given)
    error = of_answer(answer, [app.secret])
    # 9002313: the code has not even the form of one
    if error.kind != "consent_needed" and error.code != "AADSTS9002313":
        raise error


def admin_consent_url(app: App, redirect_uri: str, state: str) -> str:
    """Where the tenant's administrator consents for everybody: the same scopes as a
    person is asked for, so that nobody is asked again.

    learn.microsoft.com/entra/identity-platform/v2-admin-consent: not "common". Empty
    if the app's tenant cannot be one; raises nothing, for a form shows it.
    """
    try:
        tenant = _tenant(app)
    except OAuthError:
        return ""
    if tenant in SHARED_TENANTS:
        tenant = "organizations"
    query = {
        "client_id": app.client_id,
        "scope": " ".join((*app.endpoints.scopes, *_ADDED_BY_MSAL)),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    url = app.endpoints.admin_consent.replace("{tenant}", tenant)
    return f"{url}?{urlencode(query)}"


class _Forgetting(msal.TokenCache):
    """Keeps nothing, and so tells the log nothing."""

    def add(self, event, now=None):
        """Not kept."""


def _client(app, http, tenant=""):
    """``(msal's application, its way out)``. Raises OAuthError."""
    if not app.client_id or not app.secret:
        raise OAuthError("app_broken", "not_set_up")
    endpoints, tenant = app.endpoints, tenant or _tenant(app)
    if endpoints.oidc_authority:
        where = {"oidc_authority": endpoints.oidc_authority}
    else:
        where = {"authority": endpoints.authority}
    where = {name: url.replace("{tenant}", tenant) for name, url in where.items()}
    msal_http = MsalHttp(http)
    client = _asked(
        msal.ConfidentialClientApplication,
        app.client_id,
        client_credential=certificate.credential(app.secret),
        # the hosts are ours, so no host is to be vouched for by another
        instance_discovery=False,
        # nor may the environment (MSAL_FORCE_REGION) name one
        azure_region=False,
        token_cache=_Forgetting(),
        http_client=msal_http,
        **where,
    )
    return client, msal_http


def _asked(call, *args, **options):
    """msal's answer. Its own exceptions hold what it was given and what it got."""
    try:
        return call(*args, **options)
    except OAuthError:
        raise
    except Exception as error:
        # of all that msal checks only the nonce is left, the state was compared before
        if isinstance(error, RuntimeError):
            raise OAuthError("forged", "nonce") from None
        raise OAuthError("transient", f"msal_{type(error).__name__}") from None


def _tenant(app):
    tenant = (app.tenant or "organizations").strip().lower()
    if not _TENANT.fullmatch(tenant):
        raise OAuthError("app_broken", "tenant")
    return tenant
