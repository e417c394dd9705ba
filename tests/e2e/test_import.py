# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox on a real server, read by real processes into a real database."""

import os
import re
import signal
from datetime import datetime, timedelta, timezone

import pytest
import requests
from servers.process import free_port, wait_until

from .box import START, Box
from .driver import trade_mail

TRUTH = """
    SELECT count(*), count(DISTINCT m.id), count(DISTINCT msg.message_id),
           count(*) FILTER (WHERE msg.body LIKE '%Hello%')
      FROM waimaolang_mail m JOIN mail_message msg ON msg.id = m.mail_message_id
"""


def numbers(driver, query):
    return [int(value) for value in re.findall(r"\d+", str(driver.sql(query)))]


def test_mail_received_and_sent_comes_into_the_chatter(driver, box):
    box.fill(6)
    box.fill(4, folder="已发送", first=7, sent=True)
    box.fill(2, folder="其他文件夹/展会客户", first=20)
    box.fill(3, folder="Junk", first=30)
    found = driver.run(
        """
        contact = env["res.partner"].create(
            {"name": "Buyer", "email": "buyer@customer.example"})
        lead = env["crm.lead"].create(
            {"name": "Deal", "type": "opportunity", "partner_id": contact.id})
        box = bind(**values)
        box.action_connect()
        done = drain(box)
        result = {
            "done": done,
            "coverage": coverage(box),
            "roles": {f.path: f.role for f in box.folder_ids},
            "state": [box.state, box.error_code, bool(box.last_sync)],
            "chatter": [m.subject for m in lead.message_ids.sorted("date", True)
                        if m.waimaolang_mail_id],
            "count": [lead.mail_count, contact.mail_count],
            "history": env["waimaolang.mail"].search_count([("is_history", "=", True)]),
        }
        """,
        **box.values(),
    )
    assert found["done"]["stored"] == 12 and found["done"]["error"] == ""
    assert found["coverage"] == {
        "INBOX": [6, 6, 0, 0, 0],
        "已发送": [4, 4, 0, 0, 0],
        "其他文件夹/展会客户": [2, 2, 0, 0, 0],
    }
    assert found["roles"]["已发送"] == "sent" and found["roles"]["Junk"] == "junk"
    assert found["state"] == ["connected", False, True]
    assert len(found["chatter"]) == 12 and found["count"] == [12, 12]
    assert found["chatter"][0] == "Order 21" and found["chatter"][-1] == "Order 1"
    assert found["history"] == 12


def test_a_second_sync_stores_nothing_and_new_mail_comes_alone(driver, box):
    box.fill(5)
    first = driver.run(
        "box = bind(**values); box.action_connect(); drain(box)\n"
        "result = [box.id, drain(box)]",
        **box.values(),
    )
    assert first[1]["stored"] == first[1]["listed"] == 0
    box.fill(2, first=50, start=datetime.now(timezone.utc) - timedelta(hours=52))
    again = driver.run(
        """
        box = env["waimaolang.mailbox"].browse(values["id"])
        done = drain(box)
        live = env["waimaolang.mail"].search([("is_history", "=", False)])
        result = [done, sorted(live.mapped("subject")), coverage(box)]
        """,
        id=first[0],
    )
    assert again[0]["listed"] == again[0]["stored"] == 2
    assert again[1] == ["Order 50", "Order 51"]
    assert again[2]["INBOX"] == [7, 7, 0, 0, 0]


def test_i7_old_mail_that_the_provider_shows_late_is_history_and_comes_once(
    driver, box
):
    """QQ and Exmail show 30 days until their user asks for all; what shows then may
    have new UIDs."""
    now = datetime.now(timezone.utc)
    for number in range(12):
        box.fill(1, first=number, start=now - timedelta(days=30 - number))
    code = """
        box = env["waimaolang.mailbox"].browse(values["id"])
        done = drain(box)
        mails = env["waimaolang.mail"].search([])
        result = [done["stored"], box.history_limited_days, len(mails),
                  len(mails.filtered(lambda mail: not mail.is_history))]
        """
    bound = driver.run(
        """
        provider = env["waimaolang.provider"].create({
            "code": "late", "name": "Late", "window_hint": "Choose: all"})
        box = bind(**values, provider_id=provider.id, history_days=365)
        box.action_connect()
        result = box.id
        """,
        **box.values(),
    )
    assert driver.run(code, id=bound) == [12, 30, 12, 0]
    # the user chooses "all"; then somebody writes
    box.fill(3, first=100, start=now - timedelta(days=80))
    box.fill(1, first=1, start=now)
    again = code.replace(
        "done =", "box.action_read_again(); env.cr.commit()\n        done ="
    )
    assert driver.run(again, id=bound) == [4, 0, 16, 1]
    # I7: reading again imports nothing again
    assert driver.run(again, id=bound) == [0, 0, 16, 1]


def test_i3_the_mailbox_is_not_touched(driver, box):
    box.fill(3)
    driver.run(
        "box = bind(**values); box.action_connect(); result = drain(box)",
        **box.values(),
    )
    connection = box.dovecot.imap(box.email)
    connection.select("INBOX", readonly=True)
    flags = connection.fetch("1:*", "(FLAGS)")[1]
    connection.logout()
    assert len(flags) == 3
    assert all(b"\\Seen" not in line for line in flags)
    # \Recent is lost at the first SELECT, never by EXAMINE (RFC 3501 6.3.2)
    assert all(b"\\Recent" in line for line in flags)


def test_the_history_window_leaves_older_mail_counted_on_the_server(driver, box):
    box.fill(10)
    found = driver.run(
        """
        box = bind(**dict(values, history_days=30))
        box.action_connect()
        drain(box)
        first = coverage(box)
        outside = box.folder_ids.mapped("outside")
        box.history_days = -1
        env.cr.commit()
        drain(box)
        result = [first, outside, coverage(box)]
        """,
        **box.values(),
    )
    assert found[0] == {"INBOX": [10, 0, 10, 0, 0]}
    assert "1:10" in found[1]
    assert found[2] == {"INBOX": [10, 10, 0, 0, 0]}


def test_what_is_deleted_on_the_server_stays_in_odoo(driver, box):
    box.fill(6)
    box_id = driver.run(
        "box = bind(**values); box.action_connect(); drain(box); result = box.id",
        **box.values(),
    )
    connection = box.dovecot.imap(box.email)
    connection.select("INBOX")
    connection.store("2:3", "+FLAGS", "\\Deleted")
    connection.expunge()
    connection.logout()
    found = driver.run(
        """
        box = env["waimaolang.mailbox"].browse(values["id"])
        drain(box); drain(box)
        result = [coverage(box), env["waimaolang.mail"].search_count([])]
        """,
        id=box_id,
    )
    assert found == [{"INBOX": [4, 4, 0, 0, 0]}, 6]
    assert driver.states() == {"gone": 2, "stored": 4}


def test_the_original_is_fetched_again(driver, box):
    box.fill(1)
    raw = driver.run(
        """
        box = bind(**values)
        box.action_connect()
        drain(box)
        result = env["waimaolang.mail"].search([])._raw().decode()
        """,
        **box.values(),
    )
    sent = trade_mail(1, "buyer@customer.example", box.email, START.replace(hour=10))
    assert raw.replace("\r\n", "\n") == sent.decode()


def test_an_empty_mailbox_connects(driver, box):
    found = driver.run(
        "box = bind(**values); box.action_connect(); done = drain(box)\n"
        "result = [done['error'], box.state, coverage(box)]",
        **box.values(),
    )
    assert found == ["", "connected", {"INBOX": [0, 0, 0, 0, 0]}]


def test_one_mail_of_60_mb_is_stored_in_reduced_form_and_the_rest_goes_on(driver, box):
    box.fill(2)
    box.fill(1, first=10, attachment=os.urandom(1 << 20) * 44)
    box.fill(2, first=20)
    found = driver.run(
        """
        box = bind(**values)
        box.action_connect()
        drain(box)
        big = env["waimaolang.mail"].search([("subject", "=", "Order 10")])
        message = big.mail_message_id
        result = [coverage(box), bool(big.reduced), "Hello 10" in message.body,
                  big.omitted.startswith("offer.pdf (4"),
                  sum(message.attachment_ids.mapped("file_size"))]
        """,
        **box.values(),
    )
    assert found[0] == {"INBOX": [5, 5, 0, 0, 0]}
    assert found[1:4] == [True, True, True]
    assert found[4] < 1 << 20


# -- kills and races ---------------------------------------------------------------


# tests/faults kills more often, by chance and in less time
@pytest.mark.deep
def test_i1_i2_killed_in_mid_import_and_started_again_the_result_is_the_same(
    driver, box
):
    total = 900
    box.fill(total, attachment=os.urandom(20_000))
    driver.run(
        "box = bind(**values); box.action_connect(); result = box.id", **box.values()
    )
    kills = 0
    for goal in (1, 200, 450):
        with driver.killed_when(
            lambda n=goal: driver.stored() >= n, "--until-idle"
        ) as c:
            kills += not c.over
    assert kills >= 2, "the import was over before it could be killed"
    assert driver.stored() < total
    last = driver.sync("--until-idle")
    last.end()
    assert driver.states() == {"stored": total}
    assert numbers(driver, TRUTH) == [total] * 4
    links = "SELECT count(*) FROM ir_attachment WHERE res_model = 'mail.message'"
    assert numbers(driver, links) == [total]


def test_i13_two_processes_on_one_mailbox_are_one(driver, box):
    box.fill(300)
    driver.run(
        "box = bind(**values); box.action_connect(); result = box.id", **box.values()
    )
    both = [driver.sync("--until-idle") for _number in range(2)]
    for child in both:
        child.end()
    assert driver.states() == {"stored": 300}
    assert numbers(driver, TRUTH) == [300] * 4


def test_i2_two_mailboxes_with_the_same_mail_read_at_once_store_it_once(
    driver, box, dovecot
):
    other = Box(dovecot, f"other.{box.email}")
    mails = [
        (
            trade_mail(
                n, "buyer@customer.example", f"{box.email}, {other.email}", START
            ),
            (),
            None,
        )
        for n in range(150)
    ]
    for account in (box, other):
        dovecot.append_many(account.email, "INBOX", mails)
    ids = driver.run(
        "boxes = [bind(**v) for v in values['boxes']]\n"
        "result = [box.action_connect() and box.id for box in boxes]",
        boxes=[box.values(), other.values()],
    )
    both = [driver.sync("--until-idle", "--mailbox", str(i)) for i in ids]
    for child in both:
        child.end()
    assert driver.states() == {"stored": 300}
    assert numbers(driver, TRUTH)[:3] == [150] * 3


@pytest.mark.deep
def test_the_scheduler_imports_by_itself_and_survives_a_kill(driver, box, odoo):
    box.fill(400, attachment=os.urandom(20_000))
    odoo.start(cron_threads=2)
    driver.run(
        "box = bind(**values); box.action_connect(); result = box.id", **box.values()
    )
    wait_until(lambda: driver.stored() > 0, 60, "the scheduler's first mail")
    os.killpg(os.getpgid(odoo.pid), signal.SIGKILL)
    odoo.stop()
    odoo.start(cron_threads=2)
    # instead of waiting for the scheduler's next look, a minute later
    free = (
        "SELECT 1 FROM waimaolang_mailbox_lease WHERE expires < timezone('UTC', now())"
    )
    wait_until(lambda: driver.sql(free), 20, "the lease of the dead to end")
    driver.run("env['waimaolang.lane']._wake(); env.cr.commit(); result = True")
    wait_until(lambda: driver.states() == {"stored": 400}, 120, "the whole import")
    assert numbers(driver, TRUTH) == [400] * 4


# -- what goes wrong ---------------------------------------------------------------

BAD_INPUT = """
env["res.lang"]._activate_lang("zh_CN")
env["ir.module.module"]._load_module_terms(["waimaolang_mail"], ["zh_CN"])
env.cr.commit()
result = {}
for case, vals in values.items():
    box = bind(**vals)
    told = {}
    for lang in ("en_US", "zh_CN"):
        try:
            box.with_context(lang=lang).action_connect()
        except Exception as error:
            told[lang] = f"{type(error).__name__}: {error}"
        fresh()
    result[case] = [told, box.error_code, box.state]
"""
EXPECTED = {
    "unknown host": "dns",
    "closed port": "refused",
    "wrong code": "auth_bad",
    "name of another": "tls_name",
    "hangs": "timeout",
    "garbage": "protocol",
    "clear text": "tls_missing",
}


def test_bad_input_tells_cause_and_remedy_in_both_languages(driver, box, scripted):
    cases = {
        "unknown host": {"incoming_host": "imap.no-such-host.invalid"},
        "closed port": {"incoming_port": free_port()},
        "wrong code": {"password": "not-the-code"},
        # the certificate is for 127.0.0.1, and for no name that is spelled 127.1
        "name of another": {"incoming_host": "127.1"},
        **{
            kind: {"incoming_port": scripted(kind)}
            for kind in ("hangs", "garbage", "clear text")
        },
    }
    found = driver.run(
        BAD_INPUT,
        **{
            case: box.values(
                **more, login=box.email, email=f"box{number}@lanyue.example"
            )
            for number, (case, more) in enumerate(cases.items())
        },
    )
    assert {case: code for case, (_told, code, _state) in found.items()} == EXPECTED
    for case, (told, _code, state) in found.items():
        assert state == "draft", case
        assert_readable(told, box.password)


def test_an_untrusted_certificate_is_refused(driver, box):
    trust_nobody_here = {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}
    found = driver.run(BAD_INPUT, env=trust_nobody_here, only=box.values())
    told, code, _state = found["only"]
    assert code == "tls_untrusted"
    assert_readable(told, box.password)


def assert_readable(told, secret):
    """Cause and remedy, in the reader's language, without the secret."""
    assert told["en_US"].startswith("UserError: ") and told["en_US"].count("\n") >= 1
    assert re.search("[一-鿿]{8}", told["zh_CN"]) and told["zh_CN"].count("\n") >= 1
    assert secret not in str(told)


def test_i6_a_bad_mailbox_does_not_hold_up_a_good_one(driver, box, scripted, odoo):
    box.fill(20)
    odoo.start(cron_threads=1)
    driver.run(
        """
        bad = bind(**dict(values["bad"], name="Bad"))
        env.cr.execute("UPDATE waimaolang_mailbox SET state = 'connected',"
                       " next_sync = '2020-01-01' WHERE id = %s", [bad.id])
        good = bind(**values["good"])
        good.action_connect()
        env.cr.commit()
        result = True
        """,
        bad=box.values(email="bad@lanyue.example", incoming_port=scripted("hangs")),
        good=box.values(),
    )
    wait_until(lambda: driver.stored() == 20, 60, "the good mailbox's mail")
    wait_until(
        lambda: (
            "timeout" in str(driver.sql("SELECT error_code FROM waimaolang_mailbox"))
        ),
        60,
        "the bad mailbox's error",
    )


def test_i9_no_secret_in_a_debug_log(driver, box):
    box.fill(3)
    driver.fail_at_debug(**box.values())
    assert box.password not in driver.log
    dump = driver.sql("SELECT m::text FROM waimaolang_mailbox m")
    assert box.password not in str(dump)


def test_i9_a_code_that_a_client_sends_is_in_no_debug_log(odoo, box):
    """By the web client's own call, through a real server."""
    odoo.options["log_level"] = "debug"
    odoo.start()
    session = requests.Session()

    def call(route, **params):
        answer = session.post(
            odoo.url + route, json={"jsonrpc": "2.0", "params": params}, timeout=60
        )
        return answer.json()

    call("/web/session/authenticate", db=odoo.database, login="admin", password="admin")
    values = {"name": "Rep", "email": box.email, "password": box.password}
    told = call(
        "/web/dataset/call_kw/waimaolang.mailbox/web_save",
        model="waimaolang.mailbox",
        method="web_save",
        args=[[], values],
        kwargs={"specification": {"has_password": {}, "password": {}}},
    )
    assert told["result"][0]["has_password"] and box.password not in str(told)
    log = odoo.log.read_text()
    assert "call waimaolang.mailbox" in log and box.password not in log


def test_i6_many_folders_on_a_slow_line_are_read_slice_by_slice(driver, box):
    """Slices so short that none lists all folders: the rest waits for the next."""
    for number in range(12):
        box.fill(1, folder=f"客户/{number:02d}", first=number + 1)
    found = driver.run(
        """
        from odoo.addons.waimaolang_mail.engine import worker
        box = bind(**values)
        box.action_connect()
        passes = 0
        while passes < 40:
            passes += 1
            done = worker.sync(env.registry, box.id, 0.0)
            fresh()
            if not done.pending and box.next_sync > box.last_sync:
                break
        result = [passes, env["waimaolang.mail"].search_count([]), coverage(box)]
        """,
        **box.values(),
    )
    assert found[1] == 12 and 1 < found[0] < 40, found
    assert all(counts[0] == counts[1] for counts in found[2].values())


def test_i1_what_shows_again_is_found_by_comparing_all_keys(driver, box):
    """A message that a listing did not show, with a number below the cursor."""
    box.fill(5)
    found = driver.run(
        """
        box = bind(**values)
        box.action_connect()
        drain(box)
        env["waimaolang.mailbox.copy"].search([("uid", "=", 2)]).unlink()
        env.cr.commit()
        drain(box)
        result = [coverage(box), env["waimaolang.mail"].search_count([])]
        """,
        **box.values(),
    )
    assert found == [{"INBOX": [5, 5, 0, 0, 0]}, 5]
