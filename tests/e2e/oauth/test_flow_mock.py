# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The flows against oauth2-mock-server, which stands for Google and for Microsoft and
refuses on demand."""

import time

import flow
import pytest
from flow.errors import OAuthError
from servers.oauth import ALICE, TENANT

from .app import CALLBACK, SECRET
from .flows import app_of, asked, consent, refusal

both = pytest.mark.parametrize("provider", ["google", "microsoft"])


@pytest.fixture
def mock(idp, trusted):
    idp.forget_requests()
    return idp


@both
def test_a_provider_that_does_not_rotate(mock, provider):
    mock.set(rotation="none")
    app = app_of(mock, provider)
    first = consent(mock, app)[1].refresh_token
    for _time in range(2):
        assert flow.of(provider).refresh(app, first).refresh_token == first


@both
def test_threat_1_a_code_is_good_for_one_use(mock, provider):
    app = app_of(mock, provider)
    once = asked(mock, app)
    assert flow.of(provider).finish(app, *once)
    mock.forget_requests()
    assert refusal(flow.of(provider).finish, app, *once)[0] == "consent_needed"
    assert len(mock.requests()) == 1  # the provider was asked, not a cache


@both
def test_threat_4_a_code_without_its_verifier_is_worth_nothing(mock, provider):
    app = app_of(mock, provider)
    (mine, _params), (_theirs, stolen) = asked(mock, app), asked(mock, app)
    stolen["state"] = mine["state"]
    wrong = ("consent_needed", "AADSTS501481")
    assert refusal(flow.of(provider).finish, app, mine, stolen) == wrong


@both
def test_threat_3_iss_is_compared_where_it_comes(mock, provider):
    mock.set(iss_parameter=True)
    app = app_of(mock, provider)
    kept, params = asked(mock, app)
    assert params["iss"] == mock.issuer(TENANT if provider == "microsoft" else "")
    assert flow.of(provider).finish(app, kept, params)
    mock.set(redirect={"iss": "https://evil.example"}, iss_parameter=False)
    mock.forget_requests()
    assert refusal(consent, mock, app) == ("forged", "iss")
    assert mock.requests() == []


@both
@pytest.mark.parametrize(
    ("claims", "wanted"),
    [
        ({"nonce": "another"}, "forged"),
        ({"aud": "another-app"}, "forged"),
        ({"iss": "https://evil.example"}, "forged"),
        ({"exp": 1000}, "forged"),
        ({"exp": None}, "forged"),
    ],
)
def test_threat_4_what_an_id_token_must_say(mock, provider, claims, wanted):
    mock.set(id_claims=claims)
    assert refusal(consent, mock, app_of(mock, provider))[0] == wanted


def test_threat_20_a_foreign_tenant(mock):
    other = "0e9d8c7b-6a5f-4e3d-2c1b-0a9f8e7d6c5b"
    mock.set(users={ALICE: {"tid": other}})
    allowed = {"tenant": "organizations", "tenants": frozenset([TENANT])}
    app = app_of(mock, "microsoft", **allowed)
    assert refusal(consent, mock, app)[0] == "other_tenant"
    app = app_of(mock, "microsoft", tenant="organizations")
    assert consent(mock, app)[0].tenant == other


@both
def test_threat_18_a_right_that_was_unticked(mock, provider):
    app = app_of(mock, provider)
    mock.set(granted=["openid", "email", "offline_access"])
    assert refusal(consent, mock, app)[0] == "scope_missing"


@both
@pytest.mark.parametrize(
    ("denied", "wanted"),
    [
        ({"error": "access_denied"}, "denied"),
        (
            {
                "error": "access_denied",
                "error_description": "AADSTS65004: User declined to consent.",
            },
            "denied",
        ),
        (
            {
                "error": "access_denied",
                "error_description": "AADSTS90094: admin <script>\r\n",
            },
            "admin_consent",
        ),
    ],
)
def test_the_person_comes_back_with_an_error(mock, provider, denied, wanted):
    mock.set(denied=denied)
    assert refusal(consent, mock, app_of(mock, provider))[0] == wanted
    assert mock.requests() == []


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (50173, "consent_needed"),
        (700082, "consent_needed"),
        (70008, "consent_needed"),
        (70043, "consent_needed"),
        (70000, "consent_needed"),
        (50076, "consent_needed"),
        (53003, "consent_needed"),
        (65001, "admin_consent"),
        (90094, "admin_consent"),
        (700016, "app_broken"),
        (7000215, "app_broken"),
        (7000222, "app_broken"),
        (50011, "app_broken"),
        (90002, "app_broken"),
    ],
)
def test_what_microsoft_refuses_a_refresh_with(mock, number, wanted):
    app = app_of(mock, "microsoft")
    token = consent(mock, app)[1].refresh_token
    mock.fail_aadsts(number, times=1)
    refresh = flow.microsoft.refresh
    assert refusal(refresh, app, token) == (wanted, f"AADSTS{number}")
    # mended: the next one reaches the provider at once
    assert refresh(app, token).access_token


@both
@pytest.mark.parametrize("status", [429, 500, 503])
def test_who_is_busy_is_asked_once(mock, provider, status):
    app = app_of(mock, provider)
    token = consent(mock, app)[1].refresh_token
    mock.forget_requests()
    mock.fail(status, "busy", {"Retry-After": "3"}, times=1)
    began = time.monotonic()
    with pytest.raises(OAuthError) as caught:
        flow.of(provider).refresh(app, token)
    assert time.monotonic() - began < 2  # no library of ours waits and asks again
    assert caught.value.retry_after == 3
    assert len(mock.requests()) == 1
    assert flow.of(provider).refresh(app, token).access_token


@both
def test_a_provider_that_hangs_up_leaves_the_old_token_usable(mock, provider):
    app = app_of(mock, provider)
    token = consent(mock, app)[1].refresh_token
    mock.fail(0, times=1)
    assert refusal(flow.of(provider).refresh, app, token)[0] == "transient"
    assert flow.of(provider).refresh(app, token).access_token


@both
def test_the_app_is_tested_without_a_person(mock, provider):
    app = app_of(mock, provider)
    mock.set(clients={app.client_id: SECRET})
    assert flow.of(provider).test(app, CALLBACK) is None
    for wrong in ({"secret": "another"}, {"client_id": "another"}):
        broken = app_of(mock, provider, **wrong)
        assert refusal(flow.of(provider).test, broken, CALLBACK)[0] == "app_broken"
