# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from .waimaolang_statistics import partners_covered


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "waimaolang.record.mixin"]
    _mail_field = "partner_ids"

    @api.model
    def _get_mail_covered(self, ids):
        return partners_covered(ids)

    def unlink(self):
        self.check_access("unlink")
        self.env["waimaolang.mail.link"]._leave(self)
        return super().unlink()

    def write(self, vals):
        """A contact that changes its company takes its mail along."""
        if not {"parent_id", "is_company"}.intersection(vals):
            return super().write(vals)
        before = self.commercial_partner_id
        result = super().write(vals)
        statistics = self.env["waimaolang.statistics"].sudo()
        statistics._mark_if_known(self | before | self.commercial_partner_id)
        return result

    def _get_mail_record_ids(self):
        """A company's mail includes its contacts'."""
        covered = {partner.id: [partner.id] for partner in self}
        companies = self.filtered(
            lambda partner: partner.id and partner.commercial_partner_id == partner
        )
        contacts = (
            self.with_context(active_test=False)
            .sudo()
            .search_fetch(
                [("commercial_partner_id", "in", companies.ids)],
                ["commercial_partner_id"],
            )
            if companies
            else self.browse()
        )
        for contact in contacts:
            company = contact.commercial_partner_id
            if contact.id != company.id:
                covered[company.id].append(contact.id)
        return covered
