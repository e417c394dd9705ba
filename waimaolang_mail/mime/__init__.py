# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bytes of a mail -> ParsedMail. Plain Python, no Odoo; see ``parse``.

Importing the package loads nothing: nh3 and the parser are loaded by ``parse``
and ``sanitize``, which only the worker processes need."""
