# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..engine import proof, state, worker
from ..engine.backoff import WAIT_CODES
from ..transport.base import ServerAddress
from ..transport.errors import MailServerError
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

    # -- a real mail --------------------------------------------------------------

    def action_send_test(self):
        """Sends a mail through the mailbox to itself and waits up to a minute until it
        is there. Raises UserError with cause and remedy. It is kept out of the CRM."""
        self.ensure_one()
        self.check_access("write")
        self._check_transport_of_request()
        self._check_not_erasing()
        self._check_settings()
        if not self.outgoing_host:
            raise UserError(self.env._("Please enter the outgoing server first."))
        found = self._run_round_trip()
        if found.error:
            side = "outgoing" if proof.is_of_sending(found) else "incoming"
            raise UserError(
                self._describe_error(found.error.code, found.error.detail, side)
            )
        return self._notice(
            describe_arrival(self.env, found.kept["arrival"]), "success"
        )

    def _run_round_trip(self):
        """On committed records: a mail that has left cannot be taken back by a
        rollback."""
        try:
            settings = worker.transaction(
                self.env.registry, lambda env: state.load(env, self.id)
            )
        except MailServerError as error:
            return proof.failed(error)
        binding = proof.Binding(
            email=self.email_key,
            protocol=settings.protocol,
            incoming=settings.address,
            outgoing=ServerAddress(
                self.outgoing_host,
                self.outgoing_port,
                self.outgoing_security,
                settings.address.allow_private,
            ),
            credentials=settings.credentials,
            provider=settings.provider,
            needs_id=settings.needs_id,
        )
        return proof.round_trip(binding, build_test_mail(self.env, self.email_key))

    # -- waiting ------------------------------------------------------------------

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

    def _describe_error(self, code, detail=None, side="incoming"):
        self.ensure_one()
        return mailbox_errors.describe(
            self.env, code, detail, self.provider_id, self.protocol, side
        )


def build_test_mail(env, address):
    """The mail that proves a binding, in the user's language."""
    return proof.build_test_mail(
        address,
        env._("Odoo is testing your mailbox"),
        env._(
            "Odoo sent this mail to prove that mail leaves and arrives. "
            "You can delete it."
        ),
    )


def describe_arrival(env, arrival):
    """``arrival``: seconds, folder and role, as engine.proof tells it."""
    if arrival["role"] == "junk":
        return env._(
            "The test mail came back, into %(folder)s: tell your provider that mail "
            "from yourself is no spam.",
            folder=arrival["folder"],
        )
    return env._(
        "The test mail came back after %(seconds)s s: mail leaves and arrives.",
        seconds=f"{max(arrival['seconds'], 0.1):.1f}",
    )
