# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What comes back: reports of a real server find the mail that did not arrive, and
neither they nor automatic answers count as replies."""

import email.message
import textwrap

from servers.process import wait_until

from .scene import play

TOLD = """
result = {
    "bounces": [[b.email, b.cause, b.hard, b.kind, bool(b.detail)]
                for b in env["waimaolang.bounce"].search([], order="email")],
    "status": sorted(message.sudo().notification_ids.mapped("notification_status")),
    "awaiting": [lead.awaiting_reply, message.sudo().waimaolang_mail_id
                 .conversation_id.awaiting],
    "report": [[m.is_bounce, m.lead_ids.name, m.state]
               for m in env["waimaolang.mail"].search([("direction", "=", "in")])],
    "badge": [one["email"] for __, badge, __ in as_rep(message)._read_told()
              for one in badge["returned"]],
    "contact": as_rep(far).mail_returned,
}
"""
FIND = """
message = env["mail.message"].search([("subject", "=", "Far away")], limit=1)
far = env["res.partner"].search([("email", "=", "bounce@far.example")])
"""


def test_a_report_finds_its_mail_and_recipient(driver, box, outlet, smtp):
    box.dovecot.create_folders(box.email, ["Sent"])
    play(
        driver,
        outlet,
        """
        far = env["res.partner"].create({"name": "Far", "email": "bounce@far.example"})
        post(body="x", subject="Far away", partner_ids=[buyer.id, far.id])
        sync()
        result = True
        """,
    )
    wait_until(lambda: box.dovecot.messages(box.email), 20, "the report")
    found = play(driver, outlet, FIND + "sync()\n" + TOLD)
    assert found["bounces"] == [["bounce@far.example", "unknown", True, "failed", True]]
    assert found["status"] == ["bounce", "sent"]
    assert found["report"] == [[True, "LED 灯询价", "linked"]]
    assert found["awaiting"] == [False, "them"]
    assert found["badge"] == ["bounce@far.example"]
    assert "bounce@far.example" in found["contact"]


def test_i8_a_forged_report_touches_nothing(driver, box, outlet, smtp):
    """It knows the mail's id, and names somebody who never got it; or comes to a
    mailbox that never sent it."""
    found = play(
        driver,
        outlet,
        """
        message = post(body="x", subject="Far away")
        sync()
        result = message.sudo().waimaolang_outbox_ids.rfc_message_id
        """,
    )
    for number, victim in enumerate(("boss@elsewhere.example", "hans@kunde.example")):
        smtp.receive(
            "",
            [box.email],
            report(box.email, victim, found if not number else "other@id.example"),
        )
    wait_until(lambda: len(box.dovecot.messages(box.email)) == 2, 20, "the reports")
    found = play(
        driver,
        outlet,
        """
        message = env["mail.message"].search([("subject", "=", "Far away")], limit=1)
        sync()
        result = [env["waimaolang.bounce"].search_count([]),
                  message.notification_ids.mapped("notification_status"),
                  env["waimaolang.mail"].search_count([("is_bounce", "=", True)])]
        """,
    )
    assert found == [0, ["sent"], 2]


def test_an_out_of_office_answer_is_no_reply(driver, box, outlet, smtp):
    found = play(
        driver,
        outlet,
        """
        message = post(body="x", subject="Question")
        sync()
        result = message.sudo().waimaolang_outbox_ids.rfc_message_id
        """,
    )
    answer = email.message.EmailMessage()
    answer["From"] = "hans@kunde.example"
    answer["To"] = box.email
    answer["Subject"] = "Automatic reply: Question"
    answer["Auto-Submitted"] = "auto-replied"
    answer["In-Reply-To"] = f"<{found}>"
    answer["Date"] = "Thu, 26 Nov 2026 10:00:00 +0100"
    answer.set_content("I am out of the office until 7 December 2026.\n")
    smtp.receive("", [box.email], answer.as_bytes())
    wait_until(lambda: box.dovecot.messages(box.email), 20, "the answer")
    found = play(
        driver,
        outlet,
        """
        sync()
        mail = env["waimaolang.mail"].search([("direction", "=", "in")])
        result = [mail.auto_kind, str(mail.returns_on), mail.is_auto,
                  mail.conversation_id.awaiting, len(mail.conversation_id.mail_ids),
                  lead.awaiting_reply]
        """,
    )
    assert found == ["out_of_office", "2026-12-07", True, "them", 2, False]


def report(to, victim, message_id):
    return textwrap.dedent(
        f"""\
        From: Mail Delivery System <mailer-daemon@relay.example>
        To: {to}
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <report-{victim}@relay.example>
        Date: Thu, 26 Nov 2026 10:00:00 +0100
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain

        It could not be delivered.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; relay.example

        Final-Recipient: rfc822; {victim}
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 5.1.1 no such user

        --b
        Content-Type: text/rfc822-headers

        Message-ID: <{message_id}>
        To: {victim}
        --b--
        """
    ).encode()
