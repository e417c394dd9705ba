# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Never twice, never silently lost (invariant I11), one copy in Sent and one message
in the chatter (I2): providers of all kinds, kills, refusals, lost answers."""

import os
import random
import re
from collections import Counter

import pytest
from servers.process import wait_until

from .scene import arrived, parsed, play, sent_folder, wait_for

DEEP = bool(os.environ.get("WAIMAOLANG_DEEP"))
COUNTS = """
result = {
    "state": row.state, "copy": row.copy_state,
    "mails": env["waimaolang.mail"].search_count([]),
    "messages": env["mail.message"].search_count([("subject", "=", "Offer")]),
    "copies": env["waimaolang.mailbox.copy"].search_count([("state", "=", "stored")]),
    "learned": box.saves_sent,
}
"""
SEND = """
message = post(body="<p>Our best price.</p>", subject="Offer")
row = message.sudo().waimaolang_outbox_ids
sync()
"""
LOOK = """
row = env["waimaolang.outbox"].search([])
due_now()
sync()
"""


def rewrite(raw, keep_ref):
    """As a provider that gives what it sends an id of its own, and a footer."""
    raw = re.sub(
        rb"(?m)^Message-ID: .*\r?\n", b"Message-ID: <own@provider.test>\r\n", raw
    )
    if not keep_ref:
        raw = re.sub(rb"(?m)^X-Waimaolang-Ref: .*\r?\n", b"", raw)
    return raw


@pytest.mark.parametrize("kind", ["as sent", "id rewritten", "nothing left of ours"])
def test_i2_a_provider_that_saves_sent_mail_has_it_once(
    driver, box, outlet, smtp, kind
):
    box.dovecot.create_folders(box.email, ["Sent"])
    found = play(driver, outlet, SEND + COUNTS, saves="always")
    assert (found["state"], found["copy"]) == ("sent", "wanted")
    raw = wait_for(smtp, box, "Offer")[-1]
    if kind != "as sent":
        raw = rewrite(raw, keep_ref=kind == "id rewritten")
    # what the provider does by itself
    box.dovecot.append(box.email, "Sent", raw, ("\\Seen",))
    found = play(driver, outlet, LOOK + COUNTS)
    assert (found["state"], found["copy"]) == ("sent", "found")
    assert found["mails"] == found["messages"] == found["copies"] == 1
    assert found["learned"] == "always"
    assert len(sent_folder(box)) == 1


def test_i2_whoever_got_a_mail_cannot_make_another_pass_for_it(
    driver, box, outlet, smtp
):
    """Not even with its ids and our header: in the inbox it is a mail of its own."""
    box.dovecot.create_folders(box.email, ["Sent"])
    play(driver, outlet, SEND + COUNTS, saves="never")
    raw = wait_for(smtp, box, "Offer")[0]
    forged = raw.replace(b"Our best price.", b"Pay to account 666.")
    smtp.receive("hans@kunde.example", [box.email], forged)
    wait_until(lambda: box.dovecot.messages(box.email), 20, "the forgery")
    found = play(
        driver,
        outlet,
        LOOK
        + """
        bodies = env["mail.message"].search([("subject", "=", "Offer")]).mapped("body")
        result = [len(bodies), sum("666" in body for body in bodies)]
        """.replace("\n        ", "\n"),
    )
    assert found == [2, 1]


def test_i11_refused_deferred_and_retried(driver, box, outlet, smtp):
    found = play(
        driver,
        outlet,
        """
gone = env["res.partner"].create({"name": "Gone", "email": "reject@gone.example"})
busy = env["res.partner"].create({"name": "Busy", "email": "defer@busy.example"})
refused = post(body="x", subject="To Gone", partner_ids=gone.ids)
deferred = post(body="x", subject="To Busy", partner_ids=busy.ids)
sync()
rows = (refused | deferred).sudo().waimaolang_outbox_ids.sorted("id")
def told():
    return [[r.state, r.error_code, bool(r.due), r.attempts] for r in rows]
first = told()
words = rows[0].error_detail
notified = refused.sudo().notification_ids.notification_status
sent = [lead.mail_count, env["waimaolang.mail"].search_count([])]
gone.email = busy.email = "well@gone.example"
as_rep(rows[0]).action_retry()
again = as_rep(rows[1])
again.action_cancel()
env.cr.commit()
sync()
result = [first, words, notified, sent, told()]
""",
    )
    first, words, notified, sent, then = found
    assert first[0] == ["failed", "recipient_refused", False, 1]
    assert first[1][0] == "queued" and first[1][2:] == [True, 1]
    assert "reject@gone.example" in words and "no such user here" in words
    assert notified == "exception"
    assert sent == [0, 0], "what did not leave is no mail"
    # to the address that it had: a mail is not rewritten
    assert then[0][0] == "failed" and then[1][0] == "cancelled"


def test_i11_a_lost_answer_is_never_sent_again_by_itself(driver, box, outlet, smtp):
    """The holder is gone after the content began: Sent tells, or the user is asked."""
    box.dovecot.create_folders(box.email, ["Sent"])
    found = play(
        driver,
        outlet,
        """
message = post(body="<p>Our best price.</p>", subject="Offer")
row = message.sudo().waimaolang_outbox_ids
row._move("sending", attempt=1)
env.cr.commit()
sync()
lost = [row.state, bool(row.due)]
env["waimaolang.outbox"].search([]).write(
    {"sent_at": "2026-01-01 00:00:00", "due": "2026-01-01 00:00:00"})
env.cr.commit()
sync()
asked = [row.state, bool(row.due), message.sudo().notification_ids.notification_status]
badge = as_rep(env["waimaolang.outbox"])._get_badges(as_rep(message))[message.id]
as_rep(row).action_retry()
env.cr.commit()
sync()
result = [lost, asked, badge["asked"], badge["mine"], row.state]
""",
        saves="option",
    )
    lost, asked, badge_asked, mine, state = found
    assert lost == ["unknown", True]
    assert asked == ["unknown", False, "process"]
    assert badge_asked and mine
    assert state == "sent"
    wait_for(smtp, box, "Offer")
    assert len(arrived(smtp, box, "Offer")) == 1


def test_i11_limits_undo_and_a_chosen_time(driver, box, outlet, smtp):
    found = play(
        driver,
        outlet,
        """
box.provider_id.send_per_minute = 2
rows = env["waimaolang.outbox"]
for number in range(4):
    rows |= post(body="x", subject=f"Mail {number}").sudo().waimaolang_outbox_ids
sync()
limited = rows.mapped("state")
box.provider_id.send_per_minute = 0
due_now()
sync()
then = rows.mapped("state")
box.undo_seconds = 60
late = post(body="x", subject="Taken back").sudo().waimaolang_outbox_ids
sync()
waiting = [late.state, late.due > late.create_date]
as_rep(late).action_cancel()
env.cr.commit()
due_now()
sync()
at = "2035-01-01 08:00:00"
later = post(body="x", subject="Later",
             waimaolang_sending={"mailbox_id": box.id, "send_at": at})
later = later.sudo().waimaolang_outbox_ids
sync()
planned = [later.state, str(later.send_at)]
as_rep(later).action_send_now()
env.cr.commit()
sync()
result = [limited, then, waiting, late.state, planned, later.state]
""",
    )
    limited, then, waiting, cancelled, planned, now = found
    assert limited == ["sent", "sent", "queued", "queued"]
    assert then == ["sent"] * 4
    assert waiting == ["queued", True] and cancelled == "cancelled"
    assert planned == ["queued", "2035-01-01 08:00:00"] and now == "sent"
    wait_for(smtp, box, "Later")
    assert not arrived(smtp, box, "Taken back")


def test_i6_a_refused_login_keeps_the_queue_and_reading_goes_on(
    driver, box, outlet, smtp
):
    smtp.add_user(box.email, "another-code")  # of the outgoing server alone
    box.dovecot.add_user(box.email, box.password)
    found = play(
        driver,
        {**outlet, "outgoing_host": "localhost", "outgoing_port": 1},
        """
message = post(body="x", subject="Waits")
row = message.sudo().waimaolang_outbox_ids
done = sync()
result = [row.state, row.error_code, bool(row.due), box.state, done["error"]]
""",
    )
    assert found == ["queued", "refused", True, "connected", ""]


@pytest.mark.timeout(1800 if DEEP else 240)
def test_i11_killed_while_mails_leave_none_is_received_twice_and_none_lost(
    driver, box, outlet, smtp
):
    total, kills = 200, 100 if DEEP else 10
    box.dovecot.create_folders(box.email, ["Sent"])
    accepted = smtp.accepted()
    play(
        driver,
        outlet,
        f"""
for number in range({total}):
    post(body="x", subject=f"Number {{number}}")
result = True
""",
        saves="option",
    )
    chance = random.Random(5)
    goals = sorted(chance.sample(range(1, total - 10), kills))
    for goal in goals:
        with driver.killed_when(
            lambda n=goal: smtp.accepted() - accepted >= n, "--until-idle"
        ):
            pass
        # the dead holder's lease ends by itself in 15 s, which are not waited for
        driver.sql("UPDATE waimaolang_mailbox_lease SET expires = NULL")
    last = driver.sync("--until-idle")
    last.end()
    rows = driver.sql("SELECT subject, state FROM waimaolang_outbox")
    states = dict(rows)
    got = Counter(
        parsed(raw)["Subject"]
        for raw in wait_for_all(smtp, accepted)
        if parsed(raw)["Subject"] in states
    )
    print(f"killed {kills} times: {Counter(states.values())}, {len(got)} received")
    assert len(states) == total
    assert max(got.values()) == 1
    lost = [s for s, state in states.items() if s not in got and state == "sent"]
    assert not lost
    known = [s for s, state in states.items() if state in ("sent", "unknown")]
    assert len(known) == total
    # at most the one that was under way at each kill is not known
    assert sum(state == "unknown" for state in states.values()) <= kills


def wait_for_all(smtp, before):
    """What was accepted since has been delivered."""
    count = smtp.accepted() - before
    wait_until(lambda: smtp.log_text().count("Completed") >= count, 60, "delivery")
    return smtp.outside()
