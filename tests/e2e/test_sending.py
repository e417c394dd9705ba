# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mail that leaves from the chatter, through a real SMTP server into real mailboxes,
against the invariants I2 (nothing twice) and I11 (sending is exact)."""

import re
import textwrap

from .scene import (
    COMPOSE,
    addresses,
    inquire,
    parsed,
    play,
    sent_folder,
    text_of,
    unique,
    wait_for,
)


def test_i11_a_post_leaves_once_and_stands_once_everywhere(driver, box, outlet, smtp):
    box.dovecot.create_folders(box.email, ["Sent"])
    found = play(
        driver,
        outlet,
        """
        from markupsafe import Markup
        message = post(body=Markup("<p>报价 <b>USD 1.20</b></p>"), subject="报价单 №1")
        row = message.sudo().waimaolang_outbox_ids
        before = row.state
        sync()
        due_now()
        sync()
        mail = message.sudo().waimaolang_mail_id
        result = {
            "states": [before, row.state, row.copy_state, row.error_message],
            "status": message.sudo().notification_ids.mapped("notification_status"),
            "messages": env["mail.message"].search_count(
                [("subject", "=", "报价单 №1")]),
            "mails": env["waimaolang.mail"].search_count(
                [("subject", "=", "报价单 №1")]),
            "mail": [mail.direction, mail.state, mail.lead_ids.name,
                     mail.partner_ids.name],
            "copies": env["waimaolang.mailbox.copy"].search_count(
                [("mail_id", "=", mail.id), ("state", "=", "stored")]),
            "mail_mail": env["mail.mail"].sudo().search_count(
                [("mail_message_id", "=", message.id)]),
            "id": row.rfc_message_id,
            "restricted": message.sudo().waimaolang_restricted,
            "statistics": [lead.mail_count, lead.awaiting_reply],
            "message_from": message.email_from,
        }
        """,
    )
    assert found["states"] == ["queued", "sent", "appended", False]
    assert found["status"] == ["sent"]
    assert found["messages"] == found["mails"] == found["copies"] == 1
    assert found["mail"] == ["out", "linked", "LED 灯询价", "Müller, Hans"]
    assert found["mail_mail"] == 0 and not found["restricted"]
    assert found["statistics"] == [1, False]
    assert box.email in found["message_from"]
    (raw,) = wait_for(smtp, box, "报价单 №1")
    mail = parsed(raw)
    assert mail["From"] == f"林晓 <{box.email}>"
    assert mail["To"] == '"Müller, Hans" <hans@kunde.example>'
    assert mail["Message-ID"] == f"<{found['id']}>" and raw.count(b"Message-ID:") == 1
    assert mail["Reply-To"] is None
    assert "USD 1.20" in mail.get_body(("plain",)).get_content()
    for inside in (b"odoo", b"crm.lead", b"openerp", b"X-Odoo", b"/web"):
        assert (
            inside.lower()
            not in re.sub(rb"(?i)^Received:.*\n(\s.*\n)*", b"", raw).lower()
        )
    assert len(sent_folder(box)) == 1
    assert parsed(sent_folder(box)[0])["Message-ID"] == mail["Message-ID"]


def test_reply_all_forward_and_new_as_a_mail_program_does(driver, box, outlet, smtp):
    box.dovecot.create_folders(box.email, ["Sent"])
    inquire(box, smtp)
    found = play(
        driver,
        outlet,
        """
        sync()
        """
        + textwrap.indent(COMPOSE, " " * 8)
        + """
        reply = compose(inquiry, "reply", body="<p>One.</p>")
        told = [reply.subject, reply.partner_ids.mapped("email"), reply.waimaolang_to,
                reply.waimaolang_cc_ids.mapped("email"), reply.waimaolang_cc,
                reply.waimaolang_mailbox_id.email]
        reply.action_send_mail()
        every = compose(inquiry, "reply_all", body="<p>Two.</p>")
        told_all = [every.partner_ids.mapped("email"), every.waimaolang_to,
                    every.waimaolang_cc_ids.mapped("email"), every.waimaolang_cc]
        every.waimaolang_bcc_ids = [(4, contacts("b1@fourth.example").id)]
        every.action_send_mail()
        other = contacts("new@other.example")
        on = compose(inquiry, "forward", body="<p>Three.</p>",
                     partner_ids=[(6, 0, other.ids)])
        on.action_send_mail()
        env.cr.commit()
        sync()
        due_now()
        sync()
        conversation = inquiry.waimaolang_mail_id.conversation_id
        result = {
            "reply": told, "all": told_all,
            "chatter": lead.message_ids.filtered(
                lambda m: m.author_id == rep.partner_id and m.message_type == "comment"
            ).mapped("body"),
            "states": env["waimaolang.outbox"].search([], order="id").mapped("state"),
            "mails": len(conversation.mail_ids), "awaiting": conversation.awaiting,
            "stored": box.stored_count, "remote": box.remote_count,
            "bcc_shown": every.waimaolang_bcc_ids.id in
                lead.message_ids.notification_ids.res_partner_id.ids,
        }
        """,
    )
    assert found["reply"] == [
        "Re: 询价 Inquiry", ["hans@kunde.example"], False, [], False, box.email
    ]  # fmt: skip
    assert found["all"][:2] == [
        ["hans@kunde.example"], "eva@kunde.example, otto@kunde.example"
    ]  # fmt: skip
    assert found["all"][2:] == [
        [], '"Cem" <cem@kunde.example>, agent@broker.example'
    ]  # fmt: skip
    assert found["states"] == ["sent"] * 3
    # what is quoted stands in the mail, not once more in the chatter
    assert not any("quote" in body for body in found["chatter"])
    assert found["mails"] == 3 and found["awaiting"] == "them"
    assert found["stored"] == found["remote"] == 4
    assert not found["bcc_shown"]
    assert len(sent_folder(box)) == 3

    (reply,) = [m for m in map(parsed, smtp.outside()) if "One." in text_of(m)]
    assert reply["To"].addresses[0].addr_spec == "hans@kunde.example"
    assert reply["In-Reply-To"] == "<q2@kunde.example>"
    assert reply["References"].split() == [
        "<q0@kunde.example>", "<q1@kunde.example>", "<q2@kunde.example>"
    ]  # fmt: skip
    assert "Please quote." in text_of(reply) and "写道" not in text_of(reply)
    (every,) = unique(m for m in map(parsed, smtp.outside()) if "Two." in text_of(m))
    assert addresses(every["To"]) == [
        "hans@kunde.example", "eva@kunde.example", "otto@kunde.example"
    ]  # fmt: skip
    assert addresses(every["Cc"]) == [
        "cem@kunde.example", "agent@broker.example"
    ]  # fmt: skip
    assert every["Bcc"] is None
    got = {
        m["Envelope-To"] for m in map(parsed, smtp.outside()) if "Two." in text_of(m)
    }
    assert "b1@fourth.example" in str(got)
    (on,) = [m for m in map(parsed, smtp.outside()) if "Three." in text_of(m)]
    assert on["Subject"] == "Fwd: 询价 Inquiry" and on["In-Reply-To"] is None
    assert "From: Hans Müller" in text_of(on)
