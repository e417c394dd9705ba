# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The shapes that this room takes and gives. Secrets are kept out of every repr, for
a repr ends in logs and in error mails."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

# Microsoft's names for "whoever signs in", in place of a tenant.
SHARED_TENANTS = frozenset({"common", "organizations", "consumers"})
# The tenant of personal Microsoft accounts (outlook.com, hotmail.com):
# learn.microsoft.com/entra/identity-platform/id-token-claims-reference, claim tid.
CONSUMER_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


@dataclass(frozen=True)
class Server:
    """Where mail is fetched or sent; ``security``: "ssl" or "starttls"."""

    host: str
    port: int
    security: str


@dataclass(frozen=True)
class Endpoints:
    """Where one provider is in one cloud.

    URLs; "{tenant}" stands for the app's tenant in Microsoft's. ``issuer`` may hold
    "{tid}", the tenant of who signed in. ``revoke`` is empty where there is none.
    msal takes ``oidc_authority`` if it is set, else ``authority``. ``scopes`` are the
    least ones for IMAP and SMTP, without those that msal adds itself.
    """

    provider: str
    authorize: str
    token: str
    revoke: str
    certs: str
    issuer: str
    authority: str
    oidc_authority: str
    admin_consent: str
    imap: Server
    smtp: Server
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class App:
    """The app that this company registered at the provider.

    ``secret``: the client secret, or for Microsoft a PEM text holding private key and
    certificate. ``tenants``: the tenants (GUIDs) that may bind a mailbox when
    ``tenant`` is "common" or "organizations"; empty: every organization. Personal
    accounts only with "common" or "consumers". ``proxy``: a URL, or empty.
    """

    provider: str
    client_id: str
    secret: str = field(repr=False)
    endpoints: Endpoints = field(repr=False)
    tenant: str = ""
    cloud: str = "global"
    tenants: frozenset[str] = frozenset()
    # may hold a password
    proxy: str = field(default="", repr=False)


@dataclass(frozen=True)
class Begun:
    """``url``: where the browser goes. ``kept`` is JSON and secret: the caller seals
    it and gives it to ``finish`` once."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    kept: dict = field(repr=False)


@dataclass(frozen=True)
class Tokens:
    """``expires``: naive UTC. ``refresh_token``: the new one, or the one that was
    used where the provider sent none."""

    access_token: str = field(repr=False)
    expires: datetime.datetime
    refresh_token: str = field(repr=False)
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Account:
    """Who consented. ``(tenant, subject)`` is the identity: Google's sub, Microsoft's
    tid and oid. ``email`` and ``name`` are for display: at Microsoft both can be
    changed by others."""

    subject: str
    tenant: str
    email: str
    name: str
