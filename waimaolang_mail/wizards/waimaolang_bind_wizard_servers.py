# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

PARTS = ("host", "port", "security")
SIDES = ("incoming", "outgoing")
SERVER_FIELDS = tuple(f"{side}_{part}" for side in SIDES for part in PARTS)


class WaimaolangBindServers(models.AbstractModel):
    """Looks for the servers of an address, says how they were found, and notices when
    they were changed by hand."""

    _name = "waimaolang.bind.servers"
    _description = "Servers of a Binding"

    found_how = fields.Char(readonly=True)
    found_text = fields.Char(compute="_compute_found_text")
    found_provider_id = fields.Many2one("waimaolang.provider", readonly=True)
    found_foreign = fields.Boolean(readonly=True)
    found_servers = fields.Json(readonly=True)
    found_notes = fields.Json(readonly=True)
    not_found_text = fields.Char(compute="_compute_not_found_text")
    servers_changed = fields.Boolean(compute="_compute_servers_changed")
    changed_text = fields.Char(compute="_compute_servers_changed")
    searched_email = fields.Char(readonly=True)
    search_log = fields.Text("What Was Tried", readonly=True)

    # -- searching ----------------------------------------------------------------

    def _search_servers(self):
        found = self.env["waimaolang.provider"]._discover(self.email_key)
        provider = self.env["waimaolang.provider"].search(
            [("code", "=", found.code)], limit=1
        )
        self.write(
            {
                "searched_email": self.email_key,
                "login": found.login or self.email_key,
                "provider_id": provider.id,
                "found_provider_id": provider.id,
                "found_how": found.how,
                "found_foreign": found.foreign,
                "found_notes": list(found.notes),
                "found_servers": {
                    protocol: (server.host, server.port, server.security)
                    for protocol in ("imap", "pop3", "smtp")
                    if (server := getattr(found, protocol))
                },
                "search_log": "\n".join(found.transcript),
                "incoming_host": False,
                "outgoing_host": False,
            }
        )
        self.method = self.methods["recommended"] or False
        self._fill_servers()

    # -- what is known, and what was entered instead ------------------------------

    def _get_known_server(self, side):
        """``(host, port, security)`` of the provider, else of what was found; None
        where neither knows."""
        protocol = "smtp" if side == "outgoing" else self.protocol
        server = self.provider_id and self.provider_id._get_server(protocol)
        if server:
            return server.host, server.port, server.security
        found = (self.found_servers or {}).get(protocol)
        return tuple(found) if found else None

    def _fill_servers(self):
        """What nobody knows stays."""
        for side in SIDES:
            known = self._get_known_server(side)
            if known:
                for part, value in zip(PARTS, known, strict=True):
                    self[f"{side}_{part}"] = value
            elif self.provider_id.imap_host:
                self[f"{side}_host"] = False  # another provider's would be wrong

    def action_use_known_servers(self):
        self.ensure_one()
        self._fill_servers()

    @api.depends_context("lang")
    @api.depends("provider_id", "protocol", "found_servers", *SERVER_FIELDS)
    def _compute_servers_changed(self):
        for wizard in self:
            wizard.servers_changed = any(map(wizard._is_changed, SIDES))
            wizard.changed_text = wizard._get_changed_text()

    def _is_changed(self, side):
        known = self._get_known_server(side)
        return bool(known) and known != tuple(self[f"{side}_{part}"] for part in PARTS)

    def _get_changed_text(self):
        if self.provider_id:
            return self.env._(
                "The servers were changed by hand: they are not those of %(provider)s.",
                provider=self.provider_id.name,
            )
        return self.env._(
            "The servers were changed by hand: they are not those that were found."
        )

    # -- texts --------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("found_how", "provider_id", "found_provider_id")
    def _compute_found_text(self):
        for wizard in self:
            if wizard.provider_id != wizard.found_provider_id:
                wizard.found_text = wizard._get_chosen_text()
                continue
            texts = wizard._get_found_texts(wizard.provider_id.name)
            wizard.found_text = texts.get(wizard.found_how, False)

    def _get_chosen_text(self):
        if not self.found_provider_id:
            return self.env._("You chose this provider by hand.")
        return self.env._(
            "You chose this by hand; recognised was %(provider)s.",
            provider=self.found_provider_id.name,
        )

    def _get_found_texts(self, name):
        """Whole sentences by ``discovery.Found.how``."""
        env = self.env
        if not name:
            return {
                "autoconfig": env._("The domain itself tells its servers: see below."),
                "ispdb": env._(
                    "The servers stand in Mozilla's list of mail providers: see below."
                ),
                "srv": env._("The domain's DNS names its servers: see below."),
                "probe": env._("Servers with the usual names answered: see below."),
            }
        return {
            "domain": env._(
                "%(provider)s, recognised by the address. You need not enter any "
                "server.",
                provider=name,
            ),
            "cname": env._(
                "%(provider)s, recognised by the names of the domain's servers. You "
                "need not enter any server.",
                provider=name,
            ),
            "mx": env._(
                "%(provider)s, recognised by where the domain receives its mail. You "
                "need not enter any server.",
                provider=name,
            ),
            **dict.fromkeys(
                ("autoconfig", "ispdb", "srv", "probe"),
                env._("%(provider)s, recognised by its servers.", provider=name),
            ),
        }

    @api.depends_context("lang")
    @api.depends("found_how", "found_notes", "email")
    def _compute_not_found_text(self):
        for wizard in self:
            wizard.not_found_text = (
                not wizard.found_how and wizard._get_not_found_text()
            )

    def _get_not_found_text(self):
        """By ``discovery.Found.notes``, the most certain one."""
        notes = self.found_notes or ()
        domain = (self.email_key or "").rpartition("@")[2]
        if "no_domain" in notes:
            return self.env._(
                "The domain %(domain)s does not exist. Go back and check the address "
                "for typing errors.",
                domain=domain,
            )
        if "null_mx" in notes:
            return self.env._(
                "The domain %(domain)s takes no mail. Go back and check the address "
                "for typing errors.",
                domain=domain,
            )
        return self.env._("No server was found for %(email)s.", email=self.email)
