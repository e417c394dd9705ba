# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "waimaolang.record.mixin"]
    _mail_field = "partner_ids"

    def unlink(self):
        self._rehome_mails()
        return super().unlink()

    def _get_mail_record_ids(self):
        """A company's mail includes its contacts'."""
        covered = {partner.id: [partner.id] for partner in self}
        companies = self.filtered(lambda partner: partner.id and partner.is_company)
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
