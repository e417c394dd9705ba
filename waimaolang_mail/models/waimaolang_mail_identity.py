# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangMailIdentity(models.Model):
    """What makes a mail the same mail wherever it is found (invariant I2).

    A row without a mail is a tombstone: the mail was deleted on purpose.
    """

    _name = "waimaolang.mail.identity"
    _description = "Identity of a Mail"
    _rec_name = "key"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    mail_id = fields.Many2one(
        "waimaolang.mail", ondelete="set null", index="btree_not_null"
    )

    _key_unique = models.UniqueIndex("(company_id, key)")
