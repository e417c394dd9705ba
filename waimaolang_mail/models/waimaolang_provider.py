# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import itertools
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..transport.base import ROLES
from ..transport.discovery import ISPDB_URL, discover
from ..transport.errors import MailServerError
from ..transport.net import host_ascii
from ..transport.presets import Preset, Server
from .choices import SECURITY

PARAM_NAMESERVERS = "waimaolang_mail.nameservers"
PARAM_ISPDB = "waimaolang_mail.ispdb"
PROTOCOLS = ("imap", "pop3", "smtp")
OWN = "own_"  # codes of administrators' providers: no preset to come has such a one
NAME = re.compile(
    r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)
# Two labels at least that are spelled out: "*" or "com" would fit everybody's server.
EXCHANGER = re.compile(r"\.?([a-z0-9_*-]+\.)*[a-z0-9_-]+\.[a-z0-9-]+")


class WaimaolangProvider(models.Model):
    """What is known of a mail provider: where its servers are, which secret it wants
    and where that is to be had. Data, so that an administrator can correct it."""

    _name = "waimaolang.provider"
    _description = "Mail Provider"
    _order = "sequence, name, id"

    code = fields.Char(
        required=True,
        copy=False,
        help="For programs: lower-case letters, digits and underscores. Left empty, it "
        "is made of the domain or the name.",
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    domains = fields.Text(
        help="What stands after the @ of the addresses, one a line, such as "
        "example.com. A domain belongs to one provider."
    )
    mx_suffixes = fields.Text(
        "Mail Exchangers",
        help="Ends of the names that the MX records of companies' own domains give, "
        "one a line: exmail.qq.com. With * the line is the whole name: mxbiz*.qq.com. "
        "The longest line that fits wins.",
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
    other_hosts = fields.Text(
        "Other Servers",
        help="Further names of the provider's servers, one a line: older ones, and "
        "those for use from abroad.",
    )
    secret_kind = fields.Selection(
        [
            ("password", "Password"),
            ("code", "Authorization code"),
            ("client_password", "Password for mail programs"),
            ("app_password", "App password"),
            ("oauth", "Sign-in by OAuth only"),
        ],
        "Kind of Code",
        required=True,
        default="password",
    )
    needs_code = fields.Boolean(
        "Needs a Code",
        compute="_compute_needs_code",
        store=True,
        help="The password of the web mail does not open the mailbox.",
    )
    oauth_service = fields.Selection(
        [("google", "Google"), ("microsoft", "Microsoft")],
        "OAuth Sign-In",
        help="Whose sign-in can take the place of a code.",
    )
    needs_id = fields.Boolean(
        "Needs Client ID", help="Refuses mail programs that do not identify themselves."
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
        "Idle Limit (seconds)",
        help="Idle connections are cut after that long. 0: not known.",
    )
    max_connections = fields.Integer("Connections per Mailbox", help="0: not known.")
    send_per_minute = fields.Integer("Mails per Minute", help="0: not known.")
    send_per_day = fields.Integer("Mails per Day", help="0: not known.")
    max_recipients = fields.Integer("Recipients per Mail", help="0: not known.")
    max_megabytes = fields.Integer("Largest Mail (MB)", help="0: not known.")
    source = fields.Text(
        help="Where the values come from: one a line, as imap_host: provider's page"
    )
    confidence = fields.Selection(
        [("high", "High"), ("medium", "Medium"), ("low", "Low")],
        default="medium",
        help="High: several sources agree. None of them is the live server.",
    )

    _code_unique = models.UniqueIndex("(code)", "This code is already taken.")
    _code_plain = models.Constraint(
        "CHECK(code ~ '^[a-z0-9_]+$')",
        "A code is made of lower-case letters, digits and underscores.",
    )
    _ports = models.Constraint(
        "CHECK(imap_port BETWEEN 1 AND 65535 AND pop3_port BETWEEN 1 AND 65535"
        " AND smtp_port BETWEEN 1 AND 65535)",
        "A port is a number from 1 to 65535.",
    )
    # reps are shown the link
    _help_url_web = models.Constraint(
        "CHECK(help_url ~ '^(https?://.+)?$')",
        "A help page is a web address that starts with https:// or http://.",
    )
    _limits = models.Constraint(
        "CHECK(LEAST(keepalive, max_connections, send_per_minute, send_per_day,"
        " max_recipients, max_megabytes) >= 0)",
        "A limit cannot be negative.",
    )

    @api.depends("secret_kind")
    def _compute_needs_code(self):
        for provider in self:
            provider.needs_code = provider.secret_kind not in ("password", "oauth")

    @api.constrains("imap_host", "pop3_host", "smtp_host", "other_hosts")
    def _check_hosts(self):
        for provider in self:
            hosts = [provider[f"{protocol}_host"] for protocol in PROTOCOLS]
            hosts += (provider.other_hosts or "").splitlines()
            for host in filter(None, (host and host.strip() for host in hosts)):
                if not NAME.fullmatch(_ascii(host)):
                    raise ValidationError(
                        self.env._(
                            "“%(host)s” is not the name of a server. Enter the name "
                            "alone, such as imap.example.com.",
                            host=host,
                        )
                    )

    @api.constrains("mx_suffixes")
    def _check_mx_suffixes(self):
        for provider in self:
            for line in _lines(provider.mx_suffixes):
                if not EXCHANGER.fullmatch(line):
                    raise ValidationError(
                        self.env._(
                            "“%(line)s” does not describe mail exchangers. Enter the "
                            "end of their names, such as mx.example.com, or a pattern, "
                            "such as mx*.example.com.",
                            line=line,
                        )
                    )

    @api.constrains("folder_names")
    def _check_folder_names(self):
        for provider in self:
            for line in filter(str.strip, (provider.folder_names or "").splitlines()):
                role, equals, path = (part.strip() for part in line.partition("="))
                if not (equals and path and role.lower() in ROLES):
                    raise ValidationError(
                        self.env._(
                            "“%(line)s” does not name a folder. Enter one of "
                            "%(roles)s, then = and the provider's name of the folder.",
                            line=line.strip(),
                            roles=", ".join(ROLES),
                        )
                    )

    @api.constrains("domains", "active")
    def _check_domains(self):
        """Of two providers for one domain, which one a rep gets would be chance."""
        owners = {
            domain: provider
            for provider in self.search([("domains", "!=", False)])
            for domain in _domains(provider.domains)
            if provider not in self
        }
        for provider in self:
            for domain in _domains(provider.domains):
                if "." not in domain or not NAME.fullmatch(domain):
                    raise ValidationError(
                        self.env._(
                            "“%(domain)s” is not a domain. Enter what stands after the "
                            "@ of the addresses, such as example.com.",
                            domain=domain,
                        )
                    )
                if not provider.active:
                    continue
                owner = owners.setdefault(domain, provider)
                if owner != provider:
                    raise ValidationError(
                        self.env._(
                            "The domain %(domain)s already belongs to the provider "
                            "%(provider)s. Take it off there first, or archive that "
                            "provider.",
                            domain=domain,
                            provider=owner.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(values) for values in vals_list]
        if self.env.context.get("install_mode"):
            self._leave_taken_domains(vals_list)
        missing = [values for values in vals_list if not values.get("code")]
        if missing:
            everybody = self.sudo().with_context(active_test=False)
            own = everybody.search([("code", "=like", f"{OWN}%")])
            taken = {*own.mapped("code"), *(v.get("code") for v in vals_list)}
            for values in missing:
                values["code"] = self._propose_code(values, taken)
                taken.add(values["code"])
        return super().create(vals_list)

    @api.model
    def _leave_taken_domains(self, vals_list):
        """A preset that comes new with a version leaves to the administrator's own
        provider the domain that this one has: else the update would fail."""
        taken = {
            domain
            for provider in self.search([("domains", "!=", False)])
            for domain in _domains(provider.domains)
        }
        for values in vals_list:
            domains = _domains(values.get("domains"))
            if not taken.isdisjoint(domains):
                values["domains"] = "\n".join(d for d in domains if d not in taken)

    @api.model
    def _propose_code(self, values, taken):
        """A code after the first domain, else the name, which is not in ``taken``."""
        word = (values.get("domains") or values.get("name") or "").strip().lower()
        word = re.sub(r"[^a-z0-9]+", "_", word.split("\n")[0]).strip("_")
        base = f"{OWN}{word or 'provider'}"
        numbered = (f"{base}_{number}" for number in itertools.count(2))
        return next(
            code for code in itertools.chain((base,), numbered) if code not in taken
        )

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
            domains=_domains(self.domains),
            mx_suffixes=_lines(self.mx_suffixes),
            needs_id=self.needs_id,
            other_hosts=tuple(map(_ascii, _lines(self.other_hosts))),
            **{protocol: self._get_server(protocol) for protocol in PROTOCOLS},
        )

    def _get_server(self, protocol):
        """The server of one of PROTOCOLS, or None."""
        self.ensure_one()
        host = (self[f"{protocol}_host"] or "").strip()
        if not host:
            return None
        return Server(host, self[f"{protocol}_port"], self[f"{protocol}_security"])


def _lines(text):
    return tuple(line.strip().lower() for line in (text or "").split() if line.strip())


def _domains(text):
    """In the spelling of DNS. An @ in front is what people type."""
    return tuple(_ascii(line.removeprefix("@")) for line in _lines(text))


def _ascii(name):
    try:
        return host_ascii(name)
    except MailServerError:
        return name  # refused by the constraints
