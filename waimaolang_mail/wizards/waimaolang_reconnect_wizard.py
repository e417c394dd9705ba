# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.waimaolang_vault import KeyMissingError


class WaimaolangReconnectWizard(models.TransientModel):
    """Asks for a new code, says where it is to be had, and tries it. The code is sealed
    as it comes in, and forgotten by the row once it was tried."""

    _name = "waimaolang.reconnect.wizard"
    _description = "Reconnect a Mailbox"

    # not in sudo: the dialog must tell nothing of a mailbox that is somebody else's
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", required=True, readonly=True, ondelete="cascade"
    )
    email = fields.Char(related="mailbox_id.email", related_sudo=False)
    has_password = fields.Boolean(related="mailbox_id.has_password", related_sudo=False)
    code_steps = fields.Text(
        related="mailbox_id.provider_id.code_steps", related_sudo=False
    )
    help_url = fields.Char(
        "Provider's Help",
        related="mailbox_id.provider_id.help_url",
        related_sudo=False,
    )
    code = fields.Char(
        "Authorization Code",
        compute="_compute_code",
        inverse="_inverse_code",
        exportable=False,
        help="The code that your provider issues for mail programs, not the password "
        "of the web mail.",
    )
    code_sealed = fields.Char(exportable=False, prefetch=False, groups=fields.NO_ACCESS)
    refusal = fields.Text(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_vals(vals)
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard.mailbox_id._check_may_reconnect()
        return wizards

    def write(self, vals):
        self._check_vals(vals)
        return super().write(vals)

    def _check_vals(self, vals):
        """A sealed code opens in its own row alone; nobody sends one."""
        if not self.env.su:
            vals.pop("code_sealed", None)
            if self and "mailbox_id" in vals:
                raise UserError(self.env._("The dialog is for one mailbox."))

    def _compute_code(self):
        self.code = False

    def _inverse_code(self):
        vault = self.env["waimaolang.vault"]
        for wizard in self:
            code = (wizard.code or "").strip()
            if code:
                wizard.sudo().code_sealed = vault._seal(wizard, "code", code)
        self.invalidate_recordset(["code"])

    def action_apply(self):
        """Stays open, with cause and remedy, until the mailbox is connected."""
        self.ensure_one()
        wizard = self.sudo()
        code = self._open_code()
        wizard.write({"code_sealed": False, "refusal": False})
        try:
            notice = self.mailbox_id.action_reconnect(code)
        except UserError as error:
            wizard.refusal = str(error)
            return self._reopen()
        notice["params"]["next"] = {
            "type": "ir.actions.act_window_close",
            "infos": {"done": True},
        }
        return notice

    def _open_code(self):
        sealed = self.sudo().code_sealed
        if not sealed:
            return None
        try:
            return self.env["waimaolang.vault"]._unseal(self, "code", sealed)
        except KeyMissingError as exc:
            raise UserError(self.env._("Enter the code once more.")) from exc

    def _reopen(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_reconnect_wizard_action"
        )
        return {**action, "res_id": self.id}
