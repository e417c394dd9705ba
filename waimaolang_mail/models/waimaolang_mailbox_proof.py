# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import proof, proving
from ..engine.backoff import WAIT_CODES
from ..engine.transactions import transaction
from ..engine.waits import StillWaitingError
from ..transport.errors import MailServerError
from . import mailbox_errors

# The provider counts by account: with another one of these it is another try.
TRIED = ("incoming_host", "login")
# What sending hangs on.
SENT_BY = ("outgoing_host", "outgoing_port", "outgoing_security", "login")


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

    outgoing_error_code = fields.Selection(
        mailbox_errors.SELECTION,
        "Cannot Send",
        readonly=True,
        copy=False,
        help="Why the outgoing server let nobody in. Mail is received all the same.",
    )
    outgoing_error_detail = fields.Char(
        "Outgoing Server's Answer", readonly=True, copy=False
    )
    outgoing_error_message = fields.Text(compute="_compute_outgoing_error_message")

    @api.depends_context("lang")
    @api.depends("outgoing_error_code", "outgoing_error_detail", "provider_id")
    def _compute_outgoing_error_message(self):
        for mailbox in self:
            mailbox.outgoing_error_message = mailbox._describe_error(
                mailbox.outgoing_error_code, mailbox.outgoing_error_detail, "outgoing"
            )

    def write(self, vals):
        waited = self.filtered("wait_until")._filter_other(vals, TRIED)
        refused = self.filtered("outgoing_error_code")._filter_other(vals, SENT_BY)
        result = super().write(vals)
        if waited:
            waited.sudo().write({"wait_until": False})
        if refused:
            refused.sudo().write(
                {"outgoing_error_code": False, "outgoing_error_detail": False}
            )
        return result

    def _filter_other(self, vals, names):
        """Those that get another code, or another value in one of the ``names``."""
        return self.filtered(
            lambda mailbox: (
                vals.get("password")
                or any(name in vals and vals[name] != mailbox[name] for name in names)
            )
        )

    # -- a real mail --------------------------------------------------------------

    def action_send_test(self):
        """Sends a mail through the mailbox to itself and waits up to a minute until it
        is there. Raises UserError with cause and remedy. It is kept out of the CRM."""
        self.ensure_one()
        self.check_access("write")
        self._check_transport_of_request()
        self._check_not_erasing()
        self._check_settings()
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
        """On committed records, read at one moment: a mail that has left cannot be
        taken back by a rollback, nor the code by which it did."""
        registry = self.env.registry
        try:
            binding = transaction(
                registry, lambda env: proving.load_binding(env, self.id)
            )
        except MailServerError as error:
            return proof.failed(error)
        if not binding.outgoing:
            raise UserError(self.env._("Please enter the outgoing server first."))
        logins = [binding.attempt(side) for side in ("incoming", "outgoing")]
        waits = self.env["waimaolang.login.wait"]
        waits._check(*logins)
        mail = build_test_mail(self.env, binding.email)
        try:
            armed = binding.with_secrets(self.env.cr.dbname, self.id)
        except MailServerError as error:
            found = proof.failed(error)
        else:
            found = proof.round_trip(armed, mail)
        if found.error:
            waits._note(logins[proof.is_of_sending(found)], found.error)
        transaction(registry, lambda env: proving.proved(env, self.id, binding, found))
        self.invalidate_recordset()
        return found

    # -- waiting ------------------------------------------------------------------

    def _check_wait(self):
        """The server is left alone as long as it wants to be."""
        self.ensure_one()
        if not self.wait_until or self.wait_until <= fields.Datetime.now():
            return
        text = self.env["waimaolang.login.wait"]._get_text(
            StillWaitingError(self.wait_until, codes=False)
        )
        raise UserError(self._add_cause(text))

    def _add_cause(self, text):
        code = self.error_code if self.error_code in WAIT_CODES else "login_frequency"
        return f"{text}\n{self._describe_error(code, self.error_detail)}"

    def _describe_error(self, code, detail=None, side="incoming"):
        self.ensure_one()
        return mailbox_errors.describe(
            self.env,
            code,
            detail,
            self.provider_id,
            self.protocol,
            side,
            self.auth_method,
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
