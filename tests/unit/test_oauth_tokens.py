# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tokens after the consent: refresh, revoke, the test of an app, and what a token
endpoint may answer without anything but an OAuthError coming of it."""

import datetime
import itertools
import threading

import flow
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flow import http
from oauth_provider import (
    ACCESS,
    FORGED_KEY,
    KEY,
    REDIRECT,
    REFRESH,
    ROTATED,
    SECRET,
    TENANT,
    refused,
)
from servers.ca import self_signed

both = pytest.mark.parametrize("name", ["google", "microsoft"])
MEGABYTE = 2**20
PAUSE = threading.Event()  # never set


def seconds_left(tokens):
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return (tokens.expires - now).total_seconds()


# --- refresh ---


@both
def test_a_rotated_refresh_token_replaces_the_old_one(provider, name):
    app = provider.app(name)
    provider.say("/token", (200, {}, provider.tokens(refresh_token=ROTATED)))
    tokens = flow.of(name).refresh(app, REFRESH)
    assert (tokens.access_token, tokens.refresh_token) == (ACCESS, ROTATED)
    (form,) = provider.forms()
    assert form["grant_type"] == "refresh_token"
    assert (form["refresh_token"], form["client_secret"]) == (REFRESH, SECRET)


@both
@pytest.mark.parametrize("said", [None, ""])
def test_the_old_refresh_token_stays_where_none_comes(provider, name, said):
    app = provider.app(name)
    answer = provider.tokens(refresh_token=said)
    if said == "":
        # not a token: the answer is none
        provider.say("/token", (200, {}, answer))
        with refused("transient", "bad_refresh_token"):
            flow.of(name).refresh(app, REFRESH)
        return
    provider.say("/token", (200, {}, answer))
    assert flow.of(name).refresh(app, REFRESH).refresh_token == REFRESH


@both
@pytest.mark.parametrize("id_token", ["rubbish", "a.b.c", 7, "e30.W10.e30"])
def test_nothing_strange_beside_it_loses_a_rotated_token(provider, name, id_token):
    app = provider.app(name)
    answer = provider.tokens(
        refresh_token=ROTATED,
        id_token=id_token,
        client_info="%%%",
        refresh_in="soon",
        scope="something else",
    )
    provider.say("/token", (200, {}, answer))
    tokens = flow.of(name).refresh(app, REFRESH)
    assert tokens.refresh_token == ROTATED
    assert tokens.scopes == {"something", "else"}


@both
def test_every_refresh_reaches_the_provider(provider, name):
    """msal would repeat a refusal of a minute ago: after the administrator has mended
    the secret, or consented, that would be wrong."""
    app = provider.app(name)
    provider.say(
        "/token",
        (401, {}, {"error": "invalid_client", "error_codes": [7000215]}),
        (400, {}, {"error": "invalid_grant", "suberror": "consent_required"}),
        (429, {"Retry-After": "3000"}, "slow down"),
        (503, {}, ""),
        (200, {}, provider.tokens()),
    )
    for kind in ("app_broken", "admin_consent", "transient", "transient"):
        with refused(kind):
            flow.of(name).refresh(app, REFRESH)
    assert flow.of(name).refresh(app, REFRESH).access_token == ACCESS
    assert len(provider.forms()) == 5


@both
@pytest.mark.parametrize(
    ("status", "answer", "kind", "code"),
    [
        (400, {"error": "invalid_grant"}, "consent_needed", "invalid_grant"),
        (
            400,
            {"error": "invalid_grant", "error_subtype": "invalid_rapt"},
            "consent_needed",
            "invalid_grant",
        ),
        (401, {"error": "invalid_client"}, "app_broken", "invalid_client"),
        (401, {"error": "deleted_client"}, "app_broken", "deleted_client"),
        (400, {"error": "unauthorized_client"}, "app_broken", None),
        (
            400,
            {"error": "invalid_grant", "error_codes": [50173]},
            "consent_needed",
            "AADSTS50173",
        ),
        (
            400,
            {"error": "interaction_required", "error_codes": [50076]},
            "consent_needed",
            "AADSTS50076",
        ),
        (
            400,
            {
                "error": "invalid_grant",
                "error_codes": [65001],
                "suberror": "consent_required",
            },
            "admin_consent",
            "AADSTS65001",
        ),
        (400, {"error": "temporarily_unavailable"}, "transient", None),
        (400, {"error": "of the year 2030"}, "transient", None),
        # an error and tokens: the error
        (200, {"error": "invalid_grant", "access_token": "x"}, "consent_needed", None),
    ],
)
def test_what_a_refusal_means(provider, name, status, answer, kind, code):
    app = provider.app(name)
    words = {"error_description": f"<b>no</b>\r\n{SECRET} {REFRESH} client_secret=abc"}
    provider.say("/token", (status, {}, answer | words))
    with refused(kind, code) as caught:
        flow.of(name).refresh(app, REFRESH)
    assert caught.value.detail.startswith("b no /b")
    assert "abc" not in caught.value.detail
    assert len(provider.forms()) == 1


# --- hostile answers ---

HOSTILE = {
    "no JSON": (200, {}, "<html>sign in at the hotel</html>"),
    "nothing": (200, {}, ""),
    "no object": (200, {}, ["access_token"]),
    "a number": (200, {}, "7"),
    "null": (200, {}, "null"),
    "no UTF-8": (200, {}, b'{"access_token": "\xff\xfe"}'),
    "too deep": (200, {}, "[" * 100_000),
    "a number of 5000 digits": (200, {}, '{"expires_in": ' + "9" * 5000 + "}"),
    "no access token": (200, {}, {"token_type": "Bearer"}),
    "an access token that is none": (200, {}, {"access_token": ["x"]}),
    "an empty access token": (200, {}, {"access_token": ""}),
    "a line break in it": (200, {}, {"access_token": "a\r\nX-Evil: 1"}),
    "a NUL in it": (200, {}, {"access_token": "a\0b"}),
    "a space in it": (200, {}, {"access_token": "a b"}),
    "not ASCII": (200, {}, {"access_token": "ключ"}),
    "a surrogate": (200, {}, '{"access_token": "\\ud800"}'),
    "an access token of 20 kB": (200, {}, {"access_token": "x" * 20_000}),
    "a refresh token that is none": (
        200,
        {},
        {"access_token": "x", "refresh_token": {"a": 1}},
    ),
    "not a bearer": (200, {}, {"access_token": "x", "token_type": "mac"}),
    "a type that is none": (200, {}, {"access_token": "x", "token_type": 1}),
    "a scope that is none": (200, {}, {"access_token": "x", "scope": ["a"]}),
    "an error that is none": (400, {}, {"error": {"code": 1}}),
    "words that are none": (400, {}, {"error": "x", "error_description": [1]}),
    "a refusal without error": (400, {}, {"access_token": "x"}),
    "a refusal of HTML": (403, {}, "<html>"),
    "not found": (404, {}, "nothing here"),
    "the proxy's": (407, {}, "log in"),
    "led away": (302, {"Location": "https://localhost/evil"}, ""),
    "led away for good": (308, {"Location": "http://169.254.169.254/"}, ""),
    "nothing new": (304, {}, ""),
    "too many": (429, {"Retry-After": "17"}, ""),
    "an error of theirs": (500, {}, {"access_token": "x"}),
    "packed": (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
    "10 MB": (200, {}, b'{"access_token": "x"}' + b" " * (10 * MEGABYTE)),
    "10 MB of unknown length": (200, {}, itertools.repeat(b" " * 65536, 160)),
    "shorter than said": (200, {"Content-Length": "900"}, b'{"access_token'),
    "a length that is none": (200, {"Content-Length": "many"}, b"{}"),
}
SECONDS = {
    "0": 0,
    "negative": -5,
    "text": "soon",
    "negative text": "-5",
    "true": True,
    "list": [3600],
    "object": {},
    "NaN": float("nan"),
    "empty": "",
    "other digits": "三六〇〇",
}


@both
@pytest.mark.parametrize("which", HOSTILE)
@pytest.mark.parametrize("step", ["finish", "refresh", "test"])
def test_an_answer_that_is_none_is_transient(provider, name, which, step):
    app = provider.app(name)
    module = flow.of(name)
    kept, params = provider.sign_in(app)
    status, headers, body = HOSTILE[which]
    provider.say("/token", lambda _asked: (status, headers, body))
    calls = {
        "finish": lambda: module.finish(app, kept, params),
        "refresh": lambda: module.refresh(app, REFRESH),
        "test": lambda: module.test(app, REDIRECT),
    }
    with refused("transient") as caught:
        calls[step]()
    assert "msal" not in caught.value.code and "google" not in caught.value.code
    assert caught.value.retry_after == (17 if status == 429 else None)
    assert [asked.path for asked in provider.asked] == ["/token"]


@both
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_even_to_an_answer(provider, name, status):
    app = provider.app(name)
    flow.of(name).begin(app, REDIRECT)
    provider.say("/token", (status, {"Location": f"{provider.base}/evil"}, ""))
    provider.say("/evil", (200, {}, provider.tokens()))
    with refused("transient", f"http_{status}"):
        flow.of(name).refresh(app, REFRESH)
    assert not provider.forms("/evil")


@both
@pytest.mark.parametrize("which", SECONDS)
def test_a_life_that_is_none(provider, name, which):
    app = provider.app(name)
    provider.say("/token", (200, {}, provider.tokens(expires_in=SECONDS[which])))
    with refused("transient", "bad_expires_in"):
        flow.of(name).refresh(app, REFRESH)


@both
@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        (3599, 3590, 3599),
        ("3599", 3590, 3599),
        (3599.9, 3590, 3600),
        # nobody's token lives longer than Microsoft's 28 h
        (10**12, 86_390, 86_400),
        (1e300, 86_390, 86_400),
        (float("inf"), 86_390, 86_400),
        (None, 3590, 3600),
        (1, -1, 1),
    ],
)
def test_how_long_an_access_token_is_used(provider, name, said, least, most):
    app = provider.app(name)
    provider.say("/token", (200, {}, provider.tokens(expires_in=said)))
    left = seconds_left(flow.of(name).refresh(app, REFRESH))
    assert least <= left <= most


@pytest.mark.parametrize(
    "document",
    [
        "not JSON",
        {},
        {"issuer": "https://x"},
        {"issuer": 7, "authorization_endpoint": "https://x", "token_endpoint": "y"},
    ],
    ids=repr,
)
def test_a_discovery_that_is_none(provider, document):
    app = provider.app("microsoft")
    provider.say("/discovery", (200, {}, document))
    with refused("transient"):
        flow.microsoft.begin(app, REDIRECT)


@pytest.mark.parametrize("token", ["http://example.com/token", "ftp://x/", "//x", ""])
def test_a_discovery_that_leads_away_from_https(provider, token):
    app = provider.app("microsoft")
    provider.discover(f"{provider.base}/{TENANT}/v2.0", token_endpoint=token)
    with refused("transient"):
        flow.microsoft.refresh(app, REFRESH)
    assert provider.forms() == []


def test_a_tenant_that_is_none_is_the_apps_fault(provider):
    app = provider.app("microsoft")
    answer = {"error": "invalid_tenant", "error_codes": [90002]}
    answer["error_description"] = "AADSTS90002: Tenant 'x' not found."
    provider.say("/discovery", (400, {}, answer))
    for call in (
        lambda: flow.microsoft.begin(app, REDIRECT),
        lambda: flow.microsoft.refresh(app, REFRESH),
        lambda: flow.microsoft.test(app, REDIRECT),
    ):
        with refused("app_broken", "AADSTS90002"):
            call()


@pytest.mark.parametrize(
    "listed", ["x", {}, {"keys": 7}, {"keys": [7, {"kid": 7}, {"kid": "k2"}]}], ids=repr
)
@both
def test_keys_that_are_none(provider, name, listed):
    app = provider.app(name)
    kept, params = provider.sign_in(app)
    provider.say("/certs", (200, {}, listed))
    kind = "forged" if "k2" in repr(listed) else "transient"
    with refused(kind):
        flow.of(name).finish(app, kept, params)


@both
@pytest.mark.parametrize(
    "key", [{}, {"kty": "oct", "k": "eA"}, {"kty": "RSA"}, {"kty": "RSA", "n": "!"}]
)
def test_a_key_that_is_none(provider, name, key):
    app = provider.app(name)
    kept, params = provider.sign_in(app)
    provider.say("/certs", (200, {}, {"keys": [{"kid": "k1", **key}]}))
    with refused("forged"):
        flow.of(name).finish(app, kept, params)


@both
def test_a_provider_that_is_not_there(provider, name):
    app = provider.app(name)
    flow.of(name).begin(app, REDIRECT)
    provider.say("/token", (200, {"Connection": "close"}, iter(lambda: 1 / 0, 1)))
    with refused("transient"):
        flow.of(name).refresh(app, REFRESH)


@both
def test_a_provider_that_drips_holds_nobody(provider, name, monkeypatch):
    """The row of the tokens is locked meanwhile; others wait 15 s for it."""
    monkeypatch.setattr(http.Http.__init__, "__defaults__", ("", 0.5))
    app = provider.app(name)
    flow.of(name).begin(app, REDIRECT)
    provider.say("/token", lambda _asked: (200, {}, drip()))
    began = datetime.datetime.now()
    with refused("transient", "timeout"):
        flow.of(name).refresh(app, REFRESH)
    assert (datetime.datetime.now() - began).total_seconds() < 5


def drip():
    for _byte in range(400):
        yield b" "
        PAUSE.wait(0.05)


# --- revoke ---


def test_google_is_told_to_forget(provider):
    app = provider.app("google")
    provider.say(
        "/revoke",
        (200, {}, {}),
        (400, {}, {"error": "invalid_token", "error_description": "revoked"}),
        (503, {"Retry-After": "5"}, ""),
        (400, {}, "?"),
    )
    assert flow.google.revoke(app, REFRESH) is True
    assert provider.forms("/revoke") == [{"token": REFRESH}]
    assert flow.google.revoke(app, REFRESH) is True  # it was dead
    with refused("transient") as caught:
        flow.google.revoke(app, REFRESH)
    assert caught.value.retry_after == 5
    with refused("transient"):
        flow.google.revoke(app, REFRESH)


def test_microsoft_cannot_be_told(provider):
    app = provider.app("microsoft")
    assert flow.microsoft.revoke(app, REFRESH) is False
    assert provider.asked == []


# --- test ---


def test_google_knows_the_app_if_the_code_alone_is_wrong(provider):
    app = provider.app("google")
    provider.say("/token", (400, {}, {"error": "invalid_grant"}))
    assert flow.google.test(app, REDIRECT) is None
    (form,) = provider.forms()
    assert form["redirect_uri"] == REDIRECT
    assert (form["client_id"], form["client_secret"]) == (app.client_id, SECRET)
    for error in ("invalid_client", "redirect_uri_mismatch", "unauthorized_client"):
        provider.say("/token", (401, {}, {"error": error}))
        with refused("app_broken", error):
            flow.google.test(app, REDIRECT)


def test_microsoft_gives_the_app_a_token_of_its_own(provider):
    app = provider.app("microsoft")
    provider.say("/token", (200, {}, {"access_token": ACCESS, "expires_in": 3599}))
    assert flow.microsoft.test(app, REDIRECT) is None
    (form,) = provider.forms()
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "https://graph.microsoft.com/.default"
    for number in (7000215, 7000222, 700016, 90002):
        answer = {"error": "invalid_client", "error_codes": [number]}
        provider.say("/token", (401, {}, answer))
        with refused("app_broken", f"AADSTS{number}"):
            flow.microsoft.test(app, REDIRECT)


def test_an_app_of_every_tenant_is_tested_in_the_first_that_may_bind(provider):
    app = provider.app("microsoft", tenant="common", tenants=frozenset([TENANT]))
    provider.say("/token", (200, {}, {"access_token": ACCESS}))
    assert flow.microsoft.test(app, REDIRECT) is None
    assert provider.asked[0].path.startswith(f"/{TENANT}/")


@pytest.mark.parametrize(
    ("error", "numbers", "kind"),
    [
        ("invalid_grant", [70000], None),
        ("invalid_grant", [], None),
        ("invalid_request", [9002313], None),
        ("invalid_client", [7000215], "app_broken"),
        ("unauthorized_client", [700016], "app_broken"),
        ("server_error", [], "transient"),
    ],
)
def test_an_app_of_every_tenant_is_tested_by_a_code_that_is_none(
    provider, error, numbers, kind
):
    app = provider.app("microsoft", tenant="organizations")
    provider.say("/token", (400, {}, {"error": error, "error_codes": numbers}))
    if kind is None:
        assert flow.microsoft.test(app, REDIRECT) is None
    else:
        with refused(kind):
            flow.microsoft.test(app, REDIRECT)
    (form,) = provider.forms()
    assert form["grant_type"] == "authorization_code"


# --- the administrator's consent ---


def test_the_administrator_consents_to_what_a_person_is_asked_for(provider):
    app = provider.app("microsoft")
    url = flow.microsoft.admin_consent_url(app, REDIRECT, "the-state")
    assert url == (
        f"{provider.base}/admin_consent?client_id=id-microsoft"
        "&scope=https%3A%2F%2Foutlook.office.com%2FIMAP.AccessAsUser.All"
        "+https%3A%2F%2Foutlook.office.com%2FSMTP.Send+offline_access+openid+profile"
        "&redirect_uri=https%3A%2F%2Ferp.example%2Fwaimaolang_mail_oauth%2Fcallback"
        "&state=the-state"
    )
    assert flow.google.admin_consent_url(provider.app("google"), REDIRECT, "x") == ""
    app = provider.app("microsoft", tenant="a/b", secret="")
    assert flow.microsoft.admin_consent_url(app, REDIRECT, "x") == ""


@pytest.mark.parametrize("tenant", ["", "common", "organizations", "consumers"])
def test_personal_accounts_have_no_administrator(tenant):
    found = flow.endpoints.of("microsoft")
    app = flow.base.App("microsoft", "id", "secret", found, tenant=tenant)
    url = flow.microsoft.admin_consent_url(app, REDIRECT, "x")
    assert url.startswith(
        "https://login.microsoftonline.com/organizations/v2.0/adminconsent?"
    )


# --- a certificate in place of a secret ---


EC_KEY = ec.generate_private_key(ec.SECP256R1())
MINE, MY_CERTIFICATE = self_signed(KEY)
OTHER_CERTIFICATE = self_signed(FORGED_KEY)[1]


@pytest.mark.parametrize("order", [1, -1])
def test_an_app_may_have_a_certificate(provider, order):
    parts = [MINE, OTHER_CERTIFICATE, MY_CERTIFICATE]
    app = provider.app("microsoft", secret="\n".join(parts[::order]))
    flow.microsoft.refresh(app, REFRESH)
    (form,) = provider.forms()
    assert "client_secret" not in form
    assertion = form["client_assertion"]
    claims = jwt.decode(
        assertion,
        KEY.public_key(),
        algorithms=["PS256"],
        audience=f"{provider.base}/token",
    )
    assert claims["iss"] == claims["sub"] == app.client_id
    mine = x509.load_pem_x509_certificate(MY_CERTIFICATE.encode())
    thumb = jwt.utils.base64url_encode(mine.fingerprint(hashes.SHA256())).decode()
    assert jwt.get_unverified_header(assertion)["x5t#S256"].rstrip("=") == thumb


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (MINE, "key_without_certificate"),
        (MY_CERTIFICATE, "certificate_without_key"),
        (MINE + OTHER_CERTIFICATE, "certificate_of_other_key"),
        ("".join(self_signed(EC_KEY)), "certificate_not_rsa"),
        (
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
            + MY_CERTIFICATE,
            "bad_certificate",
        ),
        (
            MINE + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "bad_certificate",
        ),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)
def test_a_certificate_that_is_none(provider, secret, code):
    app = provider.app("microsoft", secret=secret)
    with refused("app_broken", code):
        flow.microsoft.refresh(app, REFRESH)
    assert provider.asked == []
