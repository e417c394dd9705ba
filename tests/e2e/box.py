# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An account on the test's mail server, and mail in it."""

from datetime import datetime, timedelta, timezone

from .driver import trade_mail

START = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)


class Box:
    def __init__(self, dovecot, email, password="code-7Hq2"):
        self.dovecot = dovecot
        self.email = email
        self.password = password
        self.host = dovecot.host
        self.port = dovecot.imaps_port
        dovecot.add_user(email, self.password)

    def values(self, **more):
        """What a mailbox in Odoo is created with."""
        return {
            "name": "Rep",
            "email": self.email,
            "password": self.password,
            "incoming_port": self.port,
            **more,
        }

    def fill(
        self, count, folder="INBOX", first=1, sent=False, attachment=None, start=START
    ):
        """Numbered mails; each arrived so many hours after ``start``."""
        buyer = "buyer@customer.example"
        people = (self.email, buyer) if sent else (buyer, self.email)
        messages = [
            (
                trade_mail(
                    number,
                    *people,
                    start + timedelta(hours=number),
                    attachment=attachment,
                ),
                (),
                start + timedelta(hours=number),
            )
            for number in range(first, first + count)
        ]
        self.dovecot.append_many(self.email, folder, messages)
