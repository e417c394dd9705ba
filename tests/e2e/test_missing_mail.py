# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why is this mail not here? Asked of a real server, and failed mail that is read again
by real processes."""

from email.message import EmailMessage

from .box import START

ASK = """
def why(**words):
    wizard = env["waimaolang.missing.wizard"].create({"mailbox_id": box.id, **words})
    wizard.action_search()
    env.cr.commit()
    rows = wizard.finding_ids
    return [[f.kind, f.folder_id.path, f.text, f.remedy] for f in rows], wizard
def kinds(**words):
    return [row[:2] for row in why(**words)[0]]
"""


def letter(subject, to, message_id):
    message = EmailMessage()
    message["From"], message["To"] = "Wang <wang@kehu.example>", to
    message["Subject"], message["Message-ID"] = subject, message_id
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0800"
    message.set_content("hello")
    return message.as_bytes()


def test_the_server_is_asked_in_all_its_folders_and_nothing_is_marked(driver, box):
    box.fill(3)
    box.dovecot.append(
        box.email, "Junk", letter("报价单 2026", box.email, "<j1@kehu.example>"), ()
    )
    box.dovecot.append(
        box.email, "Trash", letter("Old one", box.email, "<t1@kehu.example>"), ()
    )
    found = driver.run(
        ASK
        + """
box = bind(**values, user_id=env.uid)
box.action_connect()
drain(box)
result = {
    "stored": kinds(subject="Order 2"),
    "junk": kinds(message_id="<j1@kehu.example>"),
    "chinese": kinds(subject="回复：报价单 2026"),
    "part": kinds(subject="报价"),
    "sender": sorted(kinds(sender="wang@kehu.example")),
    "never": kinds(message_id="<nowhere@kehu.example>"),
    "words": why(message_id="<j1@kehu.example>")[0][0],
    "told": why(subject="nothing of the kind")[1].asked_text,
}
""",
        **box.values(),
    )
    assert found["stored"] == [["stored", False]]
    assert found["junk"] == [["folder", "Junk"]]
    assert found["chinese"] == [["folder", "Junk"]]
    assert found["part"] == [["folder", "Junk"]]
    assert found["sender"] == [["folder", "Junk"], ["folder", "Trash"]]
    assert found["never"] == [["never", False]]
    assert "not fetched" in found["words"][2] and "junk" in found["words"][3]
    assert "Folders of the server" in found["told"]
    connection = box.dovecot.imap(box.email)
    connection.select("Junk", readonly=True)
    _ok, (seen,) = connection.search(None, "SEEN")
    connection.logout()
    assert seen == b""


def test_new_mail_is_found_before_it_is_fetched_and_then_comes(driver, box):
    box.fill(2)
    bound = driver.run(
        "box = bind(**values, user_id=env.uid); box.action_connect(); drain(box)\n"
        "result = box.id",
        **box.values(),
    )
    box.fill(1, first=77)
    found = driver.run(
        ASK
        + """
box = env["waimaolang.mailbox"].browse(values["id"])
first = kinds(subject="Order 77")
drain(box)
result = [first, kinds(subject="Order 77")]
""",
        id=bound,
    )
    assert found == [[["new", "INBOX"]], [["stored", False]]]


def test_a_folder_made_since_the_last_look_is_searched_and_then_known(driver, box):
    box.fill(1)
    id_ = driver.run(
        "box = bind(**values, user_id=env.uid); box.action_connect(); drain(box)\n"
        "result = box.id",
        **box.values(),
    )
    box.dovecot.append(
        box.email, "Fair 2026", letter("Stand 5", box.email, "<f@kehu.example>")
    )
    found = driver.run(
        ASK
        + """
box = env["waimaolang.mailbox"].browse(values["id"])
first = why(message_id="<f@kehu.example>")[0]
drain(box)
result = [first, "Fair 2026" in box.folder_ids.mapped("path"),
          kinds(message_id="<f@kehu.example>")]
""",
        id=id_,
    )
    ((kind, _folder, text, _remedy),), known, then = found
    assert kind == "new" and "Fair 2026" in text
    assert known and then == [["stored", False]]


def test_a_pop3_server_cannot_be_asked(driver, box, dovecot):
    box.fill(1)
    found = driver.run(
        ASK
        + """
box = bind(**values, user_id=env.uid)
box.action_connect()
drain(box)
result = why(subject="never seen")[0]
""",
        **{**box.values(), "protocol": "pop3", "incoming_port": dovecot.pop3s_port},
    )
    assert [row[0] for row in found] == ["not_asked"]
    assert "POP3" in found[0][2]


def test_i1_failed_mail_is_read_again_by_the_lanes_with_and_without_the_server(
    driver, box
):
    box.fill(3, start=START)
    found = driver.run(
        """
        from odoo.addons.waimaolang_mail.engine import fetch, lanes
        from odoo.addons.waimaolang_mail.mime.child import ParseOutcome
        box = bind(**values, user_id=env.uid)
        box.action_connect()
        parse = fetch._parse_some
        def broken(fetched, parse_many):
            return parse(fetched, lambda raws: [ParseOutcome(None, "E: x")] * len(raws))
        fetch._parse_some = broken
        drain(box)
        fetch._parse_some = parse
        copies = env["waimaolang.mailbox.copy"].search([])
        failed = copies.mapped("state")
        # one is still there, one has left the server, one's folder is not fetched
        env.cr.execute("UPDATE waimaolang_mailbox_copy SET next_try = '2026-01-01'"
                       " WHERE uid = 1")
        env.cr.execute("UPDATE waimaolang_mailbox_copy SET next_try = '2026-01-01',"
                       " state = 'gone' WHERE uid = 2")
        env.cr.execute("UPDATE waimaolang_mailbox_copy SET next_try = NULL,"
                       " parser_version = 0 WHERE uid = 3")
        env.cr.commit()
        for _slice in range(3):
            lanes.run_slice(env.registry)
        fresh()
        result = [failed, sorted(copies.mapped("state")),
                  env["waimaolang.mail"].search_count([]), box.failed_count]
        """,
        **box.values(),
    )
    assert found[0] == ["failed"] * 3
    assert found[1] == ["stored"] * 3
    assert found[2:] == [3, 0]
