# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The mail server: puts rendered mails into the reps' folders."""

from __future__ import annotations

import random
from datetime import timedelta, timezone
from email.utils import format_datetime

from . import clients
from .catalog import DOMAIN
from .model import DemoMail

CHINA = timezone(timedelta(hours=8))


class Post:
    """Sorts mails into the mailboxes of ``reps``."""

    def __init__(self, reps, today, seed):
        self.reps = {rep.login: rep for rep in reps}
        self.by_email = {rep.email: rep for rep in reps}
        self.today = today
        self.rng = random.Random(f"{seed}/post")

    def carry(self, mail, filed=False):
        """A mail from whoever to whomever; each rep involved gets her copy."""
        raw = clients.render(mail, self.rng)
        sender = self.by_email.get(mail.sender.email)
        if sender:
            self.keep(sender, sender.sent_folder, raw, mail.date, True)
        for person in [*mail.to, *mail.cc]:
            rep = self.by_email.get(person.email)
            if rep:
                self.deliver(rep, raw, mail.date, mail.sender, filed)
        return raw

    def deliver(self, rep, raw, date, sender, filed=False):
        """Puts a mail into a rep's INBOX, or into her own folder once it is old."""
        when = date.astimezone(CHINA) + timedelta(seconds=self.rng.randrange(4, 40))
        age = self.today - when
        folder = rep.user_folder if filed and age.days > 20 else "INBOX"
        unseen = age.days < 6 and self.rng.random() < 0.6
        trace = self.trace(rep, sender, when)
        self.keep(rep, folder, trace + raw, when, not unseen)

    def keep(self, rep, folder, raw, when, seen):
        rep.mails.append(DemoMail(folder, raw, when.replace(microsecond=0), seen))

    def trace(self, rep, sender, when):
        """The Received headers that a message collects on its way."""
        rng, domain = self.rng, sender.domain
        queue = f"{rng.getrandbits(52):013x}"
        hop = when - timedelta(seconds=rng.randrange(1, 4))
        first = hop - timedelta(seconds=rng.randrange(1, 4))
        outer = f"203.0.113.{rng.randrange(2, 250)}"
        inner = f"198.51.100.{rng.randrange(2, 250)}"
        lines = [
            f"Delivered-To: {rep.email}",
            f"Received: from smtp-out.{domain} (unknown [{outer}])",
            f"\tby mx1.{DOMAIN} (NewMx) with SMTP id {queue}",
            f"\tfor <{rep.email}>; {format_datetime(when)}",
            f"Authentication-Results: mx1.{DOMAIN};",
            f"\tspf=pass smtp.mailfrom={domain}; dkim=pass header.d={domain}",
            f"Received: from mta2.{domain} (mta2 [10.20.4.{rng.randrange(250)}])",
            f"\tby smtp-out.{domain} with ESMTPS id {rng.getrandbits(40):X};",
            f"\t{format_datetime(hop)}",
            f"Received: from [{inner}] by mta2.{domain} with ESMTPSA;",
            f"\t{format_datetime(first)}",
            f"Return-Path: <{sender.email}>",
        ]
        return "\r\n".join(lines).encode() + b"\r\n"
