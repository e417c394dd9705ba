# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WaimaolangSecretMixin(models.AbstractModel):
    """A code that is written, kept encrypted with the row, and never read
    (invariant I9)."""

    _name = "waimaolang.secret.mixin"
    _description = "Keeps a Code"

    password = fields.Char(
        "Authorization Code",
        compute="_compute_password",
        inverse="_inverse_password",
        copy=False,
        exportable=False,
        help="The code that your provider issues for mail programs, not the "
        "password of the web mail. It is kept encrypted and is never shown again.",
    )
    has_password = fields.Boolean(compute="_compute_has_password")
    password_sealed = fields.Char(
        "Encrypted Code",
        copy=False,
        exportable=False,
        prefetch=False,
        groups=fields.NO_ACCESS,
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_without_blank(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_without_blank(vals))

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        vault = self.env["waimaolang.vault"]
        for record in self:
            secret = (record.password or "").strip()
            if secret:
                record.sudo().password_sealed = vault._seal(record, "password", secret)
        self.invalidate_recordset(["password"])

    @api.depends("password")
    def _compute_has_password(self):
        for record in self:
            record.has_password = bool(record.sudo().password_sealed)

    def _get_secret(self):
        """In clear, for the transport alone; KeyMissingError when it does not open."""
        self.ensure_one()
        sealed = self.sudo().password_sealed
        return self.env["waimaolang.vault"]._unseal(self, "password", sealed)


def _without_blank(vals):
    """Blanks are no new code, for nobody further down: the one that is kept would
    else go where the same write leads."""
    if "password" not in vals or str(vals["password"] or "").strip():
        return vals
    return {name: value for name, value in vals.items() if name != "password"}
