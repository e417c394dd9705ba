# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import life, logins

_logger = logging.getLogger(__name__)


class WaimaolangMailboxLife(models.AbstractModel):
    """The states of a mailbox, through one door, and the verbs that move them."""

    _name = "waimaolang.mailbox.life"
    _inherit = [
        "waimaolang.mailbox.told",
        "waimaolang.mailbox.owner",
        "waimaolang.mailbox.erase",
    ]
    _description = "Life of Mailboxes"

    state_since = fields.Datetime("In This State Since", readonly=True, copy=False)
    pause_reason = fields.Selection(
        [("hand", "By hand"), ("owner", "Its owner was archived")],
        "Why Paused",
        readonly=True,
        copy=False,
    )

    connection_epoch = fields.Integer(
        readonly=True,
        copy=False,
        help="Grows when a person wants a new login: kept connections are closed.",
    )

    # -- the door -----------------------------------------------------------------

    @api.private
    def _move(self, event, tell=True, **vals):
        """The only place where ``state`` changes: what ``event`` (of engine/life)
        means for each mailbox, written with ``vals`` in one go. What came too late
        is left out with its values; what a person asked for in vain is a UserError.
        Returns those that it moved. ``tell`` False: the caller tells people."""
        moved = self.browse()
        for mailbox in self.sudo():
            step = life.step(mailbox.state, event)
            # from there only the end leads out
            if mailbox.erasing and event != life.DISCONNECTED:
                step = None
            if step:
                mailbox._take(step, event, vals, tell)
                moved |= mailbox
            elif event in life.BY_PERSON:
                raise UserError(mailbox._get_refusal())
            else:
                _logger.info(
                    "mailbox %s stays %s: %s came too late",
                    mailbox.id,
                    mailbox.state,
                    event,
                )
        return moved.with_env(self.env)

    def _take(self, step, event, vals, tell):
        before, needed = self.state, self._needs_attention()
        lacked = self._lacks_room()
        values = dict(vals)
        if step.state != before:
            values.update(
                state=step.state, state_since=fields.Datetime.now(), pause_reason=False
            )
            _logger.info(
                "mailbox %s: %s -> %s, %s", self.id, before, step.state, step.reason
            )
        if step.state == "paused":
            values["pause_reason"] = "owner" if event == life.OWNER_LEFT else "hand"
        self.write(values)
        if step.state == "disconnected":
            self._take_back_waiting()
        if lacked != self._lacks_room():
            self._tell_room()
        if tell and (step.state != before or needed != self._needs_attention()):
            self._tell_moved(needed)

    def _get_refusal(self):
        if self.erasing:
            return self.env._(
                "%(mailbox)s is being deleted with its data.", mailbox=self.name
            )
        state = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(mailbox)s is in the state “%(state)s”, where this cannot be done.",
            mailbox=self.name,
            state=state[self.state],
        )

    def _check_not_erasing(self):
        for mailbox in self:
            if mailbox.sudo().erasing:
                raise UserError(mailbox._get_refusal())

    @api.model
    def _get_wiped_vals(self):
        """What forgets all secrets of a mailbox; a hook for other ways to log in."""
        return {"password_sealed": False}

    # -- verbs --------------------------------------------------------------------

    def action_pause(self):
        self.check_access("write")
        paused = self.filtered(lambda m: life.step(m.state, life.PAUSED))
        paused._move(life.PAUSED)
        paused._renew_login()
        # whoever keeps a connection closes it
        self.env["waimaolang.lane"]._wake()

    def action_resume(self):
        self.check_access("write")
        self._check_owner_is_here()
        paused = self.filtered(lambda m: m.state == "paused")._move(life.RESUMED)
        paused._renew_login()
        paused._wake()

    def _renew_login(self):
        """No process uses its old connection any more, so that a code that was changed
        at the provider shows."""
        for mailbox in self.sudo():
            mailbox.connection_epoch += 1
            logins.forget_connection(self.env.registry, mailbox.id)

    def action_reconnect(self, code=None):
        """Tries for real, with the stored code or a new one, which is stored once it
        has opened the mailbox. Ledger and cursors stay: nothing is imported anew."""
        for mailbox in self:
            mailbox._check_may_reconnect()
            mailbox._check_not_erasing()
            code = (code or "").strip()
            if not code:
                mailbox._check_settings()
            mailbox.sudo()._try_connect(code or None)
        self.env["waimaolang.lane"]._wake()
        return self._notice(
            self.env._("Connected. New mail is being fetched."), "success"
        )

    def _check_may_reconnect(self):
        """Who owns it, or is a member of one that nobody owns, or administers."""
        self.check_access("read")
        user = self.env.user
        mine = self.user_id == user or not self.user_id and user in self.member_ids
        if not (self.env.su or mine or self._is_administrator()):
            raise AccessError(
                self.env._("Only the owner of a mailbox can reconnect it.")
            )
        self._check_owner_is_here()

    def _check_owner_is_here(self):
        for mailbox in self:
            owner = mailbox.sudo().user_id
            # what a script binds is OdooBot's, who is never active
            if owner and not owner.active and owner.id != SUPERUSER_ID:
                raise UserError(
                    self.env._(
                        "%(owner)s is archived. Hand the mailbox over to a colleague "
                        "first.",
                        owner=owner.name,
                    )
                )

    def _is_administrator(self):
        return self.env.user.has_group("waimaolang_mail.group_manager")

    def action_open_reconnect(self):
        """The dialog that asks for a new code."""
        self.ensure_one()
        # told before a code is typed
        self._check_transport_of_request()
        self._check_may_reconnect()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_reconnect_wizard_action"
        )
        return {**action, "context": {"default_mailbox_id": self.id}}

    def action_disconnect(self):
        """Nothing is fetched any more and the code is forgotten; what was imported
        stays where it stands."""
        self.check_access("write")
        for mailbox in self:
            logins.stop(self.env.registry, mailbox.id)
        self._move(
            life.DISCONNECTED,
            **self._get_wiped_vals(),
            error_code=False,
            error_detail=False,
        )
        for mailbox in self:
            mailbox._log("disconnected")
        return self._notice(
            self.env._("Disconnected. The mail that was imported stays."), "info"
        )
