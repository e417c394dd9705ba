# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def post_init_hook(env):
    env["waimaolang.lane"]._ensure_lanes()


def uninstall_hook(env):
    """Imported mail without a home has no other door once the addon is gone."""
    env["ir.config_parameter"].sudo().search(
        [("key", "=like", "waimaolang\\_mail.%")]
    ).unlink()
