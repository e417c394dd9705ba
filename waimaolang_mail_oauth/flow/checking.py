# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is believed of a redirect and of an id_token, and what not. The clock is passed
in; the keys come from ``keys``."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from .base import CONSUMER_TENANT, SHARED_TENANTS, Account, App
from .errors import OAuthError, of_answer

# Of our clock and theirs together; servers without a time service are common.
LEEWAY_SECONDS = 120
_CODE = re.compile(r"[\x21-\x7e]{1,8192}")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def redirected(app: App, kept: Mapping, params: Mapping) -> str:
    """The code of the redirect, after all that can be checked without the network.

    Raises OAuthError: "forged", or what the provider's error means.
    """
    state, expected = _text(params, "state"), _text(kept, "state")
    if not expected or not _same(state, expected):
        raise OAuthError("forged", "state")
    if kept.get("provider") != app.provider or kept.get("client_id") != app.client_id:
        raise OAuthError("forged", "provider")
    issuer = params.get("iss")  # RFC 9207
    if issuer is not None:
        tid = tid_of(app, issuer)
        if tid is None:
            raise OAuthError("forged", "iss")
        if tid:
            check_tenant(app, tid)
    if params.get("error"):
        raise of_answer(params, hide=secrets_of(app, kept, params))
    code = _text(params, "code")
    if not _CODE.fullmatch(code):
        raise OAuthError("forged", "code")
    return code


def secrets_of(app: App, *holders: Mapping) -> list[str]:
    """What must not come back in the words of an error, if the provider repeats it."""
    values = [app.secret]
    for holder in holders:
        values += [
            holder[name]
            for name in ("state", "nonce", "code", "code_verifier", "refresh_token")
            if isinstance(holder.get(name), str)
        ]
    return [value for value in values if value]


def tid_of(app: App, issuer: object) -> str | None:
    """The tenant in an issuer ("" where this provider's holds none); None if it is
    not an issuer of these endpoints."""
    before, mark, after = app.endpoints.issuer.partition("{tid}")
    if not isinstance(issuer, str):
        return None
    if not mark:
        # "accounts.google.com" is Google's older form
        same = issuer == before or f"https://{issuer}" == before
        return "" if same else None
    if not issuer.startswith(before) or not issuer.endswith(after):
        return None
    tid = issuer[len(before) : len(issuer) - len(after)]
    return tid.lower() if _GUID.fullmatch(tid) else None


@dataclass(frozen=True)
class Expected:
    nonce: str
    # where discovery named a tenant's own issuer
    issuer: str = ""


def key_id(id_token: str) -> str:
    """Which key is said to have signed. Raises OAuthError unless it is RS256."""
    try:
        header = jwt.get_unverified_header(id_token)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise OAuthError("forged", "id_token") from None
    # none and the symmetric ones would let the holder of public data sign
    if header.get("alg") != "RS256":
        raise OAuthError("forged", "alg")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise OAuthError("forged", "kid")
    return kid


def signed_claims(id_token: str, key: Mapping) -> dict:
    """The claims, if ``key``, a JWK, is what signed them."""
    if key.get("kty") != "RSA" or key.get("use", "sig") != "sig":
        raise OAuthError("forged", "key")
    try:
        public = jwt.PyJWK.from_dict(dict(key), algorithm="RS256").key
        claims = jwt.decode(
            id_token,
            public,
            algorithms=["RS256"],
            # by ``account``, with our clock
            options={
                f"verify_{name}": False
                for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise OAuthError("forged", "signature") from None
    # Microsoft says whose tokens a key may sign: learn.microsoft.com/entra/
    # identity-platform/access-tokens#validate-the-issuer
    issuer, tid = key.get("issuer"), claims.get("tid")
    if isinstance(issuer, str) and isinstance(tid, str):
        if issuer.replace("{tenantid}", tid) != claims.get("iss"):
            raise OAuthError("forged", "key")
    return claims


def account(app: App, claims: Mapping, expected: Expected, now: float) -> Account:
    """Who signed in, of claims whose signature holds.

    Raises OAuthError: "forged", "other_tenant".
    """
    tid = tid_of(app, claims.get("iss"))
    if tid is None or (expected.issuer and claims["iss"] != expected.issuer):
        raise OAuthError("forged", "iss")
    _check_audience(app, claims)
    if not expected.nonce or not _same(_text(claims, "nonce"), expected.nonce):
        raise OAuthError("forged", "nonce")
    _check_time(claims, now)
    said = _text(claims, "tid").lower()
    if tid and said != tid:
        raise OAuthError("forged", "tid")
    if app.provider == "google":
        return _google(claims)
    check_tenant(app, said)
    subject = _text(claims, "oid") or ("" if tid else _text(claims, "sub"))
    if not subject:
        raise OAuthError("forged", "oid")
    name = _text(claims, "preferred_username")
    return Account(
        subject=subject,
        tenant=said,
        email=name if "@" in name else _text(claims, "email"),
        name=_text(claims, "name"),
    )


def _google(claims):
    if not _text(claims, "sub"):
        raise OAuthError("forged", "sub")
    verified = claims.get("email_verified")
    if verified is not True and verified != "true":
        raise OAuthError("forged", "email_verified")
    return Account(
        subject=_text(claims, "sub"),
        tenant="",
        email=_text(claims, "email"),
        name=_text(claims, "name"),
    )


def _check_audience(app, claims):
    audience = claims.get("aud")
    if isinstance(audience, list):
        # OpenID Connect Core 3.1.3.7: others in it are not trusted
        audience = audience[0] if len(audience) == 1 else None
    for name, value in (("aud", audience), ("azp", claims.get("azp", audience))):
        # a GUID at Microsoft, which administrators paste in capitals too
        fold = str.lower if app.provider == "microsoft" else str
        if not isinstance(value, str) or fold(value) != fold(app.client_id):
            raise OAuthError("forged", name)


def _check_time(claims, now):
    times = {name: claims.get(name) for name in ("exp", "iat", "nbf")}
    for name, value in times.items():
        if value is None and name == "nbf":
            times[name] = 0
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise OAuthError("forged", name)
    if not now - LEEWAY_SECONDS < times["exp"]:
        raise OAuthError("forged", "exp")
    if not max(times["iat"], times["nbf"]) <= now + LEEWAY_SECONDS:
        raise OAuthError("forged", "iat")


def check_tenant(app: App, tid: str) -> None:
    """Raises OAuthError, "other_tenant", unless accounts of this tenant may bind."""
    tenant = (app.tenant or "organizations").lower()
    allowed = {allowed.lower() for allowed in app.tenants}
    if not tid and "{tid}" not in app.endpoints.issuer:
        return  # a provider without tenants, which only overrides can name
    if tid == CONSUMER_TENANT:
        may = tenant in ("common", "consumers", CONSUMER_TENANT)
    elif tenant == "consumers":
        may = False
    else:
        # a tenant named by its domain: the issuer that discovery found was compared
        may = tenant in SHARED_TENANTS or not _GUID.fullmatch(tenant) or tid == tenant
    if tenant in ("common", "organizations") and allowed:
        may = may and tid in allowed
    if not may:
        raise OAuthError("other_tenant", "tid")


def _same(given, expected):
    given, expected = (
        text.encode("utf-8", "backslashreplace") for text in (given, expected)
    )
    return hmac.compare_digest(given, expected)


def _text(values, name):
    value = values.get(name)
    return value if isinstance(value, str) else ""
