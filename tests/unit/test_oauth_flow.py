# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Both flows from begin to revoke, against a provider that says what a test tells it
to, hostile things above all."""

import datetime
import json
import time
from urllib.parse import parse_qsl, urlsplit

import flow
import pytest
from flow.errors import OAuthError
from oauth_provider import (
    ACCESS,
    CODE,
    FORGED_KEY,
    OTHER_TENANT,
    REDIRECT,
    REFRESH,
    ROTATED,
    SECRET,
    TENANT,
    all_logs,
    forget,
    jwk,
    refused,
    sign,
)

CONSUMER = "9188040d-6c67-4c5b-b112-36a304b66dad"
both = pytest.mark.parametrize("name", ["google", "microsoft"])


def asked_of(url):
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


# --- begin ---


@both
def test_a_consent_begins_with_pkce_state_nonce_and_the_least_scopes(provider, name):
    app = provider.app(name)
    begun = flow.of(name).begin(app, REDIRECT, login_hint="alice@lanyue.example")
    asked = asked_of(begun.url)
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == REDIRECT
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["state"] == begun.state == begun.kept["state"]
    assert len(begun.state) >= 43  # 256 bit
    assert asked["login_hint"] == "alice@lanyue.example"
    assert "select_account" in asked["prompt"]
    mail = {
        "google": {"https://mail.google.com/", "openid", "email"},
        "microsoft": {
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            *("openid", "profile", "offline_access"),
        },
    }
    assert set(asked["scope"].split()) == mail[name]
    # the verifier and the nonce's source stay here
    assert begun.kept["code_verifier"] not in begun.url
    assert json.loads(json.dumps(begun.kept)) == begun.kept
    assert begun.kept["code_verifier"] not in repr(begun)


def test_google_is_asked_for_a_refresh_token_and_for_nothing_granted_before(provider):
    asked = asked_of(flow.google.begin(provider.app("google"), REDIRECT).url)
    assert asked["access_type"] == "offline"
    assert asked["include_granted_scopes"] == "false"
    assert asked["prompt"] == "select_account consent"
    assert "login_hint" not in asked
    again = flow.google.begin(
        provider.app("google"), REDIRECT, login_hint="a@b.example", again=True
    )
    assert asked_of(again.url)["prompt"] == "consent"
    assert provider.asked == []


def test_microsoft_answers_in_the_query_for_a_post_would_bring_no_session(provider):
    asked = asked_of(flow.microsoft.begin(provider.app("microsoft"), REDIRECT).url)
    assert asked["response_mode"] == "query"


@both
def test_two_consents_have_nothing_in_common(provider, name):
    app = provider.app(name)
    one, two = (flow.of(name).begin(app, REDIRECT).kept for _time in range(2))
    for part in ("state", "nonce", "code_verifier"):
        assert one[part] != two[part]


def test_the_tenants_endpoints_are_asked_for_once_a_day(provider):
    app = provider.app("microsoft")
    for _time in range(3):
        flow.microsoft.begin(app, REDIRECT)
    assert [asked.path for asked in provider.asked] == [
        f"/{TENANT}/v2.0/.well-known/openid-configuration"
    ]


@pytest.mark.parametrize("tenant", ["a/b", "?x=", "..", "a b", "x@y", "é", "a\nb"])
def test_a_tenant_is_no_path(provider, tenant):
    with refused("app_broken", "tenant"):
        flow.microsoft.begin(provider.app("microsoft", tenant=tenant), REDIRECT)
    assert provider.asked == []


@both
@pytest.mark.parametrize("lacking", ["client_id", "secret"])
def test_an_app_that_is_not_set_up(provider, name, lacking):
    app = provider.app(name, **{lacking: ""})
    for call in (
        lambda: flow.of(name).begin(app, REDIRECT),
        lambda: flow.of(name).refresh(app, REFRESH),
        lambda: flow.of(name).test(app, REDIRECT),
    ):
        with refused("app_broken", "not_set_up"):
            call()


# --- finish ---


@both
def test_a_consent_ends_with_who_and_the_tokens(provider, name):
    app = provider.app(name)
    kept, params = provider.sign_in(app)
    account, tokens = flow.of(name).finish(app, kept, params)
    assert account.email == "alice@lanyue.example"
    assert account.name == "Alice"
    assert (account.subject, account.tenant) == (
        ("10769150350006150715113082367", "")
        if name == "google"
        else ("690222be-ff1a-4d56-abd1-7e4f7d38e474", TENANT)
    )
    assert tokens.access_token == ACCESS and tokens.refresh_token == REFRESH
    assert tokens.scopes == frozenset(app.endpoints.scopes)
    left = tokens.expires - datetime.datetime.now(datetime.timezone.utc).replace(
        tzinfo=None
    )
    assert 3500 < left.total_seconds() < 3600
    for secret in (ACCESS, REFRESH, SECRET):
        assert secret not in f"{tokens!r}{app!r}"
    (form,) = provider.forms()
    assert form["grant_type"] == "authorization_code"
    assert form["code"] == CODE
    assert form["redirect_uri"] == REDIRECT
    assert form["code_verifier"] == kept["code_verifier"]


@both
@pytest.mark.parametrize(
    ("params", "kind", "code"),
    [
        # threat 1, 2: fixation, replay, login CSRF
        ({"state": "other"}, "forged", "state"),
        ({"state": ""}, "forged", "state"),
        ({"state": None}, "forged", "state"),
        ({"state": ["list"]}, "forged", "state"),
        ({"state": "\ud800"}, "forged", "state"),
        # an error is believed only of who knows the state
        ({"state": "x", "error": "access_denied"}, "forged", "state"),
        # threat 3: mix-up (RFC 9207)
        ({"iss": "https://evil.example"}, "forged", "iss"),
        ({"iss": ""}, "forged", "iss"),
        ({"iss": "https://evil.example", "error": "access_denied"}, "forged", "iss"),
        ({"code": None}, "forged", "code"),
        ({"code": ""}, "forged", "code"),
        ({"code": "a\r\nb"}, "forged", "code"),
        ({"code": "x" * 10_000}, "forged", "code"),
        ({"error": "access_denied"}, "denied", "access_denied"),
        ({"error": "temporarily_unavailable"}, "transient", None),
        (
            {"error": "access_denied", "error_description": "AADSTS65004: declined"},
            "denied",
            "AADSTS65004",
        ),
        (
            {"error": "x", "error_description": "AADSTS90094: admin\r\nTrace ID: 1"},
            "admin_consent",
            "AADSTS90094",
        ),
        ({"error": "invalid_client"}, "app_broken", None),
    ],
)
def test_nothing_is_asked_before_the_redirect_is_checked(
    provider, name, params, kind, code
):
    app = provider.app(name)
    kept, given = provider.sign_in(app)
    given = {key: value for key, value in (given | params).items() if value is not None}
    with refused(kind, code):
        flow.of(name).finish(app, kept, given)
    assert provider.asked == []


@both
def test_threat_3_the_code_of_one_provider_is_not_sent_to_the_other(provider, name):
    other = {"google": "microsoft", "microsoft": "google"}[name]
    mine, theirs = provider.app(name), provider.app(other)
    kept, params = provider.sign_in(theirs)
    with refused("forged", "provider"):
        flow.of(name).finish(mine, kept, params)
    kept, params = provider.sign_in(mine)
    with refused("forged", "provider"):
        flow.of(name).finish(provider.app(name, client_id="changed"), kept, params)
    assert provider.asked == []


def test_threat_3_the_iss_of_this_provider_is_welcome(provider):
    app = provider.app("google")
    kept, params = provider.sign_in(app)
    flow.google.finish(app, kept, params | {"iss": provider.base})
    app = provider.app("microsoft")
    kept, params = provider.sign_in(app)
    params["iss"] = f"{provider.base}/{TENANT}/v2.0"
    flow.microsoft.finish(app, kept, params)
    params["iss"] = f"{provider.base}/{OTHER_TENANT}/v2.0"
    with refused("other_tenant"):
        flow.microsoft.finish(app, kept, params)


@both
@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"nonce": "\ud800"},
        {"nonce": 7},
        {"aud": "another-app"},
        {"aud": ["another-app", "id-google", "id-microsoft"]},
        {"aud": None},
        {"aud": {}},
        {"azp": "another-app"},
        {"azp": None, "aud": []},
        {"iss": "https://evil.example"},
        {"iss": f"https://localhost.evil.example/{TENANT}/v2.0"},
        {"iss": None},
        {"iss": 7},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": 2**40},
        {"iat": None},
        {"nbf": 2**40},
        {"sub": None, "oid": None},
        {"sub": "", "oid": ""},
        {"sub": 7, "oid": 7},
    ],
    ids=repr,
)
def test_threat_4_an_id_token_that_is_not_for_this_sign_in(provider, name, claims):
    app = provider.app(name)
    kept, params = provider.sign_in(app, **claims)
    with refused("forged"):
        flow.of(name).finish(app, kept, params)


@both
def test_clocks_may_differ_by_a_minute(provider, name):
    app = provider.app(name)
    now = int(time.time())
    for claims in ({"iat": now + 60, "nbf": now + 60}, {"exp": now - 60}):
        kept, params = provider.sign_in(app, **claims)
        flow.of(name).finish(app, kept, params)


@pytest.mark.parametrize("said", [False, None, "yes", 1, "false"])
def test_an_address_that_google_did_not_verify(provider, said):
    app = provider.app("google")
    kept, params = provider.sign_in(app, email_verified=said)
    with refused("forged", "email_verified"):
        flow.google.finish(app, kept, params)


def test_googles_older_issuer(provider):
    app = provider.app("google")
    older = provider.base.removeprefix("https://")
    kept, params = provider.sign_in(app, iss=older)
    flow.google.finish(app, kept, params)


FORGERIES = (
    *("another key", "alg none", "HS256", "RS512", "PS256", "unknown kid"),
    *("kid that is none", "no signature", "other body", "key in the header"),
    *("key elsewhere", "claims that are a list"),
)


def forged(provider, app, begun):
    claims = provider.claims(app, begun)
    good = sign(claims)
    head, body, signature = good.split(".")
    public = json.dumps(jwk())
    return {
        "another key": sign(claims, FORGED_KEY),
        "alg none": sign(claims, None, algorithm="none"),
        # threat 11: the public key as the secret of a symmetric signature
        "HS256": sign(claims, public, algorithm="HS256"),
        "RS512": sign(claims, algorithm="RS512"),
        "PS256": sign(claims, algorithm="PS256"),
        "unknown kid": sign(claims, kid="k2"),
        "kid that is none": sign(claims, kid=""),
        "no signature": f"{head}.{body}.",
        "other body": f"{head}.{body[:-4]}AAAA.{signature}",
        "key in the header": sign(claims, FORGED_KEY, jwk=jwk(FORGED_KEY)),
        "key elsewhere": sign(claims, FORGED_KEY, jku=f"{provider.base}/evil"),
        "claims that are a list": f"{head}.W10.{signature}",
    }


@both
@pytest.mark.parametrize("which", FORGERIES)
def test_threat_11_an_id_token_that_somebody_else_made(provider, name, which):
    app = provider.app(name)
    begun = flow.of(name).begin(app, REDIRECT)
    provider.say(
        "/token",
        (200, {}, provider.tokens(id_token=forged(provider, app, begun)[which])),
    )
    with pytest.raises(OAuthError) as caught:
        flow.of(name).finish(app, begun.kept, {"code": CODE, "state": begun.state})
    # msal stumbles over the list, and is not let speak
    assert caught.value.kind == "forged" or "msal" in caught.value.code
    assert not any(asked.path == "/evil" for asked in provider.asked)


@both
def test_no_id_token_is_nobody(provider, name):
    app = provider.app(name)
    kept, params = provider.sign_in(app, answer={"id_token": None})
    with refused("forged"):
        flow.of(name).finish(app, kept, params)


@both
def test_threat_11_invented_keys_make_us_ask_once(provider, name):
    app = provider.app(name)
    for number in range(5):
        begun = flow.of(name).begin(app, REDIRECT)
        token = sign(provider.claims(app, begun), kid=f"invented-{number}")
        provider.say("/token", (200, {}, provider.tokens(id_token=token)))
        with refused("forged", "kid"):
            flow.of(name).finish(app, begun.kept, {"code": CODE, "state": begun.state})
    assert [asked.path for asked in provider.asked].count("/certs") == 1


# --- scopes, threat 18 ---

MAIL = {
    "google": ("openid email https://mail.google.com/", "https://mail.google.com/"),
    "microsoft": (
        "https://outlook.office.com/IMAP.AccessAsUser.All"
        " https://outlook.office.com/SMTP.Send",
        "https://outlook.office.com/SMTP.Send",
    ),
}


@both
def test_threat_18_fewer_rights_than_asked_are_named(provider, name):
    app = provider.app(name)
    whole, part = MAIL[name]
    scope = " ".join(set(whole.split()) - {part}) or "openid"
    kept, params = provider.sign_in(app, answer={"scope": scope})
    with refused("scope_missing") as caught:
        flow.of(name).finish(app, kept, params)
    assert caught.value.detail == part


@both
def test_threat_18_more_rights_than_asked_are_kept_and_told(provider, name, caplog):
    app = provider.app(name)
    scope = f"{MAIL[name][0]} profile https://outlook.office.com/Mail.ReadWrite"
    kept, params = provider.sign_in(app, answer={"scope": scope})
    with caplog.at_level("INFO"):
        _account, tokens = flow.of(name).finish(app, kept, params)
    assert tokens.scopes == frozenset(scope.split())
    assert "Mail.ReadWrite" in caplog.text
    assert "profile" not in caplog.text


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        (
            "google",
            "https://mail.google.com/ openid"
            " https://www.googleapis.com/auth/userinfo.email",
        ),
        (
            "microsoft",
            "https://outlook.office365.com/imap.accessasuser.all"
            " https://outlook.office365.com/SMTP.Send",
        ),
        ("microsoft", MAIL["microsoft"][0]),
        # RFC 6749 5.1: nothing said is what was asked
        ("google", ""),
        ("google", None),
    ],
)
def test_scopes_by_their_other_names(provider, name, scope):
    app = provider.app(name)
    kept, params = provider.sign_in(app, answer={"scope": scope})
    flow.of(name).finish(app, kept, params)


@both
def test_a_consent_that_ends_with_the_hour_is_none(provider, name):
    app = provider.app(name)
    kept, params = provider.sign_in(app, answer={"refresh_token": None})
    with refused("consent_needed", "no_refresh_token"):
        flow.of(name).finish(app, kept, params)


# --- tenants, threat 20 ---


@pytest.mark.parametrize(
    ("tenant", "allowed", "tid", "welcome"),
    [
        (TENANT, (), TENANT, True),
        (TENANT.upper(), (), TENANT, True),
        (TENANT, (), OTHER_TENANT, False),
        (TENANT, (OTHER_TENANT,), OTHER_TENANT, False),
        ("organizations", (), OTHER_TENANT, True),
        ("", (), OTHER_TENANT, True),
        ("organizations", (), CONSUMER, False),
        ("organizations", (CONSUMER,), CONSUMER, False),
        ("organizations", (TENANT.upper(),), TENANT, True),
        ("organizations", (TENANT,), OTHER_TENANT, False),
        ("common", (), OTHER_TENANT, True),
        ("common", (), CONSUMER, True),
        ("common", (TENANT,), CONSUMER, False),
        ("common", (TENANT, CONSUMER), CONSUMER, True),
        ("common", (TENANT,), OTHER_TENANT, False),
        ("consumers", (), CONSUMER, True),
        ("consumers", (), TENANT, False),
        ("lanyue.example", (), TENANT, True),
        ("lanyue.example", (), CONSUMER, False),
    ],
)
def test_threat_20_who_may_bind(provider, tenant, allowed, tid, welcome):
    app = provider.app("microsoft", tenant=tenant, tenants=frozenset(allowed))
    # as for the shared names
    provider.discover(f"{provider.base}/{{tenantid}}/v2.0")
    issuer = f"{provider.base}/{tid}/v2.0"
    kept, params = provider.sign_in(app, tid=tid, iss=issuer)
    if welcome:
        assert flow.microsoft.finish(app, kept, params)[0].tenant == tid
    else:
        with refused("other_tenant"):
            flow.microsoft.finish(app, kept, params)


@pytest.mark.parametrize(
    "claims",
    [
        # in the issuer one, in the claim another
        {"tid": OTHER_TENANT},
        {"tid": None},
        {"tid": "", "iss": "{base}//v2.0"},
        {"tid": "x", "iss": "{base}/x/v2.0"},
        {"iss": "{base}/" + TENANT},
        {"iss": "{base}/" + TENANT + "/v2.0/"},
        {"iss": "{base}/" + OTHER_TENANT + "/../" + TENANT + "/v2.0"},
    ],
    ids=repr,
)
def test_threat_20_a_tenant_that_is_said_twice_is_the_same(provider, claims):
    app = provider.app("microsoft", tenant="common")
    provider.discover(f"{provider.base}/{{tenantid}}/v2.0")
    if "iss" in claims:
        claims = claims | {"iss": claims["iss"].replace("{base}", provider.base)}
    kept, params = provider.sign_in(app, **claims)
    with refused("forged"):
        flow.microsoft.finish(app, kept, params)


def test_threat_20_a_tenant_named_by_its_domain_is_the_one_discovery_names(provider):
    app = provider.app("microsoft", tenant="lanyue.example")
    issuer = f"{provider.base}/{OTHER_TENANT}/v2.0"
    kept, params = provider.sign_in(app, tid=OTHER_TENANT, iss=issuer)
    with refused("forged", "iss"):
        flow.microsoft.finish(app, kept, params)


def test_a_key_signs_only_for_the_issuer_it_is_listed_with(provider):
    app = provider.app("microsoft")
    pattern = f"{provider.base}/{{tenantid}}/v2.0"
    provider.say("/certs", (200, {}, {"keys": [jwk(issuer=pattern)]}))
    kept, params = provider.sign_in(app)
    flow.microsoft.finish(app, kept, params)
    forget()
    issuer = f"{provider.base}/{CONSUMER}/v2.0"
    provider.say("/certs", (200, {}, {"keys": [jwk(issuer=issuer)]}))
    kept, params = provider.sign_in(app)
    with refused("forged", "key"):
        flow.microsoft.finish(app, kept, params)


def test_the_address_is_for_display(provider):
    """(tid, oid) is who it is; an address that is none is no address."""
    app = provider.app("microsoft")
    kept, params = provider.sign_in(app, preferred_username="+8613800000000")
    account, _tokens = flow.microsoft.finish(app, kept, params)
    assert account.email == "alice@lanyue.example"
    kept, params = provider.sign_in(app, preferred_username=None, email=["x"], name={})
    account, _tokens = flow.microsoft.finish(app, kept, params)
    assert (account.email, account.name) == ("", "")


# --- logs, threat 12 ---


@both
def test_threat_12_no_log_at_any_level_holds_a_secret(provider, name):
    app = provider.app(name)
    with all_logs() as lines:
        kept, params = provider.sign_in(app)
        _account, tokens = flow.of(name).finish(app, kept, params)
        provider.say("/token", (200, {}, provider.tokens(refresh_token=ROTATED)))
        flow.of(name).refresh(app, tokens.refresh_token)
        provider.say("/token", (400, {}, {"error": "invalid_grant"}))
        with refused("consent_needed"):
            flow.of(name).refresh(app, tokens.refresh_token)
        provider.say("/token", (200, {}, f"not json {ACCESS} {REFRESH}"))
        with refused("transient"):
            flow.of(name).refresh(app, tokens.refresh_token)
    text = "\n".join(lines)
    assert "/token" in text  # urllib3 did speak
    verifier = kept["code_verifier"]
    for secret in (SECRET, ACCESS, REFRESH, ROTATED, CODE, verifier, params["state"]):
        assert secret not in text
