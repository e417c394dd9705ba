# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The life of a mailbox after it was bound, against a real server: a code that changes,
a disconnection while a pass runs, a deletion with its data and a new binding."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from servers.process import wait_until

from .box import START, Box
from .client import Client
from .driver import trade_mail

NEW_CODE = "new-code-9Xk4"
NOW = datetime.now(timezone.utc)
STRIKES = """
def told(box):
    kind = env.ref("waimaolang_mail.mail_activity_code_needed")
    return env["mail.activity"].search_count([
        ("res_model", "=", box._name), ("res_id", "=", box.id),
        ("activity_type_id", "=", kind.id)])
def ledger():
    env.cr.execute("SELECT min(id), max(id), count(*), sum(attempts)"
                   " FROM waimaolang_mailbox_copy")
    return list(map(int, env.cr.fetchone()))
"""
REP = """
rep = env["res.users"].create({
    "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo",
    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
})
env.cr.commit()
"""


def test_reconnect_after_a_changed_code_keeps_every_mail_and_imports_none_again(
    driver, box
):
    box.fill(8)
    before = driver.run(
        STRIKES
        + REP
        + """
        box = bind(user_id=rep.id, **values)
        box.action_connect()
        drain(box)
        cursors = box.folder_ids.mapped("uidnext")
        result = [box.id, ledger(), sorted(env["waimaolang.mail"].search([]).ids),
                  cursors, box.state]
        """.replace("\n        ", "\n"),
        **box.values(),
    )
    assert before[4] == "connected"
    box.dovecot.add_user(box.email, NEW_CODE)
    tries = box.dovecot.failed_logins(box.email)
    struck = driver.run(
        STRIKES
        + """
box = env["waimaolang.mailbox"].browse(values["id"])
sent = env["mail.mail"].search_count([])
errors = strike(box)
reauth = [box.state, box.auth_failures, told(box)]
errors += strike(box)
result = [errors, reauth, box.state, told(box),
          env["mail.mail"].search_count([]) - sent]
        """,
        id=before[0],
    )
    assert struck[0] == ["auth_bad"] * 3 + [""] * 3, "reauth: no login is tried"
    assert struck[1] == ["reauth", 3, 1] and struck[2:] == ["reauth", 1, 0]
    assert box.dovecot.failed_logins(box.email) - tries == 3
    assert "connected -> error, a pass failed" in driver.log
    assert "error -> reauth, the login was refused three times" in driver.log
    box.fill(2, first=50, start=NOW - timedelta(hours=52))
    after = driver.run(
        STRIKES
        + """
from odoo.exceptions import UserError
box = env["waimaolang.mailbox"].browse(values["id"]).with_user(
    env["res.users"].search([("login", "=", "lin")]))
refusals = []
for code in ("wrong", None):
    try:
        box.action_reconnect(code)
    except UserError as error:
        refusals.append(str(error))
    fresh()
kept = [box.state, box.has_password, told(box)]
wizard = env["waimaolang.reconnect.wizard"].with_user(box.env.user).create(
    {"mailbox_id": box.id, "password": "wrong-again"})
env.cr.commit()
again = wizard.action_apply()
stays = [again["res_id"] == wizard.id, wizard.refusal, wizard.sudo().password_sealed]
wizard.password = values["secret"]
done = wizard.action_apply()
env.cr.commit()
fresh()
connected = [box.state, box.error_code, box.auth_failures, told(box)]
unchanged = [ledger(), sorted(env["waimaolang.mail"].search([]).ids)]
cursors = box.sudo().folder_ids.mapped("uidnext")
drained = drain(box.sudo())
live = env["waimaolang.mail"].search([("is_history", "=", False)])
result = [refusals, kept, stays, done["params"]["type"], connected, unchanged, cursors,
          drained, sorted(live.mapped("subject")), ledger()]
        """,
        id=before[0],
        secret=NEW_CODE,
    )
    refusals, kept, stays, kind, connected, unchanged, cursors, drained, live, rows = (
        after
    )
    assert len(refusals) == 2 and all(
        "did not accept this code" in text for text in refusals
    )
    assert kept == ["reauth", True, 1]
    assert stays[0] and "did not accept this code" in stays[1] and not stays[2]
    assert kind == "success" and connected == ["connected", False, 0, 0]
    assert unchanged == [before[1], before[2]] and cursors == before[3]
    assert drained["listed"] == drained["stored"] == 2
    assert live == ["Order 50", "Order 51"]
    assert rows[3] == before[1][3] + 2, "a body was fetched again"


def test_reconnect_after_a_disconnection_imports_nothing_again(driver, box):
    box.fill(5)
    found = driver.run(
        STRIKES
        + """
box = bind(**values)
box.action_connect()
drain(box)
before = [ledger(), env["waimaolang.mail"].search([]).ids]
box.action_disconnect()
env.cr.commit()
fresh()
rest = [box.state, box.has_password, box._sync(), told(box)]
box.action_reconnect(values["password"])
fresh()
drained = drain(box)
result = [rest, box.state, drained, before,
          [ledger(), env["waimaolang.mail"].search([]).ids]]
        """,
        **box.values(),
    )
    rest, bound, drained, before, after = found
    assert rest[:2] == ["disconnected", False] and rest[2]["error"] == ""
    assert rest[2]["busy"] and rest[3] == 0
    assert bound == "connected" and drained["stored"] == 0 and drained["error"] == ""
    assert before == after


def test_a_pass_under_way_stores_nothing_after_a_disconnection(driver, box):
    total = 900
    box.fill(total, attachment=os.urandom(20_000))
    box_id = driver.run(
        "box = bind(**values); box.action_connect(); result = box.id", **box.values()
    )
    # started beforehand, since a shell takes seconds to come up
    shell = ThreadPoolExecutor().submit(
        driver.run,
        """
        import time
        box = env["waimaolang.mailbox"].browse(values["id"])
        count = ("SELECT count(*) FROM waimaolang_mailbox_copy"
                 " WHERE state = 'stored'")
        env.cr.execute("SELECT pg_advisory_lock(4711)")  # says that it is up
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            fresh()
            env.cr.execute(count)
            if env.cr.fetchone()[0]:
                break
        box.action_disconnect()
        env.cr.commit()
        fresh()
        env.cr.execute(count)
        result = env.cr.fetchone()[0]
        """,
        None,
        id=box_id,
    )
    is_up = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711"
    wait_until(lambda: driver.sql(is_up) == [["1"]], 60, "the shell")
    child = driver.sync("--until-idle")
    stored = shell.result(120)
    child.end()
    assert 0 < stored < total, "the import was over before it could be stopped"
    assert driver.stored() == stored
    assert driver.sql("SELECT state FROM waimaolang_mailbox") == [["disconnected"]]
    again = driver.run(
        """
        box = env["waimaolang.mailbox"].browse(values["id"])
        box.action_reconnect(values["secret"])
        fresh()
        result = drain(box)
        """,
        id=box_id,
        secret=box.password,
    )
    assert again["error"] == "" and driver.states() == {"stored": total}


def test_deleted_with_its_data_and_bound_again_it_is_imported_again(
    driver, box, dovecot
):
    other = Box(dovecot, f"other.{box.email}")
    both = f"{box.email}, {other.email}"
    shared = [
        (trade_mail(n, "buyer@customer.example", both, START), (), None)
        for n in range(100, 103)
    ]
    for account in (box, other):
        dovecot.append_many(account.email, "INBOX", shared)
    box.fill(6, attachment=b"%PDF-1.4 unique")
    found = driver.run(
        """
        contact = env["res.partner"].create(
            {"name": "Buyer", "email": "buyer@customer.example"})
        env.cr.commit()
        boxes = [bind(**v) for v in values["boxes"]]
        for box in boxes:
            box.action_connect()
            drain(box)
        box, other = boxes
        def truth():
            env.invalidate_all()
            tables = ("waimaolang_mail", "waimaolang_mail_identity",
                      "waimaolang_mailbox_copy", "waimaolang_mailbox_folder",
                      "waimaolang_mailbox", "waimaolang_mailbox_lease",
                      "waimaolang_mail_mailbox_rel", "waimaolang_conversation")
            counts = {}
            for table in tables:
                env.cr.execute(f"SELECT count(*) FROM {table}")
                counts[table] = env.cr.fetchone()[0]
            env.cr.execute("SELECT count(*) FROM mail_message"
                           " WHERE waimaolang_restricted")
            counts["messages"] = env.cr.fetchone()[0]
            counts["files"] = env["ir.attachment"].search_count(
                [("res_model", "=", "mail.message")])
            counts["contact"] = contact.mail_count
            return counts
        full = truth()
        box._sync()  # this transaction does not see what that did
        wizard = env["waimaolang.erase.wizard"].create({"mailbox_id": box.id})
        wizard.confirmation = box.email
        # ... and holds the mailbox, so that its row alone is left to the scheduler
        wizard.action_apply()
        env.cr.commit()
        left = [box.exists().erasing, env["waimaolang.mail"].search_count([])]
        env["waimaolang.mailbox"]._run_erasures()
        env.cr.commit()
        erased = truth()
        again = bind(**values["boxes"][0])
        again.action_connect()
        drained = drain(again)
        result = [left, full, erased, drained, truth(), again.id != box.id]
        """,
        boxes=[box.values(), other.values()],
    )
    left, full, erased, drained, again, is_new = found
    assert left == [True, 3]
    assert full["waimaolang_mail"] == full["contact"] == full["messages"] == 9
    assert full["files"] == 6
    for table in (
        "waimaolang_mail",
        "waimaolang_mail_identity",
        "waimaolang_mailbox_copy",
        "waimaolang_mail_mailbox_rel",
        "messages",
        "contact",
    ):
        assert erased[table] == 3, table
    assert erased["waimaolang_mailbox"] == erased["waimaolang_mailbox_lease"] == 1
    assert erased["files"] == 0
    assert is_new and drained["stored"] == 9 and again == full


def test_a_large_mailbox_is_deleted_by_the_scheduler_in_steps(driver, box, odoo):
    box.fill(60)
    driver.run(
        """
        box = bind(**values)
        box.action_connect()
        drain(box)
        box._begin_erasing(env.uid)
        box._erase_step(limit=10)
        env.cr.commit()
        result = True
        """,
        **box.values(),
    )
    assert driver.stored() == 60
    done = driver.run(
        """
        box = env["waimaolang.mailbox"].search([])
        left = [env["waimaolang.mail"].search_count([]), box.erasing]
        env["waimaolang.mailbox"]._run_erasures()
        fresh()
        result = [left, env["waimaolang.mail"].search_count([]), bool(box.exists())]
        """,
    )
    assert done == [[50, True], 0, False]
    assert driver.states() == {}


def test_i9_the_code_of_the_dialog_is_in_no_debug_log(driver, odoo, box):
    """By the web client's own calls, through a real server."""
    box_id = driver.run(
        REP + "result = bind(user_id=rep.id, **values).id", **box.values()
    )
    odoo.options["log_level"] = "debug"
    odoo.start()
    lin = Client(odoo).log_in("lin", "lin-at-odoo")
    model = "waimaolang.reconnect.wizard"
    spec = {"password": {}, "email": {}, "refusal": {}}
    answers = []
    for code in ("bad-" + box.password, box.password):
        values = {"mailbox_id": box_id, "password": code}
        [saved] = lin.call(model, "web_save", [], values, specification=spec)
        answers += [saved, lin.button(model, "action_apply", saved["id"])]
    assert answers[1]["res_id"] == answers[0]["id"]
    assert answers[3]["params"]["type"] == "success", answers
    assert box.password not in str(answers)
    log = odoo.log.read_text()
    assert "call waimaolang.reconnect.wizard" in log and box.password not in log
    dump = driver.sql("SELECT w::text FROM waimaolang_reconnect_wizard w")
    assert dump and box.password not in str(dump)
