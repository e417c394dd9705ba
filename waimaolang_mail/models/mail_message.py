# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mail.models.mail_message import MailMessage as CoreMessage
from odoo.addons.mail.tools.discuss import Store

from . import chatter_page, reading
from .badges import BADGES

# What of an imported mail a client must not change.
IMPORTED_FIELDS = frozenset(
    (
        "waimaolang_mail_id",
        "waimaolang_outgoing",
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
OWN_FIELDS = frozenset(
    ("waimaolang_mail_id", "waimaolang_outgoing", "waimaolang_restricted")
)


class _Decided:
    """What was decided on messages that go into a store, in the context of that one
    call: core adds each of them once more, and asks for their homes three times. An
    object, so that no client can put one there."""

    def __init__(self, store, told, hidden):
        self.store, self.told, self.hidden = store, set(told), set(hidden)


class Page:
    """Messages that a query found readable for a user, in the chatter of a record that
    she reads: with it in their context they are not asked for again one by one."""

    def __init__(self, uid, ids, thread):
        self.uid, self.ids = uid, frozenset(ids)
        self.home = (thread._name, thread.id)


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
    waimaolang_outgoing = fields.Boolean(
        "Sent through a Mailbox", readonly=True, copy=False
    )
    waimaolang_outbox_ids = fields.One2many(
        "waimaolang.outbox", "mail_message_id", readonly=True, groups=fields.NO_ACCESS
    )

    # messages that Odoo had already, by the models where they stand
    _waimaolang_adopted_idx = models.Index(f"(model) WHERE {chatter_page.ADOPTED}")

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
        if self._is_on_page(imported.ids):
            return
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

    @api.model
    def _message_fetch(
        self, domain, *, thread=None, anchor_date=None, window=None, **kwargs
    ):
        """By date, and with the mail of other homes, where mail stands on the record;
        every other thread is core's (invariant I12)."""
        page = chatter_page.find(self, thread) if thread and domain is None else None
        if not page:
            return super()._message_fetch(domain, thread=thread, **kwargs)
        result = page.fetch(anchor_date=anchor_date, window=window, **kwargs)
        known = Page(self.env.uid, result["messages"].ids, thread)
        result["messages"] = result["messages"].with_context(waimaolang_page=known)
        return result

    def _filter_home_hidden(self):
        """Mails whose home the user cannot read: a reader of a mail need not be one of
        its home, and neither its name nor its number is told then."""
        if self.env.su:
            return self.browse()
        if decided := self._get_decided():
            return self.filtered(lambda message: message.id in decided.hidden)
        told = {row[0] for row in self._read_told() if not row[2]}
        return self.filtered(lambda message: message.id in told)

    def _record_by_message(self):
        found = super()._record_by_message()
        for message in self.browse([m.id for m in found])._filter_home_hidden():
            del found[message]
        return found

    def _compute_record_name(self):
        self.record_name = False  # of those whose home is not told
        return super()._compute_record_name()

    def _to_store(self, store, fields, **kwargs):
        """A badge for mails: received or sent, and through which mailbox. Other
        messages carry nothing more than in plain Odoo (invariant I12). Whoever puts
        a message into a payload, and whatever is cached: it is for readers."""
        decided = self._get_decided(store)
        told = self if decided else self._filter_told(store.target)
        if "message_format" not in fields:
            return super(MailMessage, told)._to_store(store, fields, **kwargs)
        rows = list(told._read_told())
        hidden = [] if self.env.su else [id_ for id_, _badge, home in rows if not home]
        decided = _Decided(store, told.ids, hidden)
        known = told.with_context(waimaolang_decided=decided)
        result = super(MailMessage, known)._to_store(store, fields, **kwargs)
        for message_id, badge, _home in rows:
            values = {"id": message_id, "waimaolang_badge": badge}
            store.add_model_values(self._name, values)
        outgoing = told.sudo().filtered("waimaolang_outgoing")
        if outgoing:
            badges = self.env["waimaolang.outbox"]._get_badges(outgoing)
            for message_id, badge in badges.items():
                values = {"id": message_id, "waimaolang_outbox": badge}
                store.add_model_values(self._name, values)
        for message_id in hidden:
            # core tells them for its mobile application
            values = {"id": message_id, "model": False, "res_id": False}
            store.add_model_values(self._name, values)
        return result

    def _get_decided(self, store=None):
        """Of all these messages, and for this store."""
        decided = self.env.context.get("waimaolang_decided")
        if not isinstance(decided, _Decided) or not decided.told.issuperset(self._ids):
            return None
        return decided if store in (None, decided.store) else None

    def _read_told(self):
        """(message, badge, whether the user reads its home) of those that are mails.
        The badge: how the mail came, as far as a mailbox that holds it is shown to
        the user; a message of Odoo's own has readers to whom none is."""
        mails = self.sudo().filtered("waimaolang_mail_id")
        if not mails:
            return
        self.flush_model(["waimaolang_mail_id", "waimaolang_restricted"])
        self.env["waimaolang.mail"].flush_model()
        self.env["waimaolang.mailbox"].flush_model(["name"])
        reading.flush(self.env)
        rows = self.env.execute_query(
            SQL(
                BADGES,
                told=SQL("shown.names IS NOT NULL"),
                sends=bool(self.env["waimaolang.mailbox"]._get_sendable()),
                given=reading.shown_mailbox(self.env, SQL("box"), SQL("mail.id")),
                bcc=reading.bcc_shown(self.env, SQL("bounce")),
                home=mails._sql_reads_home(),
                ids=mails.ids,
            )
        )
        names = {}
        for id_, badge, home, lead_id, lead_name in rows:
            yield id_, badge, home
            if lead_id:
                names[lead_id] = lead_name
        # core would read all columns of the opportunities to name them
        leads = self.env["crm.lead"].browse(names)
        leads._fields["name"]._insert_cache(leads, names.values())

    def _sql_reads_home(self):
        """Whether the user reads the record where the row ``message`` stands; one that
        stands nowhere hides nothing."""
        homes = [SQL("message.model IS NULL")]
        others = self
        if self._is_on_page(self.ids):
            home = self.env.context["waimaolang_page"].home
            homes.append(SQL("(message.model = %s AND message.res_id = %s)", *home))
            others = self.filtered(lambda m: (m.model, m.res_id) != home)
        for name, messages in others.grouped("model").items():
            if not name or name not in self.env:
                continue
            model = self.sudo(False).env[name].with_context(active_test=False)
            if not model.has_access("read"):
                continue
            query = model._search([("id", "in", list(set(messages.mapped("res_id"))))])
            query.add_where(
                SQL("%s = message.res_id", SQL.identifier(query.table, "id"))
            )
            homes.append(
                SQL("(message.model = %s AND EXISTS (%s))", name, query.select("1"))
            )
        return SQL(" OR ").join(homes)

    def _is_on_page(self, ids):
        page = self.env.context.get("waimaolang_page")
        return (
            isinstance(page, Page)
            and page.uid == self.env.uid
            and page.ids.issuperset(ids)
        )

    def _filter_told(self, target):
        imported = self.sudo().filtered("waimaolang_restricted")
        if not imported:
            return self
        told = target.get_user(self.env) or self.env["res.users"]
        if target.channel is None:
            told = self.env.user
        on_page = told == self.env.user and self._is_on_page(self.ids)
        if told.id == SUPERUSER_ID or on_page:
            return self
        readable = set()
        if told:
            env = self.env(user=told, su=False)
            readable = reading.filter_readable(env, imported.waimaolang_mail_id.ids)
        hidden = imported.filtered(lambda m: m.waimaolang_mail_id.id not in readable)
        return self.filtered(lambda m: m.id not in hidden._ids)

    def waimaolang_compose(self, mode, model=None, res_id=None):
        """The composer for an answer to the mail, or a forward, to be posted on the
        record that is shown. ``mode``: "reply", "reply_all" or "forward"."""
        self.ensure_one()
        self.check_access("read")
        mail = self.env["waimaolang.mail"].browse(self.sudo().waimaolang_mail_id.id)
        return mail._compose(mode, model, res_id)

    def _waimaolang_tell_outbox(self):
        """In sudo. Who has the message open sees how its sending goes."""
        if not self:
            return
        self._notify_message_notification_update()
        for user in self.waimaolang_outbox_ids.user_id:
            seen = self.with_user(user)
            badges = seen.env["waimaolang.outbox"]._get_badges(self)
            store = Store(bus_channel=user)
            for message_id, badge, _home in seen._read_told():
                values = {"id": message_id, "waimaolang_badge": badge}
                store.add_model_values(self._name, values)
            for message_id, badge in badges.items():
                values = {"id": message_id, "waimaolang_outbox": badge}
                store.add_model_values(self._name, values)
            store.bus_send()

    # -- changing --------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        # a default in a client's context is as good as a value
        named = any(f"default_{name}" in self.env.context for name in OWN_FIELDS)
        if named or any(OWN_FIELDS.intersection(v) for v in vals_list):
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
        mails = mails.filtered(lambda mail: mail.mail_message_id in self.sudo())
        inline = self._get_inline_attachments(mails)
        outgoing = self.sudo().filtered("waimaolang_outgoing")
        outgoing.waimaolang_outbox_ids._lose_message()
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
