# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """What people allowed Odoo to do ends with the addon, at the provider too, while
    there is still something to withdraw it with."""
    grants = env["waimaolang.oauth.grant"]
    grants.search([("state", "in", ("live", "dead"))])._withdraw()
    for app in env["waimaolang.oauth.app"].search([]):
        for grant in grants.search(
            [("state", "=", "revoking"), ("app_id", "=", app.id)]
        ):
            # an administrator waits: one that does not answer is asked once
            if not grant._tell_provider():
                break
