# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivery reports find the mail that they are about: the database's side of
``bounces.py``. Only mail of the mailbox that the report came to, since anybody may send
a report to anybody."""

from datetime import datetime

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import email_split_tuples

from ..mime.threads import thread_subject
from . import bounces, events, matching
from .bounces import Sent
from .draft import Draft
from .matching import Link

# A report that names more is about none of our mails.
MOST_NAMED = 40
MOST_SENT = 100
# The row ``mail`` may name one of the addresses.
NAMED = """
    EXISTS (SELECT 1 FROM unnest(%(emails)s) AS one(email) WHERE
            strpos(lower(concat_ws(' ', %(mail)s.email_to, %(mail)s.email_cc)),
                   one.email) > 0
         OR EXISTS (SELECT 1 FROM waimaolang_outbox o WHERE o.mail_id = %(mail)s.id
                       AND strpos(lower(o.email_bcc), one.email) > 0)
         OR EXISTS (SELECT 1 FROM waimaolang_mailbox_copy c
                     WHERE c.mail_id = %(mail)s.id
                       AND strpos(lower(c.bcc), one.email) > 0))
"""


class Lookup:
    """``bounces.Lookup`` over one mailbox's sent mail."""

    def __init__(self, env, mailbox_id: int):
        self.env = env
        self.mailbox_id = mailbox_id
        self.hidden: dict[int, list[str]] = {}

    def by_ids(self, message_ids):
        outbox = self._outbox([("provider_message_id", "in", list(message_ids))])
        return self._sent(
            ["|", ("rfc_message_id", "in", list(message_ids)), ("id", "in", outbox)]
        )

    def by_ref(self, ref):
        return self._sent([("id", "in", self._outbox([("ref", "=", ref)]))])

    def by_recipients(self, emails, since: datetime, until: datetime):
        """Narrowed by the database: reports of nothing are sent in thousands."""
        self.env["waimaolang.outbox"].flush_model(["mail_id", "email_bcc"])
        self.env["waimaolang.mailbox.copy"].flush_model(["mail_id", "bcc"])
        wanted = list(emails)[:MOST_NAMED]
        # compiling takes a hundred times longer than the query
        self.env.cr.execute("SET LOCAL jit = off")

        def names_one(_model, alias, _query):
            return SQL(NAMED, mail=SQL.identifier(alias), emails=wanted)

        found = self._sent(
            Domain("date", ">=", since)
            & Domain("date", "<=", until)
            & Domain.custom(to_sql=names_one),
            limit=MOST_SENT,
        )
        return [sent for sent in found if set(wanted).intersection(sent.recipients)]

    def _outbox(self, domain):
        rows = self.env["waimaolang.outbox"].search(
            [("mailbox_id", "=", self.mailbox_id), *domain]
        )
        return rows.mail_id.ids

    def _sent(self, domain, limit=None):
        of_box = Domain("direction", "=", "out")
        of_box &= Domain("mailbox_ids", "in", [self.mailbox_id])
        mails = self.env["waimaolang.mail"].search(
            of_box & Domain(domain), order="date desc", limit=limit
        )
        self._learn_hidden(mails)
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

    def _learn_hidden(self, mails) -> None:
        new = mails.filtered(lambda mail: mail.id not in self.hidden)
        copies = self.env["waimaolang.mailbox.copy"].search(
            [("mail_id", "in", new.ids), ("mailbox_id", "=", self.mailbox_id)]
        )
        by_mail = copies.grouped(lambda copy: copy.mail_id.id)
        for mail in new:
            told = by_mail[mail.id].mapped("bcc") if mail.id in by_mail else []
            told += mail.outbox_ids.mapped("email_bcc")
            self.hidden[mail.id] = _addresses(*told)

    def get_hidden(self, mail) -> list[str]:
        """Bcc, as this mailbox knows them."""
        self._learn_hidden(mail)
        return self.hidden[mail.id]


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
    if kind == "failed" and draft.arrival.copy.live:
        events.note_returned(rows, mailbox_id)
    proven = sent.outbox_ids.filtered(lambda row: row.state == "unknown")
    proven._move("sent", due=fields.Datetime.now())
    if kind == "failed":
        _mark_notifications(sent, rows)
    if proven or rows:
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
