# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import addresses


class WaimaolangOauthApp(models.Model):
    """Where the provider sends people back to, and what else of an app is an address
    that somebody types."""

    _inherit = "waimaolang.oauth.app"

    base_url = fields.Char(
        "Address of This Odoo",
        compute="_compute_base_url",
        inverse="_inverse_base_url",
        help="As people's browsers know it. The redirect URL registered at the "
        "provider begins with it.",
    )
    # Odoo's own follows the host by which an administrator logs in, whoever names it
    kept_base_url = fields.Char(readonly=True, copy=False)
    web_base_url = fields.Char("Odoo's Address Now", compute="_compute_base_url")
    is_safe_base_url = fields.Boolean(compute="_compute_redirect_uri")
    redirect_uri = fields.Char("Redirect URL", compute="_compute_redirect_uri")

    @api.depends("kept_base_url")
    def _compute_base_url(self):
        now = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        now = addresses.clean_base(now)
        for app in self:
            app.web_base_url = now
            app.base_url = app.kept_base_url or now

    def _inverse_base_url(self):
        for app in self:
            app.kept_base_url = app._get_checked_base_url() if app.base_url else False
        self.invalidate_recordset(["base_url"])

    def _get_checked_base_url(self):
        base = addresses.clean_base(self.base_url)
        if not base:
            raise ValidationError(
                self.env._(
                    "Enter the address of this Odoo without a page: "
                    "https://odoo.yourcompany.com"
                )
            )
        if not addresses.is_safe_base(base):
            raise ValidationError(
                self.env._(
                    "The providers send people back by https alone: enter an "
                    "address that begins with https://."
                )
            )
        return base

    @api.depends("base_url", "provider")
    def _compute_redirect_uri(self):
        for app in self:
            base = addresses.clean_base(app.base_url)
            app.redirect_uri = f"{base}/waimaolang_mail_oauth/{app.provider}/callback"
            app.is_safe_base_url = addresses.is_safe_base(base)

    @api.constrains("proxy")
    def _check_proxy(self):
        for app in self.filtered("proxy"):
            if not addresses.is_proxy(app.proxy):
                raise ValidationError(
                    self.env._(
                        "Enter the proxy as http://host:port, without user name and "
                        "password."
                    )
                )

    @api.constrains("tenant", "allowed_tenants")
    def _check_tenants(self):
        for app in self:
            tenant = (app.tenant or "").strip()
            if tenant and not addresses.is_tenant(tenant):
                raise ValidationError(
                    self.env._(
                        "%(tenant)s is no directory ID. It stands in the app's "
                        "overview as Directory (tenant) ID.",
                        tenant=tenant,
                    )
                )
            for allowed in (app.allowed_tenants or "").split():
                if not addresses.is_directory_id(allowed):
                    raise ValidationError(
                        self.env._(
                            "%(tenant)s is no directory ID. Enter the IDs of the "
                            "organizations that may sign in, one a line.",
                            tenant=allowed,
                        )
                    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("client_id") or "base_url" in vals:
            self._freeze_base_url()
        return result

    def _freeze_base_url(self):
        """The redirect URL is registered at the provider by now."""
        for app in self:
            if app.client_id and not app.kept_base_url:
                app.kept_base_url = app._get_checked_base_url()

    def action_use_web_base_url(self):
        self.ensure_one()
        self.base_url = self.web_base_url
