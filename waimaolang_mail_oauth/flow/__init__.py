# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The consent flows of Google and Microsoft: begin, finish, refresh, revoke, test.

Plain Python: no Odoo, no database, no clock but the system's. ``google`` and
``microsoft`` have the same functions; whatever goes wrong is an ``errors.OAuthError``.
"""

from types import ModuleType

from . import google, microsoft

PROVIDERS = {"google": google, "microsoft": microsoft}


def of(provider: str) -> ModuleType:
    """The flow of "google" or "microsoft"."""
    return PROVIDERS[provider]
