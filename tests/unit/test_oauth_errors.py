# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a refusal means, and what of its words may be shown."""

import pytest
from flow import errors
from flow.errors import OAuthError, of_answer, one_line

# as Entra words it: learn.microsoft.com/entra/identity-platform/reference-error-codes
TRACE = "\r\nTrace ID: 0000aaaa-11bb\r\nTimestamp: 2026-11-20 02:02:12Z"


def entra(number, error, **more):
    return {
        "error": error,
        "error_description": f"AADSTS{number}: Words.{TRACE}",
        "error_codes": [number],
        **more,
    }


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (entra(50173, "invalid_grant"), "consent_needed", "AADSTS50173"),
        (entra(700082, "invalid_grant"), "consent_needed", "AADSTS700082"),
        (entra(70008, "invalid_grant"), "consent_needed", "AADSTS70008"),
        (entra(70043, "invalid_grant"), "consent_needed", "AADSTS70043"),
        (entra(70000, "invalid_grant"), "consent_needed", "AADSTS70000"),
        (entra(54005, "invalid_grant"), "consent_needed", "AADSTS54005"),
        (entra(501481, "invalid_grant"), "consent_needed", "AADSTS501481"),
        (entra(50076, "interaction_required"), "consent_needed", "AADSTS50076"),
        (entra(50079, "interaction_required"), "consent_needed", "AADSTS50079"),
        (entra(53003, "interaction_required"), "consent_needed", "AADSTS53003"),
        (entra(65001, "invalid_grant"), "admin_consent", "AADSTS65001"),
        (entra(90094, "consent_required"), "admin_consent", "AADSTS90094"),
        (entra(90095, "consent_required"), "admin_consent", "AADSTS90095"),
        (entra(65004, "consent_required"), "denied", "AADSTS65004"),
        (entra(700016, "unauthorized_client"), "app_broken", "AADSTS700016"),
        (entra(7000215, "invalid_client"), "app_broken", "AADSTS7000215"),
        (entra(7000222, "invalid_client"), "app_broken", "AADSTS7000222"),
        (entra(700027, "invalid_client"), "app_broken", "AADSTS700027"),
        (entra(50011, "invalid_request"), "app_broken", "AADSTS50011"),
        (entra(90002, "invalid_request"), "app_broken", "AADSTS90002"),
        (entra(50194, "invalid_request"), "app_broken", "AADSTS50194"),
        (entra(50020, "interaction_required"), "other_tenant", "AADSTS50020"),
        (entra(90033, "temporarily_unavailable"), "transient", "AADSTS90033"),
        # numbers that nobody here knows: the error decides
        (entra(99999, "invalid_grant"), "consent_needed", "AADSTS99999"),
        (entra(99999, "invalid_client"), "app_broken", "AADSTS99999"),
        (entra(99999, "of_2030"), "transient", "AADSTS99999"),
        (
            entra(99999, "invalid_grant", suberror="consent_required"),
            "admin_consent",
            "AADSTS99999",
        ),
        # the first known of several
        (
            entra(99999, "invalid_grant", error_codes=[99999, 7000215, 50173]),
            "app_broken",
            "AADSTS7000215",
        ),
        # the words alone, as on the redirect; not what only looks like a number
        (
            {"error": "access_denied", "error_description": "AADSTS90094: x"},
            "admin_consent",
            "AADSTS90094",
        ),
        ({"error": "access_denied", "error_description": "90094"}, "denied", None),
        (
            {"error": "invalid_grant", "error_description": "Token has been revoked."},
            "consent_needed",
            "invalid_grant",
        ),
        ({"error": "redirect_uri_mismatch"}, "app_broken", None),
        ({"error": "admin_policy_enforced"}, "admin_consent", None),
        ({"error": "org_internal"}, "other_tenant", None),
        ({"error": "server_error"}, "transient", None),
        # no sense at all
        ({}, "transient", ""),
        ({"error": ["x"]}, "transient", ""),
        ({"error": None, "error_codes": "50173"}, "transient", ""),
        (
            {"error": "invalid_grant", "error_codes": [[], {}, "x"]},
            "consent_needed",
            None,
        ),
        ({"error": "invalid_grant", "error_codes": [True]}, "consent_needed", None),
        ({"error": "x" * 999, "suberror": []}, "transient", "x" * 64),
        ({"error": "<b>\r\nSet-Cookie: a"}, "transient", "bSet-Cookie:a"),
    ],
)
def test_what_it_means(answer, kind, code):
    error = of_answer(answer)
    assert error.kind == kind
    if code is not None:
        assert error.code == code


def test_every_number_has_one_meaning_and_every_meaning_is_known():
    assert set(errors._BY_AADSTS.values()) <= errors.KINDS
    assert set(errors._BY_ERROR.values()) <= errors.KINDS


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("Token has been revoked.", "Token has been revoked."),
        ("one\r\ntwo\tthree\0four", "one two three four"),
        # threat 6
        ("<script>alert(1)</script>", "script alert(1) /script"),
        ("a&lt;b", "a lt;b"),
        ("turned \u202eround\u2069 \u2028line", "turned round line"),
        ("half \ud800 a sign", "half a sign"),
        ("令牌已撤销。", "令牌已撤销。"),
        ("x" * 201, "x" * 199 + "…"),
        ("x" * 200, "x" * 200),
        ("y" * 10**7, "y" * 199 + "…"),
        # threat 12
        ("sent Bearer ya29.a0AbC", "sent Bearer [redacted]"),
        ("at https://x/?code=4/0Ab&x=1", "at https://x/?code=[redacted] x=1"),
        ("the known-secret-1 is wrong", "the [redacted] is wrong"),
        (None, ""),
        (["a"], ""),
        (7, ""),
    ],
)
def test_one_line_without_markup_or_secrets(words, line):
    assert one_line(words, hide=["known-secret-1", "x1"]) == line


def test_a_secret_is_not_cut_in_two():
    secret = "s" * 30
    words = one_line("x" * 185 + secret + "y" * 50, hide=[secret])
    assert "sss" not in words and len(words) <= 200


def test_the_error_says_what_it_is():
    error = OAuthError("transient", "http_429", "no\r\n<b>", retry_after=7)
    assert (error.kind, error.code, error.detail) == ("transient", "http_429", "no b")
    assert error.retry_after == 7
    assert str(error) == "transient: http_429: no b"
    assert str(OAuthError("denied")) == "denied"
