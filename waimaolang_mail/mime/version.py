# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Grows with every change of these rooms that lets more mails be read: those that
failed under a lower one are tried again, once."""

PARSER_VERSION = 1
