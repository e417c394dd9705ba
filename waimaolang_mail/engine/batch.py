# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One transaction's worth of arrivals, top to bottom:

    judge -> known already? -> conversation -> Odoo's own message? -> links
          -> messages, mails, links, identities, attachments, bodies -> ledger

Bodies were sanitized by the parser. They are written by an UPDATE in the same
transaction instead of paying Odoo's sanitizer again (invariant I14): no value
that a client sends can take that way.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from odoo import fields
from odoo.tools import clean_context, email_normalize

from ..mime.textual import html_to_text
from . import (
    adopting,
    answers,
    directory,
    events,
    judge,
    matching,
    returned,
    sentcopies,
    threads,
    window,
)
from . import draft as drafting
from .draft import Draft
from .fetch import Arrival
from .outcome import Outcome
from .settings import MailboxSettings

# Attachments are kept as they came; core would shrink large pictures, and would
# let a browser run a sender's HTML file as ours.
ATTACHMENT_CONTEXT = {
    "image_no_postprocess": True,
    "attachments_mime_plainxml": True,
}
# A file is written whole or not at all (models/ir_attachment.py).
WHOLE_FILES = "waimaolang_whole_files"
# A lead that a policy asks for tells nobody and follows nobody.
LEAD_CONTEXT = {"mail_create_nolog": True, "mail_create_nosubscribe": True}


class Batch:
    def __init__(self, env, settings: MailboxSettings, outcome: Outcome):
        context = clean_context(env.context)
        context |= {"tracking_disable": True, WHOLE_FILES: True}
        self.env = env(context=context)
        self.settings = settings
        self.outcome = outcome
        # conversations that got an opportunity, and by the mail of which date
        self.brought: dict[int, tuple[int, datetime]] = {}
        self.taken = {f.id: f.taken_at for f in settings.folders}
        self.sent_folders = {f.id for f in settings.folders if f.role == "sent"}

    def run(self, arrivals: Sequence[Arrival]) -> None:
        readable = [arrival for arrival in arrivals if arrival.mail]
        for arrival in arrivals:
            if not arrival.mail:
                self._keep_failed(arrival)
        drafts = self._judge(readable)
        if drafts:
            self._store(drafts)

    def _keep_failed(self, arrival: Arrival) -> None:
        if arrival.fetched.raw:  # else what was kept the last time stays
            row = self.env["waimaolang.mailbox.copy"].browse(arrival.copy.id)
            row.raw = base64.b64encode(arrival.fetched.raw)
        self.outcome.add(arrival, "failed", error=arrival.error[:500])

    # -- judge --------------------------------------------------------------------

    def _judge(self, arrivals: Sequence[Arrival]) -> list[Draft]:
        emails = {
            address.email
            for arrival in arrivals
            for address in judge.participants(arrival.mail)
        }
        self.directory = directory.load(
            self.env,
            self.settings.company_id,
            emails - self.settings.policy.own_all,
        )
        now = fields.Datetime.now()
        drafts = []
        for arrival in arrivals:
            verdict = judge.judge(
                arrival.mail,
                arrival.copy.folder_id in self.sent_folders,
                self.settings.policy,
                lambda email: directory.knows(self.directory, email),
            )
            if verdict.excluded:
                self.outcome.add(
                    arrival, "excluded", verdict.entry, reason=verdict.excluded
                )
                continue
            key = drafting.identity_key(self.settings.company_id, arrival)
            date = drafting.choose_date(arrival, now)
            arrival = self._date_back(arrival, date)
            drafts.append(Draft(arrival, arrival.mail, verdict, key, date))
        return sorted(drafts, key=lambda draft: draft.date)

    def _date_back(self, arrival: Arrival, date: datetime) -> Arrival:
        """What the listing could not know (POP3 tells no arrival): an old mail that the
        provider did not show before is history, however new its key is."""
        if arrival.copy.internaldate:
            return arrival
        taken_at = self.taken.get(arrival.copy.folder_id)
        if not window.is_old(arrival.fetched.internaldate or date, taken_at):
            return arrival
        return replace(arrival, copy=replace(arrival.copy, live=False))

    # -- identity -------------------------------------------------------------------

    def _store(self, drafts: list[Draft]) -> None:
        sentcopies.recognise(self.env, self.settings, drafts, self.sent_folders)
        known = self._find_known(drafts)
        fresh: dict[str, Draft] = {}
        for draft in drafts:
            if draft.key not in known:
                fresh.setdefault(draft.key, draft)
        threads.assign(self.env, self.settings.company_id, list(fresh.values()))
        for draft in drafts:
            if draft.key not in known or known[draft.key]:
                self._match(draft)
        self._create(list(fresh.values()))
        self._add_links(list(fresh.values()), self._find_again(drafts, known))
        self._settle(drafts, known, fresh)
        returned.settle(self, list(fresh.values()))
        self.outcome.live = events.note_arrivals(
            self.env.cr, fresh.values(), self.settings.id
        )

    def _find_known(self, drafts: list[Draft]) -> dict[str, int | None]:
        """{identity: mail}; None where somebody deleted the mail on purpose."""
        keys = sorted({draft.key for draft in drafts})
        cr = self.env.cr
        # two lanes with the same mail: the second waits here, then finds the
        # first one's rows by the unique key and is run again
        cr.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(key, 0))"
            " FROM unnest(%s) AS key",
            (keys,),
        )
        cr.execute(
            "SELECT key, mail_id FROM waimaolang_mail_identity"
            " WHERE company_id = %s AND key = ANY(%s)",
            (self.settings.company_id, keys),
        )
        return dict(cr.fetchall())

    def _find_again(self, drafts, known) -> list[Draft]:
        """Mails that another mailbox brought already, now met in this one."""
        again = {}
        for draft in drafts:
            if known.get(draft.key):
                draft.mail_id = known[draft.key]
                again[draft.mail_id] = draft
        self.env.cr.execute(
            """
            SELECT m.id, m.mail_message_id, EXISTS (
                       SELECT 1 FROM waimaolang_mail_link l
                        WHERE l.mail_id = m.id AND l.res_model = 'crm.lead'
                          AND l.bcc_mailbox_id IS NULL)
              FROM waimaolang_mail m
             WHERE m.id = ANY(%s) AND m.mail_message_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM waimaolang_mail_mailbox_rel held
                 WHERE held.waimaolang_mail_id = m.id
                   AND held.waimaolang_mailbox_id = %s)
               AND NOT EXISTS (SELECT 1 FROM waimaolang_mail_link l
                                WHERE l.mail_id = m.id AND l.origin = 'manual')
            """,
            (list(again), self.settings.id),
        )
        found = []
        for mail_id, message_id, has_lead in self.env.cr.fetchall():
            draft = again[mail_id]
            draft.message_id = message_id
            if has_lead:  # the conversation's opportunity was chosen
                draft.links = tuple(
                    link for link in draft.links if link.res_model != matching.LEAD
                )
            found.append(draft)
        return found

    def _settle(self, drafts, known, fresh) -> None:
        mail_ids = []
        for draft in drafts:
            first = fresh.get(draft.key)
            mail_id = first.mail_id if first else known[draft.key]
            if mail_id:
                mail_ids.append(mail_id)
                bcc = drafting.format_addresses(draft.mail.bcc)
                self.outcome.add(draft.arrival, "stored", mail_id=mail_id, bcc=bcc)
            else:
                # the tombstone of a mail that somebody deleted on purpose
                self.outcome.add(draft.arrival, "excluded", reason="deleted")
        sentcopies.met(self.env, self.settings, drafts, mail_ids, self.sent_folders)
        self.env.cr.execute(
            "INSERT INTO waimaolang_mail_mailbox_rel"
            " (waimaolang_mail_id, waimaolang_mailbox_id)"
            " SELECT DISTINCT mail_id, %s FROM unnest(%s::int4[]) AS mail_id"
            " ON CONFLICT DO NOTHING",
            (self.settings.id, mail_ids),
        )

    # -- links --------------------------------------------------------------------

    def _match(self, draft: Draft) -> None:
        conversation = draft.conversation
        draft.links = matching.match(
            draft.verdict.others,
            draft.verdict.hidden,
            conversation.lead_id if conversation else 0,
            self.settings.owner_id,
            self.directory,
        )
        lead = drafting.lead_link(draft)
        if conversation and lead and not lead.hidden:
            if not conversation.lead_id:
                self.brought[conversation.id] = (lead.res_id, draft.date)
            conversation.lead_id = lead.res_id

    def _add_links(self, fresh: list[Draft], again: list[Draft]) -> None:
        """A link that is there, or was removed by hand, stays as it is."""
        rows = [
            row
            for draft in (*fresh, *again)
            for row in drafting.link_rows(draft, self.settings.id)
        ]
        if not rows:
            return
        self._insert_links(rows)
        later = answers.find_rows(self.env.cr, self.brought)
        self._insert_links(later)
        moved = [d.mail_id for d in again] + [row[0] for row in later]
        if moved:
            mails = self.env["waimaolang.mail"].browse(moved)
            mails.invalidate_recordset()
            mails._settle_home()
        self._mark(rows + later)

    def _insert_links(self, rows: list[tuple]) -> None:
        if not rows:
            return
        self.env.cr.execute(
            """
            INSERT INTO waimaolang_mail_link
                   (mail_id, message_id, res_model, res_id, date, reason,
                    bcc_mailbox_id, origin)
            SELECT row.*, 'auto'
              FROM unnest(%s::int4[], %s::int4[], %s::text[], %s::int4[],
                          %s::timestamp[], %s::text[], %s::int4[]) AS row
                ON CONFLICT (mail_id, res_model, res_id) DO UPDATE
               SET bcc_mailbox_id = NULL
             WHERE waimaolang_mail_link.bcc_mailbox_id IS NOT NULL
               AND EXCLUDED.bcc_mailbox_id IS NULL
            """,
            tuple(map(list, zip(*rows, strict=True))),
        )
        self.env["waimaolang.mail.link"].invalidate_model()

    def _mark(self, rows) -> None:
        statistics = self.env["waimaolang.statistics"]
        touched: dict[str, set[int]] = {}
        for row in rows:
            touched.setdefault(row[2], set()).add(row[3])
        for model, ids in touched.items():
            statistics._mark(model, ids)
            self.outcome.touched.setdefault(model, set()).update(ids)

    # -- create -----------------------------------------------------------------------

    def _create(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        self._create_leads(drafts)
        self._adopt(drafts)
        self._create_messages([draft for draft in drafts if not draft.adopted])
        company_id = self.settings.company_id
        mails = self.env["waimaolang.mail"].create(
            [drafting.mail_vals(draft, company_id) for draft in drafts]
        )
        for draft, mail in zip(drafts, mails, strict=True):
            draft.mail_id = mail.id
        self.env["waimaolang.mail.identity"].create(
            [
                {"company_id": company_id, "key": draft.key, "mail_id": draft.mail_id}
                for draft in drafts
            ]
        )
        self.env["waimaolang.statistics"]._mark(
            "waimaolang.conversation",
            {draft.conversation.id for draft in drafts if draft.conversation},
        )
        self.env.flush_all()
        created = [draft for draft in drafts if not draft.adopted]
        self._write_bodies(created, self._create_attachments(created))
        self._point_messages(drafts)

    def _create_leads(self, drafts: list[Draft]) -> None:
        """For new mail of people whom nobody knows, where the mailbox's owner wants
        it so: one lead for a conversation."""
        if self.settings.policy.unknown != "lead":
            return
        for draft in drafts:
            mail = draft.mail
            automatic = mail.is_auto or mail.is_bulk or mail.is_bounce
            wanted = draft.arrival.copy.live and draft.verdict.direction == "in"
            if draft.links or automatic or not wanted or not draft.verdict.others:
                continue
            conversation = draft.conversation
            if not conversation.lead_id:
                settings = self.settings
                lead = (
                    self.env["crm.lead"]
                    .with_context(**LEAD_CONTEXT)
                    .create(
                        drafting.lead_vals(
                            draft,
                            settings.owner_id,
                            settings.team_id,
                            settings.company_id,
                        )
                    )
                )
                conversation.lead_id = lead.id
            link = matching.Link(matching.LEAD, conversation.lead_id, matching.NEW_LEAD)
            draft.links = (link,)

    def _adopt(self, drafts: list[Draft]) -> None:
        """Messages that Odoo has by itself become the mail's: type, home, flags and
        readers stay as they are."""
        waiting: dict[str, list[Draft]] = {}
        for draft in drafts:
            if draft.mail.message_id:
                waiting.setdefault(f"<{draft.mail.message_id}>", []).append(draft)
        self.env["mail.message"].flush_model()
        candidates = self.env["mail.message"].search(
            [
                ("message_id", "in", list(waiting)),
                ("waimaolang_mail_id", "=", False),
                ("message_type", "!=", "user_notification"),
            ]
        )
        for message in candidates:
            found = adopting.OdooMessage(
                message.id,
                email_normalize(message.email_from or "") or "",
                message.subject or "",
                message.date,
                html_to_text(str(message.body or "")),
                message.author_id.id,
            )
            for draft in waiting[message.message_id]:
                if not draft.adopted and adopting.is_same(
                    draft.mail, found, self.settings.owner_partner_id
                ):
                    self._take_over(draft, message)
                    break

    def _take_over(self, draft: Draft, message) -> None:
        draft.adopted, draft.message_id = True, message.id
        draft.date = message.date
        home = (message.model, message.res_id)
        if message.model in (matching.LEAD, matching.PARTNER) and not any(
            (link.res_model, link.res_id) == home for link in draft.links
        ):
            draft.links = (matching.Link(*home, matching.ODOO), *draft.links)

    def _create_messages(self, drafts: list[Draft]) -> None:
        settings = self.settings
        subtype_id = self.env.ref("mail.mt_comment").id
        messages = self.env["mail.message"].create(
            [
                {
                    **drafting.message_vals(
                        draft,
                        drafting.author(
                            draft, settings.authors, self.directory.partners
                        ),
                        settings.company_id,
                    ),
                    "subtype_id": subtype_id,
                }
                for draft in drafts
            ]
        )
        for draft, message in zip(drafts, messages, strict=True):
            draft.message_id = message.id

    def _create_attachments(self, drafts: list[Draft]) -> dict[int, list[int]]:
        """Hung on the message, never on the record, so that they follow the
        message's readers (invariant I8). Pictures that the body shows are not
        listed below it again."""
        found = [
            (draft.message_id, attachment)
            for draft in drafts
            for attachment in draft.mail.attachments
        ]
        if not found:
            return {}
        records = (
            self.env["ir.attachment"]
            .with_context(**ATTACHMENT_CONTEXT)
            .create([drafting.attachment_vals(*pair) for pair in found])
        )
        owned: dict[int, list[int]] = {}
        listed = []
        for record, (message_id, attachment) in zip(records, found, strict=True):
            owned.setdefault(message_id, []).append(record.id)
            if not attachment.inline:
                listed.append((message_id, record.id))
        self.env.cr.execute(
            "INSERT INTO message_attachment_rel (message_id, attachment_id)"
            " SELECT * FROM unnest(%s::int4[], %s::int4[])",
            ([m for m, _a in listed], [a for _m, a in listed]),
        )
        return owned

    def _write_bodies(self, drafts, attachments: dict[int, list[int]]) -> None:
        bodies = [
            drafting.place_images(
                draft.mail.html, attachments.get(draft.message_id, ())
            )
            for draft in drafts
        ]
        self.env.cr.execute(
            "UPDATE mail_message message SET body = new.body"
            " FROM unnest(%s::int4[], %s::text[]) AS new(id, body)"
            " WHERE message.id = new.id",
            ([d.message_id for d in drafts], bodies),
        )

    def _point_messages(self, drafts: list[Draft]) -> None:
        self.env.cr.execute(
            "UPDATE mail_message message SET waimaolang_mail_id = new.mail_id"
            " FROM unnest(%s::int4[], %s::int4[]) AS new(id, mail_id)"
            " WHERE message.id = new.id",
            ([d.message_id for d in drafts], [d.mail_id for d in drafts]),
        )
        self.env["mail.message"].invalidate_model(["body", "waimaolang_mail_id"])
