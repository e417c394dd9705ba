# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A server that takes mail, and how the attackers' posts leave through it."""

import time
from unittest.mock import patch

from ..engine import loading, outbox
from ..engine.outbox import Outbox
from .attack import LIN, AttackCase

HIDDEN = "hidden.bcc@elsewhere.example"


class FakeSmtp:
    """Takes what it is given, or fails as it is told."""

    def __init__(self, *args, **kwargs):
        self.is_connected = True
        self.was_data_ended = self.was_answered = False

    error = connect_error = None
    sent = []

    def log_in_as(self, credentials):
        pass

    def connect(self):
        if self.connect_error:
            raise self.connect_error

    def close(self):
        pass

    def send(self, sender, recipients, raw, begin):
        self.was_data_ended = self.was_answered = False
        if self.error and self.error.phase in ("mail", "rcpt"):
            raise self.error
        begin()
        self.was_data_ended = self.was_answered = True
        if self.error:
            raise self.error
        self.sent.append((sender, recipients, raw))


class FakePass:
    """What an Outbox asks of its pass, in the test's own transaction."""

    def __init__(self, env, mailbox):
        self.env = env(su=True)
        self.settings = loading.load(self.env, mailbox.id)
        self.deadline = time.monotonic() + 60

    def transaction(self, function):
        with self.env.cr.savepoint():
            result = function(self.env)
            self.env.flush_all()
            return result

    fenced = transaction

    def know_people(self):
        return self.settings

    def patiently(self, function, *args):
        return function(*args)


class SendingCase(AttackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.write({"outgoing_host": "smtp.lanyue.example"})
        cls.buyer = cls.env["res.partner"].create(
            {"name": "Paul", "email": "paul@paris.example"}
        )
        cls.hidden = cls.env["res.partner"].create({"name": "Hid", "email": HIDDEN})

    def post(self, user=None, record=None, **kwargs):
        record = (record or self.lead).with_user(user or self.rep)
        kwargs.setdefault("partner_ids", self.buyer.ids)
        return record.message_post(
            body=kwargs.pop("body", "Our answer"),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **kwargs,
        )

    def compose(self, mode="reply", **vals):
        mail = self.secret.with_user(self.rep)
        action = mail._compose(mode, "crm.lead", self.lead.id)
        wizard = self.env["mail.compose.message"].with_user(self.rep)
        wizard = wizard.browse(action["res_id"])
        wizard.write(vals)
        return wizard

    def row_of(self, message):
        return message.sudo().waimaolang_outbox_ids

    def leave(self, mailbox=None, error=None, connect_error=None):
        """What is due leaves; what the server got."""
        self.env.flush_all()
        sent = []
        names = {"error": error, "connect_error": connect_error, "sent": sent}
        fake = type("Smtp", (FakeSmtp,), names)
        work = FakePass(self.env, mailbox or self.mailbox)
        with patch.object(outbox, "SmtpTransport", fake):
            Outbox(work).run()
        self.env.invalidate_all()
        return sent


def build_report(recipient, message_id, subject):
    """As anybody may write it."""
    lines = [
        "From: MAILER-DAEMON@evil.example",
        f"To: {LIN}",
        "Subject: Undelivered Mail Returned to Sender",
        "Date: Mon, 04 May 2026 10:00:00 +0200",
        f"Message-ID: <r-{recipient}-{message_id}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"',
        "",
        *("--=b", "Content-Type: text/plain", "", "It could not be delivered."),
        *("--=b", "Content-Type: message/delivery-status", ""),
        *("Reporting-MTA: dns; mx.evil.example", ""),
        f"Final-Recipient: rfc822; {recipient}",
        *("Action: failed", "Status: 5.1.1"),
        "Diagnostic-Code: smtp; 550 no such user",
        *("", "--=b", "Content-Type: text/rfc822-headers", ""),
        *("From: lin@lanyue.example", f"To: {recipient}", f"Subject: {subject}"),
        *(f"Message-ID: <{message_id}>", "", "--=b--", ""),
    ]
    return "\n".join(lines).encode()
