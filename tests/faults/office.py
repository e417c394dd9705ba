# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox that is bound and filled, and the memory of all that was ever put in."""

import itertools
import random
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha1

from e2e.box import START, Box

FOLDER = "客户/德国"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Made:
    """What must become of a mail: ``stored``, else excluded. ``digest``: of its
    attachment."""

    message_id: str
    raw: bytes
    stored: bool
    token: str
    digest: str = ""


class Office:
    """Mail of all kinds: received, sent, among colleagues (excluded), with
    attachments, the same in two folders."""

    def __init__(self, lanes, dovecot, seed):
        number = next(_numbers)
        self.random = random.Random(seed)
        self.lanes = lanes
        self.box = Box(dovecot, f"rep{number}@office{number}.example")
        self.buyer = f"buyer{number}@customer.example"
        self.made: dict[str, Made] = {}
        self.id = None
        dovecot.create_folders(self.box.email, ["Sent", FOLDER])

    def bind(self, **more):
        """The mailbox's id; its buyer is a contact with an opportunity."""
        self.id = self.lanes.run(
            """
            contact = env["res.partner"].create(
                {"name": values["buyer"], "email": values["buyer"]})
            env["crm.lead"].create({"name": values["buyer"], "type": "opportunity",
                                    "partner_id": contact.id})
            box = bind(**values["box"])
            box.action_connect()
            env.cr.commit()
            result = box.id
            """,
            buyer=self.buyer,
            box=self.box.values(**more),
        )
        return self.id

    def fill(self, count, folder="INBOX", start=START, tiny=False):
        """So many mails, of which some stand in ``FOLDER`` also."""
        fresh = [self.make(start + timedelta(hours=n), tiny) for n in range(count)]
        messages = [(made.raw, (), None) for made in fresh]
        dovecot, email = self.box.dovecot, self.box.email
        dovecot.append_many(email, folder, messages)
        if not tiny and folder != FOLDER:
            dovecot.append_many(email, FOLDER, messages[::9])
        return fresh

    def make(self, when, tiny=False):
        number = len(self.made) + 1
        colleague = f"eva@{self.box.email.partition('@')[2]}"
        inside = not tiny and number % 13 == 0
        sender = colleague if inside else self.buyer
        people = (sender, self.box.email)
        if not tiny and number % 7 == 0 and not inside:
            people = (self.box.email, self.buyer)
        token = f"{self.random.getrandbits(64):016x}"
        message = EmailMessage()
        message["From"], message["To"] = people
        message["Subject"] = f"Order {number}"
        message["Date"] = format_datetime(when)
        message["Message-ID"] = f"<{number}.{self.box.email}>"
        message.set_content(f"Hello {token}\n" + "x" * self.random.randrange(2000))
        digest = ""
        if not tiny and number % 3 == 0:
            content = self.random.randbytes(self.random.randrange(2000, 30_000))
            digest = "" if inside else sha1(content).hexdigest()
            message.add_attachment(
                content, maintype="application", subtype="pdf", filename="offer.pdf"
            )
        made = Made(
            message["Message-ID"], message.as_bytes(), not inside, token, digest
        )
        self.made[made.message_id] = made
        return made
