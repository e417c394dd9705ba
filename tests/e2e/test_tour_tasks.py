# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The story of a task in a real browser: a manager switches a ready rule on, a customer
writes, the rep has a task that is due in 24 hours, answers from another mail program,
and the task is done by itself."""

from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from servers.process import wait_until

from .browser import run_tour
from .scene import inquire, play

PREPARE = """
lang = learn(values["lang"])
rep.write({"lang": lang, "password": "rep-at-odoo"})
boss = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Boss", "login": "boss", "password": "boss-at-odoo", "lang": lang,
    "group_ids": [(6, 0, [env.ref("base.group_user").id,
                          env.ref("sales_team.group_sale_manager").id])]})
# whenever this is played, 24 hours are 24 hours
env.ref("waimaolang_tasks.rule_answer_inquiry").deadline_counting = "elapsed"
env.cr.commit()
sync()
result = lang
"""
TASKS = "SELECT active FROM mail_activity WHERE reply_due_at IS NOT NULL"


def answer(box):
    """Written and sent by a phone: what is seen of it is the copy in Sent."""
    message = EmailMessage()
    message["From"] = box.email
    message["To"] = "hans@kunde.example"
    message["Subject"] = "Re: 询价 Inquiry"
    message["Date"] = format_datetime(datetime.now(timezone.utc))
    message["Message-ID"] = "<phone1@phone.example>"
    message["In-Reply-To"] = "<q2@kunde.example>"
    message.set_content("USD 1.20 FOB Ningbo.\n")
    box.dovecot.append(box.email, "Sent", message.as_bytes())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_customers_mail_is_a_task_until_it_is_answered_anywhere(
    driver, odoo, box, outlet, smtp, lang
):
    box.dovecot.create_folders(box.email, ["Sent"])
    play(driver, outlet, PREPARE, lang=lang)
    odoo.start(cron_threads=2)
    path = "/odoo/mail-rules"
    run_tour(odoo, "boss", "boss-at-odoo", path, f"waimaolang_rule_setup_{lang}")

    def look():
        play(driver, outlet, "sync()\nresult = True")

    def states():
        return driver.sql(TASKS)

    inquire(box, smtp, Date=format_datetime(datetime.now(timezone.utc)))
    look()
    wait_until(lambda: states() == [["t"]], 30, "the task")
    run_tour(odoo, "rep", "rep-at-odoo", "/odoo/to-answer", f"waimaolang_task_{lang}")

    answer(box)
    look()
    wait_until(lambda: states() == [["f"]], 30, "the task's end")
    done = f"waimaolang_task_done_{lang}"
    run_tour(odoo, "rep", "rep-at-odoo", "/odoo/to-answer", done)

    another = {"Message-ID": "<q3@kunde.example>", "Subject": "新询价 Another"}
    now = format_datetime(datetime.now(timezone.utc))
    inquire(box, smtp, Date=now, References="<q3@kunde.example>", **another)
    wait_until(lambda: look() or len(states()) == 2, 60, "the second task")
    live = f"waimaolang_task_live_{lang}"
    run_tour(odoo, "rep", "rep-at-odoo", "/odoo/to-answer", live)
