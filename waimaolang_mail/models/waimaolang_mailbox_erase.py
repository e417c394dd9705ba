# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time

from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.tools import SQL

from ..engine import lease, life, logins, worker

_logger = logging.getLogger(__name__)

# One transaction's worth of mails: some seconds.
STEP = 500
# The ledger has no hooks: rows go by SQL, many at once.
LEDGER_STEP = 20_000
# How long a person is kept waiting.
REQUEST_SECONDS = 8
# A run of the cron, which then wakes itself.
RUN_SECONDS = 30
# Nobody may work on the mailbox until the caller has committed.
SEIZE_SECONDS = 600

# The caller's own locks would be waited for without end.
LOCK_TIMEOUT = "5s"

# Mails by whom else has them, and whether Odoo had the message without us.
COUNTS = """
    SELECT count(*) FILTER (WHERE NOT shared AND restricted),
           count(*) FILTER (WHERE shared),
           count(*) FILTER (WHERE NOT shared AND NOT restricted),
           COALESCE(sum(files.bytes) FILTER (WHERE NOT shared AND restricted), 0)
      FROM (SELECT message.id,
                   message.waimaolang_restricted IS TRUE
                   OR message.id IS NULL AS restricted,
                   EXISTS (SELECT 1 FROM waimaolang_mail_mailbox_rel other
                            WHERE other.waimaolang_mail_id = mail.id
                              AND other.waimaolang_mailbox_id != %(mailbox)s) AS shared
              FROM waimaolang_mail_mailbox_rel held
              JOIN waimaolang_mail mail ON mail.id = held.waimaolang_mail_id
              LEFT JOIN mail_message message ON message.id = mail.mail_message_id
             WHERE held.waimaolang_mailbox_id = %(mailbox)s) mails
      LEFT JOIN LATERAL (
           SELECT sum(file_size) AS bytes FROM ir_attachment
            WHERE res_model = 'mail.message' AND res_id = mails.id) files ON TRUE
"""
ONLY_HELD = """
    SELECT held.waimaolang_mail_id FROM waimaolang_mail_mailbox_rel held
     WHERE held.waimaolang_mailbox_id = %(mailbox)s AND NOT EXISTS (
           SELECT 1 FROM waimaolang_mail_mailbox_rel other
            WHERE other.waimaolang_mail_id = held.waimaolang_mail_id
              AND other.waimaolang_mailbox_id != %(mailbox)s)
     ORDER BY 1 LIMIT %(limit)s
"""


class WaimaolangMailboxErase(models.AbstractModel):
    """Deleting a mailbox with its data.

    Marked first: from then on nothing of it is fetched or read. Then step by step, each
    a bounded transaction, until nothing is left; the mailbox itself goes last, so that
    a crash in between is taken up again. No tombstones: whoever binds the address
    again gets its mail again.
    """

    _name = "waimaolang.mailbox.erase"
    _description = "Deletion of Mailboxes"

    erasing = fields.Boolean(
        "Being Deleted",
        readonly=True,
        copy=False,
        help="With its data: nothing of it is shown any more.",
    )

    # -- the verb --------------------------------------------------------------------

    def action_erase(self):
        """Deletes the mailbox, its folders and ledger, and the mails that it alone
        holds with their attachments and links. What other mailboxes hold stays, and
        what Odoo had without us. A request works for seconds and leaves the rest to
        the scheduler; a script, which nobody waits for, gets all in its transaction."""
        for mailbox in self:
            mailbox._check_may_erase()
        deadline = time.monotonic() + REQUEST_SECONDS
        for mailbox in self:
            step = mailbox._choose_transaction()
            step(lambda box: box._begin_erasing(self.env.uid))
            try:
                while step(lambda box: box._erase_step()):
                    if request and time.monotonic() > deadline:
                        self._leave_to_scheduler()
                        break
            except LockNotAvailable:
                # the caller itself holds the mailbox, until its transaction ends
                self._leave_to_scheduler()
        self.env.invalidate_all()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_mailbox_action"
        )
        return {**action, "target": "main"}

    def _choose_transaction(self):
        """``function(box in sudo)`` in the caller's transaction if that sees all that
        was ever stored, else, after a pass that it does not see, in one of its own: it
        cannot delete what it does not see."""
        registry, mailbox_id = self.env.registry, self.id
        seen = lease.read(self.env.cr, mailbox_id)
        fresh = worker.transaction(registry, lambda env: lease.read(env.cr, mailbox_id))
        if not fresh or (fresh == seen and not fresh[1]):
            box = self.sudo()
            lease.seize(self.env.cr, mailbox_id, SEIZE_SECONDS)
            logins.forget_connection(registry, mailbox_id)
            return lambda function: function(box)
        logins.stop(registry, mailbox_id, SEIZE_SECONDS)

        def apart(function):
            def work(env):
                env.cr.execute("SET LOCAL lock_timeout = %s", (LOCK_TIMEOUT,))
                return function(env[self._name].browse(mailbox_id))

            return worker.transaction(registry, work)

        return apart

    def _leave_to_scheduler(self):
        self.env.ref("waimaolang_mail.ir_cron_erase").sudo()._trigger()

    def action_open_erase(self):
        """The dialog that says what is deleted, and asks for the address."""
        self.ensure_one()
        self._check_may_erase()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_erase_wizard_action"
        )
        return {**action, "context": {"default_mailbox_id": self.id}}

    def _check_may_erase(self):
        """The owner her own; an administrator any: she learns numbers, no mail."""
        self.check_access("read")
        mine = self.user_id == self.env.user
        if not (self.env.su or mine or self._is_administrator()):
            raise AccessError(
                self.env._(
                    "Only its owner or a mailbox administrator can delete a mailbox "
                    "with its data."
                )
            )

    def _count_data(self):
        """What ``action_erase`` finds: ``deleted``, ``shared``, ``kept`` (mails),
        ``bytes`` (of attachments that go), ``ledger`` (rows)."""
        self.ensure_one()
        self._check_may_erase()
        self.env.flush_all()
        ((deleted, shared, kept, size),) = self.env.execute_query(
            SQL(COUNTS, mailbox=self.id)
        )
        ledger = self.env["waimaolang.mailbox.copy"].sudo()
        return {
            "deleted": deleted,
            "shared": shared,
            "kept": kept,
            "bytes": int(size),
            "ledger": ledger.search_count([("mailbox_id", "=", self.id)]),
        }

    def _begin_erasing(self, by_uid):
        """In sudo."""
        if self.erasing:
            return
        deleted = self._count_data()["deleted"]
        self._log("erased", user_id=by_uid, mail_count=deleted)
        self._move(
            life.DISCONNECTED,
            **self._get_wiped_vals(),
            erasing=True,
            error_code=False,
            error_detail=False,
        )

    # -- step by step -----------------------------------------------------------------

    @api.private
    def _erase_step(self, limit=STEP):
        """In sudo. One transaction's worth; true while something is left, else the
        mailbox is gone."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(SQL(ONLY_HELD, mailbox=self.id, limit=limit))
        if rows:
            self.env["waimaolang.mail"].browse([row[0] for row in rows])._forget()
            return True
        if self._leave_shared(limit) or self._erase_ledger():
            return True
        self.unlink()
        return False

    def _leave_shared(self, limit):
        """Mails that others hold too lose what this mailbox alone knew of them."""
        links = self.env["waimaolang.mail.link"].search(
            [("bcc_mailbox_id", "=", self.id)], limit=limit
        )
        if links:
            mails = links.mail_id
            statistics = self.env["waimaolang.statistics"]
            statistics._mark_mails(mails)
            links.unlink()
            mails._settle_home()
            statistics._refresh_dirty()
            return True
        self.env.cr.execute(
            """
            DELETE FROM waimaolang_mail_mailbox_rel
             WHERE waimaolang_mailbox_id = %(mailbox)s AND waimaolang_mail_id IN (
                SELECT waimaolang_mail_id FROM waimaolang_mail_mailbox_rel
                 WHERE waimaolang_mailbox_id = %(mailbox)s LIMIT %(limit)s)
            """,
            {"mailbox": self.id, "limit": limit},
        )
        names = ["held_mailbox_ids", "mailbox_ids"]
        self.env["waimaolang.mail"].invalidate_model(names)
        return bool(self.env.cr.rowcount)

    def _erase_ledger(self):
        self.env.cr.execute(
            "DELETE FROM waimaolang_mailbox_copy WHERE id IN ("
            " SELECT id FROM waimaolang_mailbox_copy WHERE mailbox_id = %s LIMIT %s)",
            (self.id, LEDGER_STEP),
        )
        self.env["waimaolang.mailbox.copy"].invalidate_model()
        return bool(self.env.cr.rowcount)

    @api.model
    @api.private
    def _run_erasures(self):
        """The scheduler's part, in cursors of its own."""
        deadline = time.monotonic() + RUN_SECONDS
        ids = (
            self.sudo()
            .with_context(active_test=False)
            .search([("erasing", "=", True)])
            .ids
        )
        left = False
        for mailbox_id in ids:
            more = True
            while more and time.monotonic() < deadline:
                more = worker.transaction(
                    self.env.registry,
                    lambda env, id_=mailbox_id: (
                        env[self._name].browse(id_).exists()._erase_if_there()
                    ),
                )
            left = left or more
        cron = self.env["ir.cron"]
        if left:
            self._leave_to_scheduler()
        cron._commit_progress(1, remaining=0)

    def _erase_if_there(self):
        return bool(self) and self._erase_step()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        """A mailbox that holds mail goes with it, by ``action_erase``: else the mail
        would stay, for nobody."""
        if not self.env.su and any(mailbox._is_in_use() for mailbox in self):
            raise UserError(
                self.env._(
                    "This mailbox was in use. Choose “Delete with its Data…” in its "
                    "form, which says first what is removed."
                )
            )
