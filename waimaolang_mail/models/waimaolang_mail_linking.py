# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_split_tuples

from . import reading


class WaimaolangMailLinking(models.AbstractModel):
    """On which records a mail stands: put there and taken off by hand, its message's
    home, and the chatters that hear of it."""

    _name = "waimaolang.mail.linking"
    _description = "Where a Mail Stands"

    def action_link(self, records):
        """Puts the mails on the records (contacts or opportunities) by hand. By hand
        beats by rule, also where somebody had taken them off before."""
        self._check_linking(records)
        for mail in self.sudo():
            for record in records:
                mail._put_on(record._name, record.id)
        self._after_linking()

    def action_create_opportunity(self):
        """For a stranger's mail: an opportunity of the user, with all that she may
        read of its conversation."""
        self.ensure_one()
        self.check_access("read")
        header = self.email_from if self.direction == "in" else self.email_to
        name, address = (email_split_tuples(header or "") or [("", "")])[0]
        lead = self.env["crm.lead"].create(
            {
                "name": self.subject or address or self.display_name,
                "type": "opportunity",
                "contact_name": name,
                "email_from": address,
                "user_id": self.env.uid,
            }
        )
        talk = [
            ("conversation_id", "=", self.conversation_id.id),
            ("conversation_id", "!=", False),
            ("state", "=", "unlinked"),
        ]
        (self | self.search(talk)).action_link(lead)
        return {
            "type": "ir.actions.act_window",
            "res_model": lead._name,
            "res_id": lead.id,
            "views": [(False, "form")],
        }

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
