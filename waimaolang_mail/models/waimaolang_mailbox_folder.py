# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..engine import folderlog, uidset
from ..engine.cursor import NOT_AGREED
from ..transport.base import ROLES
from . import reading, reason_texts
from .fields import BigInteger

ROLE_LABELS = {
    "inbox": "Inbox",
    "sent": "Sent",
    "archive": "Archive",
    "all": "All mail",
    "drafts": "Drafts",
    "junk": "Junk",
    "trash": "Trash",
    "other": "Other",
}
COUNTED = ("pending", "stored", "excluded", "failed")


class WaimaolangMailboxFolder(models.Model):
    """A folder on the server and up to where it was read."""

    _name = "waimaolang.mailbox.folder"
    _description = "Mailbox Folder"
    _rec_name = "path"
    _order = "mailbox_id, sequence, path, id"

    mailbox_id = fields.Many2one(
        "waimaolang.mailbox", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    path = fields.Char("Folder", required=True, readonly=True)
    remote_name = fields.Char(
        required=True, readonly=True, help="The name as the server spells it."
    )
    role = fields.Selection(
        [(role, ROLE_LABELS[role]) for role in ROLES], required=True, default="other"
    )
    selectable = fields.Boolean(default=True, readonly=True)
    synced = fields.Boolean("Fetched")
    uidvalidity = BigInteger("UIDVALIDITY", readonly=True)
    uidnext = BigInteger(
        "Next UID", default=1, readonly=True, help="The next listing starts here."
    )
    backfill_uid = BigInteger(
        "Listed down to",
        readonly=True,
        help="What was there before is listed from the newest down: lower UIDs are not"
        " listed yet. 0: all are.",
    )
    highestmodseq = BigInteger(
        readonly=True, help="The server's counter of changes, when flags were read."
    )
    flags_at = fields.Datetime(
        readonly=True,
        help="When flags were read of a folder without a counter of changes.",
    )
    agreed_count = fields.Integer(
        readonly=True,
        default=NOT_AGREED,
        help="The server's number of mails at which the ledger was found equal; as"
        " long as it stays, nothing is counted. -1: not known.",
    )
    log_ids = fields.One2many(
        "waimaolang.mailbox.folder.log", "folder_id", readonly=True
    )
    live_uid = BigInteger(
        readonly=True,
        help="The UIDNEXT when the folder was first taken: what comes from here on "
        "is new mail, what was there before is history.",
    )
    taken_at = fields.Datetime(
        readonly=True,
        help="When new mail began to count as such: older mail that shows up later is "
        "history all the same.",
    )
    role_chosen = fields.Boolean(
        "Chosen by Hand", readonly=True, help="Somebody said what the folder is for."
    )
    unrecognised = fields.Boolean(
        compute="_compute_unrecognised",
        help="Nobody knows yet whether the folder is one of the special ones.",
    )
    outside = fields.Text(
        readonly=True, help="UIDs older than the history window, as ranges."
    )
    epoch = fields.Integer(
        readonly=True,
        help="Grows when the cursor is forgotten, so that a pass that is"
        " under way does not put it back.",
    )
    absences = fields.Integer(
        readonly=True,
        help="Consecutive lists of the server's folders that did not show it.",
    )
    remote_count = fields.Integer(
        "On Server", readonly=True, help="At the last complete listing."
    )
    problem = fields.Char(
        "Problem's Code", readonly=True, help="Why it could not be listed lately."
    )
    problem_args = fields.Json("Problem's Figures", readonly=True)
    error = fields.Char(compute="_compute_error")
    pending_count = fields.Integer("Pending", compute="_compute_counts")
    stored_count = fields.Integer("Stored", compute="_compute_counts")
    excluded_count = fields.Integer("Excluded", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    outside_count = fields.Integer("Before the Window", compute="_compute_counts")
    difference = fields.Integer(compute="_compute_counts")

    _name_unique = models.UniqueIndex("(mailbox_id, remote_name)")

    @api.depends("role")
    def _compute_sequence(self):
        for folder in self:
            folder.sequence = ROLES.index(folder.role) if folder.role else len(ROLES)

    @api.depends("role", "role_chosen", "selectable")
    def _compute_unrecognised(self):
        for folder in self:
            folder.unrecognised = (
                folder.selectable and folder.role == "other" and not folder.role_chosen
            )

    @api.depends("path")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """People name folders after their deals: from a row that points to one nobody
        learns more than from the folder (names of what is pointed to are computed in
        sudo)."""
        readable = reading.filter_own(self)
        for folder in self:
            folder.display_name = folder.path if folder in readable else False

    @api.depends("problem", "problem_args")
    @api.depends_context("lang")
    def _compute_error(self):
        for folder in self:
            told = reason_texts.explain(self.env, folder.problem, folder.problem_args)
            folder.error = told or False

    def _compute_counts(self):
        counts = {folder_id: {} for folder_id in self.ids}
        groups = (
            self.env["waimaolang.mailbox.copy"]
            .sudo()
            ._read_group(
                [("folder_id", "in", self.ids), ("state", "in", COUNTED)],
                ["folder_id", "state", "reason"],
                ["__count"],
            )
        )
        for folder, state, reason, count in groups:
            found = counts[folder.id]
            found[state] = found.get(state, 0) + count
            if state == "excluded" and reason == "window":
                found[reason] = count
        for folder in self:
            found = counts.get(folder.id, {})
            ranges = uidset.size(folder.outside)
            folder.outside_count = ranges + found.get("window", 0)
            folder.pending_count = found.get("pending", 0)
            folder.stored_count = found.get("stored", 0)
            folder.failed_count = found.get("failed", 0)
            folder.excluded_count = found.get("excluded", 0) + ranges
            folder.difference = folder.remote_count - (
                folder.pending_count
                + folder.stored_count
                + folder.failed_count
                + folder.excluded_count
            )
            if folder.backfill_uid and folder.difference > 0:
                # not listed yet is still to do
                folder.pending_count += folder.difference
                folder.difference = 0

    def write(self, vals):
        """The cursor is the engine's: a person chooses folder and role only."""
        if not self.env.su and set(vals) - {"synced", "role"}:
            raise AccessError(self.env._("Only the role and fetching can be changed."))
        if "role" in vals and not self.env.su:
            vals = self._choose_role(vals)
        result = super().write(vals)
        if vals.get("synced"):
            self.mailbox_id._wake()
        return result

    def _choose_role(self, vals):
        """By a person: the folder is fetched, or not, as its kind is by default. What
        it holds needs no second look: who wrote a mail tells its direction."""
        role = vals["role"]
        if role == "inbox":
            self._check_one_inbox()
        if role in ("inbox", "sent"):
            vals = {"synced": True, **vals}
        elif role in ("drafts", "junk", "trash"):
            vals = {"synced": False, **vals}
        return {**vals, "role_chosen": True}

    def _check_one_inbox(self):
        """Sent and the others may be several: each mail program makes its own."""
        others = (self.mailbox_id.folder_ids - self).filtered(
            lambda folder: folder.role == "inbox"
        )
        if others or len(self) > 1:
            raise ValidationError(
                self.env._(
                    "A mailbox has one inbox, and %(folder)s is it.",
                    folder=(others or self)[0].path,
                )
            )

    def action_resync(self):
        """Lists the folder anew; the ledger stays, so that nothing comes twice."""
        self.check_access("write")
        self.sudo()._forget_cursor("resync", keep_live=False)
        self.mailbox_id._wake()

    def _forget_cursor(self, event, keep_live=True, count=0):
        """``event`` of the folder's log tells why, ``count`` how many mails it
        concerns."""
        vals = {
            "uidnext": 1,
            "backfill_uid": 0,
            "outside": False,
            "agreed_count": NOT_AGREED,
        }
        if not keep_live:
            vals.update(live_uid=0, taken_at=False)
        for folder in self:
            folder.write({**vals, "epoch": folder.epoch + 1})
            mailbox_id = folder.mailbox_id.id
            folderlog.note(self.env.cr, folder.id, mailbox_id, event, count)
