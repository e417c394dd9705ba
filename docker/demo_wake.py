# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# ruff: noqa: F821
# pylint: disable=undefined-variable
"""Run in `odoo shell` by demo.py: the mailboxes are looked at now."""

env["waimaolang.mailbox"].search([("state", "=", "connected")]).action_sync()
env.cr.commit()
