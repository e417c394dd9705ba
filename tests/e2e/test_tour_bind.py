# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep in a real browser: binds her mailbox, sees the import, reads a Chinese mail."""

import base64
from datetime import datetime, timezone
from email.message import EmailMessage

from .browser import run_tour
from .conftest import Box

LIN = "lin@lanyue.example"
SECRET = "right-code"
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
    subject = base64.b64encode("保温杯报价".encode("gbk"))
    return b"Subject: =?gb2312?B?" + subject + b"?=\n" + raw


def plain_mail(number, sender, to):
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = f"Sample {number}"
    message["Message-ID"] = f"<sample{number}@kehu.example>"
    message["Date"] = "Tue, 05 May 2026 10:00:00 +0800"
    message.set_content("thank you")
    return message.as_bytes()


def test_a_rep_binds_imports_and_reads(driver, odoo, dovecot):
    box = Box(dovecot, LIN, SECRET)
    dovecot.append(LIN, "INBOX", chinese_mail(), (), WHEN)
    dovecot.append(LIN, "INBOX", plain_mail(1, BUYER, LIN), (), WHEN)
    dovecot.append(LIN, "已发送", plain_mail(2, LIN, BUYER), (), WHEN)
    driver.run(
        """
        rep = env["res.users"].create({
            "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo",
            "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
        })
        contact = env["res.partner"].create(
            {"name": "王芳", "email": "wang.fang@kehu.example"})
        env["crm.lead"].create({
            "name": "保温杯", "type": "opportunity",
            "partner_id": contact.id, "user_id": rep.id,
        })
        for name, value in values["defaults"].items():
            env["ir.default"].set("waimaolang.mailbox", name, value)
        env.cr.commit()
        result = True
        """,
        defaults={
            "incoming_host": box.host,
            "incoming_port": box.port,
            "history_days": -1,
        },
    )
    odoo.start(cron_threads=2)
    run_tour(odoo, "lin", "lin-at-odoo", "/odoo/mailboxes", "waimaolang_bind_mailbox")
    found = driver.run(
        """
        box = env["waimaolang.mailbox"].search([])
        lead = env["crm.lead"].search([("name", "=", "保温杯")])
        result = [box.user_id.login, box.state, box.stored_count, lead.mail_count]
        """
    )
    assert found == ["lin", "connected", 3, 3]
