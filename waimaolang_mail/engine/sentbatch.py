# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The index of a mail that Odoo sends: what the import would make of its Sent copy,
made before it leaves, so that no copy of it is ever another mail (invariant I2)."""

from dataclasses import replace

from odoo import fields

from ..mime.parsed import Address
from ..transport.base import FetchedMail
from . import directory, judge, threads
from . import draft as drafting
from .batch import Batch
from .draft import Draft
from .fetch import Arrival
from .ledger import PendingCopy
from .outcome import Outcome


class SentBatch(Batch):
    def __init__(self, env, settings):
        super().__init__(env, settings, Outcome())
        self.message = env["mail.message"]

    def index(self, row, parsed, raw: bytes) -> dict[str, set[int]]:
        """``row`` is of the outbox; the records that have new mail: {model: ids}. A
        mail among colleagues, or with people who are never logged, is not indexed, as
        its copies are not."""
        self.message = row.mail_message_id
        if not self.message:  # deleted meanwhile
            return {}
        shown = {address.email for address in judge.participants(parsed)}
        hidden = [email for email in row.recipients if email.lower() not in shown]
        bcc = tuple(Address("", email.lower()) for email in hidden)
        parsed = replace(parsed, bcc=bcc)
        emails = {address.email for address in judge.participants(parsed)}
        own = self.settings.policy.own_all
        self.directory = directory.load(
            self.env, self.settings.company_id, emails - own
        )
        verdict = judge.judge(
            parsed,
            True,
            self.settings.policy,
            lambda email: directory.knows(self.directory, email),
        )
        # what somebody writes from a record belongs there, known or not
        if verdict.excluded in ("blocked", "internal", "test"):
            return {}
        now = fields.Datetime.now()
        arrival = Arrival(
            PendingCopy(0, 0, 0, "", 0, size=len(raw), internaldate=now, live=True),
            FetchedMail("", 0, b"", internaldate=now),
            parsed,
        )
        key = drafting.identity_key(self.settings.company_id, arrival)
        draft = Draft(arrival, parsed, verdict, key, now)
        known = self._find_known([draft])
        if known.get(key):
            row.mail_id = known[key]
            return {}
        threads.assign(self.env, self.settings.company_id, [draft])
        self._match(draft)
        self._create([draft])
        self._add_links([draft], [])
        self.env.cr.execute(
            "INSERT INTO waimaolang_mail_mailbox_rel"
            " (waimaolang_mail_id, waimaolang_mailbox_id)"
            " VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (draft.mail_id, self.settings.id),
        )
        row.mail_id = draft.mail_id
        if self.message.waimaolang_restricted:
            row.mail_id._settle_home()
        return self.outcome.touched

    def _adopt(self, drafts) -> None:
        """There is nothing to find out: the message is ours."""
        for draft in drafts:
            self._take_over(draft, self.message)
