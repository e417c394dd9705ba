# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangBounce(models.Model):
    """A recipient whom a sent mail did not reach, as a delivery report told. For who
    reads the sent mail; of a Bcc, for that mailbox's readers alone (invariant I8)."""

    _name = "waimaolang.bounce"
    _inherit = "waimaolang.about.mail"
    _description = "Returned Mail"
    _order = "date desc, id desc"
    _rec_name = "email"
    _log_access = False

    mail_id = fields.Many2one(
        "waimaolang.mail",
        "Sent Mail",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    report_id = fields.Many2one(
        "waimaolang.mail", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="mail_id.company_id", store=True)
    bcc_mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        readonly=True,
        ondelete="cascade",
        groups=fields.NO_ACCESS,
        help="The recipient was a Bcc of this mailbox.",
    )
    email = fields.Char("Recipient", required=True, readonly=True, index=True)
    date = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(
        [("failed", "Returned"), ("delayed", "Delayed")], required=True, readonly=True
    )
    cause = fields.Selection(
        [
            ("unknown", "The address does not exist"),
            ("full", "The mailbox is full"),
            ("blocked", "Taken for spam, or the sender is blocked"),
            ("policy", "Not allowed by the recipient's server"),
            ("network", "The recipient's server cannot be reached"),
            ("other", "Another reason"),
        ],
        readonly=True,
    )
    hard = fields.Boolean(
        "For Good", readonly=True, help="Sending again would not help."
    )
    status = fields.Char(readonly=True, help="Of RFC 3463, such as 5.1.1")
    detail = fields.Char("Server's Words", readonly=True)

    _once = models.UniqueIndex("(mail_id, email, kind)")

    def _describe(self):
        """One sentence for people."""
        self.ensure_one()
        causes = dict(self._fields["cause"]._description_selection(self.env))
        cause = causes.get(self.cause) or causes["other"]
        if self.kind == "delayed":
            return self.env._(
                "Not delivered to %(email)s yet, still being tried: %(cause)s",
                email=self.email,
                cause=cause,
            )
        return self.env._(
            "Not delivered to %(email)s: %(cause)s", email=self.email, cause=cause
        )
