# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivery reports find the mail that they are about: the database's side of
``bounces.py``. Only mail of the mailbox that the report came to, since anybody may send
a report to anybody."""

from datetime import datetime

from odoo import fields
from odoo.tools.mail import email_split_tuples

from ..mime.threads import thread_subject
from . import bounces, matching
from .bounces import Sent
from .draft import Draft
from .matching import Link


class Lookup:
    """``bounces.Lookup`` over one mailbox's sent mail."""

    def __init__(self, env, mailbox_id: int):
        self.env = env
        self.mailbox_id = mailbox_id

    def by_ids(self, message_ids):
        outbox = self._outbox([("provider_message_id", "in", list(message_ids))])
        return self._sent(
            ["|", ("rfc_message_id", "in", list(message_ids)), ("id", "in", outbox)]
        )

    def by_ref(self, ref):
        return self._sent([("id", "in", self._outbox([("ref", "=", ref)]))])

    def by_recipients(self, emails, since: datetime, until: datetime):
        found = self._sent([("date", ">=", since), ("date", "<=", until)], limit=500)
        wanted = set(emails)
        return [sent for sent in found if wanted.intersection(sent.recipients)]

    def _outbox(self, domain):
        rows = self.env["waimaolang.outbox"].search(
            [("mailbox_id", "=", self.mailbox_id), *domain]
        )
        return rows.mail_id.ids

    def _sent(self, domain, limit=None):
        mails = self.env["waimaolang.mail"].search(
            [
                ("direction", "=", "out"),
                ("mailbox_ids", "in", [self.mailbox_id]),
                *domain,
            ],
            order="date desc",
            limit=limit,
        )
        return [self._describe(mail) for mail in mails]

    def _describe(self, mail) -> Sent:
        rows = mail.outbox_ids
        ids = [mail.rfc_message_id, *rows.mapped("provider_message_id")]
        refs = rows.filtered("ref").mapped("ref")
        return Sent(
            id=mail.id,
            message_ids=[one for one in ids if one],
            ref=refs[0] if refs else "",
            recipients=_addresses(mail.email_to, mail.email_cc) + self.get_hidden(mail),
            thread_subject=thread_subject(mail.subject or "")[0],
            date=mail.date,
        )

    def get_hidden(self, mail) -> list[str]:
        """Bcc, as this mailbox knows them."""
        copies = self.env["waimaolang.mailbox.copy"].search(
            [("mail_id", "=", mail.id), ("mailbox_id", "=", self.mailbox_id)]
        )
        told = [*copies.mapped("bcc"), *mail.outbox_ids.mapped("email_bcc")]
        return _addresses(*told)


def _addresses(*people) -> list[str]:
    return [
        bounces.normal(address)
        for text in people
        for _name, address in email_split_tuples(text or "")
    ]


def settle(batch, drafts: list[Draft]) -> None:
    """After the drafts are stored: those that are reports join the mail that they are
    about, whose recipients are known to have it or not."""
    env, mailbox_id = batch.env, batch.settings.id
    lookup = Lookup(env, mailbox_id)
    for draft in drafts:
        if draft.mail.dsn is None or draft.mail.dsn.kind == "delivered":
            continue
        found = bounces.match(
            draft.mail,
            draft.date,
            lookup,
            thread_subject(draft.mail.dsn.subject or "")[0],
        )
        if found.sent:
            sent = env["waimaolang.mail"].browse(found.sent.id)
            hidden = set(lookup.get_hidden(sent))
            _join(batch, draft, sent, found, hidden)
            _keep(env, mailbox_id, draft, sent, found, hidden)


def _join(batch, draft, sent, found, hidden) -> None:
    """Where the sent mail stands, the report does."""
    env = batch.env
    mail = env["waimaolang.mail"].browse(draft.mail_id)
    before = mail.conversation_id
    mail.conversation_id = sent.conversation_id
    env.flush_all()
    before.filtered(lambda one: not one.mail_ids).unlink()
    of_bcc = any(failure.email in hidden for failure in found.failures)
    draft.links = tuple(
        Link(
            link.res_model,
            link.res_id,
            matching.CONVERSATION,
            hidden=of_bcc or bool(link.bcc_mailbox_id),
        )
        for link in sent.link_ids
        if not link.removed
    )
    batch._add_links([draft], [])
    mail.invalidate_recordset()
    mail._settle_home()
    if sent.conversation_id:
        env["waimaolang.statistics"]._mark(
            "waimaolang.conversation", {sent.conversation_id.id}
        )


def _keep(env, mailbox_id, draft, sent, found, hidden) -> None:
    rows = env["waimaolang.bounce"]
    known = rows.search([("mail_id", "=", sent.id)])
    seen = {(row.email, row.kind) for row in known}
    kind = "delayed" if draft.mail.dsn.kind == "delayed" else "failed"
    for failure in found.failures:
        if failure.report.action in ("delivered", "relayed", "expanded"):
            continue
        if (failure.email, kind) in seen:
            continue
        rows |= rows.create(
            {
                "mail_id": sent.id,
                "report_id": draft.mail_id,
                "bcc_mailbox_id": mailbox_id if failure.email in hidden else False,
                "email": failure.email,
                "date": draft.date,
                "kind": kind,
                "cause": failure.report.cause or "other",
                "hard": failure.report.hard,
                "status": failure.report.status or False,
                "detail": failure.report.diagnostic or False,
            }
        )
    proven = sent.outbox_ids.filtered(lambda row: row.state == "unknown")
    proven._move("sent", due=fields.Datetime.now())
    if kind == "failed":
        _mark_notifications(sent, rows)
    sent.mail_message_id._waimaolang_tell_outbox()


def _mark_notifications(sent, rows) -> None:
    """The chatter's envelope, where Odoo keeps one."""
    reasons = {row.email: row for row in rows}
    for one in sent.mail_message_id.notification_ids:
        email = one.res_partner_id.email_normalized or one.mail_email_address
        row = reasons.get(bounces.normal(email or ""))
        if row and one.notification_type == "email":
            one.write(
                {
                    "notification_status": "bounce",
                    "failure_type": "mail_bounce",
                    "failure_reason": row.detail or row.status,
                }
            )
