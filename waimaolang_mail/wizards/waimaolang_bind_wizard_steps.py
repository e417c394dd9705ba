# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError

from ..engine import state
from ..models.waimaolang_mailbox_policy import PROVIDER_FIELDS
from .waimaolang_bind_wizard_servers import SERVER_FIELDS

STEPS = ("address", "method", "code", "test", "folders", "options", "done")
# What the mailbox takes over as it is.
TAKEN = (
    "name",
    "email",
    "login",
    "protocol",
    "auth_method",
    *SERVER_FIELDS,
    "sync_interval",
    "history_window",
    "history_days",
    "visibility",
    "unknown_policy",
    "blocked",
)


class WaimaolangBindSteps(models.AbstractModel):
    """The way through the form: what each step checks before the next one, and the
    mailbox at its end."""

    _name = "waimaolang.bind.steps"
    _description = "Steps of a Binding"

    # -- steps --------------------------------------------------------------------

    def action_next(self):
        self.ensure_one()
        getattr(self, f"_leave_{self.step}")()
        self.step = self._get_next_step()
        if self.step == "options":
            self._estimate()

    def _get_next_step(self):
        following = STEPS[STEPS.index(self.step) + 1]
        if following == "folders" and self.protocol == "pop3":
            return "options"  # there is the inbox and nothing else
        return following

    def action_back(self):
        self.ensure_one()
        if self.step in ("address", "done"):
            return
        before = STEPS[STEPS.index(self.step) - 1]
        if before == "folders" and self.protocol == "pop3":
            before = "test"
        self.step = before

    def _leave_address(self):
        mailboxes = self.env["waimaolang.mailbox"]
        mailboxes._check_transport_of_request()
        self._check_policy({"email_key"})
        if not self.email_key:
            raise UserError(
                self.env._(
                    "Enter the address of the mailbox, for instance you@company.com."
                )
            )
        self._check_owner_kind()
        vals = {"email": self.email, "company_id": self.company_id.id}
        mailboxes._check_company_of([vals])
        mailboxes._check_address(vals)
        if self.searched_email != self.email_key:
            self._search_servers()

    def _check_policy(self, names):
        """Now, and not once everything is filled in."""
        draft = self.env["waimaolang.mailbox"].new(self._prepare_mailbox_vals())
        draft._check_policy(frozenset(names))

    def _check_owner_kind(self):
        if self.owner_kind != "self" and not self.may_bind_others:
            raise UserError(
                self.env._(
                    "Only a mailbox administrator can bind a mailbox for others."
                )
            )
        if self.owner_kind == "colleague" and not self.user_id:
            raise UserError(self.env._("Choose the colleague whose mailbox it is."))
        if self.owner_kind == "shared" and not self.member_ids:
            raise UserError(self.env._("Choose who reads the shared mailbox."))

    def _leave_method(self):
        if not self._is_usable(self.method):
            raise UserError(self._get_method_refusal())
        if not self.incoming_host:
            raise UserError(
                self._get_not_found_text()
                + " "
                + self.env._(
                    "Choose the provider, or enter the incoming server: your mail "
                    "administrator knows its name."
                )
            )
        self._check_policy({*PROVIDER_FIELDS, "incoming_security", "outgoing_security"})

    def _get_method_refusal(self):
        if self.provider_id.secret_kind != "oauth":
            return self.env._("Choose how the mailbox is reached.")
        return self.env._(
            "%(provider)s no longer accepts passwords or codes, only a sign-in "
            "that this Odoo does not offer yet. Use another mailbox, or choose "
            "another provider below if this is not yours.",
            provider=self.provider_id.name,
        )

    def action_enter_code(self):
        """From a test that was refused."""
        self.ensure_one()
        if self.step == "test":
            self.step = "code"

    def _leave_code(self):
        if not self._has_secret():
            raise UserError(self._get_secret_request())
        # before anything is sent to a server
        self.env["waimaolang.mailbox"]._check_transport_of_request()

    def _has_secret(self):
        """Whether there is what opens the mailbox; a hook, with the next ones, for
        other ways to log in."""
        return self.has_password

    def _get_secret_request(self):
        return self.env._("Enter the code that your provider issued for Odoo.")

    def _leave_test(self):
        self._check_tested()

    def _leave_folders(self):
        if not any(self.folder_ids.mapped("synced")):
            raise UserError(self.env._("Tick at least one folder."))

    def _leave_options(self):
        self._bind()

    # -- the mailbox --------------------------------------------------------------

    def _bind(self):
        """Makes the mailbox with the code that was tested, and forgets it here."""
        self._check_tested()
        mailbox = self.env["waimaolang.mailbox"].create(
            {**self._prepare_mailbox_vals(), **self._prepare_secret_vals()}
        )
        self._hand_over_secret(mailbox)
        folders = self._get_proven_folders()
        privileged = self.env(su=True)
        state.connected(privileged, mailbox.id, folders)
        self._apply_folders(mailbox)
        self.sudo().write({"mailbox_id": mailbox.id, "password_sealed": False})
        self.env["waimaolang.lane"]._wake()

    def _prepare_secret_vals(self):
        """Hook: the mailbox's values that open it."""
        return {"password": self._get_secret()}

    def _hand_over_secret(self, mailbox):
        """Hook: what opens it and is no value of its own."""

    def _prepare_mailbox_vals(self):
        vals = {name: self[name] for name in TAKEN if name != "history_window"}
        owner = {"self": self.env.user, "colleague": self.user_id}.get(self.owner_kind)
        members = self.member_ids if self.owner_kind == "shared" else False
        return {
            **vals,
            "name": self._get_name(owner),
            "user_id": owner.id if owner else False,
            "member_ids": [(6, 0, members.ids if members else [])],
            "team_id": self.team_id.id if self.visibility == "team" else False,
            "company_id": self.company_id.id,
            "provider_id": self.provider_id.id,
        }

    def _get_name(self, owner):
        """Two mailboxes of one owner are told apart by their addresses."""
        mailboxes = self.env["waimaolang.mailbox"].sudo()
        if self.name or not owner:
            return self.name or self.email
        has_one = mailboxes.search_count([("user_id", "=", owner.id)], limit=1)
        return self.email if has_one else owner.name

    def _apply_folders(self, mailbox):
        """What was ticked, and the roles that were given."""
        chosen = {folder.remote_name: folder for folder in self.folder_ids}
        for folder in mailbox.sudo().folder_ids:
            choice = chosen.get(folder.remote_name)
            if choice:
                folder.write({"role": choice.role, "synced": choice.synced})

    def action_open_mailbox(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "waimaolang.mailbox",
            "res_id": self.mailbox_id.id,
            "views": [(False, "form")],
        }

    def action_view_mails(self):
        return self.mailbox_id.action_view_mails()
