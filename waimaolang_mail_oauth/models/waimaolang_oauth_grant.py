# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
from datetime import datetime, timedelta, timezone
from itertools import groupby
from operator import itemgetter

from odoo import api, fields, models

from odoo.addons.waimaolang_mail.engine.transactions import transaction
from odoo.addons.waimaolang_mail.models.waimaolang_vault import KeyMissingError

from .. import flow
from ..engine import turns
from ..engine.freshness import Kept
from ..flow import checking
from ..flow.errors import OAuthError

_logger = logging.getLogger(__name__)

# A grant that no mailbox took over: its form was left.
LEFT_ALONE = timedelta(days=1)
# For so long a provider that cannot be reached is asked again to withdraw one.
WITHDRAWAL_TIME = timedelta(days=1)
# While somebody signs in, with a provider's page behind her.
BETWEEN_TURNS = timedelta(minutes=1)
WITHDRAW = "waimaolang_mail_oauth.ir_cron_withdraw"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"


class WaimaolangOauthGrant(models.Model):
    """What one account allowed Odoo to do, for one mailbox. Nobody reads it: the engine
    takes an access token from it at the moment of a login (``engine/tokens.py``).

        (form) --bound--> live --withdrawn--> revoking --> gone
                            |                    |
                            +--refused--> dead   +--> failed: told to administrators
    """

    _name = "waimaolang.oauth.grant"
    _description = "Consent to Read a Mailbox"

    app_id = fields.Many2one(
        "waimaolang.oauth.app", required=True, ondelete="restrict", index=True
    )
    # a mailbox that is deleted past the ORM must not leave a consent in force unseen
    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", ondelete="set null", index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users", "Given By", required=True, ondelete="restrict"
    )
    # which account: these two never change, its address may
    subject = fields.Char(required=True)
    tenant = fields.Char()
    # the app's at that time: no other client can use the tokens
    client_id = fields.Char()
    # by which it was tried: an account may be allowed to open many mailboxes
    login = fields.Char()
    email = fields.Char()
    scopes = fields.Char()
    state = fields.Selection(
        [
            ("live", "In force"),
            ("dead", "Refused by the provider"),
            ("revoking", "Being withdrawn"),
            ("failed", "Could not be withdrawn"),
        ],
        required=True,
        default="live",
    )
    tokens_sealed = fields.Char(
        copy=False, exportable=False, prefetch=False, groups=fields.NO_ACCESS
    )
    version = fields.Integer(help="Grows with each change of the tokens.")
    withdrawn_at = fields.Datetime()

    _mailbox_unique = models.UniqueIndex(
        "(mailbox_id) WHERE mailbox_id IS NOT NULL", "A mailbox has one sign-in."
    )

    # -- tokens -------------------------------------------------------------------

    @api.private
    def _get_tokens(self):
        """A Kept; KeyMissingError where they do not open, or were moved here from
        another mailbox."""
        self.ensure_one()
        vault = self.env["waimaolang.vault"]
        sealed = self.sudo().tokens_sealed
        if not sealed:
            raise KeyMissingError("no tokens")
        kept = json.loads(vault._unseal(self, "tokens_sealed", sealed))
        if kept["mailbox"] != self.mailbox_id.id:
            raise KeyMissingError("tokens of another mailbox")
        return Kept(
            kept["access"],
            kept["refresh"],
            _time(kept["issued"]),
            _time(kept["expires"]),
        )

    @api.private
    def _keep_tokens(self, told):
        """``told``: what the provider gave (flow.base.Tokens). Returns it as a Kept."""
        now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
        kept = Kept(told.access_token, told.refresh_token, now, told.expires)
        self._seal(kept)
        self.scopes = " ".join(sorted(told.scopes))
        self.flush_recordset()
        return kept

    def _seal(self, kept):
        text = json.dumps(
            {
                "mailbox": self.mailbox_id.id,
                "access": kept.access_token,
                "refresh": kept.refresh_token,
                "issued": kept.issued.strftime(TIME_FORMAT),
                "expires": kept.expires.strftime(TIME_FORMAT),
            }
        )
        vault = self.env["waimaolang.vault"]
        self.tokens_sealed = vault._seal(self, "tokens_sealed", text)
        self.version += 1

    # -- life ---------------------------------------------------------------------

    @api.model
    @api.private
    def _of_mailbox(self, mailbox_id):
        """In force, or empty."""
        return self.sudo().search(
            [("mailbox_id", "=", mailbox_id), ("state", "=", "live")]
        )

    @api.model
    @api.private
    def _begin(self, app, account, tokens):
        """Of a form, until a mailbox takes it over."""
        grant = self.sudo().create(
            {
                "app_id": app.id,
                "user_id": self.env.uid,
                "subject": account.subject,
                "tenant": account.tenant,
                "email": account.email,
                "client_id": app._get_client_id(),
            }
        )
        grant._keep_tokens(tokens)
        return grant

    @api.private
    def _hand_to(self, mailbox):
        """The mailbox logs in with it from now on. The one before, of the same
        account, is dropped and not withdrawn: the provider would withdraw both."""
        self.ensure_one()
        kept = self._get_tokens()
        before = self.sudo().search([("mailbox_id", "=", mailbox.id)]) - self
        same = before.filtered(lambda grant: grant._is_account(self))
        (before - same)._withdraw()
        same.unlink()
        self.flush_model()
        self.write({"mailbox_id": mailbox.id, "login": mailbox.login})
        self._seal(kept)

    @api.private
    def _is_account(self, account):
        """``account``: a grant, or what the provider told (flow.base.Account)."""
        return (self.subject, self.tenant or "") == (
            account.subject,
            account.tenant or "",
        )

    @api.private
    def _is_of_app(self):
        """Given to the app as it is now: client and allowed organizations may have been
        changed since (threat 20). OAuthError where nothing is known of the app."""
        app = self.app_id._get_flow_app(with_secret=False)
        if self.client_id != app.client_id:
            return False
        try:
            checking.check_tenant(app, self.tenant or "")
        except OAuthError:
            return False
        return True

    @api.private
    def _die(self):
        """The provider said that it opens nothing any more."""
        self.write(
            {"state": "dead", "tokens_sealed": False, "version": self.version + 1}
        )

    @api.private
    def _withdraw(self):
        """Opens nothing any more, at once; the provider is told as soon as this is
        committed, by a job that comes again until it has been."""
        if not self:
            return
        for grant in self.sudo():
            if grant.state in ("revoking", "failed"):
                continue
            grant.write(
                {
                    "mailbox_id": False,
                    "state": "revoking",
                    "withdrawn_at": fields.Datetime.now(),
                }
            )
        self.env.ref(WITHDRAW).sudo()._trigger()

    # -- the job ------------------------------------------------------------------

    @api.model
    @api.private
    def _withdraw_all(self):
        """Each in a transaction of its own: what a provider was told stays told."""
        registry = self.env.registry
        transaction(registry, lambda env: env[self._name]._leave_forms())
        rows = transaction(
            registry,
            lambda env: [
                (grant.app_id.id, grant.id)
                for grant in env[self._name].search([("state", "=", "revoking")])
            ],
        )
        for app_id, ids in groupby(sorted(rows), itemgetter(0)):
            with turns.withdraw(registry, app_id) as alone:
                if alone:
                    self._tell_in_turn([grant_id for _app, grant_id in ids])
                else:
                    at = fields.Datetime.now() + BETWEEN_TURNS
                    self.env.ref(WITHDRAW).sudo()._trigger(at)

    @api.model
    def _tell_in_turn(self, ids):
        """A provider that does not answer would hold us up for each."""
        registry = self.env.registry
        for grant_id in ids:
            told = transaction(
                registry,
                lambda env, id_=grant_id: env[self._name].browse(id_)._tell_provider(),
            )
            if not told:
                return

    def _leave_forms(self):
        """Consents that were given in a form and led to no mailbox."""
        forms = self.env["waimaolang.bind.wizard"].sudo()
        used = forms.search([("oauth_grant_id", "!=", False)]).oauth_grant_id
        self.search(
            [
                ("mailbox_id", "=", False),
                ("state", "in", ("live", "dead")),
                ("create_date", "<", fields.Datetime.now() - LEFT_ALONE),
                ("id", "not in", used.ids),
            ]
        )._withdraw()

    def _tell_provider(self):
        """False where the provider could not be reached."""
        if not self.exists():
            return True
        if not self.tokens_sealed or self._is_shared():
            self.unlink()
            return True
        try:
            token = self._get_refresh_token()
            flow.of(self.app_id.provider).revoke(self.app_id._get_flow_app(), token)
        except OAuthError as error:
            # an answer that it is void already is as good as a withdrawal
            if error.kind == "consent_needed":
                self.unlink()
                return True
            _logger.warning(
                "grant %s was not withdrawn: %s %s", self.id, error.kind, error.code
            )
            given_up = self.withdrawn_at + WITHDRAWAL_TIME < fields.Datetime.now()
            if error.kind != "transient" or given_up:
                self.write({"state": "failed", "tokens_sealed": False})
            return error.kind != "transient"
        except KeyMissingError:
            self.write({"state": "failed", "tokens_sealed": False})
        else:
            self.unlink()
        return True

    def _get_refresh_token(self):
        sealed = self.tokens_sealed
        vault = self.env["waimaolang.vault"]
        return json.loads(vault._unseal(self, "tokens_sealed", sealed))["refresh"]

    def _is_shared(self):
        """Another mailbox lives by the same account's consent: the provider withdraws
        all that the account gave to the app."""
        others = self.search(
            [
                ("app_id", "=", self.app_id.id),
                ("subject", "=", self.subject),
                ("state", "=", "live"),
                ("id", "!=", self.id),
            ]
        )
        return any(grant._is_account(self) for grant in others)


def _time(text):
    return datetime.strptime(text, TIME_FORMAT)
