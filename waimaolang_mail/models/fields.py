# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""UIDs and UIDVALIDITY are unsigned 32-bit numbers (RFC 3501 section 2.3.1.1),
more than PostgreSQL's integer holds."""

from odoo import fields


class BigInteger(fields.Integer):
    _column_type = ("int8", "int8")
