# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Talks to mail servers; knows nothing of Odoo. Start at ``base.py``."""
