# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The world's mail in one mailbox: 388 real messages from public sources, which stand
beside the repository and are never committed."""

from pathlib import Path

import pytest

from .box import START

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
MESSAGES = sorted(CORPUS.rglob("*.eml"))
FAILED_SHARE = 0.01
DAMAGED_SHARE = 0.02

pytestmark = pytest.mark.skipif(not MESSAGES, reason="the corpus is not here")


def as_appended(path):
    """IMAP wants CRLF; a NUL cannot be sent in a literal (RFC 3501 section 4.3)."""
    raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\0", b"")
    return raw.replace(b"\n", b"\r\n")


def test_i1_i5_every_message_of_the_corpus_ends_stored_or_excluded(driver, box):
    raws = [(as_appended(path), (), START) for path in MESSAGES]
    box.dovecot.append_many(box.email, "INBOX", raws)
    found = driver.run(
        """
        box = bind(**values)
        box.action_connect()
        done = drain(box)
        copies = env["waimaolang.mailbox.copy"].search([])
        states = {}
        for copy in copies:
            key = f"{copy.state} {copy.reason or ''}".strip()
            states[key] = states.get(key, 0) + 1
        mails = env["waimaolang.mail"].search([])
        damaged = mails.filtered(lambda m: "\\ufffd" in "".join(
            [m.subject or "", m.email_from or "", m.mail_message_id.body or ""]))
        again = drain(box)
        result = {
            "done": done, "states": states, "copies": len(copies),
            "mails": len(mails), "damaged": len(damaged), "again": again,
            "messages": len(mails.mail_message_id),
            "conversations": len(mails.conversation_id),
            "coverage": coverage(box),
        }
        """,
        **box.values(),
    )
    assert found["copies"] == len(MESSAGES)
    assert found["done"]["error"] == "" and found["done"]["pending"] == 0
    assert found["states"].get("failed", 0) <= FAILED_SHARE * len(MESSAGES), found
    assert found["damaged"] <= DAMAGED_SHARE * found["mails"], found
    assert found["messages"] == found["mails"] > 0
    remote, stored, excluded, failed, pending = found["coverage"]["INBOX"]
    assert remote == len(MESSAGES) == stored + excluded + failed + pending
    assert found["again"]["stored"] == found["again"]["listed"] == 0
    # what Odoo's log calls a problem, and what a mail could raise
    assert " ERROR " not in driver.log and "Traceback" not in driver.log, driver.log
