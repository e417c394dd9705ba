# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .choices import COVERAGE

# Worst first: what a mailbox shows of its folders.
ORDER = ("differs", "working", "whole", "off")


class WaimaolangMailboxCoverage(models.AbstractModel):
    """Whether all that a mailbox holds is accounted for: the sum of its folders."""

    _name = "waimaolang.mailbox.coverage"
    _description = "Coverage of Mailboxes"

    difference = fields.Integer(
        compute="_compute_coverage",
        help="Mails that the server counts and that are not known here, or the other "
        "way round. 0: it adds up.",
    )
    coverage_state = fields.Selection(COVERAGE, "Coverage", compute="_compute_coverage")
    coverage_text = fields.Char("Accounted For", compute="_compute_coverage")
    excluded_text = fields.Char("Excluded Because", compute="_compute_excluded_text")
    recounted_at = fields.Datetime(
        "Counted",
        compute="_compute_coverage",
        help="Since when each of its folders has been compared with the server.",
    )

    may_ask = fields.Boolean(compute="_compute_may_ask")

    @api.depends("user_id", "member_ids")
    @api.depends_context("uid")
    def _compute_may_ask(self):
        """About its mail: those whose mailbox it is, not those who administer it."""
        for mailbox in self:
            people = mailbox.user_id | mailbox.member_ids
            mailbox.may_ask = self.env.user in people

    @api.depends("folder_ids", "state")
    @api.depends_context("lang")
    def _compute_coverage(self):
        number = self.env["ir.qweb.field.integer"].value_to_html
        for mailbox in self:
            folders = mailbox.folder_ids.filtered(lambda f: f.synced and f.selectable)
            states = folders.mapped("coverage_state")
            # one too many here and one too few there do not add up
            mailbox.difference = sum(abs(n) for n in folders.mapped("difference"))
            mailbox.coverage_state = next((s for s in ORDER if s in states), "off")
            remote = sum(folders.mapped("remote_count"))
            missed = sum(max(0, folder.difference) for folder in folders)
            missed += sum(folders.mapped("pending_count"))
            mailbox.coverage_text = self.env._(
                "%(known)s of %(all)s",
                known=number(remote - missed, {}),
                all=number(remote, {}),
            )
            dates = folders.mapped("recounted_at")
            mailbox.recounted_at = min(dates) if dates and all(dates) else False

    @api.depends_context("lang")
    def _compute_excluded_text(self):
        for mailbox in self:
            total = {}
            folders = mailbox.folder_ids.filtered("synced")
            for found in folders._count_excluded().values():
                for reason, count in found.items():
                    total[reason] = total.get(reason, 0) + count
            mailbox.excluded_text = folders._format_excluded(total)

    def action_view_coverage(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_coverage_folder_action"
        )
        return {
            **action,
            "domain": [("mailbox_id", "=", self.id)],
            "display_name": self.env._("Coverage of %(mailbox)s", mailbox=self.name),
        }

    def action_recount(self):
        """All its folders, one after the other; the server is asked again, too, how
        many mails are in those that are not fetched."""
        self.check_access("read")
        synced = self.folder_ids.filtered("synced")
        (self.folder_ids - synced).sudo().counted_at = False
        return synced.action_recount()

    def action_open_missing(self):
        """Why is this mail not here?"""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_missing_wizard_action"
        )
        context = {"default_mailbox_id": self.id, "dialog_size": "extra-large"}
        return {**action, "context": context}
