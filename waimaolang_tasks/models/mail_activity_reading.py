# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.waimaolang_mail.models import reading


class MailActivity(models.Model):
    """Who learns of a task that tells of a mail (invariant I8). Core shows activities
    to all who read the record; these are for the mail's readers, and for who has to do
    them: where she is none of those, the summary is the rule's name."""

    _inherit = "mail.activity"

    waimaolang_tells = fields.Boolean(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The summary shows something of the mail.",
    )

    # -- reading -----------------------------------------------------------------------

    @api.model
    def _get_shown_domain(self):
        """A condition of the page's own query: activities without a mail cost no other
        (invariant I12)."""
        env = self.env

        def to_sql(_model, alias, _query):
            reading.flush(env)
            return SQL(
                "(%(mail)s IS NULL OR (%(user)s = %(uid)s AND %(tells)s IS NOT TRUE)"
                " OR %(readable)s)",
                mail=SQL.identifier(alias, "waimaolang_mail_id"),
                user=SQL.identifier(alias, "user_id"),
                tells=SQL.identifier(alias, "waimaolang_tells"),
                uid=env.uid,
                readable=reading.readable(
                    env, SQL.identifier(alias, "waimaolang_mail_id")
                ),
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Also where core bypasses access: a domain through ``activity_ids`` would
        otherwise tell what a summary says."""
        if not self.env.su:
            self.flush_model(["waimaolang_mail_id", "waimaolang_tells", "user_id"])
            domain = Domain(domain) & self._get_shown_domain()
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        ours = self.sudo().filtered("waimaolang_mail_id").sudo(False)
        return reading.check(ours, operation, result) if ours else result

    @api.depends_context("uid")
    def _compute_display_name(self):
        """A row that points to a task is named in sudo."""
        result = super()._compute_display_name()
        ours = self.filtered(lambda task: task.sudo().waimaolang_mail_id)
        if ours:
            for task in ours - reading.filter_own(ours):
                task.display_name = task.sudo().activity_type_id.name
        return result

    # -- what the summary says ---------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            for vals in vals_list:
                if vals.get("waimaolang_mail_id"):
                    vals.setdefault("waimaolang_tells", True)
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("user_id"):  # before core tells her
            user = self.env["res.users"].sudo().browse(vals["user_id"])
            self.sudo().filtered("waimaolang_mail_id")._fit_summary(user)
        return super().write(vals)

    def _fit_summary(self, user=None):
        """In sudo. To what the responsible user, or the one who becomes so, may read
        now."""
        tasks = self.filtered("waimaolang_mail_id")
        for responsible, some in tasks.grouped(lambda t: user or t.user_id).items():
            if not responsible:
                continue
            env = self.env(user=responsible.id, su=False)
            mails = some.waimaolang_mail_id
            readable = reading.filter_readable(env, mails.ids)
            for task in some:
                task._fit_to(responsible, task.waimaolang_mail_id.id in readable)

    def _fit_to(self, user, readable):
        plain = self._get_plain_summary(user)
        if not readable:
            if self.waimaolang_tells:
                self.write({"summary": plain, "waimaolang_tells": False})
        elif not self.waimaolang_tells and self.summary == self._get_plain_summary(
            self.user_id
        ):
            told = self._get_telling_summary(user)
            self.write({"summary": told, "waimaolang_tells": True})

    def _get_plain_summary(self, user):
        """For everybody, in the language of this user."""
        task = self.with_context(lang=user.lang)
        return task.waimaolang_rule_id.name or task.activity_type_id.name

    def _get_telling_summary(self, user):
        rule = self.waimaolang_rule_id.with_context(lang=user.lang)
        if not rule:
            return self.summary
        return rule._render_summary(self.waimaolang_mail_id)

    def _hide_from_others(self):
        """In sudo. A summary that tells of a mail is for its readers."""
        self._fit_summary()

    def _action_done(self, feedback=False, attachment_ids=None):
        """Core writes the summary into the chatter, for all who read the record."""
        hidden = {task: task.summary for task in self.sudo() if task._is_told_to_few()}
        for task in hidden:
            task.summary = task._get_plain_summary(task.user_id)
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for task, summary in hidden.items():
            if task.exists():
                task.summary = summary
        return result

    def _is_told_to_few(self):
        """Not all who read the record's chatter read the mail there."""
        if not self.waimaolang_mail_id or not self.waimaolang_tells:
            return False
        message = self.waimaolang_mail_id.mail_message_id
        home = (message.model, message.res_id)
        stands_here = home == (self.res_model, self.res_id)
        return message.waimaolang_restricted or not stands_here

    @api.autovacuum
    def _fit_open_summaries(self):
        """Mailboxes are given and taken away: who no longer reads a mail sees her task
        again, by the rule's name."""
        telling = [("waimaolang_tells", "=", True), ("user_id", "!=", False)]
        self.sudo().search(telling)._fit_summary()
