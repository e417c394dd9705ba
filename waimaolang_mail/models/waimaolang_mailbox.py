# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import email_normalize, format_list

from ..engine import worker
from . import mailbox_errors

_logger = logging.getLogger(__name__)

SECURITY = [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")]
WINDOWS = ("0", "30", "90", "365", "-1")
# Where and how the authorization code is sent.
SECRET_WAY = (
    "incoming_host",
    "incoming_port",
    "incoming_security",
    "outgoing_host",
    "outgoing_port",
    "outgoing_security",
    "login",
)
ACTIVE_STATES = ("connected", "error")
# Who reads a mailbox hangs on these.
READER_FIELDS = frozenset(
    ("user_id", "member_ids", "company_id", "visibility", "team_id")
)
PARAM_VISIBILITY = "waimaolang_mail.default_visibility"
# Written by the engine and by actions alone, whatever a client sends.
ENGINE_FIELDS = frozenset(
    (
        "state",
        "error_code",
        "error_detail",
        "failures",
        "auth_failures",
        "history_from",
        "next_sync",
        "last_sync",
        "last_listed",
        "email_key",
        "password_sealed",
        "lease_ids",
    )
)


class WaimaolangMailbox(models.Model):
    """A bound mailbox: whose it is, where it is, what is taken from it, and how
    it fares. The work itself is done in the engine."""

    _name = "waimaolang.mailbox"
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
        [
            ("everyone", "Everyone"),
            ("team", "The sales team"),
            ("owner", "The owner alone"),
        ],
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
    protocol = fields.Selection([("imap", "IMAP")], required=True, default="imap")
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
    password = fields.Char(
        "Authorization Code",
        compute="_compute_password",
        inverse="_inverse_password",
        copy=False,
        exportable=False,
        help="The code that your provider issues for mail programs, not the "
        "password of the web mail. It is kept encrypted and is never shown again.",
    )
    has_password = fields.Boolean(compute="_compute_has_password")
    password_sealed = fields.Char(
        "Encrypted Code",
        copy=False,
        exportable=False,
        prefetch=False,
        groups=fields.NO_ACCESS,
    )

    state = fields.Selection(
        [
            ("draft", "New"),
            ("connected", "Connected"),
            ("reauth", "Code needed"),
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
        [
            ("0", "None, only new mail"),
            ("30", "30 days"),
            ("90", "90 days"),
            ("365", "One year"),
            ("-1", "Everything"),
            ("custom", "Another number of days"),
        ],
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
    sync_interval = fields.Integer("Fetch Every (minutes)", default=5, required=True)
    next_sync = fields.Datetime(readonly=True, copy=False, index=True)
    last_sync = fields.Datetime(readonly=True, copy=False)
    last_listed = fields.Datetime(readonly=True, copy=False)
    unknown_policy = fields.Selection(
        [
            ("triage", "Keep, for the owner alone"),
            ("lead", "Create a lead"),
            ("ignore", "Do not keep"),
        ],
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
        "Mail can be fetched once a minute at most.",
    )

    # -- computes ---------------------------------------------------------

    @api.model
    def _default_visibility(self):
        value = self.env["ir.config_parameter"].sudo().get_param(PARAM_VISIBILITY)
        return value if value in ("everyone", "team", "owner") else "team"

    @api.depends("email")
    def _compute_email_key(self):
        for mailbox in self:
            mailbox.email_key = email_normalize(mailbox.email or "") or False

    @api.depends("email")
    def _compute_login(self):
        for mailbox in self:
            mailbox.login = mailbox.login or mailbox.email

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        vault = self.env["waimaolang.vault"]
        for mailbox in self:
            secret = (mailbox.password or "").strip()
            if secret:
                mailbox.sudo().password_sealed = vault._seal(
                    mailbox, "password", secret
                )
        self.invalidate_recordset(["password"])

    @api.depends("password")
    def _compute_has_password(self):
        for mailbox in self:
            mailbox.has_password = bool(mailbox.sudo().password_sealed)

    @api.depends_context("lang")
    @api.depends("error_code", "error_detail")
    def _compute_error_message(self):
        for mailbox in self:
            mailbox.error_message = mailbox_errors.describe(
                self.env, mailbox.error_code, mailbox.error_detail
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

    # -- constraints, create, write ----------------------------------------

    def _check_address(self, vals):
        """Before the write, so that the refusal can name who has the address; the
        unique index stops those who bind at the same moment."""
        if "email" not in vals:
            return
        key = email_normalize(vals["email"] or "")
        if not key:
            raise ValidationError(
                self.env._("%(email)s is not an e-mail address.", email=vals["email"])
            )
        companies = self.company_id.ids or [
            vals.get("company_id") or self.env.company.id
        ]
        other = self.sudo().search(
            [
                ("email_key", "=", key),
                ("company_id", "in", companies),
                ("id", "not in", self.ids),
                ("active", "in", (True, False)),
            ],
            limit=1,
        )
        if other:
            raise ValidationError(
                self.env._(
                    "%(email)s is already bound, by %(owner)s. Ask to be made a "
                    "member of that mailbox, or have it removed first.",
                    email=vals["email"],
                    owner=other.user_id.name or other.name,
                )
            )

    @api.constrains("incoming_host", "outgoing_host", "login")
    def _check_single_line(self):
        for mailbox in self:
            for value in (mailbox.incoming_host, mailbox.outgoing_host, mailbox.login):
                if value and any(ord(char) < 32 for char in value):
                    raise ValidationError(
                        self.env._("A server name or login is a single line of text.")
                    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_engine_fields(vals)
            self._check_owner(vals)
            self._check_address(vals)
        mailboxes = super().create(vals_list)
        mailboxes.env["waimaolang.mailbox.lease"].sudo().create(
            [{"mailbox_id": mailbox.id} for mailbox in mailboxes]
        )
        self.env.registry.clear_cache()
        return mailboxes

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def write(self, vals):
        self._check_engine_fields(vals)
        self._check_owner(vals)
        self._check_readers(vals)
        self._check_address(vals)
        self._guard_secret(vals)
        result = super().write(vals)
        if "email" in vals or "alias_emails" in vals:
            self.env.registry.clear_cache()
        if "history_days" in vals or "history_window" in vals:
            self._restart_history()
        if "blocked" in vals or "sync_interval" in vals:
            self._wake()
        return result

    def _check_owner(self, vals):
        """A salesperson binds for herself; only a manager for others."""
        if "user_id" not in vals or self.env.su:
            return
        if vals["user_id"] != self.env.uid and not self.env.user.has_group(
            "waimaolang_mail.group_manager"
        ):
            raise AccessError(
                self.env._(
                    "Only a mailbox administrator can bind a mailbox for others."
                )
            )

    def _check_engine_fields(self, vals):
        if not self.env.su and ENGINE_FIELDS.intersection(vals):
            raise AccessError(self.env._("These values are kept by the system."))

    def _check_readers(self, vals):
        """Nobody gives herself, or others, the mail of somebody who has a mailbox:
        administering mailboxes is not reading them (invariant I8)."""
        if self.env.su or not READER_FIELDS.intersection(vals):
            return
        for mailbox in self:
            owner = mailbox.user_id
            if owner and owner != self.env.user and mailbox._is_in_use():
                raise AccessError(
                    self.env._("Only the owner can decide who reads a mailbox.")
                )

    def _is_in_use(self):
        """Not a new one: by its state, or since it holds mail, whatever its state."""
        self.ensure_one()
        return self.state != "draft" or bool(
            self.env["waimaolang.mail"]
            .sudo()
            .search_count([("mailbox_ids", "in", self.ids)], limit=1)
        )

    def _guard_secret(self, vals):
        """Somebody else than the owner must not point a stored code at a server
        of her choice: the code is wiped when the way to it changes."""
        if self.env.su or vals.get("password"):
            return
        for mailbox in self.filtered(lambda m: m.user_id != self.env.user):
            if "user_id" in vals or any(
                name in vals and vals[name] != mailbox[name] for name in SECRET_WAY
            ):
                mailbox.sudo().write({"password_sealed": False, "state": "draft"})

    # -- actions -------------------------------------------------------------

    def action_connect(self):
        """Tries the binding for real; raises UserError with cause and remedy."""
        for mailbox in self:
            mailbox.check_access("write")
            mailbox._check_settings()
            error = worker.connect(self.env.registry, mailbox.id)
            mailbox.invalidate_recordset()
            if error:
                raise UserError(
                    mailbox_errors.describe(self.env, error.code, error.detail)
                )
        self.env["waimaolang.lane"]._wake()
        return self._notice(
            self.env._("Connected. The import of your mail has begun."), "success"
        )

    def _check_settings(self):
        missing = [
            label
            for value, label in (
                (self.incoming_host, self.env._("the incoming server")),
                (self.login, self.env._("the login")),
                (self.has_password, self.env._("the authorization code")),
            )
            if not value
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Please fill in %(names)s.", names=format_list(self.env, missing)
                )
            )

    def action_sync(self):
        """Wakes a lane: the mail is fetched in the background, at once."""
        self.check_access("read")
        self._wake()
        return self._notice(self.env._("New mail is being fetched."), "info")

    def action_pause(self):
        self.check_access("write")
        self.filtered(lambda m: m.state in ACTIVE_STATES).sudo().write(
            {"state": "paused"}
        )

    def action_resume(self):
        self.check_access("write")
        paused = self.filtered(lambda m: m.state == "paused")
        paused.sudo().write({"state": "connected"})
        paused._wake()

    def action_view_mails(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_mail_action"
        )
        return {**action, "domain": [("mailbox_ids", "in", self.ids)]}

    def action_view_failed(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_mailbox_copy_action"
        )
        return {
            **action,
            "domain": [("mailbox_id", "=", self.id)],
            "context": {"search_default_failed": 1},
        }

    def _notice(self, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # -- the engine's side ---------------------------------------------------

    def _sync(self):
        """One bounded pass over each mailbox, on committed records and in its own
        cursors. Never raises for what a server did. Returns a dict: ``listed``,
        ``stored``, ``excluded``, ``failed`` (counts of this pass), ``pending``
        (left), ``error`` (an error code or "")."""
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

    def _restart_history(self):
        """Lists the folders again with the new window; what is stored stays."""
        for mailbox in self:
            if mailbox.history_from or mailbox.state != "draft":
                mailbox.sudo().history_from = mailbox._get_history_from()
        self.folder_ids.sudo()._forget_cursor(keep_live=True)
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

    def _own_emails(self):
        """The addresses that this mailbox speaks with, normalised."""
        lines = [self.email or "", *(self.alias_emails or "").splitlines()]
        return {email for line in lines if (email := email_normalize(line))}
