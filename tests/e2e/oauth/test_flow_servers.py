# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The flows from consent to the end against each OAuth server that others wrote, as
Google and as Microsoft."""

import logging

import flow
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from servers.ca import self_signed
from servers.oauth import ALICE, TENANT

from .app import CALLBACK, CLIENT_ID
from .flows import app_of, asked, consent, refusal

SERVERS = ["idp", "strict_op", "emulate"]
every = pytest.mark.parametrize("provider", ["google", "microsoft"])


@pytest.fixture(params=SERVERS)
def server(request, trusted):
    return request.getfixturevalue(request.param)


@every
def test_from_consent_to_the_end(server, provider):
    app, module = app_of(server, provider), flow.of(provider)
    account, tokens = consent(server, app)
    assert account.email == ALICE
    assert account.subject
    assert account.tenant == (TENANT if provider == "microsoft" else "")
    assert tokens.access_token and tokens.refresh_token
    # the same person again is the same subject
    assert consent(server, app)[0] == account

    second = module.refresh(app, tokens.refresh_token)
    assert second.access_token != tokens.access_token
    third = module.refresh(app, second.refresh_token)
    if provider == "google":
        assert module.revoke(app, third.refresh_token) is True
        dead = refusal(module.refresh, app, third.refresh_token)
        assert dead[0] == "consent_needed"
        assert module.revoke(app, third.refresh_token) is True
    else:
        assert module.revoke(app, third.refresh_token) is False


@every
@pytest.mark.parametrize("name", ["strict_op", "idp"])
def test_a_refresh_token_that_was_used_is_dead(request, trusted, name, provider):
    server = request.getfixturevalue(name)
    app, module = app_of(server, provider), flow.of(provider)
    first = consent(server, app)[1].refresh_token
    assert module.refresh(app, first).refresh_token != first
    assert refusal(module.refresh, app, first)[0] == "consent_needed"


def test_the_strict_one_ends_all_when_a_token_comes_twice(strict_op, trusted):
    app, refresh = app_of(strict_op, "microsoft"), flow.microsoft.refresh
    first = consent(strict_op, app)[1].refresh_token
    second = refresh(app, first).refresh_token
    for token in (first, second):
        assert refusal(refresh, app, token)[0] == "consent_needed"


@every
def test_threat_1_a_code_is_good_for_one_use(server, provider):
    app = app_of(server, provider)
    once = asked(server, app)
    assert flow.of(provider).finish(app, *once)
    assert refusal(flow.of(provider).finish, app, *once)[0] == "consent_needed"


@every
def test_threat_4_a_code_without_its_verifier_is_worth_nothing(server, provider):
    app = app_of(server, provider)
    (mine, _params), (_theirs, stolen) = asked(server, app), asked(server, app)
    stolen["state"] = mine["state"]
    assert refusal(flow.of(provider).finish, app, mine, stolen)[0] == "consent_needed"


@every
def test_a_wrong_secret_is_the_apps_fault(server, provider):
    if server.program == "idp.mjs":
        server.set(clients={CLIENT_ID: "the true one"})
    app = app_of(server, provider)
    wrong = app_of(server, provider, secret="not-the-secret-of-it")
    answer = asked(server, app)
    assert refusal(flow.of(provider).finish, wrong, *answer)[0] == "app_broken"
    assert refusal(flow.of(provider).test, wrong, CALLBACK)[0] == "app_broken"


def test_a_certificate_in_place_of_a_secret(strict_op, trusted):
    private = rsa.generate_private_key(65537, 2048)
    key, certificate = self_signed(private)
    jwk = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True) | {"use": "sig"}
    strict_op.register("app-with-certificate", None, [CALLBACK], jwks={"keys": [jwk]})
    about = {"client_id": "app-with-certificate", "secret": key + certificate}
    app = app_of(strict_op, "microsoft", **about)
    _account, tokens = consent(strict_op, app)
    assert flow.microsoft.refresh(app, tokens.refresh_token).access_token
    assert flow.microsoft.test(app, CALLBACK) is None
    forms = [entry["form"] for entry in strict_op.requests()]
    assert all("client_secret" not in form for form in forms)


@every
def test_the_app_is_tested_without_a_person(server, provider):
    assert flow.of(provider).test(app_of(server, provider), CALLBACK) is None


@every
def test_the_person_says_no(strict_op, trusted, provider):
    strict_op.set(page=True)
    app = app_of(strict_op, provider)
    kept, params = asked(strict_op, app, allow=False)
    assert refusal(flow.of(provider).finish, app, kept, params)[0] == "denied"
    assert strict_op.requests() == []


@every
def test_threat_18_a_right_that_was_unticked(strict_op, trusted, provider):
    app = app_of(strict_op, provider)
    lacking = app.endpoints.scopes[-1]
    strict_op.set(rejected=[lacking])
    kind, _code = refusal(consent, strict_op, app)
    assert kind == "scope_missing"


@every
def test_threat_3_the_strict_one_says_who_it_is(strict_op, trusted, provider):
    app = app_of(strict_op, provider)
    kept, params = asked(strict_op, app)
    assert params["iss"]
    params["iss"] += "x"
    strict_op.forget_requests()
    assert refusal(flow.of(provider).finish, app, kept, params) == ("forged", "iss")
    assert strict_op.requests() == []


@every
def test_threat_12_no_log_holds_what_they_gave(server, provider, caplog):
    """Without any redaction: nothing that we call writes it."""
    app = app_of(server, provider)
    with caplog.at_level(logging.DEBUG):
        begun = flow.of(provider).begin(app, CALLBACK, login_hint=ALICE)
        caplog.clear()
    kept, params = asked(server, app)
    with caplog.at_level(logging.DEBUG):
        _account, tokens = flow.of(provider).finish(app, kept, params)
        again = flow.of(provider).refresh(app, tokens.refresh_token)
    text = caplog.text
    assert "urllib3" in text or "POST" in text
    for secret in (
        *(tokens.access_token, tokens.refresh_token, again.refresh_token),
        *(params["code"], kept["code_verifier"], app.secret, begun.state),
    ):
        assert secret not in text
