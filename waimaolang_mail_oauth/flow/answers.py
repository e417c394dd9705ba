# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a token endpoint answered: its shape, its tokens, the rights granted. The answer
is hostile until its shape is checked, before any library sees it."""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Collection, Mapping

from .base import App, Tokens
from .errors import OAuthError, of_answer
from .http import Reply

_logger = logging.getLogger(__name__)

# An access token that says to live longer is refreshed nevertheless (Microsoft's live
# up to 28 h), one that says nothing gets what every provider gives.
MOST_SECONDS = 24 * 3600
USUAL_SECONDS = 3600
# What identifies and allows nothing else.
IDENTITY_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})

# No space, no control character: it goes into headers and into SASL.
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_TEXTS = (
    *("access_token", "refresh_token", "id_token", "scope", "token_type"),
    *("error", "error_description", "suberror"),
)
# Google grants "email" by its long name; Exchange Online is known by two hosts.
_SCOPE_NAMES = (
    ("https://www.googleapis.com/auth/userinfo.", ""),
    ("https://outlook.office365.com/", "https://outlook.office.com/"),
)


def token_answer(
    reply: Reply, hide: Collection[str] = (), *, identity: bool = True
) -> dict:
    """A shaped answer that is no error. Raises OAuthError."""
    answer = shaped(reply.object(), reply.status, identity=identity)
    if "access_token" not in answer:
        raise of_answer(answer, hide)
    return answer


def shaped(answer: dict, status: int = 200, *, identity: bool = True) -> dict:
    """A token endpoint's answer whose fields have the types that libraries count on:
    tokens, or an error and no tokens. ``expires_in`` is a number of seconds. Raises
    OAuthError, "transient", if it is neither. ``identity=False``: nobody looks at the
    id_token, so a strange one is no reason to lose the other tokens."""
    if not identity:
        answer.pop("id_token", None)
    for name in _TEXTS:
        if answer.get(name) is None:
            answer.pop(name, None)
        elif not isinstance(answer[name], str):
            raise OAuthError("transient", f"bad_{name}")
    if answer.get("error"):
        kept = ("error", "error_description", "error_codes", "suberror")
        return {name: answer[name] for name in kept if name in answer}
    if status != 200:
        raise OAuthError("transient", f"http_{status}")
    for name in ("access_token", "refresh_token", "id_token"):
        if name in answer and not _TOKEN.fullmatch(answer[name]):
            raise OAuthError("transient", f"bad_{name}")
    if "access_token" not in answer:
        raise OAuthError("transient", "no_access_token")
    if not _JWT.fullmatch(answer.get("id_token", "e.e.e")):
        raise OAuthError("transient", "bad_id_token")
    if answer.get("token_type", "bearer").lower() != "bearer":
        raise OAuthError("transient", "bad_token_type")
    answer["expires_in"] = _seconds(answer.get("expires_in"))
    # of no use to us, and msal takes their types for granted
    for name in ("client_info", "refresh_in", "id_token_claims"):
        answer.pop(name, None)
    return answer


def _seconds(value):
    if value is None:
        return USUAL_SECONDS
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not value > 0  # nor NaN
    ):
        raise OAuthError("transient", "bad_expires_in")
    return int(min(value, MOST_SECONDS))


def tokens(app: App, answer: Mapping, now: float, refresh_token: str = "") -> Tokens:
    """Of a shaped answer. ``now``: seconds since the epoch."""
    expires = datetime.datetime.fromtimestamp(
        now + answer["expires_in"], datetime.timezone.utc
    ).replace(tzinfo=None, microsecond=0)
    return Tokens(
        access_token=answer["access_token"],
        expires=expires,
        refresh_token=answer.get("refresh_token") or refresh_token,
        scopes=granted(app, answer),
    )


def granted(app: App, answer: Mapping) -> frozenset[str]:
    """What the answer says was granted; RFC 6749 5.1: nothing said is all of it."""
    if not answer.get("scope", "").split():
        return frozenset(app.endpoints.scopes)
    return frozenset(answer["scope"].split())


def missing(app: App, scopes: frozenset[str]) -> list[str]:
    """Which of the scopes that mail needs were not granted."""
    have = {_plain(scope) for scope in scopes}
    return [
        scope
        for scope in app.endpoints.scopes
        if scope not in IDENTITY_SCOPES and _plain(scope) not in have
    ]


def sufficient(app: App, tokens: Tokens) -> Tokens:
    """The tokens, if mail can be read and sent with them, unattended. Raises
    OAuthError: "scope_missing" naming what lacks, "consent_needed"."""
    lacking = missing(app, tokens.scopes)
    if lacking:
        raise OAuthError("scope_missing", detail=" ".join(lacking))
    if not tokens.refresh_token:
        raise OAuthError("consent_needed", "no_refresh_token")
    more = beyond(app, tokens.scopes)
    if more:
        _logger.info("%s granted more than asked: %s", app.provider, " ".join(more))
    return tokens


def beyond(app: App, scopes: frozenset[str]) -> list[str]:
    """What was granted and not asked. It is kept and told, not refused: Microsoft
    names all that the tenant ever consented to for the same resource, so refusing
    would lock out who once granted more, and takes nothing from who did."""
    asked = {_plain(scope) for scope in app.endpoints.scopes}
    return sorted(
        scope
        for scope in scopes
        if _plain(scope) not in asked and _plain(scope) not in IDENTITY_SCOPES
    )


def _plain(scope):
    for long, short in _SCOPE_NAMES:
        if scope.lower().startswith(long):
            scope = short + scope[len(long) :]
    return scope.lower().rstrip("/")
