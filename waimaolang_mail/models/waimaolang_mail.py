# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from datetime import timezone
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import original
from . import reading

REBUILT_HEADER = "X-Waimaolang-Rebuilt"


class WaimaolangMail(models.Model):
    """One distinct mail, however many copies of it lie in however many folders."""

    _name = "waimaolang.mail"
    _inherit = ["waimaolang.mail.elsewhere", "waimaolang.mail.held"]
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

    # -- the original ----------------------------------------------------------------

    def _raw(self):
        """The original bytes: kept of a mail that had failed, else fetched again from
        a mailbox, else rebuilt from what is stored (with REBUILT_HEADER). Of mailboxes
        that show the mail to the user: for nobody else's eyes (invariant I8)."""
        self.ensure_one()
        self.check_access("read")
        ids = reading.shown_copies(self.env, self.id)
        copies = self.env["waimaolang.mailbox.copy"].sudo().browse(ids)
        kept = copies.filtered("raw")[:1]
        if kept:
            return base64.b64decode(kept.raw)
        return original.fetch(self.env.registry, ids) or self._rebuild()

    def _rebuild(self):
        message = self.sudo().mail_message_id
        rebuilt = EmailMessage(policy=policy.SMTP)
        rebuilt[REBUILT_HEADER] = "yes"
        for name, value in (
            ("From", self.email_from),
            ("To", self.email_to),
            ("Cc", self.email_cc),
            ("Subject", self.subject),
        ):
            if value:
                rebuilt[name] = " ".join(value.split())
        rebuilt["Date"] = format_datetime(self.date.replace(tzinfo=timezone.utc))
        if self.rfc_message_id:
            rebuilt["Message-ID"] = f"<{self.rfc_message_id}>"
        rebuilt.set_content(self.text or "")
        if message.body:
            rebuilt.add_alternative(str(message.body), subtype="html")
        for attachment in message.attachment_ids:
            main, _slash, sub = (attachment.mimetype or "").partition("/")
            rebuilt.add_attachment(
                attachment.raw or b"",
                maintype=main or "application",
                subtype=sub or "octet-stream",
                filename=attachment.name,
            )
        return rebuilt.as_bytes()

    def action_download_original(self):
        """By a route, and never as an attachment: each copy is its readers' alone, who
        may be fewer than the message's."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/waimaolang_mail/original/{self.id}.eml",
            "target": "download",
        }

    # -- links -------------------------------------------------------------------

    def action_link(self, records):
        """Puts the mails on the records (contacts or opportunities) by hand. By hand
        beats by rule, also where somebody had taken them off before."""
        self._check_linking(records)
        for mail in self.sudo():
            for record in records:
                mail._put_on(record._name, record.id)
        self._after_linking()

    def action_unlink(self, records):
        """Takes the mails off the records; no rule puts them there again."""
        self._check_linking(records)
        # not in sudo: a link that comes of a Bcc is not for all to take away
        links = self.env["waimaolang.mail.link"].search(
            [
                ("mail_id", "in", self.ids),
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
            ]
        )
        links.sudo().write({"removed": True, "origin": "manual"})
        self._check_still_read()
        self._after_linking()

    def _check_still_read(self):
        """Who reads a colleague's mail by a record alone must not take it off there:
        nobody but its owner could put it back."""
        if self.env.su:
            return
        lost = set(self.ids) - reading.filter_readable(self.env, self.ids)
        if lost:
            raise UserError(
                self.env._(
                    "You read this mail because it stands on this record. Link it to "
                    "another record that you may read first, or ask a colleague who "
                    "has it in a mailbox of her own to take it off."
                )
            )

    def _check_linking(self, records):
        if records._name not in reading.LINKED_MODELS:
            raise UserError(
                self.env._("Mail can stand on contacts and opportunities only.")
            )
        self.check_access("read")
        records.check_access("read")

    def _put_on(self, model, res_id):
        """In sudo. A link that is there already is made a manual one, and shown to all
        if it is new to the user, as one that comes of a Bcc is to most."""
        self.ensure_one()
        link = self.link_ids.filtered(
            lambda link: link.res_model == model and link.res_id == res_id
        )
        if link:
            vals = {"removed": False, "origin": "manual"}
            if not link.sudo(False).search_count([("id", "=", link.id)]):
                vals["bcc_mailbox_id"] = False
            link.write(vals)
            return
        link.create(
            {
                "mail_id": self.id,
                "message_id": self.mail_message_id.id,
                "res_model": model,
                "res_id": res_id,
                "date": self.date,
                "origin": "manual",
            }
        )

    def _after_linking(self):
        self.sudo()._settle_home()
        statistics = self.env["waimaolang.statistics"].sudo()
        statistics._mark_mails(self)
        statistics._refresh_dirty()
        self._tell_linked()

    def _tell_linked(self):
        """The chatters where the mails stand, or stood, look again."""
        links = self.sudo().link_ids.grouped("res_model")
        self._tell_chatters({name: x.mapped("res_id") for name, x in links.items()})

    def _settle_home(self):
        """In sudo. The message stands on a record that the mail is linked to: the
        opportunity when there is one, else the contact, else nowhere. Odoo's own
        message stays where it is as long as it can."""
        for mail in self:
            links = mail.link_ids.filtered(lambda link: not link.removed)
            mail.state = "linked" if links else "unlinked"
            # the home is told to all readers of the message
            links = links.filtered(lambda link: not link.bcc_mailbox_id)
            message = mail.mail_message_id
            if message.model and message.model not in reading.LINKED_MODELS:
                continue  # an order, a task: Odoo's own choice
            here = links.filtered(
                lambda link, message=message: (
                    (link.res_model, link.res_id) == (message.model, message.res_id)
                )
            )
            settled = not mail.mail_message_id.waimaolang_restricted
            if here and (settled or here.res_model == "crm.lead"):
                continue
            deals = links.filtered(lambda link: link.res_model == "crm.lead")
            home = deals.sorted(lambda link: link.origin != "manual")[:1] or here
            home = home or links[:1]
            message.write(
                {"model": home.res_model or False, "res_id": home.res_id or False}
            )

    @api.model
    def _tell_chatters(self, touched):
        """Open chatters look whether there is new mail. To all users, since what is
        told is no more than the figures on the record tell (I8): which records.
        ``touched``: {model: ids}."""
        records = self.env["waimaolang.record.mixin"]
        if not touched or not records._has_shared_statistics():
            return
        partners = self.env["res.partner"].sudo()
        companies = partners.browse(touched.get("res.partner", ()))
        threads = {
            ("res.partner", id_) for id_ in companies.commercial_partner_id.ids
        } | {(model, res_id) for model, ids in touched.items() for res_id in ids}
        self.env.ref("waimaolang_mail.group_user").sudo()._bus_send(
            "waimaolang_mail/linked", {"threads": sorted(threads)}
        )

    def action_open_record(self):
        """The record where the mail stands first, of those that the reader may open."""
        self.ensure_one()
        message = self.mail_message_id.sudo()
        home = (message.model, message.res_id)
        links = self.link_ids.filtered(lambda link: not link.removed)
        for link in links.sorted(lambda x: (x.res_model, x.res_id) != home):
            if link._get_record():
                return {
                    "type": "ir.actions.act_window",
                    "res_model": link.res_model,
                    "res_id": link.res_id,
                    "views": [(False, "form")],
                }
        return False
