# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Threat 11: what a process keeps of a provider, and how often it asks again."""

import json

import pytest
from flow import keys, msalhttp
from flow.http import Reply
from oauth_provider import forget, refused

URL = "https://idp.example/keys"
WELL_KNOWN = "https://idp.example/t/v2.0/.well-known/openid-configuration"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Scripted:
    """In place of Http: answers with what ``body`` is at the time."""

    def __init__(self, body):
        self.body, self.asked = body, []

    def get(self, url):
        self.asked.append(url)
        return Reply(200, {}, json.dumps(self.body).encode())


@pytest.fixture(autouse=True)
def nothing_kept():
    forget()
    yield
    forget()


def listed(*kids):
    return {"keys": [{"kid": kid, "kty": "RSA"} for kid in kids]}


def test_a_known_key_is_asked_for_once_an_hour():
    http, clock = Scripted(listed("a")), Clock()
    for seconds in (0, 1, 3598):
        clock.now = 1000 + seconds
        assert keys.find(http, URL, "a", clock)["kid"] == "a"
    assert len(http.asked) == 1
    clock.now = 1000 + 3600
    keys.find(http, URL, "a", clock)
    assert len(http.asked) == 2


def test_a_key_that_was_withdrawn_is_believed_for_an_hour_at_most():
    http, clock = Scripted(listed("a")), Clock()
    keys.find(http, URL, "a", clock)
    http.body = listed("b")
    clock.now += 3600
    with refused("forged", "kid"):
        keys.find(http, URL, "a", clock)


def test_a_new_key_is_found_after_a_minute():
    http, clock = Scripted(listed("a")), Clock()
    keys.find(http, URL, "a", clock)
    http.body = listed("a", "b")
    clock.now += 59
    with refused("forged", "kid"):
        keys.find(http, URL, "b", clock)
    clock.now += 1
    assert keys.find(http, URL, "b", clock)["kid"] == "b"


def test_a_hundred_invented_keys_are_one_question_a_minute():
    http, clock = Scripted(listed("a")), Clock()
    for number in range(100):
        with refused("forged", "kid"):
            keys.find(http, URL, f"invented-{number}", clock)
    assert len(http.asked) == 1
    clock.now += 60
    for number in range(100):
        with refused("forged", "kid"):
            keys.find(http, URL, f"invented-{number}", clock)
    assert len(http.asked) == 2
    # and the true one is still known
    assert keys.find(http, URL, "a", clock)
    assert len(http.asked) == 2


def test_the_keys_of_one_provider_are_not_anothers():
    clock = Clock()
    keys.find(Scripted(listed("a")), URL, "a", clock)
    with refused("forged", "kid"):
        keys.find(Scripted(listed("b")), f"{URL}/other", "a", clock)


def test_what_is_kept_is_bounded():
    clock = Clock()
    document = {
        "issuer": "https://idp.example/t/v2.0",
        "authorization_endpoint": "https://idp.example/a",
        "token_endpoint": "https://idp.example/t",
    }
    for number in range(200):
        keys.find(Scripted(listed("a")), f"{URL}/{number}", "a", clock)
        http = msalhttp.MsalHttp(Scripted(document), clock)
        http.get(f"{WELL_KNOWN}?{number}")
    assert len(keys._kept) <= 32
    assert len(msalhttp._documents) <= 64


def test_a_tenants_endpoints_are_kept_for_a_day():
    document = {
        "issuer": "https://idp.example/{tenantid}/v2.0",
        "authorization_endpoint": "https://idp.example/a",
        "token_endpoint": "https://idp.example/t",
        "jwks_uri": "not kept",
    }
    http, clock = Scripted(document), Clock()
    for seconds in (0, 86_399):
        clock.now = 1000 + seconds
        found = msalhttp.MsalHttp(http, clock)
        assert json.loads(found.get(WELL_KNOWN).text)["token_endpoint"]
        assert found.issuer == ""  # a pattern is no issuer
    assert len(http.asked) == 1
    clock.now = 1000 + 86_400
    http.body = document | {"issuer": "https://idp.example/t/v2.0"}
    found = msalhttp.MsalHttp(http, clock)
    found.get(WELL_KNOWN)
    assert found.issuer == "https://idp.example/t/v2.0"
