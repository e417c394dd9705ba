# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.tools import email_normalize

from ..engine import ledger, worker
from . import mailbox_errors
from .choices import HISTORY_WINDOW, SECURITY, UNKNOWN_POLICY, VISIBILITY
from .waimaolang_mailbox_actions import ACTIVE_STATES

_logger = logging.getLogger(__name__)

WINDOWS = tuple(dict(HISTORY_WINDOW))
USUAL_INTERVAL = 5  # minutes
USUAL_PORTS = ({"imap": 993, "pop3": 995}, {"imap": 143, "pop3": 110})
PARAM_VISIBILITY = "waimaolang_mail.default_visibility"


class WaimaolangMailbox(models.Model):
    """A bound mailbox: whose it is, where it is, what is taken from it, and how
    it fares. The work itself is done in the engine."""

    _name = "waimaolang.mailbox"
    _inherit = [
        "waimaolang.secret.mixin",
        "waimaolang.mailbox.policy",
        "waimaolang.mailbox.guard",
        "waimaolang.mailbox.actions",
        "waimaolang.mailbox.systray",
        "waimaolang.mailbox.life",
        "waimaolang.mailbox.health",
        "waimaolang.mailbox.history",
        "waimaolang.mailbox.proof",
        "waimaolang.mailbox.sending",
        "waimaolang.mailbox.coverage",
    ]
    _description = "Mailbox"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(
        required=True,
        help="How the mailbox is called in Odoo, for instance the salesperson.",
    )
    active = fields.Boolean(default=True)
    email = fields.Char("Address", required=True)
    email_key = fields.Char(
        "Normalised Address", compute="_compute_email_key", store=True, index=True
    )
    alias_emails = fields.Text(
        "Other Own Addresses",
        help="Further addresses that arrive in this mailbox, one a line.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        # without an owner it would become its members' own
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Whose mailbox it is. Empty: a mailbox shared by its members.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "waimaolang_mailbox_member_rel",
        "mailbox_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",
        help="Colleagues to whom this mailbox is shown, whatever its visibility. The "
        "members of a shared mailbox read all of it.",
    )
    visibility = fields.Selection(
        VISIBILITY,
        "Visible to",
        required=True,
        default=lambda self: self._default_visibility(),
        help="Who reads its mail on contacts and opportunities, provided that she may "
        "read the contact or opportunity too. Mail that stands nowhere is the "
        "owner's in any case.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Sales Team",
        help="Whose members and leader see the mail. Empty: the owner's team.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    provider_id = fields.Many2one(
        "waimaolang.provider",
        ondelete="restrict",
        help="Whose presets and advice apply. Empty: a server of your own.",
    )
    protocol = fields.Selection(
        [("imap", "IMAP"), ("pop3", "POP3")], required=True, default="imap"
    )
    auth_method = fields.Selection(
        [("password", "Authorization code")], required=True, default="password"
    )
    incoming_host = fields.Char("Incoming Server")
    incoming_port = fields.Integer(default=993)
    incoming_security = fields.Selection(SECURITY, required=True, default="ssl")
    outgoing_host = fields.Char("Outgoing Server")
    outgoing_port = fields.Integer(default=465)
    outgoing_security = fields.Selection(SECURITY, required=True, default="ssl")
    login = fields.Char(
        compute="_compute_login",
        store=True,
        readonly=False,
        help="Nearly always the full address.",
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("connected", "Connected"),
            ("reauth", "Reconnect needed"),
            ("error", "Error"),
            ("paused", "Paused"),
            ("disconnected", "Disconnected"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    error_code = fields.Selection(mailbox_errors.SELECTION, readonly=True, copy=False)
    error_detail = fields.Char("Server's Answer", readonly=True, copy=False)
    error_message = fields.Text(compute="_compute_error_message")
    failures = fields.Integer(readonly=True, copy=False)
    auth_failures = fields.Integer(readonly=True, copy=False)

    history_days = fields.Integer(
        "Days of History",
        default=90,
        help="How far back mail is taken at first: 0 none, -1 all.",
    )
    history_window = fields.Selection(
        [*HISTORY_WINDOW, ("custom", "Another number of days")],
        "History",
        compute="_compute_history_window",
        inverse="_inverse_history_window",
        required=True,
    )
    history_from = fields.Datetime(
        readonly=True,
        copy=False,
        help="Mail that arrived before is left on the server.",
    )
    sync_interval = fields.Integer(
        "Fetch Every (minutes)",
        default=lambda self: max(USUAL_INTERVAL, self._get_policy().least_interval),
        required=True,
    )
    next_sync = fields.Datetime(readonly=True, copy=False, index=True)
    last_sync = fields.Datetime(readonly=True, copy=False)
    last_listed = fields.Datetime(
        "Folders Read", readonly=True, copy=False, help="When folders were last read."
    )
    history_limited_days = fields.Integer(
        readonly=True,
        copy=False,
        help="The server seems to show no older mail than of so many days.",
    )
    history_limited_mails = fields.Integer(
        readonly=True,
        copy=False,
        help="The server seems to show no more than its newest mails.",
    )
    resume_folder = fields.Integer(
        readonly=True, copy=False, help="With which folder listing goes on."
    )
    unknown_policy = fields.Selection(
        UNKNOWN_POLICY,
        "Unknown Senders",
        required=True,
        default="triage",
        help="What becomes of mail with people who are neither contacts nor on an "
        "opportunity. The members of a shared mailbox are its owners. Leads are "
        "created for new mail, not for history.",
    )
    blocked = fields.Text(
        "Never-Log List",
        help="Addresses and domains whose mail is never kept, one a line.",
    )

    folder_ids = fields.One2many("waimaolang.mailbox.folder", "mailbox_id")
    lease_ids = fields.One2many("waimaolang.mailbox.lease", "mailbox_id")
    decides_readers = fields.Boolean(compute="_compute_decides_readers")
    mail_count = fields.Integer(
        "Mails",
        compute="_compute_mail_count",
        help="As many as you may read: a mail counts once, in however many folders.",
    )
    remote_count = fields.Integer("On Server", compute="_compute_counts")
    stored_count = fields.Integer("Stored", compute="_compute_counts")
    excluded_count = fields.Integer("Excluded", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    pending_count = fields.Integer("Pending", compute="_compute_counts")
    done_count = fields.Integer(compute="_compute_counts")
    total_count = fields.Integer(compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")

    _email_unique = models.UniqueIndex(
        "(company_id, email_key)", "This address is already bound."
    )
    _interval_positive = models.Constraint(
        "CHECK(sync_interval >= 1)",
        "The shortest interval is one minute.",
    )

    # -- computes ---------------------------------------------------------

    @api.model
    def _default_visibility(self):
        value = self.env["ir.config_parameter"].sudo().get_param(PARAM_VISIBILITY)
        allowed = self._get_visibilities()
        return next(name for name in (value, "team", *allowed) if name in allowed)

    @api.depends("email")
    def _compute_email_key(self):
        for mailbox in self:
            mailbox.email_key = email_normalize(mailbox.email or "") or False

    @api.depends("email")
    def _compute_login(self):
        """Follows the address while it is one: a typing error that was corrected
        above must not stay here."""
        for mailbox in self:
            if not mailbox.login or "@" in mailbox.login:
                mailbox.login = mailbox.email

    @api.depends_context("uid")
    def _compute_mail_count(self):
        mails = self.env["waimaolang.mail"]
        for mailbox in self:
            mailbox.mail_count = mails.search_count(
                [("mailbox_ids", "in", mailbox.ids)]
            )

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_decides_readers(self):
        for mailbox in self:
            # by whose it is, whoever is being chosen in a form
            kept = mailbox._origin or mailbox
            mailbox.decides_readers = kept._is_free_to_share()

    def _is_free_to_share(self):
        owner = self.user_id
        return not owner or owner == self.env.user or not self._is_in_use()

    def _is_in_use(self):
        """Not a new one: by its state, or since it holds mail, whatever its state."""
        self.ensure_one()
        return self.state != "draft" or bool(
            self.env["waimaolang.mail"]
            .sudo()
            .search_count([("mailbox_ids", "in", self.ids)], limit=1)
        )

    @api.onchange("protocol")
    def _onchange_protocol(self):
        """The port follows while it is the usual one of the other protocol."""
        for ports in USUAL_PORTS:
            if self.incoming_port in ports.values():
                self.incoming_port = ports.get(self.protocol, self.incoming_port)

    @api.depends_context("lang")
    @api.depends("error_code", "error_detail", "provider_id", "protocol")
    def _compute_error_message(self):
        for mailbox in self:
            mailbox.error_message = mailbox._describe_error(
                mailbox.error_code, mailbox.error_detail
            )

    @api.depends("history_days")
    def _compute_history_window(self):
        for mailbox in self:
            days = str(mailbox.history_days)
            mailbox.history_window = days if days in WINDOWS else "custom"

    def _inverse_history_window(self):
        for mailbox in self:
            if mailbox.history_window != "custom":
                mailbox.history_days = int(mailbox.history_window)

    @api.depends("folder_ids", "state")
    def _compute_counts(self):
        for mailbox in self:
            folders = mailbox.folder_ids.filtered("synced")
            mailbox.remote_count = sum(folders.mapped("remote_count"))
            mailbox.stored_count = sum(folders.mapped("stored_count"))
            mailbox.excluded_count = sum(folders.mapped("excluded_count"))
            mailbox.failed_count = sum(folders.mapped("failed_count"))
            mailbox.pending_count = sum(folders.mapped("pending_count"))
            # what lies before the history window is not waited for
            mailbox.done_count = (
                mailbox.stored_count
                + mailbox.failed_count
                + mailbox.excluded_count
                - sum(folders.mapped("outside_count"))
            )
            mailbox.total_count = mailbox.done_count + mailbox.pending_count
            mailbox.progress = (
                100.0 * mailbox.done_count / mailbox.total_count
                if mailbox.total_count
                else 100.0
            )

    # -- the engine's side ---------------------------------------------------

    def _sync(self):
        """One bounded pass over each mailbox, on committed records and in its own
        cursors. Never raises for what a server did. Returns a dict: ``listed``,
        ``stored``, ``excluded``, ``failed``, ``sent`` (counts of this pass),
        ``pending`` (left), ``error`` (an error code or "")."""
        total = {}
        for mailbox in self:
            result = worker.sync(self.env.registry, mailbox.id)
            for key, value in result._asdict().items():
                total[key] = total.get(key, type(value)()) + value
        self.invalidate_recordset()
        return total

    def _wake(self):
        self.filtered(lambda m: m.state in ACTIVE_STATES).sudo().write(
            {"next_sync": fields.Datetime.now()}
        )
        self.env["waimaolang.lane"]._wake()

    def _look_for_folders(self):
        """In the next pass, at once: folders were made or renamed on the server."""
        self.sudo().last_listed = False
        self._wake()

    def _restart_history(self):
        """Lists the folders again with the new window; what is stored stays."""
        for mailbox in self:
            if mailbox.history_from or mailbox.state != "draft":
                mailbox.sudo().history_from = mailbox._get_history_from()
            history_from = mailbox.history_from or None
            if history_from:
                ledger.leave_history(self.env.cr, mailbox.id, history_from)
            ledger.take_history(self.env.cr, mailbox.id, history_from)
        self.folder_ids.sudo()._forget_cursor("window")
        self._wake()

    def _get_history_from(self):
        """None: everything is taken."""
        self.ensure_one()
        if self.history_days < 0:
            return False
        return fields.Datetime.now() - timedelta(days=self.history_days)

    @api.model
    @tools.ormcache()
    def _get_all_own_emails(self):
        """The addresses of all mailboxes, whatever their state."""
        mailboxes = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch([], ["email", "alias_emails"])
        )
        return frozenset(email for box in mailboxes for email in box._own_emails())

    def _is_own(self):
        """The user's own, or shared by its members: who learns what its mail says
        whether it stands on a record or not."""
        self.ensure_one()
        box = self.sudo()
        own = box.user_id or box.member_ids
        return not box.erasing and self.env.user in own

    def _own_emails(self):
        """The addresses that this mailbox speaks with, normalised."""
        lines = [self.email or "", *(self.alias_emails or "").splitlines()]
        return {email for line in lines if (email := email_normalize(line))}
