# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..engine import life
from . import reading
from .waimaolang_mailbox_told import CODE_NEEDED, OWNER_GONE


class WaimaolangMailboxOwner(models.AbstractModel):
    """A mailbox whose owner leaves, and the one who takes it over."""

    _name = "waimaolang.mailbox.owner"
    _description = "Owners of Mailboxes"

    may_hand_over = fields.Boolean(compute="_compute_may_hand_over")

    @api.depends("user_id.active")
    @api.depends_context("uid")
    def _compute_may_hand_over(self):
        administers = self._is_administrator()
        for mailbox in self:
            # who owns it, whoever is being chosen in a form
            owner = mailbox._origin.sudo().user_id
            mailbox.may_hand_over = administers and bool(owner) and not owner.active

    def _is_handed_over(self, vals):
        """Whether the write gives the mailbox of somebody who left to a colleague.

        The mail of customers must not be lost with who left, so an administrator may
        name who goes on with it; yet administering is no way to read (invariant I8):
        never herself, unless she supervises, who reads it anyway; nothing else that
        decides readers may ride along; and it is logged for all administrators.
        """
        self.ensure_one()
        if set(vals) & {"member_ids", "company_id", "visibility", "team_id"}:
            return False
        heir = self.env["res.users"].sudo().browse(vals.get("user_id") or ())
        supervises = self.company_id.sudo().waimaolang_supervision and (
            self.env.user.has_group(reading.SUPERVISOR)
        )
        return (
            self.may_hand_over
            and len(heir) == 1
            and heir.active
            and not heir.share
            and self.company_id in heir.company_ids
            and (heir != self.env.user or supervises)
        )

    def write(self, vals):
        if "user_id" not in vals:
            return super().write(vals)
        before = {mailbox: mailbox.sudo().user_id for mailbox in self}
        in_use = self.filtered(lambda m: m._is_in_use())
        result = super().write(vals)
        for mailbox, owner in before.items():
            if mailbox.sudo().user_id != owner:
                mailbox.sudo()._tell_owner_changed(owner, self.env.uid)
                if mailbox in in_use:
                    mailbox._log("handed_over", from_user_id=owner.id)
        return result

    def _tell_owner_changed(self, before, by_uid):
        """In sudo. The open activities were the previous owner's, or said that there
        was none."""
        self._settle_activities(CODE_NEEDED, OWNER_GONE)
        if self.user_id.id != by_uid and not self._has_secret():
            self._tell_code_needed()
        if before.active:
            before._bus_send("waimaolang_mail/mailboxes", {})
        self._ring()

    def _log(self, event, **vals):
        self.ensure_one()
        mailbox = self.sudo()
        self.env["waimaolang.mailbox.log"].sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": mailbox.company_id.id,
                "email": mailbox.email,
                "event": event,
                "to_user_id": mailbox.user_id.id if event == "handed_over" else False,
                **vals,
            }
        )

    # -- owners who are archived -----------------------------------------------------

    @api.private
    def _leave_owners(self, users):
        """Their mailboxes rest, until somebody decides: nothing of a person who left
        is read on, and coming back does not start it by itself."""
        mailboxes = self.sudo().search(
            [("user_id", "in", users.ids), ("state", "!=", "draft")]
        )
        mailboxes._move(life.OWNER_LEFT)
        for mailbox in mailboxes.filtered(lambda m: not m.erasing):
            mailbox._settle_activities(CODE_NEEDED)
            for user in mailbox._get_administrators():
                mailbox._tell_owner_gone(user)

    def _tell_owner_gone(self, user):
        env = self.with_context(lang=user.lang).env
        self._tell(
            user,
            OWNER_GONE,
            env._("%(email)s has no owner any more", email=self.email),
            env._(
                "%(owner)s was archived, and nothing is fetched from this mailbox any"
                " more. Choose a new owner, who then connects it anew; or"
                " disconnect it: its mail stays; or delete it with its data.",
                owner=self.user_id.name,
            ),
        )

    @api.private
    def _welcome_owners(self, users):
        mailboxes = self.sudo().search([("user_id", "in", users.ids)])
        mailboxes._settle_activities(OWNER_GONE)
