# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The plain flows of waimaolang_mail_oauth against servers that others wrote, without
Odoo."""

from urllib.parse import parse_qsl, urlsplit

import flow
import pytest
from flow import endpoints
from flow.base import App
from flow.errors import OAuthError
from servers.oauth import ALICE, TENANT

from .app import CALLBACK, CLIENT_ID, SECRET


def app_of(server, provider, **more):
    """An App at one of the servers, which know it."""
    found = endpoints.of(provider, overrides={provider: server.endpoints(provider)})
    given = {"client_id": CLIENT_ID, "secret": SECRET, "endpoints": found}
    if provider == "microsoft":
        given["tenant"] = TENANT
    return App(provider, **given | more)


def asked(server, app, hint=ALICE, allow=True):
    """``(kept, params)`` of a person who went to the provider and came back."""
    begun = flow.of(app.provider).begin(app, CALLBACK, login_hint=hint)
    called = server.consent(begun.url, hint, allow)
    assert called.startswith(CALLBACK)
    return begun.kept, dict(parse_qsl(urlsplit(called).query))


def consent(server, app, hint=ALICE):
    """``(account, tokens)``"""
    return flow.of(app.provider).finish(app, *asked(server, app, hint))


def refusal(call, *args):
    """``(kind, code)`` of the OAuthError, which holds no secret."""
    with pytest.raises(OAuthError) as caught:
        call(*args)
    assert SECRET not in f"{caught.value!r} {caught.value.detail}"
    return caught.value.kind, caught.value.code
