# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep in a real browser asks why a mail is not here, looks at the proof that nothing
is missing, and has a failed mail tried again."""

from email.message import EmailMessage

import pytest
from servers.process import wait_until

from .browser import run_tour

PREPARE = """
from odoo.addons.waimaolang_mail.engine import fetch
from odoo.addons.waimaolang_mail.engine.pool import connections
from odoo.addons.waimaolang_mail.mime.child import ParseOutcome
lang = learn(values["lang"])
rep = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo", "lang": lang,
    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)]})
env["res.partner"].create({"name": "Wang Fang", "email": "wang@kehu.example"})
box = bind(user_id=rep.id, blocked="bank.example", **values["box"])
box.action_connect()
parse = fetch._parse_some
def breaking(fetched, parse_many):
    def some(raws):
        outcomes = parse_many(raws)
        return [ParseOutcome(None, "E: x") if b"Broken" in raw else outcome
                for raw, outcome in zip(raws, outcomes)]
    return parse(fetched, some)
fetch._parse_some = breaking
drain(box)
for _pass in range(4):
    box._sync()
    fresh()
connections.close_all()
result = box.id
"""


def letter(subject, sender, to):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{subject.replace(' ', '.')}@kehu.example>"
    message["Date"] = "Tue, 05 May 2026 10:00:00 +0800"
    message.set_content("thank you")
    return message.as_bytes()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_rep_learns_where_each_mail_is_and_that_none_is_missing(
    driver, odoo, box, lang
):
    for subject, sender in (
        ("Sample order", "wang@kehu.example"),
        ("Account statement", "info@bank.example"),
        ("Broken mail", "wang@kehu.example"),
    ):
        box.dovecot.append(box.email, "INBOX", letter(subject, sender, box.email))
    id_ = driver.run(PREPARE, lang=lang, box=box.values())
    odoo.start(cron_threads=2)
    run_tour(
        odoo, "lin", "lin-at-odoo", f"/odoo/mailboxes/{id_}", f"waimaolang_proof_{lang}"
    )
    # as the tour asked for
    done = {"stored": 2, "excluded": 1}
    wait_until(lambda: driver.states() == done, 60, "the second try")
