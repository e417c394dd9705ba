# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a mailbox that failed is tried again, and in which state it is meanwhile.

Pure arithmetic: the caller owns the clock and writes the outcome.
"""

from dataclasses import dataclass

# A wrong code tried in a loop gets the account or the whole IP locked by the
# Chinese providers, so three strikes end in "reauth".
MAX_AUTH_FAILURES = 3
AUTH_CODES = frozenset(
    {
        "auth_bad",
        "auth_needs_code",
        "imap_disabled",
        "oauth_required",
        "blocked_by_admin",
        "ip_blocked",
        "client_id_required",
        "consent_needed",
        "consent_missing",
    }
)
# Said of a sign-in by the provider itself: a second try changes nothing.
FINAL_CODES = frozenset({"consent_needed", "consent_missing"})
# The mailbox is well; who mends it makes its mailboxes due.
APP_WAIT = 15 * 60
# Tencent's long ambiguous answer is also what it gives when asked too often.
AMBIGUOUS_WAIT = 15 * 60
# A person who tries again at once makes these worse.
WAIT_CODES = frozenset({"ambiguous", "login_frequency"})
# Once is no error to people: a line that was cut, a server that restarts.
PASSING_CODES = frozenset({"timeout", "reset", "refused", "dns"})
FIRST_WAIT = 30
LONGEST_WAIT = 60 * 60
NOT_FAILURES = frozenset({"throttled", "too_many_connections", "quota"})
THROTTLE_WAIT = 5 * 60
QUOTA_WAIT = 60 * 60


@dataclass(frozen=True)
class Verdict:
    """``wait`` in seconds; ``state`` is the mailbox's, "" leaves it."""

    wait: float
    state: str
    failures: int
    auth_failures: int
    reason: str


def wait_of_people(code: str, retry_after: float | None = None) -> float:
    """Seconds for which nobody should try by hand either; 0 for most errors."""
    if code not in WAIT_CODES:
        return 0
    return min(max(retry_after or 0, AMBIGUOUS_WAIT), LONGEST_WAIT)


def after_error(
    code: str, failures: int, auth_failures: int, retry_after: float | None = None
) -> Verdict:
    """``failures`` and ``auth_failures`` are the counts before this error."""
    if code in NOT_FAILURES:
        wait = retry_after or (QUOTA_WAIT if code == "quota" else THROTTLE_WAIT)
        return Verdict(wait, "", failures, auth_failures, "the server asked to wait")
    failures += 1
    wait = min(FIRST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)
    if code in WAIT_CODES:
        return Verdict(
            max(wait, wait_of_people(code, retry_after)),
            "error",
            failures,
            auth_failures,
            "refused for a frequency limit, or perhaps so",
        )
    if code in PASSING_CODES and failures == 1:
        wait = max(wait, retry_after or 0)
        return Verdict(wait, "", failures, auth_failures, "may pass by itself")
    if code in FINAL_CODES:
        return Verdict(
            LONGEST_WAIT, "reauth", failures, auth_failures + 1, "the sign-in is over"
        )
    if code == "app_broken":
        return Verdict(APP_WAIT, "error", failures, auth_failures, "the app is refused")
    if code in AUTH_CODES:
        auth_failures += 1
        if auth_failures >= MAX_AUTH_FAILURES:
            return Verdict(
                LONGEST_WAIT, "reauth", failures, auth_failures, "refused three times"
            )
        wait = max(wait, AMBIGUOUS_WAIT if code == "ip_blocked" else 2 * 60)
    return Verdict(max(wait, retry_after or 0), "error", failures, auth_failures, code)
