# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mail.models.mail_message import MailMessage as CoreMessage
from odoo.addons.mail.tools.discuss import Store

from . import reading

# What of an imported mail a client must not change.
IMPORTED_FIELDS = frozenset(
    (
        "waimaolang_mail_id",
        "waimaolang_restricted",
        "attachment_ids",
        "author_id",
        "body",
        "date",
        "email_from",
        "incoming_email_cc",
        "incoming_email_to",
        "is_internal",
        "message_id",
        "message_type",
        "model",
        "partner_ids",
        "res_id",
        "subject",
        "subtype_id",
    )
)
OWN_FIELDS = frozenset(("waimaolang_mail_id", "waimaolang_restricted"))


class MailMessage(models.Model):
    """Imported mail is read by whom ``reading`` names and by nobody else. A message
    that Odoo had already keeps its readers and gains those who have a copy."""

    _inherit = "mail.message"

    waimaolang_mail_id = fields.Many2one(
        "waimaolang.mail",
        "Mail",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    waimaolang_restricted = fields.Boolean(
        "Imported from a Mailbox", readonly=True, copy=False
    )

    # -- reading (invariant I8) ------------------------------------------------------

    @api.model
    def _get_unrestricted_domain(self):
        """Not an imported mail, or one that the user reads."""
        env = self.env

        def to_sql(_model, alias, _query):
            reading.flush(env)
            return SQL(
                "(%s IS NOT TRUE OR %s)",
                SQL.identifier(alias, "waimaolang_restricted"),
                reading.readable(env, SQL.identifier(alias, "waimaolang_mail_id")),
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        bypass_access=False,
        **kwargs,
    ):
        """Also where core bypasses access: domains through ``message_ids`` would
        otherwise tell what is written in a mail (``bypass_search_access``)."""
        if self.env.su:
            return super()._search(
                domain, offset, limit, order, bypass_access=bypass_access, **kwargs
            )
        domain = Domain(domain) & self._get_unrestricted_domain()
        if bypass_access or not self.env.user._is_internal():
            return super()._search(
                domain, offset, limit, order, bypass_access=bypass_access, **kwargs
            )
        return self._search_internal(domain, offset, limit, order, **kwargs)

    def _search_internal(self, domain, offset, limit, order, **kwargs):
        """Core's ``_search`` for an internal user (mail_message.py), which drops in
        Python what has no readable document: imported mail was decided on in SQL."""
        query = super(CoreMessage, self)._search(domain, offset, limit, order, **kwargs)
        self.flush_model(["model", "res_id", "author_id", "message_type"])
        self.flush_model(["partner_ids", "waimaolang_restricted"])
        self.env["mail.notification"].flush_model(["mail_message_id", "res_partner_id"])
        table = SQL.identifier(self._table)
        rows = self.env.execute_query(
            query.select(
                *(
                    SQL("%s.%s", table, SQL.identifier(name))
                    for name in (
                        "id",
                        "model",
                        "res_id",
                        "message_type",
                        "waimaolang_restricted",
                        "waimaolang_mail_id",
                    )
                ),
                self._sql_is_party(table),
            )
        )
        allowed = set()
        documents = {}
        for id_, model, res_id, message_type, restricted, _mail_id, is_party in rows:
            if restricted or is_party:
                allowed.add(id_)
            elif model and res_id and message_type != "user_notification":
                documents.setdefault(model, {}).setdefault(res_id, set()).add(id_)
        if documents:
            allowed |= self._find_allowed_doc_ids(documents)
        # a message of Odoo's own, of which she has a copy in a mailbox
        allowed |= self._find_held([r[0] for r in rows if r[5] and r[0] not in allowed])
        return self.browse(row[0] for row in rows if row[0] in allowed)._as_query(order)

    def _sql_is_party(self, message: SQL) -> SQL:
        """Author, recipient or notified."""
        return SQL(
            """(%(message)s.author_id = %(partner)s
                OR EXISTS (SELECT 1 FROM mail_message_res_partner_rel addressed
                            WHERE addressed.mail_message_id = %(message)s.id
                              AND addressed.res_partner_id = %(partner)s)
                OR EXISTS (SELECT 1 FROM mail_notification notified
                            WHERE notified.mail_message_id = %(message)s.id
                              AND notified.res_partner_id = %(partner)s))""",
            message=message,
            partner=self.env.user.partner_id.id,
        )

    def _find_held(self, ids):
        """Messages of Odoo's own that the user has in a mailbox."""
        if not ids:
            return set()
        reading.flush(self.env)
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM mail_message WHERE id = ANY(%s)"
                " AND waimaolang_mail_id IS NOT NULL AND %s",
                list(ids),
                reading.readable(self.env, SQL("mail_message.waimaolang_mail_id")),
            )
        )
        return {row[0] for row in rows}

    def _get_forbidden_access(self, operation):
        """Read by whom ``reading`` says; nothing else is allowed on imported mail, and
        so neither reactions nor edits. Called by all of core's checks."""
        imported = self._filter_imported()
        ordinary = self - imported
        forbidden = self.browse()
        if ordinary:
            forbidden = super(MailMessage, ordinary)._get_forbidden_access(operation)
        if forbidden and operation == "read":
            forbidden -= self.browse(self._find_held(forbidden.ids))
        if imported and operation != "read":
            return forbidden + imported
        if imported:
            mails = imported.sudo().waimaolang_mail_id
            readable = reading.filter_readable(self.env, mails.ids)
            unreadable = imported.filtered(
                lambda m: m.sudo().waimaolang_mail_id.id not in readable
            )
            unreadable.invalidate_recordset()  # the check itself has read them
            forbidden += unreadable
        return forbidden

    def fetch(self, field_names=None):
        """Core lets any code read a message whose id it has: a composer's parent, the
        path of an export, a template's expression. Not so imported mail."""
        if self.env.su:
            return super().fetch(field_names)
        if field_names is not None:
            field_names = [*field_names, *OWN_FIELDS]
        super().fetch(field_names)
        imported = self._origin._filter_imported()
        if imported and (forbidden := imported._get_forbidden_access("read")):
            raise forbidden._make_access_error("read")

    @api.depends_context("uid")
    def _compute_display_name(self):
        """The subject: a row that points to a message is named in sudo."""
        result = super()._compute_display_name()
        imported = self.filtered("waimaolang_restricted")
        for message in imported - reading.filter_own(imported):
            message.display_name = False
        return result

    def _filter_imported(self):
        try:
            return self.sudo().filtered("waimaolang_restricted").sudo(False)
        except MissingError:  # core bears messages that are gone meanwhile
            return self.exists()._filter_imported()

    @api.model
    def _get_with_access(self, message_id, mode="read", **kwargs):
        """Core gives a message to whoever may read its thread."""
        message = super()._get_with_access(message_id, mode, **kwargs)
        if message and message.sudo().waimaolang_restricted:
            if message.sudo(False)._get_forbidden_access(mode):
                return self.browse()
        return message

    # -- what a chatter is told ------------------------------------------------------

    def _record_by_message(self):
        """A reader of a mail need not be one of its home: neither its name nor its
        subject is told then."""
        found = super()._record_by_message()
        if self.env.su:
            return found
        imported = (
            self.browse([m.id for m in found]).sudo().filtered("waimaolang_mail_id")
        )
        for model, messages in imported.grouped("model").items():
            documents = self.env[model].browse(set(messages.mapped("res_id")))
            readable = set(documents.exists()._filtered_access("read").ids)
            for message in messages.sudo(False):
                if message.res_id not in readable:
                    del found[message]
        return found

    def _compute_record_name(self):
        self.record_name = False  # of those whose home is not told
        return super()._compute_record_name()

    def _to_store_defaults(self, target):
        """A badge for mails: received or sent, and through which mailbox. Other
        messages carry nothing more than in plain Odoo (invariant I12)."""
        return super()._to_store_defaults(target) + [
            Store.Attr(
                "waimaolang_badge",
                lambda message: message._get_waimaolang_badge(),
                predicate=lambda message: bool(message.waimaolang_mail_id),
            ),
        ]

    def _to_store(self, store, fields, **kwargs):
        """Whoever puts a message into a payload, and whatever is cached: it is for
        readers."""
        return super(MailMessage, self._filter_told(store.target))._to_store(
            store, fields, **kwargs
        )

    def _filter_told(self, target):
        imported = self.sudo().filtered("waimaolang_restricted")
        if not imported:
            return self
        told = target.get_user(self.env) or self.env["res.users"]
        if target.channel is None:
            told = self.env.user
        if told.id == SUPERUSER_ID:
            return self
        readable = set()
        if told:
            env = self.env(user=told, su=False)
            readable = reading.filter_readable(env, imported.waimaolang_mail_id.ids)
        hidden = imported.filtered(lambda m: m.waimaolang_mail_id.id not in readable)
        return self.filtered(lambda m: m.id not in hidden._ids)

    def _get_waimaolang_badge(self):
        # sudo: whoever may read the message may know how it came
        mail = self.sudo().waimaolang_mail_id
        # a message of Odoo's own has readers to whom no mailbox shows its copy
        shown = bool(mail.mailbox_names)
        return {
            "id": mail.id,
            "direction": mail.direction,
            "mailbox": mail.mailbox_names,
            "from": shown and mail.email_from or "",
            "to": shown and mail.email_to or "",
            "cc": shown and mail.email_cc or "",
            "restricted": self.sudo().waimaolang_restricted,
            "reduced": mail.reduced,
            "omitted": shown and mail.omitted or "",
        }

    # -- changing --------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(OWN_FIELDS.intersection(v) for v in vals_list):
            self._refuse_change()
        return super().create(vals_list)

    def write(self, vals):
        """Nobody edits an imported mail, nor makes another message one (I8)."""
        if not self.env.su and IMPORTED_FIELDS.intersection(vals):
            if OWN_FIELDS.intersection(vals) or any(
                self.sudo().mapped("waimaolang_restricted")
            ):
                self._refuse_change()
        return super().write(vals)

    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "Imported mail stays as it came: it can be neither changed nor deleted."
            )
        )

    def unlink(self):
        if not self.env.su and any(self.sudo().mapped("waimaolang_restricted")):
            self._refuse_change()
        mails = self.sudo().waimaolang_mail_id
        inline = self._get_inline_attachments(mails)
        result = super().unlink()
        inline.exists().unlink()
        if mails and not self.env.context.get("waimaolang_mail_gone"):
            mails.unlink()
        return result

    def _get_inline_attachments(self, mails):
        """Pictures inside the body are not among attachment_ids."""
        attachments = self.env["ir.attachment"].sudo()
        if not mails:
            return attachments
        return attachments.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", mails.mail_message_id.ids),
            ]
        )
