# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The OAuth servers do what other tests rely on. Nothing of ours takes part."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from servers.oauth import ALICE, TENANT
from servers.process import ServerError

BOB = "bob@lanyue.example"
SERVERS = ["idp", "strict_op", "emulate"]
PROVIDERS = ["google", "microsoft"]
every = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture(params=SERVERS)
def server(request):
    return request.getfixturevalue(request.param)


# -- the dance -------------------------------------------------------------------


@every
def test_a_code_with_its_verifier_gives_tokens(server, app, provider):
    client = app(server, provider)
    called = client.ask()
    assert called["state"] == "a state"
    status, answer = client.exchange(called["code"])
    assert status == 200
    assert {"access_token", "refresh_token", "expires_in", "scope"} <= answer.keys()
    claims = client.claims(answer["id_token"])
    assert (claims["email"], claims["nonce"]) == (ALICE, client.nonce)
    issuer = client.places["issuer"].replace("{tid}", TENANT)
    assert claims["iss"] == issuer
    if provider == "google":
        assert claims["email_verified"] is True
    else:
        assert claims["tid"] == TENANT and claims["oid"]


@every
def test_a_code_is_good_for_one_use_and_for_whoever_began(server, app, provider):
    client = app(server, provider)
    code = client.ask()["code"]
    status, answer = client.exchange(code, code_verifier="x" * 43)
    assert (status, answer["error"]) == (400, "invalid_grant")
    again = client.ask()["code"]
    assert client.exchange(again)[0] == 200
    status, answer = client.exchange(again)
    assert (status, answer["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("name", ["strict_op", "emulate"])
@every
def test_strangers_are_refused(request, app, name, provider):
    server = request.getfixturevalue(name)
    with pytest.raises(ServerError):
        app(server, provider, callback="https://evil.test/").ask()
    stranger = app(server, provider, secret="another")
    status, answer = stranger.exchange(stranger.ask()["code"])
    assert (status, answer["error"]) == (401, "invalid_client")


# -- refresh tokens --------------------------------------------------------------


@every
def test_a_refreshed_consent_goes_on(server, app, provider):
    client = app(server, provider)
    first = client.tokens()
    status, second = client.refresh(first["refresh_token"])
    assert status == 200
    assert second["access_token"] != first["access_token"]
    last = second.get("refresh_token", first["refresh_token"])
    assert client.refresh(last)[0] == 200


def test_the_strict_one_ends_the_consent_when_a_token_comes_twice(strict_op, app):
    client = app(strict_op, "microsoft")
    first = client.tokens()["refresh_token"]
    second = client.refresh(first)[1]["refresh_token"]
    for token in (first, second):
        status, answer = client.refresh(token)
        assert (status, answer["error"]) == (400, "invalid_grant")
    kinds = [entry["form"]["grant_type"] for entry in strict_op.requests()]
    assert kinds == ["authorization_code", *["refresh_token"] * 3]


@pytest.mark.parametrize(
    "rotation, comes, old", [("strict", True, 400), ("entra", True, 200)]
)
def test_the_mock_rotates_as_told(idp, app, rotation, comes, old):
    idp.set(rotation=rotation)
    client = app(idp, "microsoft")
    first = client.tokens()["refresh_token"]
    second = client.refresh(first)[1]
    assert ("refresh_token" in second) is comes
    assert client.refresh(first)[0] == old
    assert client.refresh(second["refresh_token"])[0] == 200


def test_the_mock_keeps_the_refresh_token_as_google_does(idp, app):
    idp.set(rotation="none")
    client = app(idp, "google")
    first = client.tokens()["refresh_token"]
    for _time in range(2):
        status, answer = client.refresh(first)
        assert status == 200 and "refresh_token" not in answer


@pytest.mark.parametrize("name", SERVERS)
def test_google_revokes(request, app, name):
    server = request.getfixturevalue(name)
    client = app(server, "google")
    token = client.tokens()["refresh_token"]
    assert client.revoke(token) == 200
    assert client.refresh(token)[1]["error"] == "invalid_grant"


# -- what the mock is told to say ------------------------------------------------


@pytest.mark.parametrize(
    "number, status, error, also",
    [
        (50173, 400, "invalid_grant", ""),
        (50076, 400, "interaction_required", "claims"),
        (65001, 400, "invalid_grant", "suberror"),
        (700016, 400, "unauthorized_client", ""),
        (7000215, 401, "invalid_client", ""),
    ],
)
def test_refusals_of_entra(idp, app, number, status, error, also):
    client = app(idp, "microsoft")
    token = client.tokens()["refresh_token"]
    idp.fail_aadsts(number, times=1)
    told, answer = client.refresh(token)
    assert (told, answer["error"], answer["error_codes"]) == (status, error, [number])
    assert answer["error_description"].startswith(f"AADSTS{number}: ")
    assert not also or answer[also]
    assert client.refresh(token)[0] == 200  # told once


def test_busy_down_slow_and_gone(idp, app):
    client = app(idp, "microsoft")
    form = {"grant_type": "refresh_token"}

    def post(**options):
        return client.session.post(client.places["token"], form, **options)

    idp.fail(429, {"error": "temporarily_unavailable"}, {"Retry-After": "7"}, times=1)
    busy = post(timeout=20)
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "7")
    idp.fail(503, "<html>unavailable</html>", times=1)
    assert post(timeout=20).status_code == 503
    idp.fail(None, delay=5, times=1)
    with pytest.raises(requests.Timeout):
        post(timeout=0.5)
    idp.fail(0, times=1)
    with pytest.raises(requests.ConnectionError):
        post(timeout=20)
    idp.fail(500, grant_type="authorization_code")  # another grant
    assert post(timeout=20).status_code == 400


def test_the_mock_says_who_signs_in_and_what_is_granted(idp, app):
    client = app(idp, "microsoft")
    idp.set(login="mallory@elsewhere.test", granted=["openid"], ttl=60)
    idp.set(users={"mallory@elsewhere.test": {"tid": "another", "name": "M"}})
    idp.set(id_claims={"email": None, "extra": 1}, access_claims={"aud": "outlook"})
    answer = client.tokens()
    assert (answer["scope"], answer["expires_in"]) == ("openid", 60)
    claims = client.claims(answer["id_token"])
    assert (claims["tid"], claims["iss"]) == ("another", idp.issuer("another"))
    assert (claims["name"], claims["extra"], "email" in claims) == ("M", 1, False)


def test_the_mock_says_no_and_lies_on_the_way_back(idp, app):
    client = app(idp, "microsoft")
    idp.set(denied={"error": "access_denied", "error_description": "AADSTS65004"})
    assert client.ask() == {
        "error": "access_denied",
        "error_description": "AADSTS65004",
        "state": "a state",
    }
    idp.set(denied=None, iss_parameter=True, redirect={"state": "forged"})
    called = client.ask()
    assert (called["state"], called["iss"]) == ("forged", idp.issuer())


def test_the_mock_knows_apps_if_told(idp, app):
    idp.set(clients={"app-of-a-test": "another"})
    assert app(idp, "google").post(grant_type="refresh_token")[0] == 401
    idp.set(clients={})
    status, answer = app(idp, "google").post(grant_type="refresh_token")
    assert (status, answer["error"]) == (400, "unauthorized_client")


def test_the_log_has_what_was_asked(idp, app):
    client = app(idp, "microsoft")
    client.tokens(BOB)
    [entry] = idp.requests()
    assert (entry["tenant"], entry["status"]) == (TENANT, 200)
    assert entry["form"]["code_verifier"] == client.verifier
    [asked] = idp.requests("authorize")
    assert asked["query"]["login_hint"] == BOB
    idp.forget_requests()
    assert idp.requests(None) == []


def test_two_at_once_get_their_own_tokens(idp, app):
    users = [f"rep{number}@lanyue.example" for number in range(12)]

    def email_of(user):
        client = app(idp, "google")
        return client.claims(client.tokens(user)["id_token"])["email"]

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(email_of, users)) == users


# -- a person before the strict one ----------------------------------------------


@every
def test_a_page_asks_and_the_person_answers(strict_op, app, provider):
    strict_op.set(page=True)
    client = app(strict_op, provider)
    assert client.ask(allow=False)["error"] == "access_denied"
    called = client.ask(BOB)
    assert called["iss"] == client.places["issuer"].replace("{tid}", TENANT)
    claims = client.claims(client.exchange(called["code"])[1]["id_token"])
    assert claims["email"] == BOB


def test_scopes_can_be_unticked(strict_op, app):
    strict_op.set(rejected=["https://mail.google.com/"])
    assert app(strict_op, "google").tokens()["scope"] == "openid email"


def test_apps_and_keys_outlive_a_restart(strict_op, app):
    client = app(strict_op, "google")
    answer = client.tokens()
    strict_op.restart()
    assert client.claims(answer["id_token"])["email"] == ALICE
    assert client.refresh(answer["refresh_token"])[1]["error"] == "invalid_grant"
    client.tokens()


def test_discovery_names_the_same_places(server, app):
    client = app(server, "microsoft")
    root = client.places.get("oidc_authority") or f"{client.places['authority']}/v2.0"
    url = f"{root}/.well-known/openid-configuration"
    found = client.session.get(url, timeout=20).json()
    assert found["token_endpoint"] == client.places["token"], json.dumps(found)
    assert found["issuer"] == client.places["issuer"].replace("{tid}", TENANT)
