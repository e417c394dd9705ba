# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox that is read by POP3, from a real server into a real database."""

import contextlib
import os
import random
import re
import socket
import threading
from datetime import datetime, timedelta, timezone

import pytest
from servers.pop3 import Pop3Server, listed

from .box import START
from .driver import trade_mail
from .test_import import TRUTH, numbers

BUYER = "buyer@customer.example"
HOUR = timedelta(hours=1)


def pop3(box, **more):
    return box.values(protocol="pop3", incoming_port=box.dovecot.pop3s_port, **more)


def maildir(box):
    """{file name: (flags, content)}. A mail leaves new/ when any session sees it."""
    folder = box.dovecot.home(box.email) / "Maildir"
    found = {}
    for path in (*folder.glob("cur/*"), *folder.glob("new/*")):
        name, _info, flags = path.name.partition(":2,")
        found[name] = (flags, path.read_bytes())
    return found


def dated(box, *dates, first=1):
    """Mails that say in their headers alone when they arrived."""
    mails = [
        (trade_mail(number, BUYER, box.email, date), (), None)
        for number, date in enumerate(dates, first)
    ]
    box.dovecot.append_many(box.email, "INBOX", mails)


class CuttingProxy:
    """Passes bytes on to a server. The first connection lives; of the later ones the
    server's first ``room`` bytes come through."""

    def __init__(self, port, room):
        self.target = port
        self.room = room
        self.made = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _peer = self.listener.accept()
            except OSError:
                return
            self.made += 1
            server = socket.create_connection(("127.0.0.1", self.target))
            for args in ((client, server, False), (server, client, self.made > 1)):
                threading.Thread(target=self.pump, args=args, daemon=True).start()

    def pump(self, source, target, counted):
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if counted:
                    data = data[: max(0, self.room)]
                    self.room -= len(data)
                target.sendall(data)
                if self.room <= 0:
                    break
        for sock in (source, target):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self.listener.close()


@pytest.fixture
def scripted_pop3():
    servers = []

    def start(mails, **options):
        servers.append(Pop3Server(mails, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


# -- nothing lost, nothing twice, nothing touched -------------------------------------


def test_500_mails_over_three_sessions_with_a_cut_and_a_kill(driver, box):
    total = 500
    box.fill(total, attachment=os.urandom(4000))
    before = maildir(box)
    seed = random.randrange(10**6)
    print("seed", seed)  # shown when it fails
    cut = random.Random(seed).randrange(100_000, 1_500_000)
    proxy = CuttingProxy(box.dovecot.pop3s_port, cut)
    first = driver.run(
        """
        box = bind(**values)
        box.action_connect()
        while not (done := box._sync())["error"] and done["pending"]:
            pass
        fresh()
        result = [done, box.error_code, box.state, coverage(box)]
        """,
        **{**pop3(box), "incoming_port": proxy.port},
    )
    proxy.stop()
    assert first[0]["error"] == first[1] == "reset"
    # once is no error to people
    assert first[2] == "connected" and first[3]["INBOX"][0] == total
    stored = driver.stored()
    assert stored < total and driver.states().get("pending") == total - stored
    driver.run(
        "env['waimaolang.mailbox'].search([]).incoming_port = values['port']\n"
        "env.cr.commit(); result = 1",
        port=box.dovecot.pop3s_port,
    )
    with driver.killed_when(lambda: driver.stored() > stored, "--until-idle") as child:
        killed = not child.over
    assert killed and driver.stored() < total
    last = driver.sync("--until-idle")
    last.end()
    assert driver.states() == {"stored": total}
    assert numbers(driver, TRUTH) == [total] * 4
    assert box.dovecot.logins(box.email, "pop3") >= 3
    assert maildir(box) == before  # none deleted, no flag set, no byte changed
    log = box.dovecot.log.read_text(errors="replace")
    ends = re.findall(rf"pop3\({re.escape(box.email)}\).*? del=(\d+)/", log)
    assert ends and set(ends) == {"0"}


def test_a_second_sync_writes_nothing_and_new_mail_comes_alone(driver, box):
    box.fill(5)
    rows = "SELECT id, xmin, ctid FROM waimaolang_mailbox_copy ORDER BY id"
    box_id = driver.run(
        "box = bind(**values); box.action_connect(); drain(box); result = box.id",
        **pop3(box),
    )
    before = driver.sql(rows)
    again = driver.run(
        "box = env['waimaolang.mailbox'].browse(values['id']); result = drain(box)",
        id=box_id,
    )
    assert again["listed"] == again["stored"] == 0
    assert driver.sql(rows) == before
    # what is older than the binding would be history: the provider showed it late
    box.fill(1, first=49)
    box.fill(2, first=50, start=datetime.now(timezone.utc) - timedelta(hours=52))
    found = driver.run(
        """
        box = env["waimaolang.mailbox"].browse(values["id"])
        done = drain(box)
        live = env["waimaolang.mail"].search([("is_history", "=", False)])
        result = [done["stored"], sorted(live.mapped("subject")), coverage(box),
                  box.folder_ids.mapped("difference"), box.folder_ids.mapped("role")]
        """,
        id=box_id,
    )
    assert found == [
        3,
        ["Order 50", "Order 51"],
        {"INBOX": [8, 8, 0, 0, 0]},
        [0],
        ["inbox"],
    ]


def test_after_reading_the_folder_again_what_shows_up_is_history(driver, box):
    box.fill(2)
    script = """
        box = env["waimaolang.mailbox"].browse(values["id"])
        done = drain(box)
        live = env["waimaolang.mail"].search([("is_history", "=", False)])
        result = [done["stored"], live.mapped("subject")]
        """
    box_id = driver.run(
        "box = bind(**values); box.action_connect(); drain(box)\n"
        "box.folder_ids.action_resync(); env.cr.commit(); result = box.id",
        **pop3(box),
    )
    box.fill(1, first=10)
    assert driver.run(script, id=box_id) == [1, []]
    box.fill(1, first=20, start=datetime.now(timezone.utc) - timedelta(hours=21))
    assert driver.run(script, id=box_id) == [1, ["Order 20"]]


def test_a_mailbox_bound_by_imap_before_imports_nothing_twice(driver, box):
    box.fill(5)
    found = driver.run(
        """
        box = bind(**values["imap"])
        box.action_connect()
        drain(box)
        for protocol in ("pop3", "imap"):
            box.write({"protocol": protocol,
                       "incoming_port": values[protocol]["incoming_port"]})
            env.cr.commit()
            drain(box)
        mails = env["waimaolang.mail"].search([])
        result = [len(mails), set(mails.mapped("is_history")) == {True},
                  coverage(box)["INBOX"]]
        """,
        imap=box.values(),
        pop3=pop3(box),
    )
    assert found == [5, True, [5, 5, 0, 0, 0]]


# -- the history window ---------------------------------------------------------------


def test_the_window_leaves_older_mail_on_the_server_and_can_grow(driver, box):
    now = datetime.now(timezone.utc)
    old = [now - timedelta(days=200) + n * HOUR for n in range(30)]
    dated(box, *old, *(now - timedelta(days=20) + n * HOUR for n in range(10)))
    found = driver.run(
        """
        box = bind(**dict(values, history_days=30))
        box.action_connect()
        drain(box)
        steps = [[coverage(box)["INBOX"], box.folder_ids.difference, box.progress,
                  box.folder_ids.outside_count,
                  env["waimaolang.mailbox.copy"].search([]).mapped("reason")]]
        for days in (365, 5, -1):
            box.history_days = days
            env.cr.commit()
            drain(box)
            steps.append([coverage(box)["INBOX"], box.folder_ids.difference])
        live = env["waimaolang.mail"].search_count([("is_history", "=", False)])
        result = [steps, live, env["waimaolang.mail"].search_count([])]
        """,
        **pop3(box),
    )
    steps, live, mails = found
    assert steps[0][:4] == [[40, 10, 30, 0, 0], 0, 100.0, 30]
    assert set(steps[0][4]) == {"window", False}
    # what is stored stays, whatever the window is then
    assert steps[1:] == [[[40, 40, 0, 0, 0], 0]] * 3
    assert (live, mails) == (0, 40)
    log = box.dovecot.log.read_text(errors="replace")
    first = re.findall(rf"pop3\({re.escape(box.email)}\).*?top=(\d+)/(\d+)", log)
    # 30 days: 40 headers, 10 mails, of which none is large
    assert int(max(first, key=lambda pair: int(pair[0]))[0]) <= 50


def test_a_smaller_window_leaves_out_what_still_waits(driver, box):
    """... and does not take it for new mail at the next listing."""
    now = datetime.now(timezone.utc)
    dated(box, *(now - timedelta(days=100 - n) for n in range(8)))
    found = driver.run(
        """
        from odoo.addons.waimaolang_mail.engine import ledger
        box = bind(**values)
        box.action_connect()
        drain(box)
        env.cr.execute("DELETE FROM waimaolang_mail")
        env.cr.execute("UPDATE waimaolang_mailbox_copy SET state = 'pending',"
                       " mail_id = NULL")
        box.history_days = 30
        env.cr.commit()
        drain(box)
        result = [coverage(box)["INBOX"], env["waimaolang.mail"].search_count([])]
        """,
        **pop3(box),
    )
    assert found == [[8, 0, 8, 0, 0], 0]


def test_only_new_mail(driver, box):
    box.fill(3)
    script = "result = [drain(box)['stored'], coverage(box)['INBOX'], box.id]"
    first = driver.run(
        "box = bind(**dict(values, history_days=0)); box.action_connect()\n" + script,
        **pop3(box),
    )
    assert first[:2] == [0, [3, 0, 3, 0, 0]]
    box.fill(1, first=9)  # its date is of months ago: it is new all the same
    again = driver.run(
        "box = env['waimaolang.mailbox'].browse(values['id'])\n" + script, id=first[2]
    )
    assert again[:2] == [1, [4, 1, 3, 0, 0]]


def test_without_top_the_window_is_decided_by_the_mail(driver, box, scripted_pop3):
    mails = {f"u{n}": trade_mail(n, BUYER, box.email, START) for n in range(3)}
    now = datetime.now(timezone.utc)
    mails["new"] = trade_mail(9, BUYER, box.email, now - HOUR)
    server = scripted_pop3(crlf(mails), answers={"TOP": "-ERR unknown command"})
    found = driver.run(
        "box = bind(**values); box.action_connect(); drain(box)\n"
        "result = [coverage(box)['INBOX'], box.folder_ids.difference]",
        **clear(box, server, history_days=30),
    )
    assert found == [[4, 1, 3, 0, 0], 0]


# -- odd answers ----------------------------------------------------------------------


def crlf(mails):
    return {key: re.sub(rb"\r?\n", b"\r\n", raw) for key, raw in mails.items()}


def clear(box, server, **more):
    return box.values(
        protocol="pop3", incoming_port=server.port, incoming_security="none", **more
    )


def test_i7_500_keys_that_vanish_from_an_answer_are_not_deleted(
    driver, box, scripted_pop3
):
    total = 500
    mails = {
        f"uidl-{n}": trade_mail(n, BUYER, box.email, START + n * HOUR)
        for n in range(total)
    }
    server = scripted_pop3(crlf(mails))
    script = """
        box = env["waimaolang.mailbox"].browse(values["id"])
        done = box._sync()
        fresh()
        env.cr.execute("SELECT state, count(*) FROM waimaolang_mailbox_copy GROUP BY 1")
        result = [done["error"], dict(env.cr.fetchall()), box.folder_ids.remote_count,
                  env["waimaolang.mail"].search_count([]), box.folder_ids.error]
        """
    box_id = driver.run(
        "box = bind(**values); box.action_connect(); drain(box); result = box.id",
        **clear(box, server),
    )
    all_there = ["", {"stored": total}, total, total]
    assert driver.run(script, id=box_id)[:4] == all_there
    # fewer than STAT says: not the truth, however often, and it is told
    server.answers["UIDL"] = listed([])
    for _number in range(3):
        told = driver.run(script, id=box_id)
        assert told[:4] == all_there and "500 mails" in told[4]
    # an empty mailbox once may be an accident as well
    server.answers["STAT"] = "+OK 0 0"
    told = driver.run(script, id=box_id)
    assert told[:4] == ["", {"stored": total}, 0, total]
    server.answers.clear()
    assert driver.run(script, id=box_id) == [*all_there, False]
    # ... twice in a row it is what the server means; the CRM keeps its mail
    server.answers.update({"STAT": "+OK 0 0"})
    driver.run(script, id=box_id)
    assert driver.run(script, id=box_id)[1:4] == [{"gone": total}, 0, total]
    server.answers.clear()
    assert driver.run(script, id=box_id)[:4] == all_there
    assert server.verbs().isdisjoint({"DELE", "RSET"})


def test_a_first_listing_that_is_not_whole_makes_nothing_live(
    driver, box, scripted_pop3
):
    mails = {f"u{n}": trade_mail(n, BUYER, box.email, START) for n in range(6)}
    server = scripted_pop3(crlf(mails), answers={"UIDL": listed(["1 u0", "2 u1"])})
    script = (
        "drain(box)\n"
        "live = env['waimaolang.mail'].search_count([('is_history', '=', False)])\n"
        "result = [env['waimaolang.mail'].search_count([]), live, box.id]"
    )
    first = driver.run(
        "box = bind(**values); box.action_connect()\n" + script, **clear(box, server)
    )
    assert first[:2] == [2, 0]
    server.answers.clear()
    again = driver.run(
        "box = env['waimaolang.mailbox'].browse(values['id'])\n" + script, id=first[2]
    )
    assert again[:2] == [6, 0]


def test_i2_a_server_that_moved_and_has_new_keys_brings_nothing_new(
    driver, box, scripted_pop3
):
    now = datetime.now(timezone.utc)
    dates = [START + n * HOUR for n in range(15)] + [now - HOUR] * 15
    mails = crlf({n: trade_mail(n, BUYER, box.email, d) for n, d in enumerate(dates)})
    server = scripted_pop3({f"old{n}": raw for n, raw in mails.items()})
    script = """
        box = env["waimaolang.mailbox"].browse(values["id"])
        drain(box)
        live = env["waimaolang.mail"].search_count([("is_history", "=", False)])
        waiting = env["waimaolang.mailbox.copy"].search_count([("live", "=", True)])
        result = [env["waimaolang.mail"].search_count([]), live, waiting]
        """
    box_id = driver.run(
        "box = bind(**values); box.action_connect(); result = box.id",
        **clear(box, server, history_days=30),
    )
    assert driver.run(script, id=box_id) == [15, 0, 0]
    server.mails = {f"new{n}": raw for n, raw in mails.items()}
    assert driver.run(script, id=box_id) == [15, 0, 0]
    server.mails["new"] = crlf({"": trade_mail(99, BUYER, box.email, now)})[""]
    assert driver.run(script, id=box_id) == [16, 1, 1]


def test_two_mails_with_one_uidl_are_both_stored(driver, box, scripted_pop3):
    mails = {f"u{n}": trade_mail(n, BUYER, box.email, START) for n in range(3)}
    answers = {"UIDL": listed(["1 same", "2 same", "3 other"])}
    server = scripted_pop3(crlf(mails), answers=answers)
    found = driver.run(
        "box = bind(**values); box.action_connect(); drain(box); drain(box)\n"
        "result = [coverage(box)['INBOX'], box.folder_ids.difference,\n"
        "          env['waimaolang.mail'].search_count([])]",
        **clear(box, server),
    )
    assert found == [[3, 3, 0, 0, 0], 0, 3]


def test_a_server_without_uidl_is_refused_at_the_binding(driver, box, scripted_pop3):
    mails = crlf({"u": trade_mail(1, BUYER, box.email, START)})
    server = scripted_pop3(mails, answers={"UIDL": "-ERR unknown command"})
    found = driver.run(
        """
        box = bind(**values)
        try:
            box.action_connect()
        except Exception as error:
            told = str(error)
        fresh()
        result = [box.state, box.error_code, "UIDL" in told]
        """,
        **clear(box, server),
    )
    assert found == ["draft", "protocol", True]


def test_a_mailbox_that_another_program_holds_is_tried_again(
    driver, box, scripted_pop3
):
    mails = crlf({"u": trade_mail(1, BUYER, box.email, START)})
    held = "-ERR [IN-USE] Do you have another POP session running?"
    server = scripted_pop3(mails, answers={"PASS": [None, held, None]})
    found = driver.run(
        """
        box = bind(**values)
        box.action_connect()
        done = box._sync()
        fresh()
        first = [done["error"], box.state, box.failures, box.auth_failures,
                 30 < (box.next_sync - box.last_listed).total_seconds() < 120]
        drain(box)
        result = [first, box.state, box.error_code, coverage(box)["INBOX"]]
        """,
        **clear(box, server),
    )
    assert found[0] == ["too_many_connections", "connected", 0, 0, True]
    assert found[1:] == ["connected", False, [1, 1, 0, 0, 0]]


def test_the_mailbox_is_left_to_others_between_passes(driver, box, scripted_pop3):
    mails = {f"u{n}": trade_mail(n, BUYER, box.email, START) for n in range(60)}
    server = scripted_pop3(crlf(mails))
    found = driver.run(
        """
        from odoo.addons.waimaolang_mail.engine.pool import connections
        box = bind(**values)
        box.action_connect()
        drain(box)
        pause = (box.next_sync - box.last_sync).total_seconds()
        raw = env["waimaolang.mail"].search([], limit=1)._raw()
        result = [len(connections._idle), pause, len(raw) > 100]
        """,
        **clear(box, server),
    )
    assert found[0] == 0 and found[1] >= 10 and found[2]
    # the binding, one session for all mails, the original
    assert len(server.sessions) == 3
    assert all(session[-1] == "QUIT" for session in server.sessions)


def test_i9_no_secret_in_a_debug_log(driver, box):
    box.fill(2)
    driver.fail_at_debug(**pop3(box))
    assert box.password not in driver.log
