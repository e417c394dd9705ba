# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where a pass goes on, and what it concludes, on a real server."""

from datetime import datetime, timedelta, timezone

IDLE = """
    from odoo import sql_db
    from odoo.addons.waimaolang_mail.transport.imapwire import Client
    said = []
    run = Client.run
    def listen(client, name, *args, **options):
        said.append(" ".join([name, *[str(a) for a in args[:1]]]))
        return run(client, name, *args, **options)
    Client.run = listen
    def idle():
        said.clear()
        before = sql_db.sql_counter
        done = box._sync()
        return [done["listed"], sql_db.sql_counter - before, sorted(said)]
"""


def logs(driver):
    return [
        (event, int(count))
        for event, count in driver.sql(
            "SELECT event, COALESCE(count, 0) FROM waimaolang_mailbox_folder_log l"
            " JOIN waimaolang_mailbox_folder f ON f.id = l.folder_id"
            " WHERE f.role = 'inbox' AND l.event NOT LIKE 'recount%' ORDER BY l.id"
        )
    ]


def test_a_pass_that_finds_nothing_asks_each_folder_once_and_nothing_more(driver, box):
    box.fill(40)
    box.fill(5, folder="Sent", first=100, sent=True)
    box.fill(5, folder="展会客户", first=200)
    found = driver.run(
        IDLE
        + """
    box = bind(**values)
    box.action_connect()
    drain(box)
    # the day's proof opens each folder once
    for _warm in range(6):
        idle()
    folders = len(box.folder_ids.filtered("synced"))
    result = [folders, idle(), idle()]
    """,
        **box.values(),
    )
    folders, *passes = found
    for listed, queries, said in passes:
        assert listed == 0
        assert [line.split()[0] for line in said] == ["STATUS"] * folders
        assert len(set(said)) == folders >= 3
        assert queries <= 10


def test_i1_history_comes_from_the_newest_on_and_new_mail_overtakes_it(driver, box):
    """In steps that other processes go on with; nothing is listed twice or left out."""
    box.fill(60)
    code = """
        from unittest.mock import patch
        from odoo.addons.waimaolang_mail.engine import listing, worker
        box = env["waimaolang.mailbox"].search([])
        # one step of ten, and nothing is fetched
        with patch.object(listing, "LISTING_STEP", 10), \\
             patch.object(worker, "LISTING_SHARE", -1), \\
             patch.object(worker, "QUEUE", 0):
            box._sync()
        fresh()
        inbox = box.folder_ids.filtered(lambda f: f.role == "inbox")
        env.cr.execute("SELECT uid FROM waimaolang_mailbox_copy ORDER BY uid")
        result = [[row[0] for row in env.cr.fetchall()], inbox.uidnext,
                  inbox.backfill_uid, inbox.difference, inbox.pending_count,
                  inbox.remote_count]
        """
    driver.run("box = bind(**values); box.action_connect(); result=0", **box.values())
    assert driver.run(code) == [[*range(51, 61)], 61, 51, 0, 60, 60]
    assert driver.run(code) == [[*range(41, 61)], 61, 41, 0, 60, 60]
    now = datetime.now(timezone.utc)
    box.fill(3, first=0, start=now - timedelta(hours=3))
    assert driver.run(code) == [[*range(41, 64)], 64, 41, 0, 63, 63]
    order = driver.run(
        """
        from odoo.addons.waimaolang_mail.engine import ledger
        box = env["waimaolang.mailbox"].search([])
        queue = [c.uid for c in ledger.pending(env.cr, box.id, 100)]
        done = drain(box)
        live = env["waimaolang.mail"].search([("is_history", "=", False)])
        result = [queue, done["stored"], coverage(box), len(live)]
        """
    )
    assert order[0] == [61, 62, 63, *range(60, 40, -1)]
    assert order[1:] == [63, {"INBOX": [63, 63, 0, 0, 0]}, 3]
    assert logs(driver) == [("first", 0)]


def test_i7_a_server_that_hides_its_oldest_mail_is_told_from_a_deletion(driver, box):
    box.fill(12)
    driver.run(
        "box = bind(**values); box.action_connect(); drain(box); result = 0",
        **box.values(),
    )
    maildir = box.dovecot.home(box.email) / "Maildir"
    files = sorted((maildir / "cur").iterdir()) + sorted((maildir / "new").iterdir())
    by_number = {}
    for file in files:
        number = int(file.read_text().split("Subject: Order ")[1].split()[0])
        by_number[number] = file
    for number in (1, 2, 3):
        by_number[number].unlink()
    code = """
        box = env["waimaolang.mailbox"].search([])
        done = [box._sync()["stored"] for _number in range(3)]
        fresh()
        result = [done, coverage(box), env["waimaolang.mail"].search_count([])]
        """
    shown = {"INBOX": [9, 9, 0, 0, 0]}
    assert driver.run(code) == [[0, 0, 0], shown, 12]
    assert logs(driver) == [("first", 0), ("missing", 3), ("server_window", 3)]
    assert driver.states() == {"gone": 3, "stored": 9}


def test_i1_a_mail_that_shows_with_a_number_below_the_cursor_is_taken(driver, box):
    """It is found by the numbers a little below the cursor, with the next new mail."""
    box.fill(6)
    driver.run(
        """
        box = bind(**values); box.action_connect(); drain(box)
        # as if the server had not shown it then, and had counted one less
        env["waimaolang.mailbox.copy"].search([("uid", "=", 4)]).unlink()
        box.folder_ids.filtered(lambda f: f.role == "inbox").agreed_count = 6
        env.cr.commit()
        result = 0
        """,
        **box.values(),
    )
    box.fill(1, first=0, start=datetime.now(timezone.utc))
    found = driver.run(
        """
        box = env["waimaolang.mailbox"].search([])
        done = drain(box)
        mails = env["waimaolang.mail"].search_count([])
        result = [done["listed"], coverage(box), mails]
        """
    )
    assert found == [2, {"INBOX": [7, 7, 0, 0, 0]}, 7]
    assert logs(driver) == [("first", 0), ("late", 1)]


def test_what_was_read_or_answered_elsewhere_shows_and_i3_is_never_written(driver, box):
    box.fill(5)
    driver.run(
        "box = bind(**values); box.action_connect(); drain(box); result = 0",
        **box.values(),
    )

    def flags():
        return driver.sql(
            "SELECT uid, seen, answered FROM waimaolang_mailbox_copy"
            " WHERE seen OR answered ORDER BY uid"
        )

    assert flags() == []
    connection = box.dovecot.imap(box.email)
    connection.select("INBOX")
    connection.store("2", "+FLAGS", "\\Seen")
    connection.store("4", "+FLAGS", "(\\Seen \\Answered)")
    code = """
        box = env["waimaolang.mailbox"].search([])
        result = box._sync()["listed"]
        """
    assert driver.run(code) == 0
    assert flags() == [["2", "t", "f"], ["4", "t", "t"]]
    connection.store("2", "-FLAGS", "\\Seen")
    assert driver.run(code) == 0
    assert flags() == [["4", "t", "t"]]
    connection.close()
    connection.logout()
    connection = box.dovecot.imap(box.email)
    connection.select("INBOX", readonly=True)
    assert connection.search(None, "SEEN")[1] == [b"4"]
    connection.logout()
