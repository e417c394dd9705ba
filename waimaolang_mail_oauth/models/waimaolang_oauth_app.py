# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import os
from datetime import timedelta
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config
from odoo.tools.misc import format_datetime

from odoo.addons.waimaolang_mail.engine.backoff import APP_WAIT
from odoo.addons.waimaolang_mail.models.notices import notice
from odoo.addons.waimaolang_mail.models.waimaolang_vault import KeyMissingError

from .. import flow
from ..flow import endpoints
from ..flow.base import App
from ..flow.errors import OAuthError
from . import oauth_error_texts

# Of the server's operator, never of the database: whoever names the servers that get
# secrets and codes could collect them.
ENDPOINTS_ENV = "WAIMAOLANG_OAUTH_ENDPOINTS"
ENDPOINTS_OPTION = "waimaolang_oauth_endpoints"
APP_BROKEN = "waimaolang_mail_oauth.mail_activity_app_broken"
PEM = "-----BEGIN"
STATES = [
    ("missing", "Not set up"),
    ("untested", "Not tested"),
    ("ready", "Ready"),
    ("broken", "Refused"),
]
# What a test has shown holds until one of these changes.
TESTED = frozenset(
    ("client_id", "password", "certificate", "tenant", "cloud", "proxy", "base_url")
)


class WaimaolangOauthApp(models.Model):
    """The app that a company registered at Google or at Microsoft, by which its
    people's mailboxes are read. One for each of the two."""

    _name = "waimaolang.oauth.app"
    _inherit = ["waimaolang.secret.mixin", "waimaolang.quiet.activities"]
    _description = "Sign-in App"
    _order = "provider"

    name = fields.Char(compute="_compute_name")
    provider = fields.Selection(
        [("google", "Google"), ("microsoft", "Microsoft")],
        required=True,
        readonly=True,
    )
    client_id = fields.Char("Client ID", copy=False)
    password = fields.Char(
        "Client Secret",
        help="The secret's value, not its ID. It is kept encrypted and never shown "
        "again.",
    )
    certificate = fields.Text(
        "Certificate with Private Key",
        compute="_compute_certificate",
        inverse="_inverse_certificate",
        exportable=False,
        copy=False,
        help="Instead of a secret: the private key and the certificate in PEM, one "
        "after the other. Kept encrypted and never shown again.",
    )
    has_certificate = fields.Boolean(compute="_compute_has_certificate")
    cloud = fields.Selection(
        [("global", "Worldwide"), ("china", "China, operated by 21Vianet")],
        required=True,
        default="global",
    )
    tenant = fields.Char(
        "Directory (Tenant) ID",
        help="Of your own organization. “organizations”: any company or school that "
        "uses Microsoft 365; “common”: private accounts too.",
    )
    allowed_tenants = fields.Text(
        "Allowed Organizations",
        help="Where the directory is “organizations” or “common”: the directory IDs "
        "that may sign in, one a line. Empty: all.",
    )
    proxy = fields.Char(
        help="An HTTP proxy for sign-in and mail, for servers that do not reach the "
        "provider directly, as in mainland China: http://host:port"
    )
    admin_consent_url = fields.Char(compute="_compute_admin_consent_url")
    state = fields.Selection(STATES, compute="_compute_state")
    error_kind = fields.Char(readonly=True, copy=False)
    error_code = fields.Char(readonly=True, copy=False)
    error_detail = fields.Char("Provider's Answer", readonly=True, copy=False)
    error_at = fields.Datetime(readonly=True, copy=False)
    error_message = fields.Text(compute="_compute_error_message")
    tested_at = fields.Datetime("Last Test Passed", readonly=True, copy=False)
    mailbox_count = fields.Integer("Mailboxes", compute="_compute_counts")
    failed_withdrawals = fields.Text(compute="_compute_counts")

    _provider_unique = models.UniqueIndex(
        "(provider)", "There is one app for each provider."
    )

    # -- computes -----------------------------------------------------------------

    @api.depends("provider")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["provider"]._description_selection(self.env))
        for app in self:
            app.name = self.env._(
                "Sign-in with %(provider)s", provider=labels.get(app.provider, "")
            )

    def _compute_certificate(self):
        self.certificate = False

    def _inverse_certificate(self):
        for app in self:
            text = (app.certificate or "").strip()
            if not text:
                continue
            if not _is_key_pair(text):
                raise ValidationError(
                    self.env._(
                        "Paste the private key and the certificate, each with its "
                        "lines BEGIN and END."
                    )
                )
            app.password = text
        self.invalidate_recordset(["certificate"])

    @api.depends("password")
    def _compute_has_certificate(self):
        for app in self:
            try:
                app.has_certificate = app.has_password and PEM in app._get_secret()
            except KeyMissingError:
                app.has_certificate = False

    @api.depends("provider", "client_id", "tenant", "cloud", "redirect_uri")
    def _compute_admin_consent_url(self):
        for app in self:
            if app.provider != "microsoft" or not app.client_id:
                app.admin_consent_url = False
                continue
            try:
                app.admin_consent_url = flow.of(app.provider).admin_consent_url(
                    app._get_flow_app(with_secret=False), app.redirect_uri, ""
                )
            except OAuthError:
                # the test of the app tells it
                app.admin_consent_url = False

    @api.depends("client_id", "password", "error_kind", "tested_at")
    def _compute_state(self):
        for app in self:
            if not app._is_ready():
                app.state = "missing"
            elif app.error_kind:
                app.state = "broken"
            else:
                app.state = "ready" if app.tested_at else "untested"

    @api.depends("error_kind", "error_code", "error_detail")
    @api.depends_context("lang")
    def _compute_error_message(self):
        for app in self:
            app.error_message = oauth_error_texts.describe_app(self.env, app)

    def _compute_counts(self):
        grants = self.env["waimaolang.oauth.grant"].sudo()
        for app in self:
            mine = grants.search([("app_id", "=", app.id)])
            app.mailbox_count = len(mine.mailbox_id)
            app.failed_withdrawals = "\n".join(
                f"{grant.email}, {format_datetime(self.env, grant.withdrawn_at)}"
                for grant in mine
                if grant.state == "failed"
            )

    # -- what may be written --------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if TESTED & vals.keys():
            self.sudo()._start_anew()
        return result

    def _start_anew(self):
        """Whatever was wrong may have been mended."""
        self.write(
            {
                "error_kind": False,
                "error_code": False,
                "error_detail": False,
                "error_at": False,
                "tested_at": False,
            }
        )
        self._settle()

    # -- for the flow -----------------------------------------------------------------

    @api.model
    def _of(self, provider):
        """In sudo, or empty."""
        return self.sudo().search([("provider", "=", provider or "")])

    def _get_client_id(self):
        return (self.client_id or "").strip()

    def _is_ready(self):
        return bool(self.client_id and self.has_password)

    @api.private
    def _get_flow_app(self, with_secret=True):
        """KeyMissingError, OAuthError."""
        self.ensure_one()
        tenants = (self.allowed_tenants or "").split()
        return App(
            provider=self.provider,
            client_id=self._get_client_id(),
            secret=self._get_secret() if with_secret else "",
            tenant=(self.tenant or "").strip() or "organizations",
            cloud=self.cloud,
            tenants=frozenset(tenant.lower() for tenant in tenants),
            proxy=(self.proxy or "").strip(),
            endpoints=self._get_endpoints(),
        )

    def _get_endpoints(self):
        """OAuthError where the operator's file cannot be used: nobody is asked then,
        for the real providers may be just those who must not be."""
        try:
            return endpoints.of(self.provider, self.cloud, _read_overrides())
        except (OSError, ValueError) as error:
            words = error.strerror if isinstance(error, OSError) else str(error)
            raise OAuthError("app_broken", "endpoints", words) from None

    def _get_server_vals(self):
        """The provider's servers, as a mailbox's values. UserError."""
        try:
            known = self._get_endpoints()
        except OAuthError as error:
            text = oauth_error_texts.describe_to_person(self.env, error, self)
            raise UserError(text) from error
        return {
            f"{side}_{part}": getattr(server, part)
            for side, server in (("incoming", known.imap), ("outgoing", known.smtp))
            for part in ("host", "port", "security")
        }

    @api.private
    def _begin_consent(self, target, login_hint, again=False):
        """In sudo; ``target`` as the user, who has been checked; ``again``: of the
        account that is known already. The action that leads to the provider."""
        self.ensure_one()
        try:
            begun = flow.of(self.provider).begin(
                self._get_flow_app(), self.redirect_uri, login_hint or "", again
            )
        except KeyMissingError as exc:
            raise UserError(
                self.env._(
                    "The app's secret cannot be opened: ask your administrator to "
                    "enter it once more in Odoo's settings."
                )
            ) from exc
        except OAuthError as error:
            raise UserError(
                oauth_error_texts.describe_to_person(target.env, error, self)
            ) from error
        states = self.env["waimaolang.oauth.state"].with_user(target.env.user)
        states._begin(self, target, begun)
        return {"type": "ir.actions.act_url", "url": begun.url, "target": "self"}

    def _owns_host(self, host):
        """OAuthError."""
        known = self._get_endpoints()
        return host in (known.imap.host, known.smtp.host)

    # -- broken, and mended -----------------------------------------------------------

    def _is_known_broken(self):
        """A provider that has just refused the app is not asked for every mailbox."""
        since = fields.Datetime.now() - timedelta(seconds=APP_WAIT)
        return bool(self.error_kind) and self.error_at and self.error_at > since

    @api.private
    def _note_broken(self, error):
        """Told once to the administrators, however many mailboxes hang on it."""
        told = bool(self.error_kind)
        self.write(
            {
                "error_kind": error.kind,
                "error_code": error.code,
                "error_detail": error.detail,
                "error_at": fields.Datetime.now(),
            }
        )
        if not told:
            self._tell_administrators()

    def _tell_administrators(self):
        group = self.env.ref("base.group_system").sudo()
        for user in group.all_user_ids.filtered("active"):
            if user == self.env.ref("base.user_root"):
                continue
            app = self.with_context(lang=user.lang, mail_activity_quick_update=True)
            app.sudo().activity_schedule(
                APP_BROKEN,
                summary=app.env._("%(app)s does not work", app=app.name),
                note=app.error_message,
                user_id=user.id,
            )

    @api.private
    def _note_working(self):
        if self.error_kind:
            self.write(
                {
                    "error_kind": False,
                    "error_code": False,
                    "error_detail": False,
                    "error_at": False,
                }
            )
            self._settle()

    def _settle(self):
        """Done by itself; and the mailboxes that waited go on."""
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", self.env.ref(APP_BROKEN).id),
            ]
        ).action_feedback()
        grants = self.env["waimaolang.oauth.grant"].sudo()
        waiting = grants.search([("app_id", "in", self.ids)]).mailbox_id
        waiting.filtered(lambda m: m.error_code == "app_broken")._wake()

    # -- buttons ------------------------------------------------------------------

    def action_test(self):
        """Asks the provider whether it knows the app and its secret; no person is
        needed for that."""
        self.ensure_one()
        self.check_access("write")
        if not self._is_ready():
            raise UserError(self.env._("Enter the client ID and the secret first."))
        try:
            flow.of(self.provider).test(self._get_flow_app(), self.redirect_uri)
        except KeyMissingError as exc:
            raise UserError(self.env._("Enter the client secret once more.")) from exc
        except OAuthError as error:
            if error.kind != "transient":
                self.sudo()._note_broken(error)
            text = oauth_error_texts.describe(self.env, error, self)
            return notice(text, "danger", sticky=True)
        self.sudo()._note_working()
        self.sudo().tested_at = fields.Datetime.now()
        return notice(
            self.env._("%(app)s works: the provider knows it.", app=self.name),
            "success",
        )

    def action_forget_failed(self):
        """The administrator has removed them at the provider."""
        self.check_access("write")
        self.env["waimaolang.oauth.grant"].sudo().search(
            [("app_id", "in", self.ids), ("state", "=", "failed")]
        ).unlink()


def _read_overrides():
    """Of emulators and private clouds: see the README."""
    path = os.environ.get(ENDPOINTS_ENV) or config.get(ENDPOINTS_OPTION)
    overrides = json.loads(Path(path).read_text()) if path else {}
    if not isinstance(overrides, dict):
        raise ValueError("not an object")
    return overrides


def _is_key_pair(text):
    return "PRIVATE KEY-----" in text and "-----BEGIN CERTIFICATE-----" in text
