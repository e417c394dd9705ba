# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import plaintext2html

from . import mailbox_errors

BUS_TYPE = "waimaolang_mail/mailboxes"
CODE_NEEDED = "waimaolang_mail.mail_activity_code_needed"
OWNER_GONE = "waimaolang_mail.mail_activity_owner_gone"
NO_ROOM = "waimaolang_mail.mail_activity_no_room"
# An error mostly goes by itself: it is shown in the systray once it has lasted.
PATIENCE = timedelta(hours=1)


class WaimaolangMailboxTold(models.AbstractModel):
    """Whom a mailbox needs is told once (invariant I6): by an activity in her own
    language, without e-mail, which is done by itself when the mailbox works again;
    and by the systray, which asks and is not sent more than "look again"."""

    _name = "waimaolang.mailbox.told"
    _inherit = ["mail.activity.mixin"]
    _description = "Notices of Mailboxes"

    # -- a mailbox has activities, and neither followers nor messages ------------------

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Called by mail.activity: a follower would be told of what she may lose."""
        return True

    @api.private
    def message_post_with_source(self, source_ref, **kwargs):
        """Called by mail.activity when one is done."""
        return self.env["mail.message"]

    @api.private
    def message_notify(self, **kwargs):
        """Called by mail.activity: nobody is e-mailed because of a mailbox."""
        return self.env["mail.message"]

    # -- whom, and what of -------------------------------------------------------------

    def _needs_attention(self):
        self.ensure_one()
        return self.state == "reauth" or (
            self.error_code == "key_missing" and self.state == "error"
        )

    def _get_tellees(self):
        """The owner; of a shared mailbox its members; where nobody is there, the
        administrators."""
        self.ensure_one()
        people = self.user_id or self.member_ids
        people = people.filtered(lambda user: user.active and not user.share)
        return people or self._get_administrators()

    def _get_administrators(self):
        group = self.env.ref("waimaolang_mail.group_manager").sudo()
        return group.all_user_ids.filtered(
            lambda user: (
                user.active
                and user != self.env.ref("base.user_root")
                and self.company_id in user.company_ids
            )
        )

    def _lacks_room(self):
        self.ensure_one()
        return self.error_code == "storage" and self.state == "error"

    def _tell_room(self):
        """In sudo: one activity for each administrator, however many mailboxes stand
        still for it; done when the mailbox on which it hangs goes on."""
        if not self._lacks_room():
            self._settle_activities(NO_ROOM)
            return
        told = self._get_activities(NO_ROOM, everywhere=True).user_id
        for user in self._get_administrators() - told:
            env = self.with_context(lang=user.lang).env
            summary = env._("Odoo's server cannot store mail")
            text = mailbox_errors.describe(env, self.error_code, self.error_detail)
            self._tell(user, NO_ROOM, summary, text)

    def _tell_moved(self, needed):
        """In sudo, after a change of state; ``needed``: somebody was needed before."""
        if self._needs_attention():
            if not needed:
                self._tell_code_needed()
        elif self.state in ("connected", "disconnected", "draft"):
            self._settle_activities(CODE_NEEDED)
        if self.state == "disconnected":
            self._settle_activities(OWNER_GONE)
        self._ring()

    def _tell_code_needed(self):
        for user in self._get_tellees():
            mailbox = self.with_context(lang=user.lang)
            env = mailbox.env
            text = mailbox_errors.describe(env, self.error_code) or env._(
                "The authorization code of this mailbox has to be entered anew."
            )
            self._tell(
                user,
                CODE_NEEDED,
                env._("Reconnect %(email)s", email=self.email),
                f"{text}\n"
                + env._(
                    "Nothing is fetched until then. Open the mailbox and choose "
                    "Reconnect: no mail is lost, and none comes twice."
                ),
            )

    def _tell(self, user, kind, summary, text):
        """One activity, unless one of this kind is open: no e-mail (the context), and
        no word of any mail in it, since others may read the mailbox's activities."""
        open_ones = self._get_activities(kind)
        if user in open_ones.user_id:
            return
        self.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
            kind, summary=summary, note=plaintext2html(text), user_id=user.id
        )

    def _get_activities(self, *kinds, everywhere=False):
        domain = fields.Domain("res_model", "=", self._name) & fields.Domain(
            "activity_type_id", "in", [self.env.ref(kind).id for kind in kinds]
        )
        if not everywhere:
            domain &= fields.Domain("res_id", "in", self.ids)
        return self.env["mail.activity"].sudo().search(domain)

    def _settle_activities(self, *kinds):
        self._get_activities(*kinds).action_feedback()

    # -- the systray -------------------------------------------------------------------

    def _ring(self):
        """After the commit, to those whose systray may show the mailbox; what it shows
        they ask for, with their own rights."""
        for mailbox in self.sudo():
            people = mailbox.user_id or mailbox.member_ids
            for user in people.filtered("active"):
                user._bus_send(BUS_TYPE, {})

    @api.model
    def get_needing_me(self):
        """What the systray shows: ``mailboxes``, the user's own (of shared ones those
        of whose members she is) that need somebody; ``again_in``: seconds until one
        more may, or False."""
        self.env["waimaolang.lane"]._wake_after_step()
        mine = fields.Domain("user_id", "=", self.env.uid) | (
            fields.Domain("user_id", "=", False)
            & fields.Domain("member_ids", "in", self.env.uid)
        )
        trouble = self.search(
            mine
            & fields.Domain("erasing", "=", False)
            & fields.Domain("state", "in", ("reauth", "error"))
        )
        now = fields.Datetime.now()
        waits, shown = [], []
        for mailbox in trouble:
            lasted = now - (mailbox.state_since or now - PATIENCE)
            if mailbox._needs_attention() or lasted >= PATIENCE:
                shown.append(mailbox._to_systray())
            else:
                waits.append((PATIENCE - lasted).total_seconds())
        return {
            "mailboxes": shown,
            "again_in": int(min(waits)) + 1 if waits else False,
        }

    def _to_systray(self):
        cause = mailbox_errors.describe(self.env, self.error_code).partition("\n")[0]
        return {
            "id": self.id,
            "email": self.email,
            "cause": cause or self.env._("A new authorization code is needed."),
        }
