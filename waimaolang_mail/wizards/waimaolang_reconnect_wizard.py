# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.waimaolang_vault import KeyMissingError


class WaimaolangReconnectWizard(models.TransientModel):
    """Asks for a new code, says where it is to be had, and tries it. The code is sealed
    as it comes in, and forgotten by the row once it was tried."""

    _name = "waimaolang.reconnect.wizard"
    _inherit = ["waimaolang.secret.mixin"]
    _description = "Reconnect a Mailbox"

    # not in sudo: the dialog must tell nothing of a mailbox that is somebody else's
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", required=True, readonly=True, ondelete="cascade"
    )
    email = fields.Char(related="mailbox_id.email", related_sudo=False)
    login = fields.Char(related="mailbox_id.login", related_sudo=False)
    incoming_host = fields.Char(related="mailbox_id.incoming_host", related_sudo=False)
    mailbox_has_password = fields.Boolean(
        "Mailbox Keeps a Code", related="mailbox_id.has_password", related_sudo=False
    )
    code_steps = fields.Text(
        related="mailbox_id.provider_id.code_steps", related_sudo=False
    )
    help_url = fields.Char(
        "Provider's Help",
        related="mailbox_id.provider_id.help_url",
        related_sudo=False,
    )
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
        if self and "mailbox_id" in vals and not self.env.su:
            raise UserError(self.env._("The dialog is for one mailbox."))

    def action_apply(self):
        """Stays open, with cause and remedy, until the mailbox is connected."""
        self.ensure_one()
        wizard = self.sudo()
        code = self._open_code()
        wizard.write({"password_sealed": False, "refusal": False})
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
        if not self.has_password:
            return None
        try:
            return self._get_secret()
        except KeyMissingError as exc:
            raise UserError(self.env._("Enter the code once more.")) from exc

    def _reopen(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_reconnect_wizard_action"
        )
        return {**action, "res_id": self.id}
