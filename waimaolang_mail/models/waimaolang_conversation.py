# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from . import reading


class WaimaolangConversation(models.Model):
    """A thread of mails: what answers what, whoever's mailboxes they came through."""

    _name = "waimaolang.conversation"
    _description = "Conversation"
    _order = "last_date desc, id desc"
    _rec_name = "subject"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    subject = fields.Char(
        compute="_compute_subject",
        search="_search_subject",
        help="Of its first mail that the reader reads.",
    )
    mail_ids = fields.One2many("waimaolang.mail", "conversation_id", readonly=True)
    partner_ids = fields.Many2many(
        "res.partner", string="Contacts", compute="_compute_records"
    )
    lead_ids = fields.Many2many(
        "crm.lead", string="Opportunities", compute="_compute_records"
    )
    last_in = fields.Datetime("Last Received", readonly=True)
    last_out = fields.Datetime("Last Sent", readonly=True)
    last_date = fields.Datetime(readonly=True, index=True)
    awaiting = fields.Selection(
        [("us", "Us"), ("them", "Them"), ("nobody", "Nobody")],
        readonly=True,
        default="nobody",
        help="Whose turn it is: automatic answers and bulk mail do not count.",
    )
    private_mailbox_ids = fields.Many2many(
        "waimaolang.mailbox",
        "waimaolang_conversation_private_rel",
        "conversation_id",
        "mailbox_id",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Mailboxes whose owners keep the conversation to themselves.",
    )
    private = fields.Boolean(
        compute="_compute_private",
        inverse="_inverse_private",
        help="The copies in your own mailboxes are shown to nobody else. Colleagues "
        "who have the mail in theirs keep reading it.",
    )

    is_mine = fields.Boolean(compute="_compute_private")

    @api.depends("mail_ids.link_ids.removed", "mail_ids.link_ids.res_id")
    @api.depends_context("uid")
    def _compute_records(self):
        for conversation in self:
            conversation.partner_ids = conversation.mail_ids.partner_ids
            conversation.lead_ids = conversation.mail_ids.lead_ids

    def _read_own_mailboxes(self):
        """{conversation: {mailbox: whether it keeps the conversation private}} of the
        user's own that hold a mail of it. By SQL: what is read in sudo would stay
        cached for the user."""
        found = {id_: {} for id_ in self.ids}
        reading.flush(self.env)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT mail.conversation_id, box.id,
                       private.mailbox_id IS NOT NULL
                  FROM waimaolang_mail mail
                  JOIN waimaolang_mail_mailbox_rel held
                    ON held.waimaolang_mail_id = mail.id
                  JOIN waimaolang_mailbox box
                    ON box.id = held.waimaolang_mailbox_id AND box.user_id = %s
                  LEFT JOIN waimaolang_conversation_private_rel private
                    ON private.conversation_id = mail.conversation_id
                   AND private.mailbox_id = box.id
                 WHERE mail.conversation_id = ANY(%s)
                """,
                self.env.uid,
                self.ids,
            )
        )
        for conversation_id, mailbox_id, private in rows:
            found[conversation_id][mailbox_id] = private
        return found

    def _absorb(self, other):
        """A hook, in sudo: the other conversation turns out to be this one, and is
        deleted next. What points to it has to be moved here."""

    @api.depends("private_mailbox_ids")
    @api.depends_context("uid")
    def _compute_private(self):
        mine = self._read_own_mailboxes()
        for conversation in self:
            own = mine.get(conversation.id, {})
            conversation.is_mine = bool(own)
            conversation.private = any(own.values())

    def _inverse_private(self):
        for conversation in self:
            private = conversation.private
            conversation.check_access("read")
            mine = conversation._read_own_mailboxes()[conversation.id]
            if not mine:
                raise AccessError(
                    self.env._(
                        "Only who has the conversation in a mailbox of her own can "
                        "make it private."
                    )
                )
            command = fields.Command.link if private else fields.Command.unlink
            conversation.sudo().private_mailbox_ids = [command(id_) for id_ in mine]
            conversation.mail_ids._tell_linked()

    @api.depends("mail_ids.subject")
    @api.depends_context("uid")
    def _compute_subject(self):
        """Not the first mail's, which the reader of an answer need not read. By the
        user's own rights in sudo too, where names are computed."""
        mine = SQL("TRUE")
        if self.env.uid != SUPERUSER_ID:
            mine = reading.readable(self.env, SQL("told.id"))
        reading.flush(self.env)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (told.conversation_id)
                       told.conversation_id, told.subject
                  FROM waimaolang_mail told WHERE told.conversation_id = ANY(%s) AND %s
                 ORDER BY told.conversation_id, told.date, told.id
                """,
                self.ids,
                mine,
            )
        )
        subjects = dict(rows)
        for conversation in self:
            conversation.subject = subjects.get(conversation.id)

    @api.model
    def _search_subject(self, operator, value):
        if operator in fields.Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return fields.Domain("mail_ids", "any", [("subject", operator, value)])

    @api.depends("subject")
    @api.depends_context("uid")
    def _compute_display_name(self):
        for conversation in self:
            conversation.display_name = conversation.subject

    # -- reading rights: who reads one of its mails ---------------------------------

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = fields.Domain(domain) & self._get_readable_domain()
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _get_readable_domain(self):
        env = self.env

        def to_sql(_model, alias, _query):
            reading.prepare(env)
            return SQL(
                "EXISTS (SELECT 1 FROM waimaolang_mail told"
                " WHERE told.conversation_id = %s AND %s)",
                SQL.identifier(alias, "id"),
                reading.readable(env, SQL("told.id")),
            )

        return fields.Domain.custom(to_sql=to_sql)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        return reading.check(self, operation, result)

    def write(self, vals):
        """The one thing that a person decides is privacy."""
        if not self.env.su and set(vals) - {"private"}:
            raise AccessError(self.env._("These values are kept by the system."))
        return super().write(vals)
