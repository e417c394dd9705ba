# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The ways to a mailbox, compared for one provider: what a person reads before she
chooses."""

CRITERIA = (
    "reach",
    "difficulty",
    "mechanism",
    "security",
    "functions",
    "stability",
)


def labels(env):
    """The rows of the comparison: {criterion: label}"""
    return {
        "reach": env._("What it reaches"),
        "difficulty": env._("Setting up"),
        "mechanism": env._("How it works"),
        "security": env._("Security"),
        "functions": env._("What you can do"),
        "stability": env._("Stability"),
    }


def imap(env, provider):
    """``cells`` by criterion; ``refused``: why it cannot be chosen, "" if it can."""
    return {
        "method": "imap",
        "label": env._("IMAP"),
        "refused": _refusal(env, provider, "imap"),
        "cells": {
            "reach": env._("All folders, received and sent, as on your phone"),
            "difficulty": _difficulty(env, provider),
            "mechanism": env._(
                "Odoo asks the server every few minutes what is new and changes "
                "nothing in the mailbox"
            ),
            "security": _code_security(env),
            "functions": env._("What was received and sent, wherever it was written"),
            "stability": env._("High, until the code or password is changed"),
        },
    }


def pop3(env, provider):
    return {
        "method": "pop3",
        "label": env._("POP3"),
        "refused": _refusal(env, provider, "pop3"),
        "cells": {
            "reach": env._("The inbox alone: no sent mail, no folders"),
            "difficulty": _difficulty(env, provider),
            "mechanism": env._(
                "Odoo downloads what is new and deletes nothing; while it does, "
                "no other program can"
            ),
            "security": _code_security(env),
            "functions": env._("What was received; what was sent elsewhere is missing"),
            "stability": env._("Medium: one connection at a time, limited history"),
        },
    }


def api(env, provider, refused):
    """The provider's own interface; ``refused`` since another addon offers it."""
    return {
        "method": "api",
        "label": env._("API (sign-in)"),
        "refused": refused,
        "cells": {
            "reach": env._("All mail, new mail within seconds"),
            "difficulty": env._(
                "Sign in at the provider; your administrator sets it up once"
            ),
            "mechanism": env._("The provider tells Odoo when there is new mail"),
            "security": env._("No password in Odoo; you can withdraw it at any time"),
            "functions": env._("What was received and sent, wherever it was written"),
            "stability": env._("High, unless the consent is withdrawn"),
        },
    }


def api_refusal(env, provider):
    if provider.oauth_service:
        return env._("Not available yet in this Odoo")
    return env._("Not offered by this provider")


def recommend(methods):
    """The method to begin with: sign-in first, POP3 last; "" when none can be used."""
    usable = {row["method"] for row in methods if not row["refused"]}
    order = ("api", "imap", "pop3")
    known = [method for method in order if method in usable]
    return (known or sorted(usable) or [""])[0]


def _refusal(env, provider, protocol):
    if provider and provider.secret_kind == "oauth":
        return env._("This provider no longer accepts passwords or codes")
    # without a preset the person knows her server herself
    if provider and provider.imap_host and not provider[f"{protocol}_host"]:
        return env._("Not offered by this provider")
    return ""


def _difficulty(env, provider):
    kinds = {
        "password": env._("Easy: address and password"),
        "code": env._("A few minutes: the provider issues an authorization code"),
        "client_password": env._(
            "A few minutes: the provider issues a password for mail programs"
        ),
        "app_password": env._("A few minutes: the provider issues an app password"),
        "oauth": env._("Not possible"),
    }
    return kinds.get(provider.secret_kind or "password")


def _code_security(env):
    return env._(
        "Encrypted connection; the code is kept encrypted and never shown again"
    )
