# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import plaintext2html

from . import mailbox_errors

CODE_NEEDED = "waimaolang_mail.mail_activity_code_needed"
OWNER_GONE = "waimaolang_mail.mail_activity_owner_gone"
NO_ROOM = "waimaolang_mail.mail_activity_no_room"


class WaimaolangMailboxTold(models.AbstractModel):
    """Whom a mailbox needs is told once (invariant I6): by an activity in her own
    language, without e-mail, which is done by itself when the mailbox works again.
    The systray shows it too (``waimaolang_mailbox_systray.py``)."""

    _name = "waimaolang.mailbox.told"
    _inherit = ["waimaolang.quiet.activities"]
    _description = "Notices of Mailboxes"

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
            text = (
                mailbox_errors.describe(env, self.error_code, method=self.auth_method)
                or mailbox._get_secret_lost_text()
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

    def _get_secret_lost_text(self):
        """Hook: what it needs, where no error tells it."""
        return self.env._(
            "The authorization code of this mailbox has to be entered anew."
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
