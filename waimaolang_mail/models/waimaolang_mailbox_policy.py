# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import ipaddress
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.tools import config, format_list

from ..transport import net
from ..transport.base import ServerAddress
from ..transport.errors import MailServerError
from .choices import VISIBILITY

PARAM_HTTP = "waimaolang_mail.allow_http"
PARAM_BINDERS = "waimaolang_mail.who_binds"
PARAM_VISIBILITIES = "waimaolang_mail.visibilities"
PARAM_INTERVAL = "waimaolang_mail.least_interval"
VISIBILITIES = tuple(dict(VISIBILITY))
GROUP_MANAGER = "waimaolang_mail.group_manager"
# In a form that is being saved: a resolver that hangs is not waited for.
RESOLVE_SECONDS = 3.0
# A request that carries one of these came through a proxy.
PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")
HOSTS = {"incoming": ("imap_host", "pop3_host"), "outgoing": ("smtp_host",)}
PROVIDER_FIELDS = frozenset(
    ("company_id", "provider_id", "incoming_host", "outgoing_host")
)


@dataclass(frozen=True)
class MailboxPolicy:
    """What the user may choose when she binds. ``providers`` empty: all of them;
    ``own_servers``: hosts that no provider's preset names; ``least_interval`` in
    minutes."""

    may_bind: bool
    providers: Any
    own_servers: bool
    visibilities: tuple[str, ...]
    least_interval: int


class WaimaolangMailboxPolicy(models.AbstractModel):
    """What the administrator allows: who binds, which providers, which visibility.
    Changes are checked, and those of salespeople alone: a mailbox that is bound goes
    on, and an administrator binds what she finds right."""

    _name = "waimaolang.mailbox.policy"
    _description = "Policy of Mailboxes"

    @api.model
    def _get_policy(self, company=None):
        """A MailboxPolicy, as it binds the user of the environment."""
        providers = self.env["waimaolang.provider"]
        if self._is_above_policy():
            return MailboxPolicy(True, providers, True, VISIBILITIES, 1)
        company = (company or self.env.company).sudo()
        get = self.env["ir.config_parameter"].sudo().get_param
        return MailboxPolicy(
            may_bind=get(PARAM_BINDERS) != "managers",
            providers=company.waimaolang_provider_ids.with_env(self.env),
            own_servers=company.waimaolang_own_servers,
            visibilities=self._get_visibilities(),
            least_interval=self._get_least_interval(),
        )

    def _is_above_policy(self):
        return self.env.su or self.env.user.has_group(GROUP_MANAGER)

    @api.model
    def _get_visibilities(self):
        """Those that a salesperson may choose; an unreadable parameter allows all."""
        text = self.env["ir.config_parameter"].sudo().get_param(PARAM_VISIBILITIES)
        names = [name.strip() for name in (text or "").split(",")]
        return tuple(name for name in VISIBILITIES if name in names) or VISIBILITIES

    @api.model
    def _get_least_interval(self):
        text = self.env["ir.config_parameter"].sudo().get_param(PARAM_INTERVAL)
        return max(1, int(text)) if text and text.isdigit() else 1

    @api.model
    def _allow_http(self):
        return self.env["ir.config_parameter"].sudo().get_param(PARAM_HTTP) == "True"

    # -- checks -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("password") for vals in vals_list):
            self._check_transport_of_request()
        default = {"company_id": self.env.context.get("default_company_id")}
        self._check_company_of([*vals_list, default])
        if self._is_above_policy():
            return super().create(vals_list)
        # afterwards, whatever defaults a context brought; nothing is left of it even
        # if the refusal is caught
        with self.env.cr.savepoint():
            mailboxes = super().create(vals_list)
            for mailbox in mailboxes:
                mailbox._check_policy(frozenset(mailbox._fields))
        return mailboxes

    def write(self, vals):
        if vals.get("password"):
            self._check_transport_of_request()
        self._check_company_of([vals])
        if self._is_above_policy():
            return super().write(vals)
        before = {mailbox: mailbox._get_policy_values() for mailbox in self}
        with self.env.cr.savepoint():
            result = super().write(vals)
            for mailbox, old in before.items():
                new = mailbox._get_policy_values()
                changed = frozenset(name for name in old if old[name] != new[name])
                mailbox._check_policy(changed)
        return result

    def action_connect(self):
        self._check_transport_of_request()
        return super().action_connect()

    def action_reconnect(self, code=None):
        self._check_transport_of_request()
        return super().action_reconnect(code)

    def _get_policy_values(self):
        names = PROVIDER_FIELDS | {
            "email_key",
            "visibility",
            "sync_interval",
            "incoming_security",
            "outgoing_security",
        }
        return {name: self[name] for name in names}

    def _check_company_of(self, vals_list):
        """Before any look at who has an address there: the refusal of a foreign
        company's address would tell that it is bound."""
        if self.env.su:
            return
        for vals in vals_list:
            company_id = vals.get("company_id")
            if company_id and company_id not in self.env.user._get_company_ids():
                raise AccessError(
                    self.env._("You can bind mailboxes for your own companies only.")
                )

    def _check_policy(self, changed):
        """``changed``: names of the fields that have another value than before."""
        self.ensure_one()
        policy = self._get_policy(self.company_id)
        if "email_key" in changed:
            self._check_may_bind()
        if changed & PROVIDER_FIELDS:
            self._check_provider(policy)
        if "visibility" in changed and self.visibility not in policy.visibilities:
            labels = dict(self._fields["visibility"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "Mailboxes may be visible to: %(allowed)s. For anything else ask a "
                    "mailbox administrator (%(names)s).",
                    allowed=format_list(
                        self.env, [labels[name] for name in policy.visibilities]
                    ),
                    names=self._get_manager_names(),
                )
            )
        if "sync_interval" in changed and self.sync_interval < policy.least_interval:
            raise UserError(
                self.env._(
                    "The shortest interval is %(minutes)s minutes. A mailbox "
                    "administrator (%(names)s) can set less.",
                    minutes=policy.least_interval,
                    names=self._get_manager_names(),
                )
            )
        for way in ("incoming", "outgoing"):
            if {f"{way}_security", f"{way}_host"} & changed:
                self._check_encryption(
                    self[f"{way}_host"], self[f"{way}_port"], self[f"{way}_security"]
                )

    @api.model
    def _check_may_bind(self):
        if not self._get_policy().may_bind:
            raise UserError(self._get_bind_refusal())

    def _get_bind_refusal(self):
        return self.env._(
            "Mailboxes are bound by the mailbox administrators here. Ask one of them "
            "(%(names)s) to bind yours.",
            names=self._get_manager_names(),
        )

    def _check_provider(self, policy):
        provider = self.provider_id
        if provider and policy.providers and provider not in policy.providers:
            raise UserError(
                self.env._(
                    "Mailboxes of %(provider)s are not bound here. Allowed are: "
                    "%(allowed)s. Ask a mailbox administrator (%(names)s).",
                    provider=provider.name,
                    allowed=format_list(self.env, policy.providers.mapped("name")),
                    names=self._get_manager_names(),
                )
            )
        if policy.own_servers:
            return
        others = (provider.other_hosts or "").split()
        for way, names in HOSTS.items():
            host = self[f"{way}_host"]
            known = {
                _spell(name) for name in [*map(provider.__getitem__, names), *others]
            }
            if host and _spell(host) not in known:
                raise UserError(
                    self.env._(
                        "%(host)s is not a server of the mail providers that are "
                        "allowed here. Choose a provider, or ask a mailbox "
                        "administrator (%(names)s) to add the server.",
                        host=host,
                        names=self._get_manager_names(),
                    )
                )

    def _get_manager_names(self):
        """Who can help: a few names, so that a refusal is not a dead end."""
        managers = self._get_managers(self.company_id or self.env.company)
        return format_list(self.env, managers[:3].mapped("name")) or self.env._(
            "nobody yet: whoever administers Odoo appoints one"
        )

    @api.model
    def _get_managers(self, company):
        """The mailbox administrators of the company, in an order that stays."""
        users = self.env.ref(GROUP_MANAGER).sudo().all_user_ids
        root = self.env.ref("base.user_root")
        return users.filtered(
            lambda user: (
                user.active
                and not user.share
                and user != root
                and company in user.company_ids
            )
        ).sorted("id")

    @api.model
    def _check_encryption(self, host, port, security):
        """Without TLS whoever sits between reads code and mail. Salespeople choose it
        within the own network alone, and there only when it is open to mailboxes."""
        if security != "none" or not host or self._is_above_policy():
            return
        if not self._is_in_own_network(host, port):
            raise UserError(
                self.env._(
                    "Without encryption your authorization code and all mail would "
                    "travel readable to %(host)s. Choose SSL/TLS or STARTTLS. If the "
                    "server really offers neither, a mailbox administrator (%(names)s) "
                    "can decide to bind it.",
                    host=host,
                    names=self._get_manager_names(),
                )
            )

    def _is_in_own_network(self, host, port):
        if not self.env["waimaolang.lane"]._allow_private_hosts():
            return False
        address = ServerAddress(host.strip(), port or 1, "none", allow_private=True)
        try:
            places = net.resolve(address, net.Deadline(RESOLVE_SECONDS))
        except MailServerError:
            return False
        return all(net.is_private(sockaddr[0]) for _family, sockaddr in places)

    # -- what is offered ----------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """No button for who may not press it."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self._get_policy().may_bind:
            for button in arch.xpath("//button[contains(@class, 'o_waimaolang_bind')]"):
                button.getparent().remove(button)
        return arch, view

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._get_policy().may_bind)

    @api.model
    def get_empty_list_help(self, help_message):
        if self._get_policy().may_bind:
            return super().get_empty_list_help(help_message)
        text = Markup("<p>%s</p>") % self._get_bind_refusal()
        return super().get_empty_list_help(text)

    # -- the way of the code to Odoo -------------------------------------------------

    @api.model
    def _check_transport_of_request(self):
        """A code is not taken over plain http, through whichever door: form, RPC or
        wizard. Without a request (shell, cron) nothing travelled."""
        if self._allow_http():
            return
        way = _way_of_request()
        if way == "proxy":
            raise UserError(
                self.env._(
                    "Odoo stands behind a proxy and does not know whether you came by "
                    "https, so no authorization code is taken. The administrator has "
                    "to set proxy_mode = True in odoo.conf, and the proxy has to send "
                    "X-Forwarded-Host and X-Forwarded-Proto."
                )
            )
        if way == "http":
            raise UserError(
                self.env._(
                    "This page came by plain http: your authorization code would "
                    "travel readable. Open Odoo by https and try again. The "
                    "administrator can allow it in Settings > Business Mailboxes > "
                    "Binding over plain http."
                )
            )


def _way_of_request():
    """How what is being done came here: "" (not by the web, by https, or from this
    machine), "http", or "proxy" (a proxy that Odoo was not told to believe)."""
    if not request:
        return _way_of_rpc()
    web = request.httprequest
    if web.scheme == "https":
        return ""
    behind_proxy = any(web.environ.get(name) for name in PROXY_HEADERS)
    # as odoo.http decides whether to believe a proxy
    believed = config["proxy_mode"] and web.environ.get("HTTP_X_FORWARDED_HOST")
    if behind_proxy and not believed:
        return "proxy"
    return "" if _is_loopback(web.remote_addr) else "http"


def _way_of_rpc():
    """/jsonrpc and /xmlrpc take the request away while they call a model; what is left
    is the address that was asked for, which odoo.http keeps on the thread."""
    parts = urlsplit(getattr(threading.current_thread(), "url", None) or "")
    local = parts.hostname == "localhost" or _is_loopback(parts.hostname)
    return "" if parts.scheme != "http" or local else "http"


def _is_loopback(address):
    """This machine. The company's network does not count: guests are in it too."""
    try:
        ip = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def _spell(host):
    """As DNS does; what is no host as it came."""
    try:
        return net.host_ascii(host or "")
    except MailServerError:
        return host
