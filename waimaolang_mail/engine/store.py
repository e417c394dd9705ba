# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stores a chunk in one transaction: messages, attachments, index rows, links,
identities and the ledger (design, section 2, step 7).

Bodies were sanitized by the parser. They are written by an UPDATE in the same
transaction instead of paying Odoo's sanitizer again (invariant I14): no value
that a client sends can take that way.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from odoo import fields
from odoo.tools import clean_context

from ..mime.parsed import Address, ParsedAttachment, ParsedMail
from . import directory, judge, lease, ledger, matching
from .fetch import Arrival, Chunk
from .lease import Lease, StaleLeaseError
from .settings import MailboxSettings

_logger = logging.getLogger(__name__)

INLINE = re.compile(r'src="cid:waimaolang-(\d+)"')
# What has to be quoted in a display name (RFC 5322 section 3.2.3).
SPECIAL = re.compile(r'[()<>@,:;\\".\[\]]')
# A clock of the sender that runs ahead further than this is wrong.
DATE_TOLERANCE = timedelta(hours=24)
LONGEST_TEXT = 200_000
# Attachments are kept as they came; core would shrink large pictures, and would
# let a browser run a sender's HTML file as ours.
ATTACHMENT_CONTEXT = {
    "image_no_postprocess": True,
    "attachments_mime_plainxml": True,
}


@dataclass
class Draft:
    """A kept mail on its way into the database."""

    arrival: Arrival
    mail: ParsedMail
    verdict: judge.Verdict
    key: str
    date: datetime
    links: tuple[matching.Link, ...] = ()
    mail_id: int = 0
    message_id: int = 0


@dataclass
class Outcome:
    """Rows for the ledger, and counts for the pass."""

    rows: list[tuple] = field(default_factory=list)
    stored: int = 0
    excluded: int = 0
    failed: int = 0

    def add(self, arrival: Arrival, state: str, **details) -> None:
        self.rows.append(
            (
                arrival.copy.id,
                state,
                details.get("reason"),
                details.get("error"),
                details.get("mail_id"),
            )
        )
        setattr(self, state, getattr(self, state) + 1)

    def counts(self) -> dict[str, int]:
        return {
            "stored": self.stored,
            "excluded": self.excluded,
            "failed": self.failed,
        }


class Store:
    """Stores chunks of one mailbox under its lease."""

    def __init__(self, registry, settings: MailboxSettings, held: Lease, transaction):
        self.registry = registry
        self.settings = settings
        self.lease = held
        self.transaction = transaction

    def store(self, chunk: Chunk) -> dict[str, int]:
        """All at once, else one by one: a mail that PostgreSQL or Odoo refuses is
        kept as failed with its bytes, and blocks nobody (invariant I5)."""
        try:
            return self._store(chunk.arrivals, chunk.absent)
        except StaleLeaseError:
            raise
        except Exception:
            _logger.warning(
                "a batch of mailbox %s was refused, storing one by one",
                self.settings.id,
                exc_info=True,
            )
        total = self._store((), chunk.absent)
        for arrival in chunk.arrivals:
            counts = self._store_one(arrival)
            total = {key: total[key] + counts[key] for key in total}
        return total

    def _store_one(self, arrival: Arrival) -> dict[str, int]:
        try:
            return self._store((arrival,), ())
        except StaleLeaseError:
            raise
        except Exception as exc:
            _logger.warning("message row %s failed", arrival.copy.id, exc_info=True)
            error = f"{type(exc).__name__}: {exc}".splitlines()[0][:500]
            failed = Arrival(arrival.copy, arrival.fetched, None, error)
            return self._store((failed,), ())

    def _store(self, arrivals: Sequence[Arrival], absent) -> dict[str, int]:
        def work(env):
            lease.hold(env.cr, self.lease)
            ledger.absent(env.cr, absent)
            outcome = Outcome()
            _Batch(env, self.settings, outcome).run(arrivals)
            ledger.settle(env.cr, outcome.rows)
            return outcome.counts()

        return self.transaction(self.registry, work)


class _Batch:
    """One transaction's worth of arrivals."""

    def __init__(self, env, settings: MailboxSettings, outcome: Outcome):
        context = clean_context(env.context)
        self.env = env(context=dict(context, tracking_disable=True))
        self.settings = settings
        self.outcome = outcome
        self.sent_folders = {f.id for f in settings.folders if f.role == "sent"}

    def run(self, arrivals: Sequence[Arrival]) -> None:
        readable = [arrival for arrival in arrivals if arrival.mail]
        for arrival in arrivals:
            if not arrival.mail:
                self._keep_failed(arrival)
        drafts = self._judge(readable)
        if drafts:
            self._store_drafts(drafts)

    def _keep_failed(self, arrival: Arrival) -> None:
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
            {ref for a in arrivals for ref in _references(a.mail)},
        )
        drafts = []
        for arrival in arrivals:
            verdict = judge.judge(
                arrival.mail,
                arrival.copy.folder_id in self.sent_folders,
                self.settings.policy,
                lambda email: directory.knows(self.directory, email),
            )
            if verdict.excluded:
                self.outcome.add(arrival, "excluded", reason=verdict.excluded)
                continue
            drafts.append(
                Draft(
                    arrival,
                    arrival.mail,
                    verdict,
                    identity_key(self.settings.company_id, arrival),
                    choose_date(arrival),
                )
            )
        return sorted(drafts, key=lambda draft: draft.date)

    # -- identity -------------------------------------------------------------------

    def _store_drafts(self, drafts: list[Draft]) -> None:
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
        known = dict(cr.fetchall())
        fresh: dict[str, Draft] = {}
        for draft in drafts:
            if draft.key not in known:
                fresh.setdefault(draft.key, draft)
        self._create(list(fresh.values()))
        self._settle(drafts, known, fresh)

    def _settle(self, drafts, known, fresh) -> None:
        mail_ids = []
        for draft in drafts:
            first = fresh.get(draft.key)
            mail_id = first.mail_id if first else known[draft.key]
            if mail_id:
                mail_ids.append(mail_id)
                self.outcome.add(draft.arrival, "stored", mail_id=mail_id)
            else:
                # the tombstone of a mail that somebody deleted on purpose
                self.outcome.add(draft.arrival, "excluded", reason="deleted")
        self.env.cr.execute(
            "INSERT INTO waimaolang_mail_mailbox_rel"
            " (waimaolang_mail_id, waimaolang_mailbox_id)"
            " SELECT DISTINCT mail_id, %s FROM unnest(%s::int4[]) AS mail_id"
            " ON CONFLICT DO NOTHING",
            (self.settings.id, mail_ids),
        )

    # -- create -----------------------------------------------------------------------

    def _create(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        for draft in drafts:
            self._link(draft)
        messages = self.env["mail.message"].create(
            [self._prepare_message_vals(draft) for draft in drafts]
        )
        for draft, message in zip(drafts, messages, strict=True):
            draft.message_id = message.id
        mails = self.env["waimaolang.mail"].create(
            [self._prepare_mail_vals(draft) for draft in drafts]
        )
        for draft, mail in zip(drafts, mails, strict=True):
            draft.mail_id = mail.id
        self.env["waimaolang.mail.link"].create(
            [vals for draft in drafts for vals in self._prepare_link_vals(draft)]
        )
        self.env["waimaolang.mail.identity"].create(
            [
                {
                    "company_id": self.settings.company_id,
                    "key": draft.key,
                    "mail_id": draft.mail_id,
                }
                for draft in drafts
            ]
        )
        self.env.flush_all()
        self._write_bodies(drafts, self._create_attachments(drafts))

    def _link(self, draft: Draft) -> None:
        draft.links = matching.match(
            draft.verdict.others,
            _references(draft.mail),
            self.settings.owner_id,
            self.directory,
        )
        for link in draft.links:
            if link.res_model == matching.LEAD and draft.mail.message_id:
                self.directory.lead_of_message[draft.mail.message_id] = link.res_id

    def _prepare_message_vals(self, draft: Draft) -> dict:
        home = draft.links[0] if draft.links else None
        return {
            "model": home.res_model if home else False,
            "res_id": home.res_id if home else False,
            "message_type": "email",
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "author_id": self._author(draft),
            "email_from": _format(draft.mail.from_[:1]) or False,
            "message_id": f"<{draft.mail.message_id or draft.key + '@no-id.invalid'}>",
            "reply_to": False,
            "date": draft.date,
            "subject": draft.mail.subject,
            "incoming_email_to": _format(draft.mail.to),
            "incoming_email_cc": _format(draft.mail.cc),
            # portal users see what is posted to them, not a colleague's mailbox
            "is_internal": True,
            "parent_id": False,
            "record_alias_domain_id": False,
            "record_company_id": self.settings.company_id,
            "email_add_signature": False,
        }

    def _author(self, draft: Draft) -> int | bool:
        if draft.verdict.direction == "out":
            return self.settings.owner_partner_id or False
        for address in draft.mail.from_[:1]:
            found = self.directory.partners.get(address.email)
            if found:
                return found[0]
        return False

    def _prepare_mail_vals(self, draft: Draft) -> dict:
        mail = draft.mail
        contacts = [x.res_id for x in draft.links if x.res_model == matching.PARTNER]
        return {
            "mail_message_id": draft.message_id,
            "company_id": self.settings.company_id,
            "rfc_message_id": mail.message_id or False,
            "direction": draft.verdict.direction,
            "subject": mail.subject,
            "email_from": _format(mail.from_),
            "email_to": _format(mail.to),
            "email_cc": _format(mail.cc),
            "date": draft.date,
            "partner_ids": [fields.Command.set(contacts)] if contacts else False,
            "state": "linked" if draft.links else "unlinked",
            "text": mail.text[:LONGEST_TEXT],
            "language": mail.language or False,
            "is_history": not draft.arrival.copy.live,
            "is_auto": mail.is_auto,
            "is_bulk": mail.is_bulk,
            "is_bounce": mail.is_bounce,
            "reduced": bool(mail.reduced) or draft.arrival.fetched.reduced,
            "omitted": ", ".join(draft.arrival.fetched.omitted) or False,
        }

    def _prepare_link_vals(self, draft: Draft) -> list[dict]:
        return [
            {
                "mail_id": draft.mail_id,
                "res_model": link.res_model,
                "res_id": link.res_id,
                "date": draft.date,
                "reason": link.reason,
            }
            for link in draft.links
        ]

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
            .create([_prepare_attachment_vals(*pair) for pair in found])
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
            place_images(draft.mail.html, attachments.get(draft.message_id, ()))
            for draft in drafts
        ]
        self.env.cr.execute(
            """
            UPDATE mail_message message
               SET body = new.body, waimaolang_mail_id = new.mail_id
              FROM unnest(%s::int4[], %s::int4[], %s::text[])
                   AS new(id, mail_id, body)
             WHERE message.id = new.id
            """,
            ([d.message_id for d in drafts], [d.mail_id for d in drafts], bodies),
        )
        self.env["mail.message"].invalidate_model(["body", "waimaolang_mail_id"])


# -- pure helpers -------------------------------------------------------------------


def identity_key(company_id: int, arrival: Arrival) -> str:
    """A known Message-ID with other content is another mail (invariant I2)."""
    mail = arrival.mail
    parts = [str(company_id), mail.message_id, mail.content_key]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def choose_date(arrival: Arrival) -> datetime:
    """The Date header counts unless it is missing or absurd; then the server's
    time of arrival does, else now."""
    arrived = arrival.fetched.internaldate or arrival.copy.internaldate
    date = arrival.mail.date
    limit = (arrived or fields.Datetime.now()) + DATE_TOLERANCE
    chosen = date if date and date <= limit else arrived or fields.Datetime.now()
    return chosen.replace(microsecond=0)


def place_images(html: str, attachment_ids: Sequence[int]) -> str:
    """Inline images by attachment id. Without an access token: whoever may not
    read the message does not get its pictures either."""

    def place(match):
        index = int(match.group(1))
        if index < len(attachment_ids):
            return f'src="/web/image/{attachment_ids[index]}"'
        return ""

    return INLINE.sub(place, html)


def _prepare_attachment_vals(message_id: int, attachment: ParsedAttachment) -> dict:
    return {
        "name": attachment.name,
        "raw": attachment.data,
        "mimetype": attachment.mimetype,
        "res_model": "mail.message",
        "res_id": message_id,
    }


def _references(mail: ParsedMail) -> tuple[str, ...]:
    """Oldest first."""
    return (*mail.references, *mail.in_reply_to)


def _format(addresses: Sequence[Address]) -> str:
    return ", ".join(_format_one(address) for address in addresses)


def _format_one(address: Address) -> str:
    """Readable, and quoted only where a comma or the like would mislead."""
    name, email = address.name, address.email
    if not name or not email or name == email:
        return email or name
    if SPECIAL.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{email}>"
