# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..engine import window
from . import mailbox_errors
from .waimaolang_mailbox_actions import ACTIVE_STATES

BUS_TYPE = "waimaolang_mail/mailboxes"
# An error mostly goes by itself: it is shown in the systray once it has lasted.
PATIENCE = timedelta(hours=1)
TROUBLE_STATES = ("reauth", "error")


class WaimaolangMailboxSystray(models.AbstractModel):
    """What a rep sees of her mailboxes wherever she is in Odoo: which of them need her,
    and which are importing older mail. The client asks, and is not sent more than "look
    again"; while nothing is going on it asks once a page."""

    _name = "waimaolang.mailbox.systray"
    _description = "Mailboxes in the Systray"

    def _ring(self):
        """After the commit, to those whose systray may show the mailbox; what it shows
        they ask for, with their own rights."""
        for mailbox in self.sudo():
            people = mailbox.user_id or mailbox.member_ids
            for user in people.filtered("active"):
                user._bus_send(BUS_TYPE, {})

    @api.model
    def get_needing_me(self):
        """Of the user's own mailboxes (of shared ones those of whose members she is)
        ``mailboxes``, that need somebody; ``importing``, whose older mail is being
        fetched; ``again_in``: seconds until there is something else to see, or
        False."""
        self.env["waimaolang.lane"]._wake_after_step()
        mine = fields.Domain("user_id", "=", self.env.uid) | (
            fields.Domain("user_id", "=", False)
            & fields.Domain("member_ids", "in", self.env.uid)
        )
        found = self.search_fetch(
            mine
            & fields.Domain("erasing", "=", False)
            & fields.Domain("state", "in", {*TROUBLE_STATES, *ACTIVE_STATES}),
            ["state"],
        )
        shown, waits = found._find_needing()
        importing = found._find_importing()
        waits += [
            window.look_again(window.minutes_left(box.pending_count, box.history_rate))
            for box in importing
            if not box.history_paused
        ]
        return {
            "mailboxes": [mailbox._to_systray() for mailbox in shown],
            "importing": [mailbox._to_import() for mailbox in importing],
            "again_in": int(min(waits)) + 1 if waits else False,
        }

    def _find_needing(self):
        """``(mailboxes, seconds until one more of the others may)``"""
        now = fields.Datetime.now()
        shown, waits = self.browse(), []
        for mailbox in self.filtered(lambda m: m.state in TROUBLE_STATES):
            lasted = now - (mailbox.state_since or now - PATIENCE)
            if mailbox._needs_attention() or lasted >= PATIENCE:
                shown |= mailbox
            else:
                waits.append((PATIENCE - lasted).total_seconds())
        return shown, waits

    def _find_importing(self):
        """Those that fetch older mail, have it waiting, or have not listed it yet: by
        one query of two index probes each."""
        active = self.filtered(lambda m: m.state == "connected")
        if not active:
            return active
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT box.id FROM waimaolang_mailbox box
             WHERE box.id = ANY(%s)
               AND (box.last_sync IS NULL
                    OR EXISTS (SELECT 1 FROM waimaolang_mailbox_folder folder
                                WHERE folder.mailbox_id = box.id AND folder.synced
                                  AND folder.selectable AND folder.backfill_uid > 0)
                    OR EXISTS (SELECT 1 FROM waimaolang_mailbox_copy copy
                                 JOIN waimaolang_mailbox_folder folder
                                   ON folder.id = copy.folder_id
                                WHERE copy.mailbox_id = box.id AND folder.synced
                                  AND folder.selectable AND copy.state = 'pending'
                                  AND copy.live IS NOT TRUE))
             ORDER BY box.id
            """,
            (active.ids,),
        )
        return self.browse(id_ for (id_,) in self.env.cr.fetchall())

    def _to_systray(self):
        cause = mailbox_errors.describe(
            self.env, self.error_code, method=self.auth_method
        ).partition("\n")[0]
        return {
            "id": self.id,
            "email": self.email,
            "cause": cause or self.env._("A new authorization code is needed."),
        }

    def _to_import(self):
        """Figures and words alone (invariant I8)."""
        done, total = self.done_count, self.total_count
        if total:
            count = self.env._(
                "%(done)s of %(total)s mails",
                done=formatLang(self.env, done, digits=0),
                total=formatLang(self.env, total, digits=0),
            )
        else:
            count = self.env._("The list of mails is being read.")
        return {
            "id": self.id,
            "email": self.email,
            "paused": self.history_paused,
            "percent": 100 * done // total if total else 0,
            "count": count,
            "left": self.history_left_text or "",
        }
