# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..engine import asking, lookup, traces, uidset, whynot
from ..engine.judge import parse_blocked

MOST_FINDINGS = 20
# What is there crowds out nothing of what is not.
MOST_STORED = 8


class WaimaolangMissingWizard(models.TransientModel):
    """Why is this mail not here?

    Answers from the ledger by digests, from the mails that the reader may read, and, if
    nothing is known, from the mail server itself. The owner of a mailbox learns all of
    it; who was given the mailbox learns of the mails she may read; anybody else cannot
    ask, an administrator no more than a colleague (invariant I8).
    """

    _name = "waimaolang.missing.wizard"
    _description = "Why Is This Mail Not Here?"

    mailbox_id = fields.Many2one(
        "waimaolang.mailbox",
        domain="['|', ('user_id', '=', uid), ('member_ids', 'in', [uid])]",
        default=lambda self: self._default_mailbox(),
        help="Empty: all of yours.",
    )
    message_id = fields.Char(
        "Message-ID",
        help="From the mail's source in your mail program; with or without <>.",
    )
    sender = fields.Char(help="The address, exactly.")
    subject = fields.Char(
        help="A part of it is enough for mails that are in Odoo or on the server. "
        "Mails that were left out are found by their whole subject only, for nothing "
        "readable is kept of them.",
    )
    searched = fields.Boolean()
    asked = fields.Boolean("Server Asked")
    asked_text = fields.Char()
    finding_ids = fields.One2many("waimaolang.missing.finding", "wizard_id")

    def _default_mailbox(self):
        mine = self._get_mine()
        return mine if len(mine) == 1 else mine.browse()

    def _get_mine(self):
        user = self.env.user
        return self.env["waimaolang.mailbox"].search(
            ["|", ("user_id", "=", user.id), ("member_ids", "in", [user.id])]
        )

    def _get_mailboxes(self):
        """Those that are asked about; AccessError for those of others."""
        mine = self._get_mine()
        if self.mailbox_id - mine:
            raise AccessError(
                self.env._("You can ask about mail of your own mailboxes only.")
            )
        return self.mailbox_id or mine

    # -- the question --------------------------------------------------------------

    def action_search(self):
        self.ensure_one()
        wanted = self._get_wanted()
        mailboxes = self._get_mailboxes()
        self.finding_ids.sudo().unlink()
        self.write({"searched": True, "asked": False, "asked_text": False})
        self._find_stored(mailboxes)
        own = mailboxes.filtered(lambda box: box._is_own())
        for mailbox in own:
            self._find_rows(mailbox, wanted)
        self._find_outbox(own)
        if not self.finding_ids:
            return self.action_ask()
        return self._reopen()

    def action_ask(self):
        """The mail servers themselves, of her own mailboxes."""
        self.ensure_one()
        wanted = self._get_wanted()
        own = self._get_mailboxes().filtered(lambda box: box._is_own())
        self.finding_ids.filtered(
            lambda f: f.kind in (whynot.NEVER, whynot.NOT_ASKED)
        ).sudo().unlink()
        seconds = asking.ASK_SECONDS / max(1, len(own))
        for mailbox in own:
            self._ask(mailbox, wanted, seconds)
        if not own and not self.finding_ids:
            self._add(
                whynot.NOT_ASKED,
                detail=self.env._(
                    "Only the owner of a mailbox can ask about mail that is not in "
                    "Odoo."
                ),
            )
        self.asked = True
        return self._reopen()

    def _get_wanted(self):
        wanted = traces.normalise(
            self.message_id or "", self.sender or "", self.subject or ""
        )
        if wanted == traces.Traces():
            raise UserError(
                self.env._("Fill in the Message-ID, the sender or the subject.")
            )
        return wanted

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Is This Mail Not Here?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # -- in Odoo -------------------------------------------------------------------

    def _find_stored(self, mailboxes):
        """By what the reader may read; of the mailboxes asked about first."""
        wanted = self._get_wanted()
        domain = Domain.TRUE
        if wanted.message_id:
            typed = (self.message_id or "").strip().strip("<>")
            domain &= Domain("rfc_message_id", "in", [typed, wanted.message_id])
        if wanted.sender:
            domain &= Domain("email_from", "ilike", wanted.sender)
        if wanted.subject:
            typed = " ".join((self.subject or "").split())
            domain &= Domain("subject", "ilike", typed) | Domain(
                "subject", "ilike", wanted.subject
            )
        mails = self.env["waimaolang.mail"]
        own = Domain("mailbox_ids", "in", mailboxes.ids)
        found = mails.search(domain & own, limit=MOST_STORED)
        if len(found) < MOST_STORED:
            other = domain & Domain("id", "not in", found.ids)
            found += mails.search(other, limit=MOST_STORED - len(found))
        for mail in found:
            here = mail.mailbox_ids & mailboxes
            kind = whynot.STORED if here else whynot.OTHER
            self._add(kind, mail_id=mail.id, mailbox_id=here[:1].id, date=mail.date)

    def _find_rows(self, mailbox, wanted):
        key = self.env["waimaolang.vault"]._get_digest_key()
        digests = traces.digests(key, mailbox.id, wanted)
        ids = lookup.find(self.env.cr, mailbox.id, digests)
        self._add_rows(self.env["waimaolang.mailbox.copy"].browse(ids))

    def _add_rows(self, copies):
        for copy in copies:
            row = whynot.Row(
                copy.state,
                copy.reason or "",
                copy.folder_id.synced,
                bool(copy.mail_id),
                copy.kept,
            )
            kind = whynot.of_row(row)
            known = self.finding_ids
            if copy.mail_id and copy.mail_id in known.mail_id:
                continue
            if copy in known.copy_id:
                continue
            self._add(
                kind,
                copy_id=copy.id,
                mail_id=copy.mail_id.id,
                folder_id=copy.folder_id.id,
                mailbox_id=copy.mailbox_id.id,
                date=copy.internaldate,
            )

    def _find_outbox(self, mailboxes):
        domain = Domain("mailbox_id", "in", mailboxes.ids)
        domain &= Domain("state", "not in", ("sent", "cancelled"))
        wanted = self._get_wanted()
        if wanted.message_id:
            domain &= Domain("rfc_message_id", "ilike", wanted.message_id)
        if wanted.sender:
            domain &= Domain("email_from", "ilike", wanted.sender)
        if wanted.subject:
            domain &= Domain("subject", "ilike", wanted.subject)
        for row in self.env["waimaolang.outbox"].search(domain, limit=MOST_FINDINGS):
            self._add(
                whynot.OUTBOX,
                outbox_id=row.id,
                mailbox_id=row.mailbox_id.id,
                date=row.send_at,
            )

    # -- on the server -------------------------------------------------------------

    def _ask(self, mailbox, wanted, seconds):
        answer = self._ask_server(mailbox, wanted, seconds)
        for hit in answer.hits:
            self._add_hit(mailbox, hit)
        if answer.error == "unable" or answer.error and not answer.asked:
            self._add(
                whynot.NOT_ASKED,
                mailbox_id=mailbox.id,
                detail=mailbox._describe_error(answer.error, False)
                if answer.error != "unable"
                else False,
            )
        elif not answer.hits and not self.finding_ids:
            self._add(whynot.NEVER, mailbox_id=mailbox.id)
        self.asked_text = self._describe_asking(answer)

    def _ask_server(self, mailbox, wanted, seconds):
        """Hook: the network."""
        return asking.ask(self.env.registry, mailbox.id, wanted, seconds)

    def _describe_asking(self, answer):
        folders = self.env["waimaolang.mailbox.folder"]
        told = []
        if answer.asked:
            told.append(
                self.env._(
                    "Folders of the server that were looked into just now: %(count)s.",
                    count=answer.asked,
                )
            )
        if answer.left:
            names = ", ".join(folders.browse(answer.left).mapped("path"))
            told.append(
                self.env._(
                    "Not in time or not to be opened: %(folders)s.", folders=names
                )
            )
        if answer.partly:
            names = ", ".join(folders.browse(answer.partly).mapped("path"))
            told.append(
                self.env._(
                    "The server cannot search in %(folders)s: the newest mails were "
                    "looked at.",
                    folders=names,
                )
            )
        return " ".join(told) or False

    def _add_hit(self, mailbox, hit):
        if not hit.folder_id:
            mailbox._look_for_folders()
            return self._add(
                whynot.NEW, detail=hit.path, mailbox_id=mailbox.id, date=hit.arrived
            )
        copy = (
            self.env["waimaolang.mailbox.copy"]
            .sudo()
            .search(
                [
                    ("folder_id", "=", hit.folder_id),
                    ("uidvalidity", "=", hit.uidvalidity),
                    ("uid", "=", hit.uid),
                    ("state", "!=", "gone"),
                ],
                limit=1,
            )
        )
        if copy:
            return self._add_rows(copy.sudo(False))
        folder = self.env["waimaolang.mailbox.folder"].browse(hit.folder_id)
        kind = whynot.of_place(
            whynot.Place(
                hit.uid,
                folder.synced,
                folder.uidnext,
                uidset.members(folder.outside),
                folder.backfill_uid,
            )
        )
        if kind in (whynot.NEW, whynot.UNKNOWN):
            folder.action_recount()
        return self._add(
            kind, folder_id=folder.id, mailbox_id=mailbox.id, date=hit.arrived
        )

    # -- findings ------------------------------------------------------------------

    def _add(self, kind, **vals):
        if len(self.finding_ids) < MOST_FINDINGS:
            findings = self.env["waimaolang.missing.finding"].sudo()
            finding = findings.create({"wizard_id": self.id, "kind": kind, **vals})
            # in words of what the reader may know
            finding.sudo(False)._explain()

    def _get_entry(self, copy):
        """Of the never-log list, for which the mail was left out; "" where it is no
        longer on it."""
        digest = copy.sudo().entry_digest
        if not digest:
            return ""
        key = self.env["waimaolang.vault"]._get_digest_key()
        box = copy.mailbox_id
        entries = parse_blocked(box.blocked)
        return next(
            (e for e in entries if traces.entry_digest(key, box.id, e) == digest), ""
        )
