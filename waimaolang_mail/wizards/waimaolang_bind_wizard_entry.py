# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models

KEPT = frozenset(models.MAGIC_COLUMNS)
ACTION = "waimaolang_mail.waimaolang_bind_wizard_action"


class WaimaolangBindEntry(models.AbstractModel):
    """The way into the form: who may bind at all, and where she left it last time."""

    _name = "waimaolang.bind.entry"
    _description = "Beginning of a Binding"

    @api.model
    def default_get(self, fields_list):
        """Whoever may not bind learns it before she has typed anything, through
        whichever door she comes."""
        self.env["waimaolang.mailbox"]._check_may_bind()
        return super().default_get(fields_list)

    @api.model
    def action_begin(self):
        """Opens the form; her own unfinished one, if there is one, where she left it.
        A ``default_owner_kind`` in the context wants one of this kind."""
        self.env["waimaolang.mailbox"]._check_may_bind()
        kind = self.env.context.get("default_owner_kind")
        context = {"default_owner_kind": kind} if kind else {}
        action = self.env["ir.actions.act_window"]._for_xml_id(ACTION)
        form = self._get_unfinished(kind)
        if form:
            action["res_id"] = form.id
            context["waimaolang_resumed"] = True
        return {**action, "context": context}

    @api.model
    def _get_unfinished(self, kind=None):
        """Nobody but its author gets a form (invariant I8), with the code that may be
        kept in it (I9); and none that the next vacuum takes away under her hands."""
        domain = [
            ("create_uid", "=", self.env.uid),
            ("step", "not in", ("address", "done")),
            ("company_id", "in", self.env.companies.ids),
        ]
        if kind:
            domain.append(("owner_kind", "=", kind))
        if self._transient_max_hours:
            age = timedelta(hours=self._transient_max_hours)
            domain.append(("write_date", ">", fields.Datetime.now() - age))
        return self.search(domain, order="write_date desc, id desc", limit=1)

    def action_start_anew(self):
        """Nothing that was entered stays, least of all the code."""
        self.ensure_one()
        self.check_access("write")
        names = [
            name
            for name, field in self._fields.items()
            if field.store and field.type != "one2many" and name not in KEPT
        ]
        self.folder_ids.sudo().unlink()  # nobody else may delete rows of a form
        defaults = self._convert_to_write(self.default_get(names))
        self.sudo().write({**dict.fromkeys(names, False), **defaults})
