# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Threat 12: texts without the secrets in them."""

import io
import json
import logging

import pytest
from flow import redact

SECRET = "4/0AbCd-eF_gh.Ij~KlMnOp"


@pytest.fixture
def factory():
    """As before the test, and as if nobody had installed."""
    before = logging.getLogRecordFactory()
    installed, redact._installed[:] = list(redact._installed), []
    yield
    logging.setLogRecordFactory(before)
    redact._installed[:] = installed


@pytest.mark.parametrize(
    "text",
    [
        # werkzeug's access log
        f'1.2.3.4 - - "GET /waimaolang_mail_oauth/google/callback?state={SECRET}'
        f'&code={SECRET}&scope=email HTTP/1.1" 303 -',
        f"/web/login?redirect=%2Fcallback%3Fcode={SECRET}%26state={SECRET}",
        # forms
        f"grant_type=x&refresh_token={SECRET}&client_secret={SECRET}",
        f"client_assertion={SECRET}&code={SECRET}&code_verifier={SECRET}&x=1",
        f"token=1&token={SECRET}",
        # JSON and reprs
        json.dumps({"access_token": SECRET, "id_token": SECRET, "n": 1}),
        json.dumps(json.dumps({"access_token": SECRET, "state": SECRET})),
        repr({"refresh_token": SECRET, "code": SECRET, "nonce": SECRET}),
        repr({"client_secret": f"{SECRET}'{SECRET}"}),
        repr({"access_token": SECRET.encode()}),
        f"Tokens(access_token={SECRET!r}, refresh_token={SECRET!r})",
        f"refresh(refresh_token = '{SECRET}')",
        # headers, SASL
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Bearer {SECRET}'}}",
        f"{{'Authorization': 'Basic {SECRET}'}}",
        f"authorization: basic {SECRET}",
        f"user=a@b\x01auth=Bearer {SECRET}\x01\x01",
        f"AUTHENTICATE XOAUTH2 {SECRET}",
        f"CLIENT_SECRET={SECRET}",
    ],
)
def test_what_is_a_secret_by_its_name(text):
    assert SECRET not in redact.text(text)
    assert SECRET[8:] not in redact.text(text)
    assert redact.GONE in redact.text(text)


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl",
        "ya29.a0AfB_byC-1234567890",
        "1//0gabcdefghijklmnop",
        "GOCSPX-abcdef_123456",
    ],
)
def test_what_is_a_secret_by_its_look(secret):
    assert redact.text(f"odd: {secret}, end") == "odd: [redacted], end"


@pytest.mark.parametrize(
    "text",
    [
        "mailbox 7: state=connected, was 'draft'",
        "{'state': 'connected', 'code': 'auth_bad', 'error_code': 'oauth_required'}",
        '{"error": "invalid_grant", "error_description": "Token has been revoked."}',
        "the token endpoint said no; code 5, states: 7",
        "the client secret has expired",
        "Basic authentication is off",
        "GET /web?debug=1&menu_id=5 HTTP/1.1",
        "nothing at all",
        "",
    ],
)
def test_what_is_none(text):
    assert redact.text(text) == text


def test_what_is_between_them_stays():
    text = f'GET /cb?code={SECRET}&scope=email&state={SECRET} HTTP/1.1" 303'
    assert redact.text(text) == (
        'GET /cb?code=[redacted]&scope=email&state=[redacted] HTTP/1.1" 303'
    )
    twice = redact.text(redact.text(text))
    assert twice == redact.text(text)


def logged(name, log):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        log(logger)
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


@pytest.mark.parametrize(
    "name",
    ["werkzeug", "odoo.addons.x", "msal.application", "urllib3.y", "google.auth"],
)
def test_installed_it_cleans_message_arguments_and_traceback(factory, name):
    redact.install()
    redact.install()

    def log(logger):
        logger.warning("%s asked %s", "werkzeug", f"/cb?code={SECRET}&n=1")
        logger.warning("%(access)s", {"access": {"access_token": SECRET}})
        logger.warning({"refresh_token": SECRET})
        try:
            raise ValueError(f"Bearer {SECRET}")
        except ValueError:
            logger.exception("failed")
        logger.warning("plain %s", 7)

    text = logged(name, log)
    assert SECRET not in text
    assert "werkzeug asked /cb?code=[redacted]&n=1" in text
    assert "ValueError: Bearer [redacted]" in text
    assert "plain 7" in text


def test_installed_twice_it_is_there_once(factory):
    redact.install()
    first = logging.getLogRecordFactory()
    redact.install()
    assert logging.getLogRecordFactory() is first


def test_other_loggers_are_left_alone(factory):
    redact.install()
    text = logged("other", lambda logger: logger.warning("Bearer %s", SECRET))
    assert SECRET in text


def test_arguments_that_do_not_fit_are_dropped_with_what_they_hold(factory):
    redact.install()
    text = logged("odoo", lambda logger: logger.warning("no place", SECRET))
    assert text == "no place\n"
