# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep in a real browser answers a customer's mail from the chatter, and mends what
was refused: as the mailbox, the customer and the server then have it."""

import pytest
from servers.process import wait_until

from .browser import run_tour
from .scene import addresses, inquire, parsed, play, sent_folder, text_of, wait_for

PREPARE = """
lang = learn(values["lang"])
rep.write({"lang": lang, "password": "rep-at-odoo"})
env["res.partner"].create([
    {"name": "Gone Ltd", "email": "reject@gone.example"},
    {"name": "Maker Ltd", "email": "maker@factory.example"}])
env.cr.commit()
sync()
result = lead.id
"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_reply_is_seen_in_the_mailbox_and_a_refused_mail_is_mended(
    driver, odoo, box, outlet, smtp, lang
):
    box.dovecot.create_folders(box.email, ["Sent"])
    inquire(box, smtp)
    lead = play(driver, outlet, PREPARE, lang=lang)
    odoo.start(cron_threads=2)
    path = f"/odoo/crm.lead/{lead}"
    run_tour(odoo, "rep", "rep-at-odoo", path, f"waimaolang_sending_{lang}")

    (raw,) = wait_for(smtp, box, "Re: 询价 Inquiry")
    reply = parsed(raw)
    assert addresses(reply["To"]) == ["hans@kunde.example"]
    assert reply["In-Reply-To"] == "<q2@kunde.example>"
    assert "USD 1.20" in text_of(reply) and "Please quote." in text_of(reply)
    (raw,) = wait_for(smtp, box, "Fwd: 询价 Inquiry")
    forward = parsed(raw)
    assert addresses(forward["To"]) == ["maker@factory.example"]
    assert "Can you make these?" in text_of(forward)
    assert "Please quote." in text_of(forward)
    # another client of the same mailbox
    wait_until(lambda: len(sent_folder(box)) == 2, 20, "the copies in Sent")
    copies = {parsed(copy)["Message-ID"] for copy in sent_folder(box)}
    assert copies == {reply["Message-ID"], forward["Message-ID"]}
    # what was refused is not there twice
    assert driver.sql("SELECT state FROM waimaolang_outbox") == [["sent"]] * 2
    (messages,) = driver.sql(
        "SELECT count(*) FROM mail_message WHERE body LIKE '%Can you make these?%'"
    )
    assert messages == ["1"]
