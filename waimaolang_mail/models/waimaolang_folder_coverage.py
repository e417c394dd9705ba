# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.misc import formatLang

from ..engine import recount, uidset, unfetched
from .choices import COVERAGE
from .waimaolang_mailbox_copy import REASONS


class WaimaolangMailboxFolder(models.Model):
    """Whether all that a folder holds on its server is accounted for, in figures that
    administrators may see too (invariant I8)."""

    _inherit = "waimaolang.mailbox.folder"

    recounted_at = fields.Datetime(
        "Counted", readonly=True, help="When all its mails were last compared."
    )
    counted_at = fields.Datetime(
        "Last Asked", readonly=True, help="When the server was asked how many it holds."
    )
    unfetched_count = fields.Integer(
        "Mails Not Fetched",
        readonly=True,
        default=unfetched.UNKNOWN,
        aggregator=None,
        help="The server's number of mails in a folder that is not fetched; -1: not "
        "known.",
    )
    coverage_ids = fields.One2many("waimaolang.coverage", "folder_id", "Proofs")
    coverage_state = fields.Selection(COVERAGE, "Coverage", compute="_compute_coverage")
    coverage_text = fields.Char("Why", compute="_compute_coverage")
    excluded_text = fields.Char("Excluded Because", compute="_compute_excluded_text")

    @api.depends(
        "synced",
        "selectable",
        "problem",
        "problem_args",
        "recounted_at",
        "unfetched_count",
        "counted_at",
        "role",
    )
    @api.depends_context("lang", "tz")
    def _compute_coverage(self):
        for folder in self:
            folder.coverage_state, folder.coverage_text = folder._judge_coverage()

    def _judge_coverage(self):
        self.ensure_one()
        if not self.selectable:
            return "off", self.error or self.env._("It holds no mail.")
        if not self.synced:
            return "off", self._tell_unfetched()
        if self.error:
            return "differs", self.error
        if not self.uidvalidity:
            return "working", self.env._("It has not been listed yet.")
        if self.difference > 0:
            return "differs", self.env._(
                "On the server and not known here: %(count)s. They are looked for in "
                "the next pass.",
                count=self.difference,
            )
        if self.difference < 0:
            return "differs", self.env._(
                "Known here and not counted by the server: %(count)s. They are "
                "compared in the next pass; what is in Odoo stays.",
                count=-self.difference,
            )
        proof = self.coverage_ids[:1]
        if proof.verdict == recount.INCOMPLETE:
            return "differs", proof.explanation
        if self.pending_count:
            return "working", self.env._(
                "Still to be fetched: %(count)s.", count=self.pending_count
            )
        if not self.recounted_at:
            return "working", self.env._("It waits to be compared with the server.")
        if self.failed_count:
            return "whole", self.env._(
                "Every mail is accounted for; %(count)s could not be read or stored: "
                "see Failed Mails.",
                count=self.failed_count,
            )
        return "whole", self.env._("Every mail is accounted for.")

    def _tell_unfetched(self):
        """How many mails stay on the server, which no sum counts."""
        told = self.env._("This folder is not fetched.")
        count = self.unfetched_count
        if count == unfetched.UNKNOWN or not self.counted_at:
            return told
        if not count:
            return self.env._("This folder is not fetched. It was empty when asked.")
        if self._is_in_all_mail():
            return self.env._(
                "This folder is not fetched: its mails are those of All Mail, which is."
            )
        return self.env._(
            "This folder is not fetched: %(count)s mails in it stay on the server, "
            "counted on %(date)s. They are not part of the sum.",
            count=formatLang(self.env, count, digits=0),
            date=format_datetime(
                self.env,
                self.counted_at,
                tz=self.env.user.tz or "UTC",
                dt_format="short",
            ),
        )

    def _is_in_all_mail(self):
        """On Gmail a folder is a label of mails that All Mail shows, but for junk and
        trash."""
        every = self.mailbox_id.folder_ids.filtered(
            lambda f: f.role == "all" and f.synced and f.selectable
        )
        return bool(every) and self.role not in ("junk", "trash")

    @api.depends_context("lang")
    def _compute_excluded_text(self):
        counts = self._count_excluded()
        for folder in self:
            found = counts.get(folder.id, {})
            folder.excluded_text = folder._format_excluded(found)

    def _count_excluded(self):
        """{folder: {reason: count}}"""
        counts = {}
        for folder in self:
            ranges = uidset.size(folder.outside)
            counts[folder.id] = {"window": ranges} if ranges else {}
        groups = (
            self.env["waimaolang.mailbox.copy"]
            .sudo()
            ._read_group(
                [("folder_id", "in", self.ids), ("state", "=", "excluded")],
                ["folder_id", "reason"],
                ["__count"],
            )
        )
        for folder, reason, count in groups:
            found = counts[folder.id]
            found[reason] = found.get(reason, 0) + count
        return counts

    @api.model
    def _format_excluded(self, counts):
        """``counts``: {reason: count}; most first."""
        field = self.env["waimaolang.mailbox.copy"]._fields["reason"]
        labels = dict(field._description_selection(self.env))
        order = [reason for reason, _label in REASONS]
        told = sorted(counts, key=lambda r: (-counts[r], order.index(r)))
        number = self.env["ir.qweb.field.integer"].value_to_html
        lines = [f"{labels[reason]}: {number(counts[reason], {})}" for reason in told]
        return "; ".join(lines) or False

    def action_recount(self):
        """Compares all mails in the next pass, at once."""
        self.check_access("read")
        self.sudo().recounted_at = False
        self.mailbox_id._wake()
        return self.mailbox_id._notice(
            self.env._("It is being compared with the server: look again in a moment."),
            "info",
        )

    def action_view_proofs(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_coverage_action"
        )
        return {
            **action,
            "domain": [("folder_id", "=", self.id)],
            "display_name": self.env._("Proofs of %(folder)s", folder=self.path),
        }

    def action_fetch(self):
        """From now on, and what it holds already."""
        self.check_access("write")
        self.synced = True
        return self.mailbox_id._notice(
            self.env._("The folder is being fetched."), "info"
        )
