# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import dateutil as safe_dateutil
from odoo.tools.safe_eval import safe_eval
from odoo.tools.safe_eval import time as safe_time

from ..engine import processing
from ..engine.deadlines import ELAPSED
from ..engine.facts import LEAD, PARTNER
from ..engine.judging import Limits

PARAM_PER_RECORD = "waimaolang_tasks.per_record_and_day"
PARAM_LOOP = "waimaolang_tasks.loop_mails_per_hour"
PARAM_UNLINKED = "waimaolang_tasks.unlinked_per_mailbox_and_day"
MOST_HOURS = 2 * 366 * 24
DONE = ("done", "raised")
HOURS = ("after_hours", "deadline_hours", "escalate_hours")
CONDITIONS = frozenset(
    ("trigger", "company_id", "mail_domain", "record_model", "record_domain")
)
# Failures one after the other that pause a rule.
MOST_FAILURES = 5


class WaimaolangTaskRule(models.Model):
    """When this happens to a mail of these, on a record of those: make a task, run
    actions. Live mail alone: history triggers nothing (invariant I4)."""

    _name = "waimaolang.task.rule"
    _inherit = [
        "waimaolang.task.rule.acting",
        "waimaolang.task.rule.asking",
        "waimaolang.task.rule.silence",
        "waimaolang.task.rule.showing",
    ]
    _description = "Mail Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", help="Empty: for the mail of all companies."
    )
    trigger = fields.Selection(
        [
            ("received", "A mail is received"),
            ("sent", "A mail is sent"),
            ("no_reply_from_us", "We have not replied"),
            ("no_reply_from_them", "They have not replied"),
            ("first_contact", "Somebody writes for the first time"),
            ("bounced", "A mail is returned"),
            ("out_of_office_ended", "Somebody is back in the office"),
            ("opened", "A mail is opened"),
            ("clicked", "A link in a mail is clicked"),
        ],
        required=True,
        default="received",
        index=True,
    )
    after_hours = fields.Float(
        default=24.0, help="How long nobody has to reply before the rule fires."
    )
    after_counting = fields.Selection(
        "_get_countings", "Waiting Counted in", required=True, default=ELAPSED
    )
    mail_domain = fields.Char("Mails", default="[]")
    record_model = fields.Selection(
        [(LEAD, "Opportunity"), (PARTNER, "Contact")],
        "Acts on",
        help="Empty: on the opportunity, and on the contact where there is none.",
    )
    record_domain = fields.Char("Contact or Opportunity", default="[]")
    paused = fields.Boolean(readonly=True, copy=False)
    failure_count = fields.Integer("Failures in a Row", readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)
    missed_from = fields.Integer(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The first event that the rule failed with or did not see.",
    )
    catch_up_from = fields.Integer(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The next event of those that the rule has missed.",
    )
    log_ids = fields.One2many("waimaolang.task.log", "rule_id", readonly=True)
    done_count = fields.Integer("Fired", compute="_compute_counts")
    waiting_count = fields.Integer("Waiting", compute="_compute_counts")

    @api.depends_context("uid")
    def _compute_counts(self):
        done = self._count("waimaolang.task.log", [("outcome", "in", DONE)])
        waiting = self._count("waimaolang.task.wait", [])
        for rule in self:
            rule.done_count = done.get(rule.id, 0)
            rule.waiting_count = waiting.get(rule.id, 0)

    # -- conditions ----------------------------------------------------------------

    @api.constrains("mail_domain", "record_domain", "record_model")
    def _check_domains(self):
        for rule in self:
            for text, model in (
                (rule.mail_domain, "waimaolang.mail"),
                (rule.record_domain, rule.record_model or ""),
            ):
                rule._check_domain(text, model)
            rule._check_own_mail()

    def _check_own_mail(self):
        on_record = self._get_record_domain()
        models_ = self._get_fitting_models(on_record)
        asked = [("waimaolang.mail", self._get_mail_domain())]
        asked += [(model, on_record) for model in models_]
        if any(self._reaches_others(model, domain) for model, domain in asked):
            raise ValidationError(
                self.env._(
                    "“%s”: a condition asks about the mail that the rule is for, and "
                    "not about other mail, messages or activities: not all who read "
                    "the one may read the others.",
                    self.name,
                )
            )

    def _check_domain(self, text, model):
        """``model`` "": an opportunity or a contact, whichever it fits."""
        models_ = [model] if model else [LEAD, PARTNER]
        errors = []
        for name in models_:
            try:
                domain = self._parse_domain(text)
                domain.validate(self.env[name])
                # as who writes it: what she may not read she may not ask for
                self.env[name]._search(domain, limit=1)
                return
            except Exception as exc:
                errors.append(str(exc))
        raise ValidationError(
            self.env._(
                "The condition %(condition)s cannot be used: %(error)s",
                condition=text,
                error=errors[0],
            )
        )

    @api.model
    def _parse_domain(self, text):
        """Of the forms that Odoo's filters have."""
        if not text or text.strip() in ("[]", ""):
            return Domain.TRUE
        return Domain(
            safe_eval(
                text,
                {
                    "uid": self.env.uid,
                    "time": safe_time,
                    "datetime": safe_datetime.datetime,
                    "relativedelta": safe_dateutil.relativedelta.relativedelta,
                    "context_today": lambda: fields.Date.context_today(self),
                },
            )
        )

    def _get_mail_domain(self):
        return self._parse_domain(self.mail_domain)

    def _get_record_domain(self):
        return self._parse_domain(self.record_domain)

    def _get_fitting_models(self, domain):
        """On whose records the rule acts, the first first. A condition that
        opportunities do not have is one on the contact."""
        if self.record_model:
            return (self.record_model,)
        return tuple(name for name in (LEAD, PARTNER) if self._fits(name, domain))

    @api.model
    def _fits(self, model, domain):
        try:
            domain.validate(self.env[model])
        except Exception:
            return False
        return True

    def write(self, vals):
        if CONDITIONS.intersection(vals):
            self._check_conditions_access()
        result = super().write(vals)
        if vals.get("active") is False:  # somebody wants it to see nothing
            self.sudo().write({"missed_from": 0, "catch_up_from": 0})
        elif vals.get("active"):  # nobody wants all of them at once
            self.env["waimaolang.task.wait"].sudo().search(
                [("rule_id", "in", self.ids), ("due", "<=", fields.Datetime.now())]
            ).unlink()
        if not vals.keys().isdisjoint(("trigger", "company_id")):
            # what waits was begun by another rule, as it were
            self.env["waimaolang.task.wait"].sudo().search(
                [("rule_id", "in", self.ids)]
            ).unlink()
        return result

    def _check_conditions_access(self):
        """Server actions were approved for the mail and records that they are for."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        if self.sudo().server_action_ids:
            raise AccessError(
                self.env._(
                    "This rule runs server actions: ask a system administrator to "
                    "change when it does. It can be switched on and off."
                )
            )

    @api.constrains(*HOURS)
    def _check_hours(self):
        for rule in self:
            for name in HOURS:
                if not 0 <= (rule[name] or 0) <= MOST_HOURS:
                    raise ValidationError(
                        self.env._(
                            "“%(rule)s”, %(field)s: give hours from 0 to %(most)s (two "
                            "years).",
                            rule=rule.name,
                            field=rule._fields[name]._description_string(self.env),
                            most=MOST_HOURS,
                        )
                    )

    # -- the engine's --------------------------------------------------------------

    @api.model
    def _find_looking(self, triggers):
        """Paused ones, too: they have to know what they miss."""
        return self.search([("trigger", "in", triggers)])

    @api.model
    def _find_catching_up(self):
        return self.search([("catch_up_from", ">", 0), ("paused", "=", False)])

    def _note_missed(self, event_id):
        if not self.missed_from or event_id < self.missed_from:
            self.missed_from = event_id

    @api.model
    def _get_limits(self):
        parameters = self.env["ir.config_parameter"].sudo()

        def read(name, default):
            value = parameters.get_param(name)
            return int(value) if value and value.isdigit() else default

        usual = Limits()
        return Limits(
            read(PARAM_PER_RECORD, usual.per_record),
            read(PARAM_LOOP, usual.loop),
            read(PARAM_UNLINKED, usual.unlinked),
        )

    def _note_failure(self, exc, at_once=False):
        """``at_once``: it could not work at all. Else it failed about a mail, and all
        who see rules see this: the kind alone (invariant I8)."""
        self.failure_count += 1
        kind = type(exc).__name__
        self.last_error = self._describe_error(exc) if at_once else kind
        self.paused = at_once or self.failure_count >= MOST_FAILURES

    def _describe_error(self, exc):
        """UserErrors were written for people; of others the kind, since their words may
        be a mail's."""
        if isinstance(exc, UserError):
            return str(exc).strip().splitlines()[0][:300]
        return type(exc).__name__

    def _note_success(self):
        if self.failure_count:
            self.failure_count = 0

    @api.model
    def _process_events(self):
        """All rules look at what happened since the last time, in a cursor of their
        own; how many events were seen."""
        return processing.process(self.env.registry)

    @api.model
    def _wake(self, at=None):
        """Rules look once this transaction is committed, or at that time."""
        self.env.ref("waimaolang_tasks.ir_cron_rules").sudo()._trigger(at)

    @api.model
    def _run(self):
        """The cron's."""
        self._process_events()

    def action_resume(self):
        """It looks at what it has missed, too."""
        self.write({"paused": False, "failure_count": 0, "last_error": False})
        for rule in self.sudo():
            since = (rule.missed_from, rule.catch_up_from)
            rule.catch_up_from = min(filter(None, since), default=0)
            rule.missed_from = 0
        self._wake()
