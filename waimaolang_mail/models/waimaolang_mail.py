# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain


class WaimaolangMail(models.Model):
    """One distinct mail, however many copies of it lie in however many folders."""

    _name = "waimaolang.mail"
    _description = "Mail"
    _order = "date desc, id desc"
    _rec_name = "subject"

    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", readonly=True, required=True)
    rfc_message_id = fields.Char("Message-ID", readonly=True, index=True)
    direction = fields.Selection(
        [("in", "Received"), ("out", "Sent")], readonly=True, required=True
    )
    subject = fields.Char(readonly=True)
    email_from = fields.Char("From", readonly=True)
    email_to = fields.Char("To", readonly=True)
    email_cc = fields.Char("Cc", readonly=True)
    date = fields.Datetime(readonly=True, required=True, index=True)
    partner_ids = fields.Many2many("res.partner", string="Contacts", readonly=True)
    lead_ids = fields.Many2many(
        "crm.lead",
        string="Opportunities",
        compute="_compute_lead_ids",
        search="_search_lead_ids",
    )
    link_ids = fields.One2many("waimaolang.mail.link", "mail_id", readonly=True)
    identity_ids = fields.One2many(
        "waimaolang.mail.identity", "mail_id", readonly=True, groups=fields.NO_ACCESS
    )
    mailbox_ids = fields.Many2many(
        "waimaolang.mailbox", "waimaolang_mail_mailbox_rel", readonly=True
    )
    state = fields.Selection(
        [("linked", "Linked"), ("unlinked", "Not linked")],
        readonly=True,
        required=True,
        index=True,
    )
    # not in sudo: an onchange could point it at anybody's message
    attachment_ids = fields.Many2many(
        related="mail_message_id.attachment_ids", related_sudo=False
    )
    text = fields.Text(readonly=True)
    language = fields.Char(readonly=True)
    is_history = fields.Boolean(readonly=True)
    is_auto = fields.Boolean("Automatic", readonly=True)
    is_bulk = fields.Boolean("Bulk Mail", readonly=True)
    is_bounce = fields.Boolean("Returned", readonly=True)
    reduced = fields.Boolean(
        "Text Only",
        readonly=True,
        help="Too large or too intricate to be stored in full.",
    )
    omitted = fields.Char("Left Out", readonly=True)

    @api.depends("link_ids.removed", "link_ids.res_id")
    def _compute_lead_ids(self):
        for mail in self:
            links = mail.sudo().link_ids.filtered(
                lambda link: link.res_model == "crm.lead" and not link.removed
            )
            leads = self.env["crm.lead"].browse(links.mapped("res_id"))
            mail.lead_ids = leads.exists()._filtered_access("read")

    @api.model
    def _search_lead_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            value = self.env["crm.lead"]._search(value)
        links = Domain("res_model", "=", "crm.lead") & Domain("res_id", "in", value)
        return Domain("link_ids", "any!", links & Domain("removed", "=", False))

    @api.depends("subject")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Who may not read a mail does not learn its subject from a row that
        points to it: such names are computed in sudo."""
        readable = self
        if self.env.uid != SUPERUSER_ID:
            readable = self.sudo(False)._filtered_access("read")
        for mail in self:
            mail.display_name = mail.subject if mail in readable else False

    # -- reading rights --------------------------------------------------------

    @api.model
    def _get_readable_domain(self):
        """A mail is read by those whose mailbox holds it, and by those who may
        read the record in whose chatter it stands."""
        own = Domain("user_id", "=", self.env.uid) | Domain(
            "member_ids", "in", self.env.uid
        )
        domain = Domain("mailbox_ids", "any!", own)
        for model in ("crm.lead", "res.partner"):
            records = self.env[model].with_context(active_test=False)
            if records.has_access("read"):
                home = Domain("model", "=", model) & Domain(
                    "res_id", "in", records._search([])
                )
                domain |= Domain("mail_message_id", "any!", home)
        return domain

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = Domain(domain) & self._get_readable_domain()
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        rest = self - result[0] if result else self
        forbidden = rest - rest.search([("id", "in", rest.ids)], order="id")
        if not forbidden:
            return result
        if result:
            return result[0] + forbidden, result[1]
        return forbidden, lambda: forbidden._make_access_error(operation)

    def _make_access_error(self, operation):
        return self.env["ir.rule"]._make_access_error(operation, self)

    # -- deletion ----------------------------------------------------------------

    def unlink(self):
        """A tombstone stays on the identity, so that the next listing does not
        bring back what somebody deleted on purpose (invariant I1)."""
        self.check_access("unlink")
        copies = (
            self.env["waimaolang.mailbox.copy"]
            .sudo()
            .search([("mail_id", "in", self.ids)])
        )
        copies.write({"state": "excluded", "reason": "deleted"})
        messages = self.sudo().mail_message_id
        result = super().unlink()
        messages.with_context(waimaolang_mail_gone=True).unlink()
        return result

    def action_open_record(self):
        """The record where the mail stands first."""
        self.ensure_one()
        message = self.mail_message_id.sudo()
        if not message.model or not message.res_id:
            return False
        return {
            "type": "ir.actions.act_window",
            "res_model": message.model,
            "res_id": message.res_id,
            "views": [(False, "form")],
        }

    def _set_home(self, link):
        """Where the message stands; an empty link leaves it without a record."""
        for mail in self:
            mail.mail_message_id.write(
                {"model": link.res_model or False, "res_id": link.res_id or False}
            )
            mail.state = "linked" if link else "unlinked"
