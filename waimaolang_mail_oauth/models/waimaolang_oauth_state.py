# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import hmac
import json
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request

from odoo.addons.waimaolang_mail.engine.transactions import transaction
from odoo.addons.waimaolang_mail.models.waimaolang_vault import KeyMissingError

VALID = timedelta(minutes=10)
# In the session, on the server: what a browser cannot read and another has not.
SESSION_KEY = "waimaolang_mail_oauth"
TARGETS = ("waimaolang.bind.wizard", "waimaolang.mailbox")


class WaimaolangOauthState(models.Model):
    """A consent under way: who began it, in which browser session, for what. Known by
    the digest of a random number that travels through the provider; used once."""

    _name = "waimaolang.oauth.state"
    _description = "Consent Under Way"

    digest = fields.Char(required=True)
    session_digest = fields.Char(required=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    app_id = fields.Many2one("waimaolang.oauth.app", required=True, ondelete="cascade")
    provider = fields.Char(required=True)
    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True)
    kept_sealed = fields.Char(
        copy=False, exportable=False, prefetch=False, groups=fields.NO_ACCESS
    )
    expires = fields.Datetime(required=True)

    _digest_unique = models.UniqueIndex("(digest)", "A state is used once.")

    @api.model
    @api.private
    def _begin(self, app, target, begun):
        """Remembers what the provider is asked; ``begun`` is a flow.base.Begun."""
        # one consent at a time for one form: an older page of the provider is void
        self.sudo().search(
            [("res_model", "=", target._name), ("res_id", "=", target.id)]
        ).unlink()
        row = self.sudo().create(
            {
                "digest": _digest(begun.state),
                "session_digest": _digest(self._get_session_secret(create=True)),
                "user_id": self.env.uid,
                "app_id": app.id,
                "provider": app.provider,
                "res_model": target._name,
                "res_id": target.id,
                "expires": fields.Datetime.now() + VALID,
            }
        )
        vault = self.env["waimaolang.vault"]
        row.kept_sealed = vault._seal(row, "kept_sealed", json.dumps(begun.kept))

    @api.model
    @api.private
    def _take(self, provider, state, uid):
        """``(app, target model, target id, kept)`` of a consent that this user began in
        this session at this provider and that nobody has taken before; None else. Taken
        is taken, whatever comes of it: in a cursor of its own."""
        session_secret = self._get_session_secret()
        if not state or not session_secret or not uid:
            return None
        row = transaction(
            self.env.registry, lambda env: env[self._name]._pop(_digest(state))
        )
        if not row:
            return None
        mine = (
            row["user_id"] == uid
            and row["provider"] == provider
            and hmac.compare_digest(row["session_digest"], _digest(session_secret))
            and row["expires"] > fields.Datetime.now()
            and row["res_model"] in TARGETS
        )
        if not mine:
            return None
        app = self.env["waimaolang.oauth.app"].sudo().browse(row["app_id"])
        return app, row["res_model"], row["res_id"], row["kept"]

    def _pop(self, digest):
        row = self.search([("digest", "=", digest)])
        if not row:
            return None
        try:
            text = self.env["waimaolang.vault"]._unseal(
                row, "kept_sealed", row.kept_sealed
            )
        except KeyMissingError:
            text = None
        values = row.read(
            ["user_id", "provider", "session_digest", "expires", "res_model", "res_id"],
            load=None,
        )[0]
        values["app_id"] = row.app_id.id
        row.unlink()
        return {**values, "kept": json.loads(text)} if text else None

    @api.model
    def _get_session_secret(self, create=False):
        if not request:
            return ""
        if create and not request.session.get(SESSION_KEY):
            request.session[SESSION_KEY] = secrets.token_urlsafe(32)
        return request.session.get(SESSION_KEY) or ""

    @api.autovacuum
    def _forget_expired(self):
        self.search([("expires", "<", fields.Datetime.now())]).unlink()


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()
