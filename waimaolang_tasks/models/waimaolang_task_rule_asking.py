# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.waimaolang_mail.models import reading

MAIL = "waimaolang.mail"
# Of a mail, what tells nothing of what it says; and who it is with.
PLAIN = frozenset(
    (
        "id",
        "date",
        "direction",
        "state",
        "company_id",
        "mailbox_ids",
        "partner_ids",
        "lead_ids",
        "language",
        "first_in_conversation",
        "is_history",
        "is_auto",
        "is_bulk",
        "is_bounce",
    )
)
# Of the mail itself: what its readers read.
PARTS = frozenset(("attachment_ids", "label_ids", "mail_message_id"))
# Of a record, what other people's mail is behind.
BEHIND = frozenset(("mail.message", "mail.mail", "mail.activity", "ir.attachment"))


class WaimaolangTaskRuleAsking(models.AbstractModel):
    """A condition on what mails say would tell it to whoever gets the task, or sees how
    often the rule fired: such rules work for readers of the mail alone (invariant I8).
    """

    _name = "waimaolang.task.rule.asking"
    _description = "What a Rule Asks of Mails"

    # not stored: whoever writes rules could write it
    asks_content = fields.Boolean(
        compute="_compute_asks_content",
        compute_sudo=True,
        help="It has a condition on what mails say.",
    )

    @api.depends("mail_domain", "record_domain", "record_model")
    def _compute_asks_content(self):
        for rule in self:
            try:
                domains = [(MAIL, rule._get_mail_domain())]
                on_record = rule._get_record_domain()
                models_ = rule._get_fitting_models(on_record)
                domains += [(model, on_record) for model in models_]
            except Exception:  # refused when it is saved, or paused
                rule.asks_content = True
                continue
            rule.asks_content = any(
                self._asks_content_of(model, domain) for model, domain in domains
            )

    @api.model
    def _asks_content_of(self, model, domain):
        return self._leads_away(model, domain, self._follow)

    @api.model
    def _leads_away(self, model, domain, follow):
        """Whether ``follow`` (model, path -> the model there, or None) finds None for
        any path of the domain."""
        for condition in domain.iter_conditions():
            there = follow(model, condition.field_expr)
            if not there:
                return True
            if condition.operator not in ("any", "not any"):
                continue
            if self._leads_away(there, Domain(condition.value), follow):
                return True
        return False

    @api.model
    def _follow(self, model, path):
        """The model to which the path of fields leads; None: it leads to what a mail
        says."""
        for name in path.split("."):
            field = self.env[model]._fields.get(name)
            if model == MAIL and name not in PLAIN or not field:
                return None
            if name.startswith("activity_"):  # "activity_summary" is an activity's
                return None
            if not field.relational:
                return model
            model = field.comodel_name
            if model == MAIL or self._is_behind(model):
                return None
        return model

    # -- other mail --------------------------------------------------------------------

    @api.model
    def _reaches_others(self, model, domain):
        """Whether it asks about other mails than the rule's own: on the same record, in
        the same conversation. Who reads the one need not read them, and to the rule all
        are open."""
        return self._leads_away(model, domain, self._walk)

    @api.model
    def _walk(self, model, path):
        """The model to which the path leads; None: to other mail."""
        for name in path.split("."):
            field = self.env[model]._fields.get(name)
            if not field or not field.relational:
                hidden = model != MAIL and name.startswith("activity_")
                return None if hidden else model
            if model == MAIL and name in PARTS:
                model = field.comodel_name
                continue
            if model == MAIL and name not in PLAIN or self._is_behind(model):
                return None
            model = field.comodel_name
            if model == MAIL or self._is_behind(model):
                return None
        return model

    @api.model
    def _is_behind(self, model):
        ours = model.startswith("waimaolang.")
        return model in BEHIND or ours and model not in (MAIL, "waimaolang.mailbox")

    # -- who may know ------------------------------------------------------------------

    def _may_know(self, user, mailbox, mail):
        """Whether this user may get a task of the rule about this mail."""
        return not self.asks_content or self._reads(user, mailbox, mail)

    @api.model
    def _reads(self, user, mailbox, mail):
        if not user:
            return False
        if user in (mailbox.user_id or mailbox.member_ids):
            return True
        return bool(reading.filter_readable(self.env(user=user.id, su=False), mail.ids))

    def _count(self, model, domain):
        """{rule: rows}: all of them, of rules that tell nothing."""
        found = {}
        telling = self.filtered("asks_content")
        rows = self.env[model]
        for rules, some in ((telling, rows), (self - telling, rows.sudo())):
            if rules and some.has_access("read"):
                here = Domain(domain) & Domain("rule_id", "in", rules.ids)
                for rule, count in some._read_group(here, ["rule_id"], ["__count"]):
                    found[rule.id] = count
        return found
