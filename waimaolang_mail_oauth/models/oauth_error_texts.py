# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person reads when a sign-in fails: our own words for the provider's codes,
since the provider's description is a stranger's text."""

from ..flow.errors import OAuthError

# Microsoft's codes that administrators look up, and OAuth's own (RFC 6749 5.2).
_SECRET = ("invalid_client", "AADSTS7000215", "AADSTS7000222", "AADSTS70002")
_REDIRECT = ("redirect_uri_mismatch", "invalid_redirect_uri", "AADSTS50011")


def describe_app(env, app):
    if not app.error_kind:
        return ""
    error = OAuthError(app.error_kind, app.error_code or "", app.error_detail or "")
    return describe(env, error, app)


def describe_to_person(env, error, app):
    """For who signs in: what is wrong with the app is its administrators' matter."""
    if error.kind == "app_broken" and not env.user.has_group("base.group_system"):
        return env._(
            "The provider refuses the app with which Odoo signs in, so nothing was "
            "changed. Your Odoo administrator has to mend it in the settings. Sign in "
            "again then."
        )
    return describe(env, error, app)


def describe(env, error, app=None):
    """The cause, the remedy and the provider's words, one a line."""
    lines = [_sentence(env, error, app)]
    # of who said no herself there is nothing to explain
    if error.detail and error.kind != "denied":
        lines.append(env._("Details: %(words)s", words=error.detail))
    return "\n".join(lines)


def _sentence(env, error, app):
    if error.kind == "app_broken":
        return _of_app(env, error, app)
    if error.kind == "transient" and app and app.proxy:
        return env._(
            "The provider could not be reached through the proxy %(proxy)s. Check the "
            "proxy, or try again in a few minutes.",
            proxy=app.proxy,
        )
    sentences = {
        "consent_needed": env._(
            "The provider did not accept the sign-in. Sign in again."
        ),
        "admin_consent": env._(
            "Your organization wants its administrator to allow Odoo first. Ask the "
            "administrator to open the consent link in Odoo's settings, then sign in "
            "again."
        ),
        "denied": env._(
            "You did not allow it, so nothing was changed. Sign in again if you wish."
        ),
        "scope_missing": env._(
            "Not everything that was asked for was allowed. Sign in again and tick all "
            "boxes: Odoo needs them to read and send mail."
        ),
        "forged": env._(
            "The answer does not belong to this sign-in, so it was not used. Begin "
            "anew from Odoo."
        ),
        "other_tenant": env._(
            "This account belongs to an organization that may not sign in here."
        ),
        "transient": env._(
            "The provider could not be reached. Try again in a few minutes; if it "
            "stays, the administrator should check whether Odoo's server reaches the "
            "provider, or needs a proxy."
        ),
    }
    return sentences.get(error.kind) or env._("The sign-in failed. Try again.")


def _of_app(env, error, app):
    if error.code == "not_set_up":
        return env._("The client ID or the client secret of the app is missing.")
    if error.code in _SECRET:
        return env._(
            "The provider refuses the client secret: it is wrong or has expired. Make "
            "a new one at the provider and enter its value, not its ID."
        )
    if error.code in _REDIRECT:
        return env._(
            "The redirect URL is not registered at the provider. Copy it from here, "
            "character by character: %(url)s",
            url=app.redirect_uri if app else "",
        )
    if error.code == "endpoints":
        return env._(
            "The file of addresses that Odoo's configuration names "
            "(waimaolang_oauth_endpoints) cannot be used: whoever runs the server has "
            "to mend it."
        )
    return env._(
        "The provider does not know this app, or not in this directory. Check the "
        "client ID and the directory (tenant) ID."
    )
