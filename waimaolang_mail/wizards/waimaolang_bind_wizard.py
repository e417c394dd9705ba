# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import email_normalize

from ..models.choices import HISTORY_WINDOW, SECURITY, UNKNOWN_POLICY, VISIBILITY
from . import bind_methods


class WaimaolangBindWizard(models.TransientModel):
    """Binds a mailbox step by step: address, method, code, test, folders, options.
    There is no mailbox before the test has passed."""

    _name = "waimaolang.bind.wizard"
    _inherit = [
        "waimaolang.secret.mixin",
        "waimaolang.bind.steps",
        "waimaolang.bind.servers",
        "waimaolang.bind.proof",
        "waimaolang.bind.entry",
        "waimaolang.mailbox.dialog",
    ]
    _description = "Bind a Mailbox"
    _rec_name = "email"

    step = fields.Selection(
        [
            ("address", "Address"),
            ("method", "Provider"),
            ("code", "Authorization Code"),
            ("test", "Test"),
            ("folders", "Folders"),
            ("options", "Options"),
            ("done", "Done"),
        ],
        required=True,
        default="address",
    )
    # -- address
    email = fields.Char("Address")
    email_key = fields.Char(compute="_compute_email_key")
    owner_kind = fields.Selection(
        [
            ("self", "Mine"),
            ("colleague", "A colleague's"),
            ("shared", "Shared by a team"),
        ],
        "Whose Mailbox",
        required=True,
        default="self",
    )
    user_id = fields.Many2one(
        "res.users", "Owner", domain="[('share', '=', False)]", check_company=False
    )
    member_ids = fields.Many2many(
        "res.users",
        "waimaolang_bind_wizard_member_rel",
        "wizard_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",
        help="Who reads the shared mailbox and answers from it.",
    )
    name = fields.Char(
        help="How the mailbox is called in Odoo. Empty: the owner's name."
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    may_bind_others = fields.Boolean(compute="_compute_policy")
    # -- method
    provider_id = fields.Many2one("waimaolang.provider")
    provider_domain = fields.Json(compute="_compute_policy")
    method = fields.Selection([("imap", "IMAP"), ("pop3", "POP3"), ("api", "API")])
    methods = fields.Json(compute="_compute_methods")
    protocol = fields.Selection(
        [("imap", "IMAP"), ("pop3", "POP3")], compute="_compute_protocol"
    )
    auth_method = fields.Char(compute="_compute_protocol")
    incoming_host = fields.Char("Incoming Server")
    incoming_port = fields.Integer(default=993)
    incoming_security = fields.Selection(SECURITY, default="ssl")
    outgoing_host = fields.Char("Outgoing Server")
    outgoing_port = fields.Integer(default=465)
    outgoing_security = fields.Selection(SECURITY, default="ssl")
    login = fields.Char(help="Nearly always the full address.")
    # -- code
    code_help = fields.Json(compute="_compute_code_help")
    send_test = fields.Boolean(
        "Send a Test Mail to Myself",
        default=True,
        help="Proves that mail leaves and arrives. It is kept out of the CRM; you can "
        "delete it in your mailbox.",
    )
    # -- folders
    folder_ids = fields.One2many("waimaolang.bind.wizard.folder", "wizard_id")
    has_sent_folder = fields.Boolean(compute="_compute_has_sent_folder")
    # -- options
    sync_interval = fields.Integer(
        "Fetch Every (minutes)",
        default=lambda self: max(5, self._get_policy().least_interval),
        required=True,
    )
    least_interval = fields.Integer(compute="_compute_policy")
    history_window = fields.Selection(
        HISTORY_WINDOW,
        "How Far Back",
        required=True,
        default="90",
    )
    history_days = fields.Integer(compute="_compute_history_days")
    visibility = fields.Selection(
        VISIBILITY,
        "Visible to",
        required=True,
        default=lambda self: self.env["waimaolang.mailbox"]._default_visibility(),
    )
    team_id = fields.Many2one("crm.team", "Sales Team")
    unknown_policy = fields.Selection(
        UNKNOWN_POLICY,
        "Unknown Senders",
        required=True,
        default="triage",
        help="What becomes of mail with people who are neither contacts nor on an "
        "opportunity.",
    )
    blocked = fields.Text(
        "Never-Log List",
        help="Addresses and domains whose mail is never kept, one a line.",
    )
    # -- done: the names that the progress widget reads of a mailbox; not in sudo: a
    # client may write another mailbox into its form
    state = fields.Selection(related="mailbox_id.state", related_sudo=False)
    last_sync = fields.Datetime(related="mailbox_id.last_sync", related_sudo=False)
    next_sync = fields.Datetime(related="mailbox_id.next_sync", related_sudo=False)
    done_count = fields.Integer(related="mailbox_id.done_count", related_sudo=False)
    total_count = fields.Integer(related="mailbox_id.total_count", related_sudo=False)
    pending_count = fields.Integer(
        related="mailbox_id.pending_count", related_sudo=False
    )
    mail_count = fields.Integer(related="mailbox_id.mail_count", related_sudo=False)

    # -- computes -----------------------------------------------------------------

    @api.depends("email")
    def _compute_email_key(self):
        for wizard in self:
            wizard.email_key = email_normalize(wizard.email or "") or False

    def _get_policy(self):
        return self.env["waimaolang.mailbox"]._get_policy(self.company_id)

    @api.depends_context("uid")
    def _compute_policy(self):
        policy = self[:1]._get_policy()
        manager = self.env.user.has_group("waimaolang_mail.group_manager")
        for wizard in self:
            wizard.may_bind_others = manager
            wizard.least_interval = policy.least_interval
            ids = policy.providers.ids
            wizard.provider_domain = [("id", "in", ids)] if ids else []

    @api.depends_context("lang")
    @api.depends("provider_id")
    def _compute_methods(self):
        for wizard in self:
            rows = wizard._get_methods()
            wizard.methods = {
                "rows": rows,
                "labels": bind_methods.labels(self.env),
                "criteria": bind_methods.CRITERIA,
                "recommended": bind_methods.recommend(rows),
            }

    def _get_methods(self):
        """Hook: the columns of the comparison, see ``bind_methods``."""
        provider = self.provider_id
        return [
            bind_methods.imap(self.env, provider),
            bind_methods.pop3(self.env, provider),
            bind_methods.api(
                self.env, provider, bind_methods.api_refusal(self.env, provider)
            ),
        ]

    @api.depends("method")
    def _compute_protocol(self):
        for wizard in self:
            wizard.protocol = "pop3" if wizard.method == "pop3" else "imap"
            wizard.auth_method = "password"

    @api.depends_context("lang")
    @api.depends("provider_id")
    def _compute_code_help(self):
        for wizard in self:
            provider = wizard.provider_id
            wizard.code_help = {
                "kind": provider.secret_kind or "password",
                "steps": _lines(provider.imap_steps) + _lines(provider.code_steps),
                "admin_steps": _lines(provider.admin_steps),
                "url": provider.help_url or "",
            }

    @api.depends("folder_ids.role", "folder_ids.synced")
    def _compute_has_sent_folder(self):
        for wizard in self:
            wizard.has_sent_folder = any(
                folder.synced and folder.role in ("sent", "all")
                for folder in wizard.folder_ids
            )

    @api.depends("history_window")
    def _compute_history_days(self):
        for wizard in self:
            wizard.history_days = int(wizard.history_window or 0)

    # -- filling ------------------------------------------------------------------

    @api.onchange("provider_id")
    def _onchange_provider(self):
        if not self._is_usable(self.method):
            self.method = self.methods["recommended"] or False
        self._fill_servers()

    @api.onchange("method")
    def _onchange_method(self):
        self._fill_servers()

    def _is_usable(self, method):
        return any(
            row["method"] == method and not row["refused"]
            for row in self.methods["rows"]
        )


def _lines(text):
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
