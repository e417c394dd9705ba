# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The proof that nothing is missing, against a real server's numbers."""

FIGURES = """
def figures(box):
    return {f.path: [f.remote_count, f.difference, f.coverage_state]
            for f in box.folder_ids if f.synced}
def proofs(path="INBOX"):
    folder = box.folder_ids.filtered(lambda f: f.path == path)
    rows = folder.coverage_ids
    return [[p.verdict, p.remote, p.stored, p.excluded, p.failed, p.pending,
             p.unaccounted, p.vanished] for p in rows]
def again(path="INBOX"):
    folder = box.folder_ids.filtered(lambda f: f.path == path)
    folder.action_recount()
    env.cr.commit()
    done = box._sync()
    fresh()
    return done
"""


def test_a_mailbox_proves_itself_and_finds_what_was_lost(driver, box):
    box.fill(6)
    box.fill(2, folder="Sent", first=20, sent=True)
    found = driver.run(
        FIGURES
        + """
box = bind(**values, blocked="other.example")
box.action_connect()
drain(box)
for _pass in range(4):
    box._sync()
fresh()
first = [figures(box), proofs(), proofs("Sent"), box.coverage_text, box.coverage_state]
# nobody knows of a mail any more, and another one is known twice: the numbers agree
env.cr.execute("SELECT id FROM waimaolang_mailbox_copy WHERE folder_id = %s"
               " AND uid IN (2, 3) ORDER BY uid",
               [box.folder_ids.filtered(lambda f: f.path == "INBOX").id])
lost, moved = [row[0] for row in env.cr.fetchall()]
env.cr.execute("DELETE FROM waimaolang_mailbox_copy WHERE id = %s", [lost])
env.cr.execute("INSERT INTO waimaolang_mailbox_copy (mailbox_id, folder_id,"
               " uidvalidity, remote_key, uid, state, missing, attempts)"
               " SELECT mailbox_id, folder_id, uidvalidity, '999999', 999999, 'stored',"
               " 0, 1 FROM waimaolang_mailbox_copy WHERE id = %s",
               [moved])
env.cr.commit()
quiet = [box._sync()["listed"], figures(box)]
fresh()
again()
env.cr.execute("SELECT state FROM waimaolang_mailbox_copy WHERE uid = 2"
               " AND folder_id = %s",
               [box.folder_ids.filtered(lambda f: f.path == "INBOX").id])
states = [row[0] for row in env.cr.fetchall()]
for _pass in range(3):
    again()
log = env["waimaolang.mailbox.folder.log"].search(
    [("folder_id.path", "=", "INBOX")]).mapped("event")
result = {"first": first, "quiet": quiet, "states": states, "proofs": proofs(),
          "after": figures(box), "log": log,
          "mails": env["waimaolang.mail"].search_count([])}
""",
        **box.values(),
    )
    figures, inbox, sent, text, state = found["first"]
    assert figures == {"INBOX": [6, 0, "whole"], "Sent": [2, 0, "whole"]}
    assert inbox == [["complete", 6, 6, 0, 0, 0, 0, 0]]
    assert sent == [["complete", 2, 2, 0, 0, 0, 0, 0]]
    assert (text, state) == ("8 of 8", "whole")
    # the numbers agree, so that nothing but the comparison of all keys can tell
    assert found["quiet"][0] == 0
    newest_last = found["proofs"][::-1]
    assert newest_last[1] == ["both", 6, 5, 0, 0, 0, 1, 1]
    assert found["states"] and found["states"][0] in ("pending", "stored")
    assert newest_last[-1] == ["complete", 6, 6, 0, 0, 0, 0, 0]
    assert found["after"]["INBOX"] == [6, 0, "whole"]
    assert {"recount", "recount_differs"} <= set(found["log"])
    assert found["mails"] == 8


def test_a_comparison_corrects_a_figure_of_the_server_that_was_wrong(driver, box):
    box.fill(2)
    found = driver.run(
        FIGURES
        + """
box = bind(**values)
box.action_connect()
drain(box)
again()
box.folder_ids.filtered(lambda f: f.path == "INBOX").remote_count = 7
env.cr.commit()
wrong = figures(box)["INBOX"]
again()
result = [wrong, figures(box)["INBOX"]]
""",
        **box.values(),
    )
    assert found == [[7, 5, "differs"], [2, 0, "whole"]]


def test_a_pop3_mailbox_proves_itself_by_its_keys(driver, box, dovecot):
    box.fill(4)
    found = driver.run(
        FIGURES
        + """
box = bind(**values)
box.action_connect()
drain(box)
env["waimaolang.mailbox"].browse(box.id).next_sync = "2026-01-01"
env.cr.commit()
result = [again()["error"], proofs(box.folder_ids[:1].path), box.coverage_text]
""",
        **{**box.values(), "protocol": "pop3", "incoming_port": dovecot.pop3s_port},
    )
    error, proofs, text = found
    assert error == "" and text == "4 of 4"
    assert proofs[0] == ["complete", 4, 4, 0, 0, 0, 0, 0]


def test_the_server_counts_what_is_not_fetched_once_a_day(driver, box, dovecot):
    """By one round trip for each folder, without opening it; no sum has it."""
    box.fill(2)
    dovecot.create_folders(box.email, ["Private", "Empty"])
    box.fill(3, folder="Private", first=20)
    script = """
from odoo.addons.waimaolang_mail.transport.imap import ImapTransport
asked, count = [], ImapTransport.count
def counting(self, folder):
    asked.append(folder)
    return count(self, folder)
ImapTransport.count = counting
box = bind(**values)
box.action_connect()
fresh()
private = box.folder_ids.filtered(lambda f: f.path in ("Private", "Empty"))
private.synced = False
env.cr.commit()
drain(box)
def tell():
    return {f.path: [f.unfetched_count, f.remote_count, f.coverage_text]
            for f in private.sorted("path")}
for _pass in range(4):
    again()
first = [sorted(asked), tell(), box.remote_count, box.coverage_text]
box.action_recount()
env.cr.commit()
asked.clear()
for _pass in range(4):
    again()
second = sorted(asked)
private.filtered(lambda f: f.path == "Private").action_fetch()
env.cr.commit()
drain(box)
fresh()
result = [first, second, box.remote_count, box.coverage_text]
"""
    first, second, remote, text = driver.run(FIGURES + script, **box.values())
    asked, told, remote_before, text_before = first
    assert {"Empty", "Private"} <= set(asked) and len(asked) == len(set(asked))
    assert told["Private"][:2] == [3, 0] and "3 mails in it stay" in told["Private"][2]
    assert told["Empty"][:2] == [0, 0] and "empty" in told["Empty"][2]
    assert (remote_before, text_before) == (2, "2 of 2")
    assert second == asked  # by hand, and once again
    assert (remote, text) == (5, "5 of 5")
