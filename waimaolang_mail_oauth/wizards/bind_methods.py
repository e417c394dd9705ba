# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The sign-in's column in the comparison of the ways to a mailbox."""


def sign_in(env, provider, app):
    """See waimaolang_mail's ``bind_methods`` for the shape; ``app`` empty: nobody has
    set it up."""
    names = {"google": env._("Google"), "microsoft": env._("Microsoft")}
    return {
        "method": "api",
        "label": env._(
            "Sign in with %(provider)s", provider=names[provider.oauth_service]
        ),
        "refused": _refusal(env, app),
        "cells": {
            "reach": env._("All folders, received and sent, as on your phone"),
            "difficulty": env._("Easy: sign in, allow it, done"),
            "mechanism": env._(
                "Odoo reads by IMAP with a permit that the provider renews every hour, "
                "and changes nothing in the mailbox"
            ),
            "security": env._(
                "No password in Odoo; you can withdraw it at any time, here or at the "
                "provider"
            ),
            "functions": env._("What was received and sent, wherever it was written"),
            "stability": env._("High, also after a change of devices; until withdrawn"),
        },
    }


def _refusal(env, app):
    if app.error_kind:
        return env._("Refused by the provider: your administrator has to mend it")
    if app:
        return ""
    if env.user.has_group("base.group_system"):
        return env._("Not set up yet")
    return env._("Your administrator has to set it up first, in Odoo's settings")
