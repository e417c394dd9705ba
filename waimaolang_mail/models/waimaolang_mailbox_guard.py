# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import email_normalize

from ..engine import life
from ..engine.settings import SECRET_WAY

# Whitespace, a scheme or a path: what people paste from a browser.
NOT_A_HOST = re.compile(r"[\s/\\@\x00-\x1f]")
# Who reads a mailbox hangs on these.
READER_FIELDS = frozenset(
    ("user_id", "member_ids", "company_id", "visibility", "team_id")
)
# Written by the engine and by actions alone, whatever a client sends.
ENGINE_FIELDS = frozenset(
    (
        "state",
        "state_since",
        "pause_reason",
        "erasing",
        "error_code",
        "error_detail",
        "failures",
        "auth_failures",
        "transcript",
        "wait_until",
        "outgoing_error_code",
        "outgoing_error_detail",
        "connection_epoch",
        "history_from",
        "history_paused",
        "history_rate",
        "history_measured",
        "next_sync",
        "last_sync",
        "last_listed",
        "resume_folder",
        "history_limited_days",
        "history_limited_mails",
        "needs_attention",
        "email_key",
        "password_sealed",
        "lease_ids",
        "outbox_ids",
        "saves_sent",
        "unsaved_streak",
    )
)


class WaimaolangMailboxGuard(models.AbstractModel):
    """What may be written to a mailbox, by whom, and what a write sets off."""

    _name = "waimaolang.mailbox.guard"
    _description = "Rules of Mailboxes"

    def _check_address(self, vals):
        """Before the write, so that the refusal can name who has the address; the
        unique index stops those who bind at the same moment."""
        if "email" not in vals and "company_id" not in vals:
            return
        email = vals["email"] if "email" in vals else self[:1].email
        key = email_normalize(email or "")
        if not key:
            raise ValidationError(
                self.env._("%(email)s is not an e-mail address.", email=email)
            )
        companies = (
            [vals["company_id"]]
            if vals.get("company_id")
            else self.company_id.ids or [self.env.company.id]
        )
        other = self.sudo().search(
            [
                ("email_key", "=", key),
                ("company_id", "in", companies),
                ("id", "not in", self.ids),
                ("active", "in", (True, False)),
            ],
            limit=1,
        )
        if other and other.user_id == self.env.user and not other.active:
            raise ValidationError(
                self.env._(
                    "You bound %(email)s before and archived it. Restore that mailbox "
                    "instead: its mail and settings are still there.",
                    email=email,
                )
            )
        if other.erasing:
            raise ValidationError(
                self.env._(
                    "%(email)s was bound before, and its data is still being deleted. "
                    "Try again in some minutes.",
                    email=email,
                )
            )
        if other:
            raise ValidationError(
                self.env._(
                    "%(email)s is already bound, by %(owner)s. Ask to be made a "
                    "member of that mailbox, or have it removed first.",
                    email=email,
                    owner=other.user_id.name or other.name,
                )
            )

    @api.constrains("incoming_host", "outgoing_host", "login")
    def _check_single_line(self):
        for mailbox in self:
            if mailbox.login and any(ord(char) < 32 for char in mailbox.login):
                raise ValidationError(self.env._("A login is a single line of text."))
            for host in (mailbox.incoming_host, mailbox.outgoing_host):
                if host and NOT_A_HOST.search(host.strip()):
                    raise ValidationError(
                        self.env._(
                            "%(host)s is not the name of a server. Enter the name "
                            "alone, for instance imap.example.com.",
                            host=host,
                        )
                    )

    @api.constrains("incoming_port", "outgoing_port")
    def _check_ports(self):
        for mailbox in self:
            for port in (mailbox.incoming_port, mailbox.outgoing_port):
                if port and not 0 < port < 65536:
                    raise ValidationError(
                        self.env._("A port is a number from 1 to 65535.")
                    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_engine_fields(vals)
            self._check_owner(vals)
            self._check_address(vals)
        # a default_state in a client's context is as good as a state in the values
        self._check_engine_fields(
            {
                name.removeprefix("default_"): value
                for name, value in self.env.context.items()
                if name.startswith("default_")
            }
        )
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
            if not mailbox._is_free_to_share() and not mailbox._is_handed_over(vals):
                raise AccessError(
                    self.env._("Only the owner can decide who reads a mailbox.")
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
                # a new owner is told once she is the owner
                tell = "user_id" not in vals
                mailbox._move(life.WIPED, tell, **mailbox._get_wiped_vals())
