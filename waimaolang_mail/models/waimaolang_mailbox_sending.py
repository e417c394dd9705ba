# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import is_html_empty

from ..engine import backoff, life
from ..mime import signing

# Who has one of these sends through it; what is queued waits until it works.
SENDING_STATES = ("connected", "error", "reauth", "paused")
LONGEST_UNDO = 300
# A change of these changes who sends through what.
CHOICE_FIELDS = frozenset(
    ("user_id", "member_ids", "is_default", "active", "state", "outgoing_host")
)


class WaimaolangMailboxSending(models.AbstractModel):
    """Who sends through a mailbox, in whose name, and how."""

    _name = "waimaolang.mailbox.sending"
    _description = "Sending through Mailboxes"

    is_default = fields.Boolean(
        "Default for New Mail",
        copy=False,
        help="New mail of its owner leaves through this mailbox unless she chooses "
        "another. Answers leave through the mailbox that the conversation came to.",
    )
    signature = fields.Html(
        translate=True,
        help="Stands below mail that leaves through this mailbox, in the language of "
        "the recipient where there is a translation. Empty: the sender's own.",
    )
    undo_seconds = fields.Integer(
        "Undo Sending (seconds)",
        help="So long a mail can be taken back before it leaves. 0: it leaves at once.",
    )
    saves_sent = fields.Selection(
        [("always", "Always"), ("never", "Never")],
        "Saves Sent Mail",
        readonly=True,
        copy=False,
        help="Whether the provider puts a copy into the Sent folder by itself, as "
        "was seen with this mailbox.",
    )
    unsaved_streak = fields.Integer(readonly=True, copy=False)
    outbox_ids = fields.One2many("waimaolang.outbox", "mailbox_id", readonly=True)
    waiting_count = fields.Integer("Mails to Send", compute="_compute_waiting_count")

    @api.constrains("undo_seconds")
    def _check_undo_seconds(self):
        for mailbox in self:
            if not 0 <= mailbox.undo_seconds <= LONGEST_UNDO:
                raise ValidationError(
                    self.env._(
                        "Sending can be undone for %(seconds)s seconds at most.",
                        seconds=LONGEST_UNDO,
                    )
                )

    def _compute_waiting_count(self):
        counts = dict(
            self.env["waimaolang.outbox"]
            .sudo()
            ._read_group(
                [
                    ("mailbox_id", "in", self.ids),
                    ("state", "in", ("queued", "sending", "unknown", "failed")),
                ],
                ["mailbox_id"],
                ["__count"],
            )
        )
        for mailbox in self:
            mailbox.waiting_count = counts.get(mailbox, 0)

    @api.model_create_multi
    def create(self, vals_list):
        mailboxes = super().create(vals_list)
        mailboxes.filtered("is_default")._be_the_only_default()
        return mailboxes

    def write(self, vals):
        changed = self._changes_choice(vals)
        others = self.filtered(
            lambda box: (
                ("user_id" in vals and box.user_id.id != vals["user_id"])
                or ("email" in vals and box.email != vals["email"])
            )
        )
        result = super().write(vals)
        if changed:
            self.env.registry.clear_cache()
        others._take_back_waiting(for_good=True)
        if not vals.get("active", True):
            self._take_back_waiting()
        if vals.get("is_default"):
            self._be_the_only_default()
        return result

    def _changes_choice(self, vals):
        """Errors come and go, and send as before: for them no cache is cleared."""
        names = CHOICE_FIELDS.intersection(vals)
        if names == {"state"}:
            sends = vals["state"] in SENDING_STATES
            return any((box.state in SENDING_STATES) != sends for box in self)
        return bool(names)

    def _take_back_waiting(self, for_good=False):
        """Nobody could take it back any more, and it would leave on the day when the
        mailbox is connected again. ``for_good``: it was written in the name of an
        owner, or from an address, that the mailbox no longer has."""
        states = ("queued", "failed", "cancelled") if for_good else ("queued",)
        rows = (
            self.env["waimaolang.outbox"]
            .sudo()
            .search([("mailbox_id", "in", self.ids), ("state", "in", states)])
        )
        rows._lock()
        waiting = rows.filtered(lambda row: row.state == "queued")
        waiting._move("cancelled", due=False)
        if for_good:
            rows.filtered(lambda row: row.state in states).raw = False
        waiting._tell()

    def _be_the_only_default(self):
        for mailbox in self:
            others = self.sudo().search(
                [
                    ("user_id", "=", mailbox.user_id.id),
                    ("company_id", "=", mailbox.company_id.id),
                    ("is_default", "=", True),
                    ("id", "!=", mailbox.id),
                ]
            )
            if mailbox.user_id and others:
                others.is_default = False

    # -- choice -----------------------------------------------------------------

    @api.model
    def _get_sendable(self, uid=None):
        """Ids of the mailboxes that the user may send from, those first that she would
        choose herself: her default one, her others, those that she shares, then those
        of colleagues who made her their delegate. Of the companies that she works in
        now; in any other's name nothing is sent."""
        uid = uid or self.env.uid
        companies = self.env.companies.ids if uid == self.env.uid else None
        return [
            id_
            for id_, company_id in self._get_senders(uid)
            if companies is None or company_id in companies
        ]

    @api.model
    def _get_default_sender(self, uid):
        """Not a colleague's: in somebody else's name one sends on purpose only."""
        for mailbox in self.sudo().browse(self._get_sendable(uid)):
            if not mailbox.user_id or mailbox.user_id.id == uid:
                return mailbox.id
        return 0

    @api.model
    @tools.ormcache("uid")
    def _get_senders(self, uid):
        """Asked for with every message that anybody posts to a customer: cached, so
        that those who bound no mailbox pay nothing (invariant I12)."""
        user = self.env["res.users"].sudo().browse(uid)
        found = self.sudo().search(
            [
                ("company_id", "in", user.company_ids.ids),
                ("state", "in", SENDING_STATES),
                ("outgoing_host", "!=", False),
                "|",
                ("user_id", "=", uid),
                ("member_ids", "in", [uid]),
            ]
        )
        ranked = found.sorted(
            lambda box: (
                not (box.user_id.id == uid and box.is_default),
                box.user_id.id != uid,
                bool(box.user_id),
                box.id,
            )
        )
        return tuple((box.id, box.company_id.id) for box in ranked)

    @api.model
    def get_senders(self, model=None, res_id=None):
        """For the composer: ``[{"id", "name", "email", "default"}]`` of those that the
        user may send from; ``default`` as a post on the record would choose."""
        ids = self._get_sendable()
        if not ids:
            return []
        default = self._get_default_sender(self.env.uid)
        if model and res_id and model in self.env:
            default = self._get_conversation_sender(model, res_id, ids) or default
        return [
            {
                "id": box.id,
                "name": box._get_sender_name(self.env.user),
                "email": box.email_key,
                "default": box.id == default,
            }
            for box in self.sudo().browse(ids)
        ]

    @api.model
    def _get_conversation_sender(self, model, res_id, ids):
        """Of the newest mail on the record that the user reads."""
        newest = self.env["waimaolang.mail"]._search_newest_on(model, res_id, 1)
        came_through = newest.sudo().mailbox_ids.ids
        return next((id_ for id_ in ids if id_ in came_through), 0)

    # -- in whose name ------------------------------------------------------------

    def _get_sender_name(self, user):
        """A mailbox of somebody's speaks in her name, a shared one in that of the
        colleague who writes."""
        self.ensure_one()
        return self.user_id.name or user.name

    def _get_signature(self, user, lang):
        """Markup, empty where there is none."""
        self.ensure_one()
        box = self.with_context(lang=lang) if lang else self
        text = box.signature
        if is_html_empty(text):
            text = (self.user_id or user).sudo().signature
        if is_html_empty(text):
            return Markup()
        return signing.sign(text)

    # -- how it fares ---------------------------------------------------------------

    def _shows_sent(self):
        """Whether there is a Sent folder to look into."""
        self.ensure_one()
        folders = self.sudo().folder_ids
        return self.protocol != "pop3" and any(
            folder.role == "sent" and folder.selectable for folder in folders
        )

    def _note_sending(self, error):
        """In sudo, of a try to send; None: a mail has left. Receiving goes on all the
        same; a refused login is told to the owner."""
        self.ensure_one()
        if not error:
            if self.outgoing_error_code:
                self._move(
                    life.SENT, outgoing_error_code=False, outgoing_error_detail=False
                )
        elif error.code in backoff.AUTH_CODES:
            self._move(
                life.SENDING_REFUSED,
                outgoing_error_code=error.code,
                outgoing_error_detail=error.detail or False,
            )

    def action_view_outbox(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "waimaolang_mail.waimaolang_outbox_action"
        )
        return {**action, "domain": [("mailbox_id", "=", self.id)]}
