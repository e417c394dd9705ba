# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list
from odoo.tools.misc import formatLang

from ..engine import logins, uidset
from ..engine.state import GoneMeanwhileError
from ..engine.waits import StillWaitingError
from .notices import notice

ACTIVE_STATES = ("connected", "error")


class WaimaolangMailboxActions(models.AbstractModel):
    """The buttons of a mailbox."""

    _name = "waimaolang.mailbox.actions"
    _description = "Actions of Mailboxes"

    def action_connect(self):
        """Tries the binding for real; raises UserError with cause and remedy."""
        for mailbox in self:
            mailbox.check_access("write")
            mailbox._check_not_erasing()
            mailbox._check_owner_is_here()
            mailbox._check_settings()
            mailbox._try_connect()
        self.env["waimaolang.lane"]._wake()
        return self._notice(
            self.env._("Connected. The import of your mail has begun."), "success"
        )

    def _try_connect(self, secret=None):
        """Raises UserError with cause and remedy; ``secret`` instead of the stored
        one is stored once it has opened the mailbox."""
        self.ensure_one()
        if not secret:
            self._check_wait()
        try:
            error = logins.connect(self.env.registry, self.id, secret)
        except StillWaitingError as exc:
            text = self.env["waimaolang.login.wait"]._get_text(exc)
            raise UserError(self._add_cause(text)) from exc
        except GoneMeanwhileError as exc:
            raise UserError(self._get_gone_text()) from exc
        finally:
            self.invalidate_recordset()
        if error:
            raise UserError(self._describe_error(error.code, error.detail))

    def _get_gone_text(self):
        return self.env._(
            "Somebody disconnected the mailbox or changed its settings meanwhile. Open "
            "it anew and look before you try again."
        )

    def action_try_connect(self):
        """For the form."""
        return self._tell_outcome(self.action_connect)

    def action_try_send_test(self):
        """For the form."""
        return self._tell_outcome(self.action_send_test)

    def _tell_outcome(self, action):
        """A refusal is told and the form shows it, instead of a dialog over a form that
        still shows the one before."""
        try:
            return action()
        except UserError as error:
            return self._notice(str(error), "danger", sticky=True)

    def _check_settings(self):
        missing = [
            label
            for value, label in (
                (self.incoming_host, self.env._("the incoming server")),
                (self._has_secret(), self._get_secret_label()),
            )
            if not value
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Please fill in %(names)s.", names=format_list(self.env, missing)
                )
            )

    def _has_secret(self):
        """Whether there is what opens the mailbox; a hook, with the next ones, for
        other ways to log in."""
        return self.has_password

    def _get_secret_label(self):
        return self.env._("the authorization code")

    def _get_proxy(self):
        """By which its servers are reached (``ServerAddress.proxy``); "": directly."""
        return ""

    def _keep_code(self, code):
        """A code that has just opened the mailbox."""
        self.password = code

    def action_sync(self):
        """Wakes a lane: the mail is fetched in the background, at once, by a new login:
        whoever asks wants to know whether the mailbox works."""
        self.check_access("read")
        self._check_not_erasing()
        for mailbox in self:
            mailbox._check_wait()
        self._renew_login()
        self._wake()
        return self._notice(self.env._("New mail is being fetched."), "info")

    def action_view_mails(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_mail_action"
        )
        return {**action, "domain": [("mailbox_ids", "in", self.ids)]}

    def action_view_failed(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_failed_action"
        )
        failed = self.env["waimaolang.mailbox.copy"]._get_failed_domain()
        return {**action, "domain": [("mailbox_id", "=", self.id), *failed]}

    def action_view_excluded(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_excluded_action"
        )
        # of these there are no rows, or the figure would be the list's
        before = sum(uidset.size(f.outside) for f in self.folder_ids if f.synced)
        if before:
            action["display_name"] = self.env._(
                "Excluded Mails (%(count)s more lie before the history window)",
                count=formatLang(self.env, before, digits=0),
            )
        return {
            **action,
            "domain": [("mailbox_id", "=", self.id), ("state", "=", "excluded")],
            "context": {"search_default_by_reason": 1},
        }

    def _notice(self, message, kind, sticky=False):
        return notice(message, kind, sticky)
