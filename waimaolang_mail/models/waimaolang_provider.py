# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..transport.discovery import ISPDB_URL, discover
from ..transport.presets import Preset, Server

PARAM_NAMESERVERS = "waimaolang_mail.nameservers"
PARAM_ISPDB = "waimaolang_mail.ispdb"
SECURITY = [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")]
PROTOCOLS = ("imap", "pop3", "smtp")


class WaimaolangProvider(models.Model):
    """What is known of a mail provider: where its servers are, which secret it wants
    and where that is to be had. Data, so that an administrator can correct it."""

    _name = "waimaolang.provider"
    _description = "Mail Provider"
    _order = "sequence, name, id"

    code = fields.Char(required=True, copy=False)
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    domains = fields.Text(help="Domains of addresses, one a line.")
    mx_suffixes = fields.Text(
        "Mail Exchangers",
        help="Ends of the names that the MX records of customers' own domains give, "
        "one a line.",
    )
    imap_host = fields.Char("IMAP Server")
    imap_port = fields.Integer("IMAP Port", default=993)
    imap_security = fields.Selection(SECURITY, "IMAP Encryption", default="ssl")
    pop3_host = fields.Char("POP3 Server")
    pop3_port = fields.Integer("POP3 Port", default=995)
    pop3_security = fields.Selection(SECURITY, "POP3 Encryption", default="ssl")
    smtp_host = fields.Char("SMTP Server")
    smtp_port = fields.Integer("SMTP Port", default=465)
    smtp_security = fields.Selection(SECURITY, "SMTP Encryption", default="ssl")
    secret_kind = fields.Selection(
        [
            ("password", "Password"),
            ("code", "Authorization code"),
            ("client_password", "Password for mail programs"),
            ("app_password", "App password"),
            ("oauth", "Sign-in by OAuth only"),
        ],
        required=True,
        default="password",
    )
    needs_code = fields.Boolean(
        compute="_compute_needs_code",
        store=True,
        help="The password of the web mail does not open the mailbox.",
    )
    oauth_service = fields.Selection(
        [("google", "Google"), ("microsoft", "Microsoft")],
        help="Whose sign-in can take the place of a code.",
    )
    needs_id = fields.Boolean(
        "Wants ID", help="Refuses mail programs that do not identify themselves."
    )
    code_steps = fields.Text(
        "How to Get the Code", translate=True, help="One step a line."
    )
    imap_steps = fields.Text(
        "How to Switch On IMAP", translate=True, help="One step a line."
    )
    admin_steps = fields.Text(
        "What the Mail Administrator Does", translate=True, help="One step a line."
    )
    help_url = fields.Char("Help Page")
    window_hint = fields.Text(
        "History Setting",
        translate=True,
        help="Where the provider limits how far back mail programs see.",
    )
    saves_sent = fields.Selection(
        [("always", "Always"), ("never", "Never"), ("option", "If the user chose so")],
        "Saves Sent Mail",
    )
    folder_names = fields.Text(
        help="The provider's own names of folders: one a line, as sent = 已发送"
    )
    keepalive = fields.Integer(
        "Keep-Alive (seconds)", help="Idle connections are cut after that long."
    )
    max_connections = fields.Integer("Connections per Mailbox")
    send_per_minute = fields.Integer("Mails per Minute")
    send_per_day = fields.Integer("Mails per Day")
    max_recipients = fields.Integer("Recipients per Mail")
    max_megabytes = fields.Integer("Largest Mail (MB)")
    source = fields.Text(
        help="Where the values come from: one a line, as imap_host: provider's page"
    )
    confidence = fields.Selection(
        [("high", "High"), ("medium", "Medium"), ("low", "Low")],
        default="medium",
        help="High: several sources agree. None of them is the live server.",
    )

    _code_unique = models.UniqueIndex("(code)", "This code is already taken.")

    @api.depends("secret_kind")
    def _compute_needs_code(self):
        for provider in self:
            provider.needs_code = provider.secret_kind not in ("password", "oauth")

    @api.model
    def _get_presets(self):
        """All of them, as the plain rooms want them, in order."""
        return tuple(provider._to_preset() for provider in self.sudo().search([]))

    @api.model
    def _discover(self, email):
        """The mail servers of an address, as ``transport.discovery.Found``: up to 6 s
        of network, so to be called before anything is written.

        System parameters: ``waimaolang_mail.nameservers`` (comma separated; empty: the
        system's) and ``waimaolang_mail.ispdb`` ("False": Mozilla's collection is not
        asked; it would learn the domain)."""
        get_param = self.env["ir.config_parameter"].sudo().get_param
        nameservers = (get_param(PARAM_NAMESERVERS) or "").replace(",", " ").split()
        return discover(
            email,
            self._get_presets(),
            nameservers=nameservers,
            allow_private=self.env["waimaolang.lane"]._allow_private_hosts(),
            ispdb=ISPDB_URL if get_param(PARAM_ISPDB, "True") == "True" else "",
        )

    def _to_preset(self):
        self.ensure_one()
        return Preset(
            code=self.code,
            name=self.name,
            domains=_lines(self.domains),
            mx_suffixes=_lines(self.mx_suffixes),
            needs_id=self.needs_id,
            **{protocol: self._get_server(protocol) for protocol in PROTOCOLS},
        )

    def _get_server(self, protocol):
        """The server of one of PROTOCOLS, or None."""
        self.ensure_one()
        host = self[f"{protocol}_host"]
        if not host:
            return None
        return Server(host, self[f"{protocol}_port"], self[f"{protocol}_security"])


def _lines(text):
    return tuple(line.strip().lower() for line in (text or "").split() if line.strip())
