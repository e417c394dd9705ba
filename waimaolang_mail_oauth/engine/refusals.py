# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a provider's refusal means for the mailbox. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odoo.addons.waimaolang_mail.transport.errors import MailServerError

if TYPE_CHECKING:
    from ..flow.errors import OAuthError

_CODES = {
    "consent_needed": "consent_needed",
    "scope_missing": "consent_needed",
    "forged": "consent_needed",
    "other_tenant": "consent_needed",
    "denied": "consent_needed",
    "admin_consent": "consent_missing",
    "app_broken": "app_broken",
}
# The grant opens nothing any more, whoever asks.
DEAD = frozenset(("consent_needed", "scope_missing", "forged", "other_tenant"))


def of_mailbox(error: OAuthError) -> MailServerError:
    """Whatever is not known may pass by itself."""
    code = _CODES.get(error.kind)
    if not code:
        code = "throttled" if error.retry_after else "timeout"
    words = error.detail or error.code
    return MailServerError(code, words, phase="login", retry_after=error.retry_after)
