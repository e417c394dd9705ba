# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..engine.backoff import WAIT_CODES
from . import mailbox_errors

# Another one of these is another try, not the same once more.
TRIED = (
    "email",
    "protocol",
    "incoming_host",
    "incoming_port",
    "incoming_security",
    "login",
)


class WaimaolangMailboxProof(models.AbstractModel):
    """The proof of a binding: that it works, by a real mail, or why it does not."""

    _name = "waimaolang.mailbox.proof"
    _description = "Proof of Mailboxes"

    transcript = fields.Text(
        "Dialogue with the Server",
        readonly=True,
        copy=False,
        exportable=False,
        prefetch=False,
        help="How far the last try came and what the server said, for support. It "
        "holds no code and nothing of any mail.",
    )
    wait_until = fields.Datetime(
        "Not to Be Tried Before",
        readonly=True,
        copy=False,
        help="Trying again earlier would make the provider lock the mailbox.",
    )

    def write(self, vals):
        tried = [name for name in TRIED if name in vals]
        changed = self.filtered(
            lambda mailbox: (
                mailbox.wait_until
                and (
                    vals.get("password")
                    or any(vals[name] != mailbox[name] for name in tried)
                )
            )
        )
        result = super().write(vals)
        if changed:
            changed.sudo().write({"wait_until": False})
        return result

    def _check_wait(self):
        """The server is left alone as long as it wants to be."""
        self.ensure_one()
        if not self.wait_until or self.wait_until <= fields.Datetime.now():
            return
        code = self.error_code if self.error_code in WAIT_CODES else "login_frequency"
        raise UserError(
            self.env._(
                "Please wait until %(time)s: asked again earlier, the provider may "
                "lock the mailbox. Another server, login or code can be tried at once.",
                time=format_datetime(
                    self.env,
                    self.wait_until,
                    tz=self.env.user.tz or "UTC",
                    dt_format="short",
                ),
            )
            + "\n"
            + self._describe_error(code, self.error_detail)
        )

    def _describe_error(self, code, detail=None):
        self.ensure_one()
        return mailbox_errors.describe(
            self.env, code, detail, self.provider_id, self.protocol
        )
