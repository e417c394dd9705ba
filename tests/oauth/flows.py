# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The plain flows of waimaolang_mail_oauth against servers that others wrote, without
Odoo: the app, and a browser that signs in."""

import importlib
import sys
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from servers.process import ROOT

sys.path.append(str(ROOT / "waimaolang_mail_oauth"))
flow = importlib.import_module("flow")
endpoints = importlib.import_module("flow.endpoints")
App = importlib.import_module("flow.base").App
OAuthError = importlib.import_module("flow.errors").OAuthError

REDIRECT = "https://erp.example/waimaolang_mail_oauth/callback"
SECRET = "secret-of-the-app-32-characters-x"
ALICE = "alice@lanyue.example"
_MOST_REDIRECTS = 12


def app_of(server, provider, **more):
    """An App at one of ``servers.oauth``."""
    found = endpoints.of(provider, overrides={provider: server.endpoints(provider)})
    given = {"client_id": "the-client-id", "secret": SECRET, "endpoints": found}
    return App(provider, **given | more)


def sign_in(ca, url, redirect=REDIRECT):
    """The parameters with which the browser comes back, after following ``url``."""
    with requests.Session() as browser:
        browser.verify = str(ca.file)
        for _step in range(_MOST_REDIRECTS):
            answer = browser.get(url, allow_redirects=False, timeout=20)
            assert answer.is_redirect, f"{answer.status_code} {answer.text[:500]}"
            url = urljoin(url, answer.headers["Location"])
            if url.startswith(redirect):
                return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
    raise AssertionError("no way back")
