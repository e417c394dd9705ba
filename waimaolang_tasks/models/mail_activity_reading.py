# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections.abc import Collection

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.waimaolang_mail.models import reading

# Tasks from mail that stand on no contact or opportunity.
UNLINKED = [("res_model", "=", False), ("waimaolang_mail_id", "!=", False)]
# In the context of lists of all that has to be answered: core finds those of others by
# their records alone.
WITH_UNLINKED = "waimaolang_unlinked"


class WaimaolangActivityReading(models.AbstractModel):
    """Who learns of a task that tells of a mail (invariant I8). Core shows activities
    to all who read the record; these are for the mail's readers, and for who has to do
    them: where she is none of those, the summary is the rule's name."""

    _name = "waimaolang.activity.reading"
    _description = "Who Reads a Task"

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
                "(((%(mail)s IS NULL OR %(user)s = %(uid)s) AND %(tells)s IS NOT TRUE)"
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
    def _get_unlinked_domain(self):
        """Of the mails that the user reads."""
        rules = self.env["ir.rule"]._compute_domain(self._name, "read")
        readable = reading.readable_domain(self.env, "waimaolang_mail_id")
        return Domain(UNLINKED) & readable & rules

    @api.model
    def _search(
        self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs
    ):
        """Also where core bypasses access: a domain through ``activity_ids`` would
        otherwise tell what a summary says."""
        page = {"offset": offset, "limit": limit, "order": order}
        if self.env.su:
            return super()._search(
                domain, **page, bypass_access=bypass_access, **kwargs
            )
        self.flush_model(["waimaolang_mail_id", "waimaolang_tells", "user_id"])
        numbers = _get_numbers(Domain(domain))
        domain = Domain(domain) & self._get_shown_domain()
        if bypass_access or not (numbers or self.env.context.get(WITH_UNLINKED)):
            return super()._search(
                domain, **page, bypass_access=bypass_access, **kwargs
            )
        found = super()._search(domain, order=order, **kwargs)
        if numbers and not (offset or limit) and numbers <= {*found.get_result_ids()}:
            return found
        unlinked = domain & self._get_unlinked_domain()
        more = super()._search(unlinked, bypass_access=True, **kwargs)
        ids = [("id", "in", [*found.get_result_ids(), *more.get_result_ids()])]
        return super()._search(ids, **page, bypass_access=True, active_test=False)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        result = self._let_readers(operation, result)
        ours = self.sudo().filtered("waimaolang_mail_id").sudo(False)
        ours = ours.with_context(**{WITH_UNLINKED: True})
        return reading.check(ours, operation, result) if ours else result

    def _let_readers(self, operation, result):
        """A task that stands on no record is its mail's readers': an inquiry of
        somebody unknown to a mailbox that a team shares. Core leaves it to
        whoever has it."""
        if not result or operation == "create":
            return result
        unlinked = result[0].sudo().filtered_domain(UNLINKED)
        readable = reading.filter_readable(self.env, unlinked.waimaolang_mail_id.ids)
        let = unlinked.filtered(lambda task: task.waimaolang_mail_id.id in readable)
        forbidden = result[0] - let.sudo(False)
        if not forbidden:
            return None
        return forbidden, lambda: forbidden._make_access_error(operation)

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
        """Whoever becomes responsible is told by core, in a message that others may
        read: by the rule's name. Then she sees what she may read."""
        if not vals.get("user_id"):
            return super().write(vals)
        ours = self.sudo().filtered("waimaolang_mail_id")
        user = self.env["res.users"].sudo().browse(vals["user_id"])
        told = {task: task.summary for task in ours if task.waimaolang_tells}
        ours.filtered("waimaolang_tells")._tell_nothing(user)
        result = super().write(vals)
        for task in ours._filter_readable_by(user):
            if task in told and "summary" not in vals:
                task.write({"summary": told[task], "waimaolang_tells": True})
        ours._fit_summary()
        return result

    def _fit_summary(self):
        """In sudo. To what the responsible user may read now."""
        for user, tasks in self.grouped("user_id").items():
            if user:
                tasks._hide_from(user)._show_to(user)

    def _hide_from(self, user):
        """The rule's name for a user who may not read the mail. Returns the others."""
        ours = self.filtered("waimaolang_mail_id")
        shown = ours._filter_readable_by(user)
        (ours - shown).filtered("waimaolang_tells")._tell_nothing(user)
        return shown

    def _filter_readable_by(self, user):
        env = self.env(user=user.id, su=False)
        readable = reading.filter_readable(env, self.waimaolang_mail_id.ids)
        return self.filtered(lambda task: task.waimaolang_mail_id.id in readable)

    def _tell_nothing(self, user=None):
        """In sudo. The rule's name, for this user or whoever has the task."""
        for task in self:
            plain = task._get_plain_summary(user or task.user_id)
            task.write({"summary": plain, "waimaolang_tells": False})

    def _show_to(self, user):
        """What the rule says of the mail, where nobody has written something else."""
        for task in self.filtered(lambda one: not one.waimaolang_tells):
            told = task._get_telling_summary(user)
            if task.summary in task._get_plain_summaries() and told != task.summary:
                task.write({"summary": told, "waimaolang_tells": True})

    def _get_plain_summaries(self):
        """As it may have been written for who had the task before."""
        users = self.env["res.users"]
        langs = [code for code, _name in self.env["res.lang"].get_installed()]
        return {self._get_plain_summary(users, lang) for lang in langs}

    def _get_plain_summary(self, user, lang=None):
        """For everybody, in the language of this user."""
        task = self.with_context(lang=lang or user.lang)
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


def _get_numbers(domain: Domain) -> set[int]:
    """Of the records that a domain asks for by their numbers alone, as reading does."""
    name, operator = (
        getattr(domain, "field_expr", None),
        getattr(domain, "operator", ""),
    )
    if name != "id" or operator != "in" or not isinstance(domain.value, Collection):
        return set()
    return {*domain.value}
