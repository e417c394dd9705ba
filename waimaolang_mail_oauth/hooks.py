# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """What people allowed Odoo to do ends with the addon, at the provider too, while
    there is still something to withdraw it with."""
    grants = env["waimaolang.oauth.grant"]
    grants.search([("state", "in", ("live", "dead"))])._withdraw()
    for grant in grants.search([("state", "=", "revoking")]):
        grant._tell_provider()
