# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

TROUBLE_DAYS = 7
DRAFT_DAYS = 30
REVIEW_PATH = "/odoo/mailboxes-review"


class WaimaolangMailboxReview(models.AbstractModel):
    """Once a month: which mailboxes should be cleaned up, told to one administrator of
    each company.

    The activity stands on no record, as Odoo 19 allows: it is then its user's alone.
    On a mailbox it would be as if that one were meant, on the company's contact or the
    administrator's own it would stand in a chatter that all employees read."""

    _name = "waimaolang.mailbox.review"
    _description = "Review of Mailboxes"

    @api.model
    def _run(self):
        """Tells, tells anew, or takes back; sends no e-mail."""
        kind = self.env.ref(
            "waimaolang_mail.activity_type_review", raise_if_not_found=False
        )
        if not kind:
            return
        activities = (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True)
        )
        still_open = activities.search([("activity_type_id", "=", kind.id)])
        for manager, found in self._get_findings().items():
            note = self._render(manager, found)
            mine = still_open.filtered(lambda a, user=manager: a.user_id == user)[:1]
            if mine:
                mine.note = note
            else:
                activities.create(
                    {
                        "activity_type_id": kind.id,
                        "summary": kind.with_context(lang=manager.lang).name,
                        "note": note,
                        "user_id": manager.id,
                        "automated": True,
                    }
                )
            still_open -= mine
        still_open.unlink()

    def _get_findings(self):
        """{administrator: {company: {kind of finding: number of mailboxes}}}"""
        findings = {}
        for company in self.env["res.company"].sudo().search(Domain.TRUE):
            counts = self._count(company)
            manager = self.env["waimaolang.mailbox"]._get_managers(company)[:1]
            if manager and any(counts.values()):
                findings.setdefault(manager, {})[company] = counts
        return findings

    def _count(self, company):
        """In this order they are told."""
        now = fields.Datetime.now()
        week, month = now - timedelta(TROUBLE_DAYS), now - timedelta(DRAFT_DAYS)
        mailboxes = self.env["waimaolang.mailbox"].sudo()

        def count(*domain):
            return mailboxes.search_count([("company_id", "=", company.id), *domain])

        return {
            "owner": count(
                ("owner_active", "=", False), ("state", "!=", "disconnected")
            ),
            "trouble": count(
                ("health", "=", "trouble"),
                ("state", "!=", "draft"),
                "|",
                ("last_sync", "<", week),
                "&",
                ("last_sync", "=", False),
                ("create_date", "<", week),
            ),
            "unused": count(("health", "=", "unused")),
            "draft": count(("state", "=", "draft"), ("create_date", "<", month)),
        }

    def _render(self, manager, found):
        """Numbers and a link: which mailboxes they are, the list tells."""
        env = self.with_context(lang=manager.lang).env
        parts = []
        for company, counts in found.items():
            lines = Markup().join(
                Markup("<li>%s</li>") % self._tell(env, kind, count)
                for kind, count in counts.items()
                if count
            )
            heading = Markup("<p>%s</p>") % company.name if len(found) > 1 else ""
            parts.append(Markup("%s<ul>%s</ul>") % (heading, lines))
        link = Markup('<p><a href="%s">%s</a></p>') % (
            REVIEW_PATH,
            env._("Show these mailboxes"),
        )
        return Markup().join([*parts, link])

    def _tell(self, env, kind, count):
        if kind == "owner":
            return env._("Owner archived: %(count)s", count=count)
        if kind == "trouble":
            return env._("In trouble for a week: %(count)s", count=count)
        if kind == "unused":
            return env._("Unused for 90 days: %(count)s", count=count)
        return env._("Never connected, for a month: %(count)s", count=count)
