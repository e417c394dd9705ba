# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from odoo.addons.waimaolang_mail.transport.base import Credentials

from ..engine import tokens as token_source
from ..flow.errors import OAuthError
from . import bind_methods

API = "api"
PARTS = ("host", "port", "security")


class WaimaolangBindWizard(models.TransientModel):
    """Signs in at the provider, where an administrator has set it up, instead of asking
    for a code."""

    _inherit = "waimaolang.bind.wizard"

    step = fields.Selection(
        selection_add=[("code", "Sign-in or Code")], ondelete={"code": "set default"}
    )
    oauth_grant_id = fields.Many2one(
        "waimaolang.oauth.grant",
        ondelete="cascade",
        copy=False,
        groups=fields.NO_ACCESS,
    )
    oauth_provider = fields.Char(compute="_compute_oauth_provider")
    oauth_to_set_up = fields.Char(compute="_compute_oauth_provider")
    sign_in_problem = fields.Text(readonly=True, copy=False)
    account_email = fields.Char("Signed In as", compute="_compute_account")
    account_differs = fields.Boolean(compute="_compute_account")
    login_as = fields.Selection(
        [
            ("account", "Both addresses are one mailbox (one is its alias)"),
            ("address", "The account may open this mailbox (shared, delegated)"),
        ],
        "Which Mailbox",
        copy=False,
    )

    # -- computes -----------------------------------------------------------------

    @api.depends("provider_id")
    def _compute_oauth_provider(self):
        for wizard in self:
            provider = wizard.provider_id
            wizard.oauth_provider = provider._get_oauth_app().provider
            wizard.oauth_to_set_up = (
                not wizard.oauth_provider and provider.oauth_service
            )

    @api.depends("oauth_grant_id", "email_key")
    def _compute_account(self):
        for wizard in self:
            email = wizard.sudo().oauth_grant_id.email
            wizard.account_email = email
            wizard.account_differs = bool(email) and (
                email_normalize(email) != wizard.email_key
            )

    @api.depends("method")
    def _compute_protocol(self):
        result = super()._compute_protocol()
        for wizard in self.filtered(lambda w: w.method == API):
            wizard.auth_method = token_source.METHOD
        return result

    def _get_methods(self):
        """The sign-in comes first."""
        rows = super()._get_methods()
        provider = self.provider_id
        if not provider.oauth_service:
            return rows
        row = bind_methods.sign_in(self.env, provider, provider._get_oauth_app())
        others = [row for row in rows if row["method"] != API]
        return [*others, row] if row["refused"] else [row, *others]

    def _get_known_server(self, side):
        app = self.provider_id._get_oauth_app() if self.method == API else None
        if not app:
            return super()._get_known_server(side)
        vals = app._get_server_vals()
        return tuple(vals[f"{side}_{part}"] for part in PARTS)

    # -- signing in -----------------------------------------------------------------

    def action_sign_in(self):
        self.ensure_one()
        self.check_access("write")
        self.env["waimaolang.mailbox"]._check_transport_of_request()
        app = self.provider_id._get_oauth_app()
        if self.step != "code" or self.method != API or not app:
            raise UserError(self._get_method_refusal())
        self.sudo().sign_in_problem = False
        return app._begin_consent(self, self.email_key)

    @api.private
    def _check_may_sign_in(self):
        self.ensure_one()
        self.check_access("write")

    @api.private
    def _try_consent(self, app, account, tokens):
        """The form has its own test."""

    @api.private
    def _take_consent(self, app, account, tokens, trial=None):
        """What the provider gave to who signed in for this form; "" as no error."""
        self._check_may_sign_in()
        grant = self.env["waimaolang.oauth.grant"]._begin(app, account, tokens)
        refusal = self._get_consent_refusal(app)
        if refusal:
            # nor does it stay in force at the provider
            grant._withdraw()
            return refusal
        wizard = self.sudo()
        before = wizard.oauth_grant_id
        wizard.write({"oauth_grant_id": grant.id, "login_as": False})
        before._withdraw()
        wizard.login = self.email_key
        if not self.account_differs:
            wizard.step = "test"
        return ""

    def _get_consent_refusal(self, app):
        if self.step == "done":
            return self.env._("The mailbox is bound already.")
        if self.provider_id._get_oauth_app() != app:
            return self.env._(
                "Another provider was chosen meanwhile. Sign in there, or go back and "
                "choose this one again."
            )
        return ""

    @api.onchange("login_as")
    def _onchange_login_as(self):
        self.login = self._get_login()

    def _wants_code(self, error):
        return self.method != API and super()._wants_code(error)

    def action_skip_sending(self):
        """The test mail tells two mailboxes from one with two addresses."""
        if self.method == API and self.account_differs and self.login_as == "account":
            raise UserError(
                self.env._(
                    "A mail to %(email)s does not arrive in the mailbox of "
                    "%(account)s: they are two mailboxes. Go back and sign in as "
                    "%(email)s.",
                    email=self.email,
                    account=self.account_email,
                )
            )
        return super().action_skip_sending()

    def _get_method_refusal(self):
        if (
            self.provider_id.secret_kind != "oauth"
            or not self.provider_id.oauth_service
        ):
            return super()._get_method_refusal()
        return self.env._(
            "%(provider)s is bound by signing in. Your administrator has to set that "
            "up first, or mend it: Settings > Business Mailboxes. Then go on here.",
            provider=self.provider_id.name,
        )

    def _get_login(self):
        if self.account_differs and self.login_as == "account":
            return self.account_email
        return self.email_key

    def action_start_anew(self):
        before = self.sudo().oauth_grant_id
        result = super().action_start_anew()
        before._withdraw()
        return result

    def action_back(self):
        result = super().action_back()
        if self.step == "method":
            self.sign_in_problem = False
        return result

    # -- hooks of the ways to log in -----------------------------------------------

    def _has_secret(self):
        if self.method != API:
            return super()._has_secret()
        grant = self.sudo().oauth_grant_id
        app = self.provider_id._get_oauth_app()
        if grant.state != "live" or grant.app_id != app:
            return False
        try:
            return grant._is_of_app()
        except OAuthError:
            return False

    def _get_secret_request(self):
        if self.method != API:
            return super()._get_secret_request()
        return self.env._("Sign in at the provider first.")

    def _leave_code(self):
        super()._leave_code()
        if self.method != API:
            return
        if self.account_differs and not self.login_as:
            raise UserError(
                self.env._(
                    "You signed in as %(account)s, not as %(email)s. Say which mailbox "
                    "is meant, or sign in with another account.",
                    account=self.account_email,
                    email=self.email,
                )
            )
        self.login = self._get_login()

    def _get_tested_values(self):
        grant = self.sudo().oauth_grant_id
        return [*super()._get_tested_values(), self.method or "", str(grant.id)]

    def _get_credentials(self):
        """KeyMissingError, MailServerError."""
        if self.method != API:
            return super()._get_credentials()
        grant = self.sudo().oauth_grant_id
        tokens = token_source.of_grant(self.env, grant.id)
        return Credentials(self.login, tokens.access_token, token_source.METHOD)

    def _get_proxy(self):
        if self.method != API:
            return super()._get_proxy()
        return self.provider_id._get_oauth_app().proxy or ""

    def _prepare_secret_vals(self):
        if self.method != API:
            return super()._prepare_secret_vals()
        # what a sign-in makes of it is written by ``_hand_over_secret``
        return {"auth_method": "password"}

    def _hand_over_secret(self, mailbox):
        super()._hand_over_secret(mailbox)
        if self.method != API:
            return
        # it was tested, and may have been withdrawn since, or another provider chosen
        if not self._has_secret():
            raise UserError(self._get_secret_request())
        grant = self.sudo().oauth_grant_id
        vals = grant.app_id._get_server_vals()
        mailbox.sudo().write({**vals, "auth_method": token_source.METHOD})
        grant._hand_to(mailbox)
        self.sudo().oauth_grant_id = False
