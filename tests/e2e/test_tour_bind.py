# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep in a real browser: binds her mailbox, sees the import, reads a Chinese mail."""

import threading
from datetime import datetime, timezone
from email.message import EmailMessage

import pytest

from odoo.tests import HttpCase, new_test_user, tagged

LIN = "lin@lanyue.example"
BUYER = "王芳 <wang.fang@kehu.example>"
WHEN = datetime(2026, 5, 6, 2, tzinfo=timezone.utc)


def chinese_mail():
    """As Foxmail sends it: GBK under a GB2312 label, the subject in encoded words."""
    message = EmailMessage()
    message["From"], message["To"] = BUYER, LIN
    message["Date"] = "Wed, 06 May 2026 10:00:00 +0800"
    message["Message-ID"] = "<1@kehu.example>"
    message.set_content(
        "请报价\n\n不锈钢保温杯 500ml，数量 3,000 只，镕字测试。", charset="gb18030"
    )
    message.add_attachment(
        b"%PDF-1.4\n%%EOF", maintype="application", subtype="pdf", filename="报价单.pdf"
    )
    raw = message.as_bytes().replace(b'"gb18030"', b'"gb2312"')
    return (
        b"Subject: =?gb2312?B?sbG8287CsbE=?=\r\n".replace(
            b"sbG8287CsbE=", _b64("保温杯报价")
        )
        + raw
    )


def _b64(text):
    import base64

    return base64.b64encode(text.encode("gbk"))


def plain_mail(number, sender, to):
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = f"Sample {number}"
    message["Message-ID"] = f"<sample{number}@kehu.example>"
    message["Date"] = "Tue, 05 May 2026 10:00:00 +0800"
    message.set_content("thank you")
    return message.as_bytes()


@tagged("post_install", "-at_install")
class TestBindTour(HttpCase):
    @pytest.fixture(autouse=True)
    def _servers(self, dovecot):
        self.dovecot = dovecot

    def setUp(self):
        super().setUp()
        server = self.dovecot
        server.add_user(LIN, "right-code")
        server.append(LIN, "INBOX", chinese_mail(), (), WHEN)
        server.append(LIN, "INBOX", plain_mail(1, BUYER, LIN), (), WHEN)
        server.append(LIN, "已发送", plain_mail(2, LIN, BUYER), (), WHEN)
        self.addCleanup(server.remove_user, LIN)
        self.rep = new_test_user(
            self.env, "lin", groups="sales_team.group_sale_salesman", name="Lin Xiao"
        )
        contact = self.env["res.partner"].create(
            {"name": "王芳", "email": "wang.fang@kehu.example"}
        )
        self.lead = self.env["crm.lead"].create(
            {
                "name": "保温杯",
                "type": "opportunity",
                "partner_id": contact.id,
                "user_id": self.rep.id,
            }
        )
        self.env["ir.config_parameter"].set_param(
            "waimaolang_mail.allow_private_hosts", "True"
        )
        defaults = self.env["ir.default"]
        for name, value in (
            ("incoming_host", server.host),
            ("incoming_port", server.imaps_port),
            ("history_days", -1),
        ):
            defaults.set("waimaolang.mailbox", name, value)

    def test_bind_import_and_read(self):
        with Lane(self.registry):
            self.start_tour("/odoo/mailboxes", "waimaolang_bind_mailbox", login="lin")
        mailbox = self.env["waimaolang.mailbox"].search([("email", "=", LIN)])
        self.assertEqual((mailbox.user_id, mailbox.state), (self.rep, "connected"))
        self.assertEqual(mailbox.stored_count, 3)
        self.assertEqual(self.lead.mail_count, 3)


class Lane:
    """What Odoo's scheduler does, in a thread: the test's transaction is shared."""

    def __init__(self, registry):
        self.registry = registry
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def _work(self):
        from odoo.addons.waimaolang_mail.engine import worker

        while not self.done.wait(0.2):
            worker.run_slice(self.registry)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_exc):
        self.done.set()
        self.thread.join(30)
