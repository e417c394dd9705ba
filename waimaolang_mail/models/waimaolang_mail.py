# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import reading


class WaimaolangMail(models.Model):
    """One distinct mail, however many copies of it lie in however many folders."""

    _name = "waimaolang.mail"
    _inherit = [
        "waimaolang.mail.elsewhere",
        "waimaolang.mail.held",
        "waimaolang.mail.original",
        "waimaolang.mail.linking",
    ]
    _description = "Mail"
    _order = "date desc, id desc"
    _rec_name = "subject"

    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", readonly=True, required=True)
    rfc_message_id = fields.Char("Message-ID", readonly=True, index=True)
    rfc_references = fields.Text(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Message-IDs of the thread up to this mail, for those that answer it.",
    )
    outbox_ids = fields.One2many("waimaolang.outbox", "mail_id", readonly=True)
    direction = fields.Selection(
        [("in", "Received"), ("out", "Sent")], readonly=True, required=True
    )
    subject = fields.Char(readonly=True)
    email_from = fields.Char("From", readonly=True)
    email_to = fields.Char("To", readonly=True)
    email_cc = fields.Char("Cc", readonly=True)
    email_reply_to = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    date = fields.Datetime(readonly=True, required=True, index=True)
    partner_ids = fields.Many2many(
        "res.partner",
        string="Contacts",
        compute="_compute_records",
        search="_search_partner_ids",
    )
    lead_ids = fields.Many2many(
        "crm.lead",
        string="Opportunities",
        compute="_compute_records",
        search="_search_lead_ids",
    )
    link_ids = fields.One2many("waimaolang.mail.link", "mail_id", readonly=True)
    identity_ids = fields.One2many(
        "waimaolang.mail.identity", "mail_id", readonly=True, groups=fields.NO_ACCESS
    )
    people = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="External addresses that take part, normalised, by which conversations "
        "are told apart.",
    )
    conversation_id = fields.Many2one(
        "waimaolang.conversation", readonly=True, ondelete="set null", index=True
    )
    first_in_conversation = fields.Boolean(compute="_compute_first_in_conversation")
    bcc = fields.Char(compute="_compute_bcc")
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
    # cleaned by the parser, stronger than Odoo's own sanitizer (I14)
    body = fields.Html(compute="_compute_body", sanitize=False)
    language = fields.Char(readonly=True)
    is_history = fields.Boolean(readonly=True)
    is_auto = fields.Boolean("Automatic", readonly=True)
    is_bulk = fields.Boolean("Bulk Mail", readonly=True)
    is_bounce = fields.Boolean("Returned", readonly=True)
    bounce_ids = fields.One2many(
        "waimaolang.bounce", "mail_id", "Not Delivered", readonly=True
    )
    auto_kind = fields.Selection(
        [("out_of_office", "Out of office"), ("auto_reply", "Automatic answer")],
        "Automatic Answer",
        readonly=True,
    )
    returns_on = fields.Date(
        "Back on", readonly=True, help="As an out-of-office answer tells."
    )
    reduced = fields.Boolean(
        "Text Only",
        readonly=True,
        help="Too large or too intricate to be stored in full.",
    )
    omitted = fields.Char("Left Out", readonly=True)

    @api.depends("link_ids.removed", "link_ids.res_id")
    @api.depends_context("uid")
    def _compute_records(self):
        """Those that the reader may read, of the links that she may know."""
        # searched, since a cached link_ids may be another user's
        links = self.env["waimaolang.mail.link"].search(
            [("mail_id", "in", self.ids), ("removed", "=", False)]
        )
        for name, model in (("lead_ids", "crm.lead"), ("partner_ids", "res.partner")):
            here = links.filtered(lambda link, model=model: link.res_model == model)
            records = self.env[model].browse(set(here.mapped("res_id"))).exists()
            readable = set(records._filtered_access("read").ids)
            found = here.filtered(lambda link, ids=readable: link.res_id in ids)
            by_mail = found.grouped(lambda link: link.mail_id.id)
            for mail in self:
                mail[name] = [link.res_id for link in by_mail.get(mail.id, ())]

    @api.model
    def _search_lead_ids(self, operator, value):
        return self._search_records("crm.lead", operator, value)

    @api.model
    def _search_partner_ids(self, operator, value):
        return self._search_records("res.partner", operator, value)

    @api.model
    def _search_records(self, model, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            value = self.env[model]._search(value)
        links = Domain("res_model", "=", model) & Domain("removed", "=", False)
        if operator == "in" and not any(value):
            return Domain("link_ids", "not any", links)  # "is not set"
        return Domain("link_ids", "any", links & Domain("res_id", "in", value))

    @api.depends("mail_message_id.body")
    def _compute_body(self):
        # of what is stored: an onchange could point it at anybody's message
        readable = reading.filter_own(self._origin)
        for mail in self:
            origin = mail._origin
            shown = origin if origin in readable else origin.browse()
            mail.body = shown.sudo().mail_message_id.body

    @api.depends("conversation_id.mail_ids.date")
    def _compute_first_in_conversation(self):
        """By SQL: what is read in sudo would stay cached for the user."""
        self.flush_model(["conversation_id", "date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (conversation_id) id FROM waimaolang_mail
                 WHERE conversation_id IN (SELECT conversation_id
                                             FROM waimaolang_mail WHERE id = ANY(%s))
                 ORDER BY conversation_id, date, id
                """,
                self.ids,
            )
        )
        first = {row[0] for row in rows}
        for mail in self:
            mail.first_in_conversation = mail.id in first

    @api.depends_context("uid")
    def _compute_bcc(self):
        found = reading.read_bcc(self.env, self.ids)
        for mail in self:
            mail.bcc = ", ".join(found.get(mail.id, ())) or False

    @api.depends("subject")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Who may not read a mail does not learn its subject from a row that
        points to it: such names are computed in sudo."""
        readable = reading.filter_own(self)
        for mail in self:
            mail.display_name = mail.subject if mail in readable else False

    # -- reading rights --------------------------------------------------------

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            asked = Domain(domain).map_conditions(reading.as_shown)
            domain = asked & reading.readable_domain(self.env)
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        return reading.check(self, operation, result)

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
        copies.write(
            {
                "reason": "deleted",
                "settled_at": fields.Datetime.now(),
                "raw": False,
                "kept": False,
            }
        )
        # what the server no longer shows counts nowhere
        copies.filtered(lambda copy: copy.state != "gone").state = "excluded"
        return self._remove(super().unlink)

    def _remove(self, unlink):
        """``unlink`` deletes the rows themselves."""
        # what Odoo had without us it keeps
        messages = self.sudo().mail_message_id.filtered("waimaolang_restricted")
        statistics = self.env["waimaolang.statistics"].sudo()
        statistics._mark_mails(self)
        result = unlink()
        statistics._refresh_dirty()
        messages.with_context(waimaolang_mail_gone=True).unlink()
        return result

    @api.private
    def _forget(self):
        """In sudo. As if they had never been imported: without a tombstone, so that
        they can come again; conversations that are left empty go with them."""
        links = self.link_ids.grouped("res_model")
        touched = {name: found.mapped("res_id") for name, found in links.items()}
        conversations = self.conversation_id
        self.identity_ids.unlink()
        result = self._remove(super().unlink)
        conversations.filtered(lambda c: not c.mail_ids).unlink()
        self._tell_chatters(touched)
        return result

    # -- other addons ------------------------------------------------------------

    def _after_store(self):
        """A hook, in sudo: these live mails came, or left, and are committed. A wake-up
        only, which a kill can swallow: what must not be lost is read from
        ``waimaolang.mail.event``."""
