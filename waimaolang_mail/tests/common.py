# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime
from email.message import EmailMessage

from odoo.tests import TransactionCase, new_test_user

from ..engine import lease, ledger, loading
from ..engine.fetch import Arrival, Chunk
from ..engine.store import Store
from ..mime.parse import parse_mail
from ..transport.base import FetchedMail, RemoteItem

ARRIVED = datetime(2026, 5, 4, 8, 30)


def build_mail(sender, to, subject="Offer", text="Hello", **headers):
    """The bytes of a plain message; further headers by name."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Mon, 04 May 2026 10:00:00 +0200"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


class MailboxCase(TransactionCase):
    """A team with two reps, a customer with contact and opportunity, a mailbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = new_test_user(
            cls.env, "lin", groups="sales_team.group_sale_salesman", name="Lin Xiao"
        )
        cls.colleague = new_test_user(
            cls.env, "chen", groups="sales_team.group_sale_salesman", name="Chen Wei"
        )
        cls.manager = new_test_user(
            cls.env, "boss", groups="sales_team.group_sale_manager", name="Boss"
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Nordwind GmbH", "is_company": True}
        )
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Emma Vogel",
                "email": "Emma.Vogel@Nordwind.example",
                "parent_id": cls.customer.id,
            }
        )
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "LED work lights",
                "type": "opportunity",
                "partner_id": cls.contact.id,
                "user_id": cls.rep.id,
            }
        )
        cls.mailbox = cls.create_mailbox(cls.rep, "lin@lanyue.example")

    @classmethod
    def create_mailbox(cls, user, email, **values):
        mailbox = (
            cls.env["waimaolang.mailbox"]
            .with_user(user)
            .create(
                {
                    "name": user.name,
                    "email": email,
                    "incoming_host": "imap.lanyue.example",
                    "password": "abcd efgh",
                    **values,
                }
            )
            .sudo()
        )
        mailbox.write({"state": "connected"})
        for path, role in [("INBOX", "inbox"), ("已发送", "sent"), ("Old", "other")]:
            cls.env["waimaolang.mailbox.folder"].create(
                {
                    "mailbox_id": mailbox.id,
                    "path": path,
                    "remote_name": path,
                    "role": role,
                    "synced": True,
                    "uidvalidity": 7,
                }
            )
        return mailbox

    def take(self, *raws, mailbox=None, path="INBOX", live=True):
        """Lists and stores messages as a pass would; their copies, in order."""
        mailbox = mailbox or self.mailbox
        self.env.flush_all()
        copies = self.list_copies(mailbox, path, len(raws), live)
        arrivals = tuple(
            Arrival(copy, FetchedMail(copy.key, copy.uid, raw), parse_mail(raw))
            for copy, raw in zip(copies, raws, strict=True)
        )
        self.store(mailbox, arrivals)
        return self.env["waimaolang.mailbox.copy"].browse([c.id for c in copies])

    def list_copies(self, mailbox, path, count, live=True):
        folder = mailbox.folder_ids.filtered(lambda f: f.path == path)
        first = folder.uidnext
        items = [
            RemoteItem(str(n), n, 100, ARRIVED) for n in range(first, first + count)
        ]
        ledger.add_pending(
            self.env.cr, mailbox.id, folder.id, 7, [(item, live) for item in items]
        )
        folder.sudo().uidnext = first + count
        self.env.flush_all()
        keys = {item.key for item in items}
        rows = ledger.pending(self.env.cr, mailbox.id, 1000)
        return sorted(
            (r for r in rows if r.folder_id == folder.id and r.key in keys),
            key=lambda r: r.uid,
        )

    def store(self, mailbox, arrivals, absent=()):
        self.env.cr.execute(
            "UPDATE waimaolang_mailbox_lease SET expires = NULL WHERE mailbox_id = %s",
            (mailbox.id,),
        )
        held = lease.claim(self.env.cr, mailbox.id)
        env = self.env(su=True)
        store = Store(
            self.registry,
            loading.load(env, mailbox.id),
            held,
            lambda _registry, work: self.in_savepoint(env, work),
        )
        counts = store.store(Chunk(tuple(arrivals), tuple(absent)))
        store.tell()
        self.env.invalidate_all()
        return counts

    def in_savepoint(self, env, work):
        with env.cr.savepoint():
            return work(env)
