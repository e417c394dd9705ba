# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the providers are. Nothing of this comes from a user or from the database: a
file named by the operator of the server may replace single values (tests against
emulators do)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from .base import Endpoints, Server

# accounts.google.com/.well-known/openid-configuration; the scope is the only one that
# IMAP and SMTP take: developers.google.com/workspace/gmail/imap/xoauth2-protocol.
# Hosts: the same page and support.google.com/a/answer/9003945.
_GOOGLE = Endpoints(
    provider="google",
    authorize="https://accounts.google.com/o/oauth2/v2/auth",
    token="https://oauth2.googleapis.com/token",
    revoke="https://oauth2.googleapis.com/revoke",
    certs="https://www.googleapis.com/oauth2/v3/certs",
    issuer="https://accounts.google.com",
    authority="",
    oidc_authority="",
    admin_consent="",
    imap=Server("imap.gmail.com", 993, "ssl"),
    smtp=Server("smtp.gmail.com", 465, "ssl"),
    scopes=("openid", "email", "https://mail.google.com/"),
)


def _microsoft(login, resource, imap, smtp):
    """Paths: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and
    v2-admin-consent. There is no revocation endpoint (RFC 7009) in any cloud."""
    return Endpoints(
        provider="microsoft",
        authorize=f"{login}/{{tenant}}/oauth2/v2.0/authorize",
        token=f"{login}/{{tenant}}/oauth2/v2.0/token",
        revoke="",
        certs=f"{login}/{{tenant}}/discovery/v2.0/keys",
        issuer=f"{login}/{{tid}}/v2.0",
        authority=f"{login}/{{tenant}}",
        oidc_authority="",
        admin_consent=f"{login}/{{tenant}}/v2.0/adminconsent",
        imap=Server(imap, 993, "ssl"),
        smtp=Server(smtp, 587, "starttls"),
        scopes=(f"{resource}/IMAP.AccessAsUser.All", f"{resource}/SMTP.Send"),
    )


_MICROSOFT = {
    # Scopes and hosts: learn.microsoft.com/exchange/client-developer/legacy-protocols/
    # how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
    "global": _microsoft(
        "https://login.microsoftonline.com",
        "https://outlook.office.com",
        "outlook.office365.com",
        "smtp.office365.com",
    ),
    # 21Vianet. Login: docs.azure.cn/entra/identity-platform/
    # authentication-national-cloud; the issuer is of that host too, as msal-common-js
    # has it for the old name (login.chinacloudapi.cn). Mail hosts: github.com/
    # mguessan/davmail/issues/341, and simonrob/email-oauth2-proxy/issues/255 for a
    # session at partner.outlook.cn:993. Scopes: no page of Microsoft names them; what
    # others ask for in this cloud (EmailEngine, scripts with Get-MsalToken).
    "china": _microsoft(
        "https://login.partner.microsoftonline.cn",
        "https://partner.outlook.cn",
        "partner.outlook.cn",
        "smtp.partner.outlook.cn",
    ),
}
_URLS = (
    *("authorize", "token", "revoke", "certs", "issuer"),
    *("authority", "oidc_authority", "admin_consent"),
)
_SECURITY = ("ssl", "starttls")


def of(provider: str, cloud: str = "global", overrides: Mapping | None = None):
    """The Endpoints of a provider. ``overrides``: ``{"google": {...}, ...}`` with the
    fields of Endpoints, a server as ``{"host", "port", "security"}``.

    Raises ValueError naming what is wrong with the provider, cloud or overrides.
    """
    if provider == "google":
        known = _GOOGLE
    elif provider == "microsoft" and cloud in _MICROSOFT:
        known = _MICROSOFT[cloud]
    else:
        raise ValueError(f"unknown provider or cloud: {provider}, {cloud}")
    given = (overrides or {}).get(provider, {})
    if not isinstance(given, Mapping):
        raise ValueError(f"overrides of {provider}: not an object")
    values = {name: _checked(name, value, known) for name, value in given.items()}
    return replace(known, **values)


def _checked(name, value, known):
    if name in _URLS:
        if not isinstance(value, str) or (value and not may_be_asked(value)):
            raise ValueError(f"{name}: neither https nor of this machine")
        return value
    if name in ("imap", "smtp"):
        try:
            server = replace(getattr(known, name), **value)
        except TypeError:
            raise ValueError(f"{name}: not a server") from None
        if (
            not isinstance(server.host, str)
            or not isinstance(server.port, int)
            or server.security not in _SECURITY
        ):
            raise ValueError(f"{name}: not a server")
        return server
    if name == "scopes":
        if not isinstance(value, list | tuple) or not all(
            isinstance(scope, str) for scope in value
        ):
            raise ValueError("scopes: not a list of texts")
        return tuple(value)
    raise ValueError(f"unknown override: {name}")


def may_be_asked(url: str) -> bool:
    """https, or http to this very machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
