"""The consent flows of Google and Microsoft: begin, finish, refresh, revoke, test.

Plain Python: no Odoo, no database, no clock but the system's. ``google`` and
``microsoft`` have the same functions; whatever goes wrong is an ``errors.OAuthError``.
"""

from types import ModuleType

from . import google, microsoft

PROVIDERS = ("google", "microsoft")


def of(provider: str) -> ModuleType:
    """The flow of "google" or "microsoft"."""
    return {"google": google, "microsoft": microsoft}[provider]
