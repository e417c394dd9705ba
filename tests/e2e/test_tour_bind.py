# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep in a real browser: binds her mailbox, sees the import, reads a Chinese mail."""

import base64
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from servers.process import wait_until

from .box import Box
from .browser import run_tour

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


SETUP = """
lang = learn(values["lang"])
users = env["res.users"].with_context(no_reset_password=True)
rep = users.create({
    "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo", "lang": lang,
    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
})
boss = users.create({
    "name": "Boss", "login": "boss", "password": "boss-at-odoo", "lang": lang,
    "group_ids": [(4, env.ref("sales_team.group_sale_manager").id)],
})
contact = env["res.partner"].create(
    {"name": "王芳", "email": "wang.fang@kehu.example"})
env["crm.lead"].create({
    "name": "保温杯", "type": "opportunity",
    "partner_id": contact.id, "user_id": rep.id,
})
# the administrator has preset the company's domain
env["waimaolang.provider"].create({
    "code": "lanyue", "name": "Lanyue", "domains": "lanyue.example",
    "imap_host": values["host"], "imap_port": values["imap"],
    "pop3_host": values["host"], "pop3_port": values["pop3"],
    "smtp_host": values["host"], "smtp_port": values["smtp"],
    "secret_kind": "code", "code_steps": "Ask the administrator.",
    "source": "test",
})
env.cr.commit()
result = True
"""


@pytest.fixture(params=["en", "zh"])
def company(request, driver, dovecot, smtp):
    """With a preset domain, a rep and a manager; twice, in either language."""
    driver.run(
        SETUP,
        lang=request.param,
        host=dovecot.host,
        imap=dovecot.imaps_port,
        pop3=dovecot.pop3s_port,
        smtp=smtp.tls_port,
    )
    return request.param


@pytest.fixture
def office(company, odoo):
    odoo.start(cron_threads=2)
    return company


@pytest.fixture
def lin(dovecot):
    """Her account at the provider, as if nobody had ever used it."""
    dovecot.remove_user(LIN)
    yield Box(dovecot, LIN, SECRET)
    dovecot.remove_user(LIN)


def play(odoo, login, tour):
    run_tour(odoo, login, f"{login}-at-odoo", "/odoo/mailboxes", tour)


def test_a_rep_binds_by_address_and_code_and_reads(driver, odoo, lin, office, dovecot):
    dovecot.append(LIN, "INBOX", chinese_mail(), (), WHEN)
    dovecot.append(LIN, "INBOX", plain_mail(1, BUYER, LIN), (), WHEN)
    dovecot.append(LIN, "已发送", plain_mail(2, LIN, BUYER), (), WHEN)
    play(odoo, "lin", f"waimaolang_bind_mailbox_{office}")
    found = driver.run(
        """
        box = env["waimaolang.mailbox"].search([])
        lead = env["crm.lead"].search([("name", "=", "保温杯")])
        env.cr.execute("SELECT count(*) FROM waimaolang_bind_wizard"
                       " WHERE password_sealed IS NOT NULL")
        (kept,) = env.cr.fetchone()
        result = {
            "mailbox": [box.user_id.login, box.state, box.provider_id.code],
            "stored": box.stored_count, "on the lead": lead.mail_count,
            "the proof": box.folder_ids.mapped("excluded_count").count(1),
            "mails": env["waimaolang.mail"].search_count([]),
            "codes left in forms": kept,
        }
        """
    )
    assert found["mailbox"] == ["lin", "connected", "lanyue"]
    assert (found["stored"], found["on the lead"], found["mails"]) == (3, 3, 3)
    assert found["the proof"] == 1  # the test mail: seen, excluded, not in the CRM
    assert found["codes left in forms"] == 0


def test_a_refused_binding_says_why_and_goes_on(driver, odoo, lin, office):
    play(odoo, "lin", f"waimaolang_bind_refused_{office}")
    # left before its end: nothing is stored
    assert driver.run('result = env["waimaolang.mailbox"].search_count([])') == 0


def test_a_manager_binds_a_shared_mailbox(driver, odoo, office, dovecot):
    dovecot.remove_user("sales@lanyue.example")
    Box(dovecot, "sales@lanyue.example", SECRET)
    dovecot.create_folders("sales@lanyue.example", ["Sent"])
    play(odoo, "boss", f"waimaolang_bind_shared_{office}")
    found = driver.run(
        """
        box = env["waimaolang.mailbox"].search([])
        result = [box.email, box.user_id.login, box.member_ids.mapped("login"),
                  box.state]
        """
    )
    assert found == ["sales@lanyue.example", False, ["lin"], "connected"]


def test_a_new_code_reconnects_and_nothing_comes_twice(
    driver, odoo, lin, company, dovecot
):
    lin.fill(4)
    driver.run(
        """
        from odoo.addons.waimaolang_mail.engine.pool import connections
        rep = env["res.users"].search([("login", "=", "lin")])
        own = env["waimaolang.provider"].search([("code", "=", "lanyue")])
        box = bind(user_id=rep.id, provider_id=own.id, **values)
        box.action_connect()
        drain(box)
        connections.close_all()
        result = env["waimaolang.mail"].search_count([])
        """,
        **lin.values(),
    )
    dovecot.add_user(LIN, "new-code")
    state = driver.run(
        """
        from odoo.addons.waimaolang_mail.engine.pool import connections
        box = env["waimaolang.mailbox"].search([])
        for _strike in range(3):
            connections.close_all()
            box._sync()
            fresh()
        result = box.state
        """
    )
    assert state == "reauth"
    before = ledger(driver)
    lin.fill(1, first=60, start=datetime.now(timezone.utc) - timedelta(hours=61))
    odoo.start(cron_threads=2)
    play(odoo, "lin", f"waimaolang_reconnect_{company}")
    wait_until(lambda: len(ledger(driver)) == 5, 60, "the new mail")
    assert ledger(driver)[:4] == before


def ledger(driver):
    """Every copy with its mail, in order."""
    return driver.sql(
        "SELECT id, uid, state, mail_id, attempts FROM waimaolang_mailbox_copy"
        " ORDER BY id"
    )
