# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..engine import waits
from ..engine.transactions import transaction
from ..transport.errors import MailServerError
from . import mailbox_errors


class WaimaolangLoginWait(models.Model):
    """A code that an account's provider must not be asked with for a while. Nobody
    reads the rows; engine/waits writes them, as digests that tell nothing."""

    _name = "waimaolang.login.wait"
    _description = "Wait before Another Login"
    _rec_name = "account"
    _log_access = False

    account = fields.Char(required=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    until = fields.Datetime(required=True, readonly=True, index=True)

    _code_unique = models.UniqueIndex("(account, code)")

    @api.model
    def _check(self, *attempts):
        """UserError while any of them has to wait. Looks in a cursor of its own: what
        was noted since this transaction began counts."""

        def check(env):
            for attempt in attempts:
                waits.check(env, attempt)

        try:
            transaction(self.env.registry, check)
        except waits.StillWaitingError as error:
            raise UserError(self._get_text(error)) from error
        except MailServerError as error:
            raise UserError(mailbox_errors.describe(self.env, error.code)) from error

    @api.model
    def _note(self, attempt, error):
        """Kept whatever becomes of the caller's transaction."""
        transaction(self.env.registry, lambda env: waits.note(env, attempt, error))

    @api.model
    def _get_text(self, error):
        time = format_datetime(
            self.env, error.until, tz=self.env.user.tz or "UTC", dt_format="short"
        )
        if error.codes:
            return self.env._(
                "Please wait until %(time)s: several codes were refused within a short "
                "time, and the provider may lock the mailbox. Another server or login "
                "can be tried at once.",
                time=time,
            )
        return self.env._(
            "Please wait until %(time)s: asked again earlier, the provider may "
            "lock the mailbox. Another server, login or code can be tried at once.",
            time=time,
        )

    @api.autovacuum
    def _gc_over(self):
        self.sudo().search([("until", "<", fields.Datetime.now())]).unlink()
