# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a provider's refusal means for us: one type, eight kinds, tables of codes.

The words of a provider are never used to decide (Microsoft forbids it and changes
them), with one exception: on the redirect the AADSTS number is in the words alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from . import redact

KINDS = frozenset(
    {
        "consent_needed",  # the grant is dead: the person signs in again
        "admin_consent",  # the tenant wants its administrator's consent
        "denied",  # the person said no
        "scope_missing",  # fewer rights granted than asked
        "app_broken",  # client id, secret, redirect URI or tenant of the app
        "forged",  # state, nonce, issuer, audience or signature do not match
        "other_tenant",  # not one of the organizations that may
        "transient",  # network, 429, 5xx, an answer that is none
    }
)
# Of app_broken: what is wrong whoever asks with whatever code or token. The others may
# be due to what a person brought along.
OF_APP_ALONE = frozenset(
    {
        *("invalid_client", "deleted_client", "disabled_client", "not_set_up"),
        # the secret, the certificate
        *("AADSTS7000215", "AADSTS7000222", "AADSTS7000218", "AADSTS700027"),
        *("AADSTS700024", "AADSTS700030", "AADSTS70002"),
        # the client id, the tenant
        *("AADSTS700016", "AADSTS7000112", "AADSTS90002"),
    }
)
DETAIL_CHARS = 200
_CODE_CHARS = 64
# What is no text: markup, control characters, surrogates, marks that turn the line
_UNFIT = re.compile(
    "[<>&\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)

# developers.google.com/identity/protocols/oauth2/web-server, "Errors"; RFC 6749 4.1.2.1
# and 5.2; OpenID Connect Core 3.1.2.6.
_BY_ERROR = {
    "invalid_grant": "consent_needed",
    "interaction_required": "consent_needed",
    "login_required": "consent_needed",
    "account_selection_required": "consent_needed",
    "consent_required": "consent_needed",
    "access_denied": "denied",
    "admin_policy_enforced": "admin_consent",
    "invalid_client": "app_broken",
    "unauthorized_client": "app_broken",
    "deleted_client": "app_broken",
    "disabled_client": "app_broken",
    "org_internal": "other_tenant",
    "redirect_uri_mismatch": "app_broken",
    "invalid_redirect_uri": "app_broken",
    "invalid_scope": "app_broken",
    "invalid_resource": "app_broken",
    "invalid_target": "app_broken",
    "invalid_request": "app_broken",
    "unsupported_grant_type": "app_broken",
    "unsupported_response_type": "app_broken",
    "temporarily_unavailable": "transient",
    "server_error": "transient",
    "slow_down": "transient",
    "rate_limit_exceeded": "transient",
}

# learn.microsoft.com/entra/identity-platform/reference-error-codes
_BY_AADSTS = {
    number: kind
    for kind, numbers in {
        "consent_needed": (
            # dead, revoked, idle, sign-in frequency, redeemed, wrong verifier
            *(70000, 70008, 70043, 700082, 700084, 50173, 50089, 50132, 50133),
            *(54005, 501481, 700005, 50085),
            # a second factor, the device, conditional access
            *(50072, 50074, 50076, 50078, 50079, 50097, 50129, 50131, 50158),
            *(53000, 53001, 53002, 53003, 53004, 53011, 530032, 530034, 530035),
            # the account: disabled, locked, password
            *(50053, 50055, 50056, 50057, 50058, 50125, 50126, 50135, 50144),
            *(16001, 700020, 50196, 50140, 50197),
        ),
        "admin_consent": (
            *(65001, 90008, 90094, 90095, 90099),
            # the app or the resource is not in that tenant yet; the user is not
            # assigned to the app; a service the organization has not enabled
            *(500011, 50105, 650052, 7000229),
        ),
        "denied": (65004,),
        "app_broken": (
            # the secret, the certificate
            *(70002, 7000215, 7000222, 7000218, 700025, 50012, 50013, 500133, 50027),
            *(700024, 700027, 700030, 50048, 50003),
            # the client id, the tenant, the cloud
            *(70001, 700011, 700016, 7000112, 50194, 90002, 50049, 50128, 900023),
            *(90038, 90043, 90051, 900382, 900432, 90130, 9001023, 9002332, 1000031),
            # the redirect URI, the scopes, the form of the request
            *(50011, 70004, 900971, 500113, 70003, 70005, 70007, 70011, 28002, 28003),
            *(50001, 65005, 650054, 650056, 650057, 700022, 700023, 900144, 90014),
            *(90023, 9002313, 90100, 90102, 50147, 501491),
        ),
        "other_tenant": (
            *(16000, 16003, 50014, 50020, 50034, 51004, 90072, 90084),
            *(50002, 500021, 500022, 500208, 500212, 500213, 1000104),
        ),
        "transient": (
            *(50033, 50087, 50088, 50166, 70012, 90006, 90012, 90024, 90033, 90055),
            *(90090, 90091, 40010, 80002, 80005, 501621),
        ),
    }.items()
    for number in numbers
}


class OAuthError(Exception):
    """``kind``: one of KINDS. ``code``: ours or the provider's, at most 64 characters.
    ``detail``: the provider's words, one line of at most 200 characters, no markup, no
    token, secret or code. ``retry_after``: seconds or None."""

    def __init__(self, kind, code="", detail="", retry_after=None):
        assert kind in KINDS, kind
        self.kind = kind
        self.code = re.sub(r"[^\w.:-]", "", str(code), flags=re.ASCII)[:_CODE_CHARS]
        self.detail = one_line(detail)
        self.retry_after = retry_after
        super().__init__(": ".join(filter(None, (kind, self.code, self.detail))))


def one_line(words: object, hide: Collection[str] = ()) -> str:
    """The words without ``hide``, known secrets, markup and control characters."""
    if not isinstance(words, str):
        return ""
    # a provider may send megabytes; what is cut here is cut again below
    words = words[: 20 * DETAIL_CHARS]
    for secret in hide:
        if len(secret) >= 6:
            words = words.replace(secret, redact.GONE)
    words = redact.text(words)
    words = " ".join(_UNFIT.sub(" ", words).split())
    if len(words) > DETAIL_CHARS:
        words = words[: DETAIL_CHARS - 1] + "…"
    return words


def of_answer(answer: Mapping, hide: Collection[str] = ()) -> OAuthError:
    """The meaning of a token endpoint's ``{"error": ...}``, or of the parameters of a
    redirect that brought one. ``hide``: secrets that the words must not hold."""
    error = _text(answer.get("error"))
    words = _text(answer.get("error_description"))
    numbers = _aadsts(answer, words)
    known = [number for number in numbers if number in _BY_AADSTS]
    if known:
        code, kind = f"AADSTS{known[0]}", _BY_AADSTS[known[0]]
    else:
        code = f"AADSTS{numbers[0]}" if numbers else error
        kind = _BY_ERROR.get(error, "transient")
        if answer.get("suberror") == "consent_required":
            kind = "admin_consent"
    for secret in hide:
        if len(secret) >= 6:
            code = code.replace(secret, "")
    return OAuthError(kind, code, one_line(words, hide))


def _text(value):
    return value if isinstance(value, str) else ""


def _aadsts(answer, words):
    """The numbers, the most telling first."""
    listed = answer.get("error_codes")
    if isinstance(listed, list):
        numbers = [n for n in listed if type(n) is int]
        if numbers:
            return numbers
    return [int(digits) for digits in re.findall(r"\bAADSTS(\d{4,9})\b", words)]
