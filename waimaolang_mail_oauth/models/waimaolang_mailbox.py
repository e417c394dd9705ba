# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.waimaolang_mail.engine import life, loading, proof, state
from odoo.addons.waimaolang_mail.engine.settings import SECRET_WAY
from odoo.addons.waimaolang_mail.models import mailbox_errors
from odoo.addons.waimaolang_mail.transport.base import (
    Credentials,
    RemoteFolder,
    ServerAddress,
)

from ..engine.tokens import METHOD

# What ends a sign-in, whichever way the mailbox got there.
ENDS = frozenset((life.DISCONNECTED, life.WIPED, life.OWNER_LEFT))
# Where the token goes is the provider's to say, and nobody's to write.
FIXED = frozenset(SECRET_WAY) - {"login"} | {"protocol", "provider_id"}


class Trial(NamedTuple):
    """Of a mailbox with new tokens. ``way`` (loading.way_of) and ``state``: as it was
    meanwhile; ``vals``: by which it was opened; ``error``: a MailServerError or None.
    """

    way: tuple
    state: str
    vals: dict
    error: Exception | None
    folders: list


class WaimaolangMailbox(models.Model):
    _inherit = "waimaolang.mailbox"

    auth_method = fields.Selection(
        selection_add=[(METHOD, "Sign-in")],
        ondelete={METHOD: lambda mailboxes: mailboxes._lose_sign_in()},
    )
    oauth_account = fields.Char("Signed In as", compute="_compute_oauth")
    oauth_provider = fields.Char(compute="_compute_oauth")
    can_sign_in = fields.Boolean(compute="_compute_oauth")
    can_use_code = fields.Boolean(compute="_compute_oauth")
    sign_in_problem = fields.Text(
        readonly=True, copy=False, help="Why the last sign-in changed nothing."
    )

    @api.depends("auth_method", "provider_id", "state")
    def _compute_oauth(self):
        for mailbox in self:
            grant = self._get_grant_of(mailbox)
            app = mailbox.provider_id._get_oauth_app()
            mailbox.oauth_account = grant.email
            mailbox.oauth_provider = app.provider
            mailbox.can_sign_in = bool(app)
            mailbox.can_use_code = (
                mailbox.auth_method == METHOD
                and mailbox.provider_id.secret_kind != "oauth"
            )

    @api.model
    def _get_grant_of(self, mailbox):
        """In sudo: of the mailbox, in force or not."""
        grants = self.env["waimaolang.oauth.grant"].sudo()
        return grants.search([("mailbox_id", "=", mailbox._origin.id)])

    # -- what may be written --------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in [*vals_list, self._get_default_vals()]:
            self._check_auth_method(vals)
        return super().create(vals_list)

    def _get_default_vals(self):
        return {"auth_method": self.env.context.get("default_auth_method")}

    def write(self, vals):
        self._check_auth_method(vals)
        self._check_fixed(vals)
        return super().write(vals)

    def _check_auth_method(self, vals):
        """Only a sign-in makes a mailbox signed in, and only a code that has opened it
        makes it one with a code."""
        method = vals.get("auth_method")
        if self.env.su or not method:
            return
        changes = any(mailbox.auth_method != method for mailbox in self)
        if changes or (not self and method == METHOD):
            raise AccessError(self.env._("These values are kept by the system."))

    def _check_fixed(self, vals):
        """I10: a token never goes to a server that somebody typed."""
        if self.env.su or not FIXED & vals.keys():
            return
        for mailbox in self.filtered(lambda m: m.auth_method == METHOD):
            if any(
                name in vals and vals[name] != self._to_plain(mailbox[name])
                for name in FIXED
            ):
                raise UserError(
                    self.env._(
                        "%(mailbox)s is signed in: its servers are the provider's.",
                        mailbox=mailbox.name,
                    )
                )

    def _to_plain(self, value):
        return value.id if isinstance(value, models.BaseModel) else value

    def unlink(self):
        self._withdraw_grants()
        return super().unlink()

    # -- hooks of the ways to log in -----------------------------------------------

    def _has_secret(self):
        if self.auth_method != METHOD:
            return super()._has_secret()
        return bool(self.env["waimaolang.oauth.grant"]._of_mailbox(self.id))

    def _get_secret_label(self):
        if self.auth_method != METHOD:
            return super()._get_secret_label()
        return self.env._("the sign-in at the provider")

    def _get_secret_lost_text(self):
        if self.auth_method != METHOD:
            return super()._get_secret_lost_text()
        return self.env._("Sign in again: the consent for this mailbox has ended.")

    def _keep_code(self, code):
        """Back to a code: the consent is withdrawn, and the ledger stays."""
        result = super()._keep_code(code)
        if self.auth_method == METHOD:
            self.sudo().auth_method = "password"
            self._withdraw_grants()
        return result

    def _move(self, event, tell=True, **vals):
        if event == life.BOUND or event in ENDS:
            vals["sign_in_problem"] = False
        moved = super()._move(event, tell=tell, **vals)
        if event in ENDS:
            moved._withdraw_grants()
        return moved

    def _leave_owners(self, users):
        """Also where nothing was being fetched."""
        result = super()._leave_owners(users)
        self.sudo().search([("user_id", "in", users.ids)])._withdraw_grants()
        return result

    def _withdraw_grants(self):
        grants = self.env["waimaolang.oauth.grant"].sudo()
        grants.search([("mailbox_id", "in", self.ids)])._withdraw()

    def _get_proxy(self):
        if self.auth_method != METHOD:
            return super()._get_proxy()
        return self.sudo()._get_grant_of(self).app_id.proxy or ""

    def _lose_sign_in(self):
        """The addon is being removed: nothing opens these any more."""
        self._move(life.DISCONNECTED)
        self.auth_method = "password"

    # -- signing in -----------------------------------------------------------------

    def action_sign_in(self):
        """Leads to the provider's page; the answer comes back by the controller."""
        self.ensure_one()
        self._check_transport_of_request()
        self._check_may_sign_in()
        app = self.provider_id._get_oauth_app()
        if not app:
            raise UserError(
                self.env._(
                    "The sign-in for this provider is not set up in this Odoo yet. "
                    "Ask your administrator: Settings > Business Mailboxes."
                )
            )
        self.sudo().sign_in_problem = False
        grant = self._get_grant_of(self)
        return app._begin_consent(self, grant.email or self.email, bool(grant))

    def action_forget_problem(self):
        self._check_may_sign_in()
        self.sudo().sign_in_problem = False

    @api.private
    def _check_may_sign_in(self):
        """Whoever may enter a code for it."""
        self.ensure_one()
        self._check_may_reconnect()
        self._check_not_erasing()

    @api.private
    def _try_consent(self, app, account, tokens):
        """What ``_take_consent`` wants to know of the mailbox; nothing is locked while
        its server is asked."""
        if self._get_consent_refusal(app, account):
            return None
        mailbox = self.sudo()
        vals = self._prepare_sign_in_vals(app)
        error, folders = self._try_sign_in(app, tokens, vals)
        return Trial(loading.way_of(mailbox), mailbox.state, vals, error, folders)

    @api.private
    def _take_consent(self, app, account, tokens, trial=None):
        """What the provider gave to who signed in for this mailbox. Nothing changes
        before the mailbox has been opened with it. Returns an error text or ""."""
        self._check_may_sign_in()
        trial = trial or self._try_consent(app, account, tokens)
        refusal = self._get_consent_refusal(app, account)
        refusal = refusal or self._get_trial_refusal(trial)
        grant = self.env["waimaolang.oauth.grant"]._begin(app, account, tokens)
        if refusal:
            # nor does it stay in force at the provider
            grant._withdraw()
            return refusal
        mailbox, vals = self.sudo(), trial.vals
        if mailbox.auth_method != METHOD:
            vals = {**vals, **self._get_wiped_vals()}
        mailbox.write(
            {
                **vals,
                "auth_method": METHOD,
                "connection_epoch": mailbox.connection_epoch + 1,
            }
        )
        grant._hand_to(mailbox)
        state.connected(mailbox.env, self.id, trial.folders)
        self.env["waimaolang.lane"]._wake()
        return ""

    def _get_consent_refusal(self, app, account):
        if self.provider_id._get_oauth_app() != app:
            return self._get_gone_text()
        before = self._get_grant_of(self)
        if before and not before._is_account(account):
            return self.env._(
                "You signed in as %(new)s, but this mailbox belongs to %(old)s. Sign "
                "in as %(old)s; another account is bound as a mailbox of its own.",
                new=account.email,
                old=before.email,
            )
        return ""

    def _get_trial_refusal(self, trial):
        now = self.sudo().state
        if (
            not trial
            or loading.way_of(self.sudo()) != trial.way
            or (now == "disconnected" != trial.state)
        ):
            return self._get_gone_text()
        if trial.error:
            return mailbox_errors.describe(
                self.env,
                trial.error.code,
                trial.error.detail,
                self.provider_id,
                method=METHOD,
            )
        return ""

    def _prepare_sign_in_vals(self, app):
        servers = app._get_server_vals()
        return {**servers, "protocol": "imap", "login": self.login or self.email}

    def _try_sign_in(self, app, tokens, vals):
        """``(error or None, folders)``"""
        private = self.env["waimaolang.lane"]._allow_private_hosts()
        binding = proof.Binding(
            email=self.email_key,
            protocol="imap",
            incoming=ServerAddress(
                vals["incoming_host"],
                vals["incoming_port"],
                vals["incoming_security"],
                private,
                proxy=app.proxy or "",
            ),
            outgoing=None,
            credentials=Credentials(vals["login"], tokens.access_token, METHOD),
            provider=self.provider_id.code or "",
            needs_id=self.provider_id.needs_id,
        )
        found = proof.incoming(binding)
        rows = found.kept.get("folders", ())
        return found.error, [RemoteFolder(*row) for row in rows]
